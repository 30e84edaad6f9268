"""The widget that anywidget's script draws, without the Python part of anywidget."""

from __future__ import annotations

from typing import Any

from anywidget import AnyWidget

from progressnb.display.slim import Slim

TRAITS = ("_model_name", "_model_module", "_model_module_version", "_view_name", "_view_module", "_view_module_version")


def test_it_asks_the_page_for_what_anywidget_asks_for() -> None:
    """The page gets the names and the versions that the installed anywidget would send, also where it changes them."""
    slim: Any = Slim
    ours, theirs = slim.class_traits(), AnyWidget.class_traits()
    assert {name: ours[name].default_value for name in TRAITS} == {name: theirs[name].default_value for name in TRAITS}


def test_styles_are_told_apart_by_the_class() -> None:
    """The styles of two classes don't take each other's place on the page."""

    class Other(Slim):
        pass

    slim: Any = Slim()
    other: Any = Other()
    assert slim.get_state("_anywidget_id")["_anywidget_id"] == "progressnb.display.slim.Slim"
    assert other.get_state("_anywidget_id")["_anywidget_id"] != "progressnb.display.slim.Slim"
