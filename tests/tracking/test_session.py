"""What is set for a session: wrong values are told, not taken."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

import progressnb
from progressnb.display import choose
from progressnb.errors import InvalidProgressError
from progressnb.tracking.session import settings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Leave the session's settings as they were."""
    before = settings.show, settings.display, settings.detail, settings.estimates
    yield
    settings.show, settings.display, settings.detail, settings.estimates = before


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("show", "nope", "show as True or False, got 'nope'"),
        ("show", 0, "show as True or False, got 0"),
        ("estimates", "no", "estimates as True or False, got 'no'"),
        ("display", "fancy", "a display of auto, widget, html, text, none, got 'fancy'"),
        ("detail", "", "a detail of full or compact, got ''"),
    ],
)
def test_wrong_values_are_refused(option: str, value: Any, said: str) -> None:
    """An unknown value is an error that names the allowed ones, and nothing of that call is set."""
    settings.show = settings.estimates = True
    others: dict[str, Any] = {"show": False, "estimates": False, "detail": "compact"}
    with pytest.raises(InvalidProgressError, match=said):
        progressnb.configure(**others | {option: value})
    assert (settings.show, settings.estimates, settings.detail) == (True, True, "full")


def test_a_wrong_variable_is_told_once(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A PROGRESSNB_DISPLAY that is none of the screens is taken for auto, and one line says which there are."""
    monkeypatch.setattr("progressnb.display._told", set())
    settings.display = "auto"
    monkeypatch.setenv("PROGRESSNB_DISPLAY", "fancy\nand long" * 99)
    assert [choose(), choose()] == ["text", "text"]
    ((name, level, said),) = caplog.record_tuples
    assert (name, level) == ("progressnb", logging.WARNING)
    assert said.endswith("is taken for auto; it may be auto, widget, html, text, none")
    assert len(said) < 160
    assert "\n" not in said


@pytest.mark.parametrize(("value", "screen"), [("none", "none"), ("html", "html"), ("auto", "text"), ("", "text")])
def test_the_variable_chooses(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, value: str, screen: str
) -> None:
    """Allowed values choose the screen, and none or auto leaves it to where the code runs."""
    settings.display = "auto"
    monkeypatch.setenv("PROGRESSNB_DISPLAY", value)
    assert choose() == screen
    assert caplog.records == []
