"""A widget that anywidget's script draws on the page, without the Python part of anywidget.

That part takes a quarter of the time that the widgets of a first panel need to load, and makes a class of its own for
each widget.
"""
# ipywidgets ships no types:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from importlib.metadata import version

from ipywidgets import DOMWidget
from traitlets import Unicode, default

__all__ = ["Slim"]


def _page_version() -> str:
    """Return which versions of anywidget's script fit, as that package writes it: "~0.11.*"."""
    whole = version("anywidget")
    major, minor, rest = whole.split(".", maxsplit=2)
    return whole if "a" in rest or "b" in rest else f"~{major}.{minor}.*"


_VERSION = _page_version()  # it reads a file


class Slim(DOMWidget):  # type: ignore[misc] # ipywidgets ships no types
    """A widget with the traits that anywidget's script reads: `_esm`, `_css`, and where both come from."""

    _model_name = Unicode("AnyModel").tag(sync=True)
    _model_module = Unicode("anywidget").tag(sync=True)
    _model_module_version = Unicode(_VERSION).tag(sync=True)
    _view_name = Unicode("AnyView").tag(sync=True)
    _view_module = Unicode("anywidget").tag(sync=True)
    _view_module_version = Unicode(_VERSION).tag(sync=True)
    _anywidget_id = Unicode().tag(sync=True)

    @default("_anywidget_id")
    def _name_of_class(self) -> str:  # by which the page tells styles apart
        return f"{type(self).__module__}.{type(self).__name__}"

    def __repr__(self) -> str:
        """Say no more than what it is: the state of a widget is long."""
        return object.__repr__(self)
