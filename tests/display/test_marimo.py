"""marimo's notebooks: a panel is a part of its cell's output, drawn by marimo's own anywidget."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from progressnb.display import cells, marimo, screen
from progressnb.display.widget import Stub, Whole

if TYPE_CHECKING:
    from collections.abc import Iterator


class Fake:
    """As much of marimo as a panel needs: the cell at work is known on this thread alone, and to who installs it."""

    def __init__(self) -> None:
        self.execution_context: Any = SimpleNamespace(output=[])
        self.thread: threading.Thread | None = threading.current_thread()

    @contextmanager
    def install(self) -> Iterator[None]:
        """Make the cell known on the calling thread."""
        before, self.thread = self.thread, threading.current_thread()
        yield
        self.thread = before

    def get_context(self) -> Fake:
        """Return the context of the calling thread."""
        if self.thread is not threading.current_thread():
            raise LookupError
        return self

    def replace_at_index(self, value: object, index: int) -> None:
        """Write a part of the output."""
        output = self.get_context().execution_context.output
        output[index : index + 1] = [value]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Put a notebook of marimo's in place, in whose cell this test runs."""
    fake = Fake()
    module: Any = ModuleType("marimo")
    module.running_in_notebook = lambda: True
    module.output = fake
    module.Html = lambda html: f"html {html}"
    monkeypatch.setitem(sys.modules, "marimo", module)
    monkeypatch.setitem(sys.modules, "marimo._runtime.context", fake)
    monkeypatch.setattr(marimo, "_places", type(marimo._places)())
    return fake


def test_a_panel_keeps_its_place_in_the_output(fake: Fake) -> None:
    """What a cell shows stays in order, also where a panel is painted on another thread."""
    cells.publish({"text/html": "a"}, "one")
    fake.execution_context.output.append("printed")
    cells.publish({"text/html": "b"}, "two")
    thread = threading.Thread(target=lambda: cells.publish({"text/html": "c"}, "one", update=True))
    thread.start()
    thread.join()
    assert fake.execution_context.output == ["html c", "printed", "html b"]


def test_a_widget_is_shown_by_itself(fake: Fake) -> None:
    """Marimo gets the widget, not the view that names its model."""
    widget = Fake()
    marimo.widgets["m"] = widget
    cells.publish({"text/html": "a", marimo.VIEW: {"model_id": "m"}}, "one")
    assert fake.execution_context.output == [widget]


def test_an_execution_of_a_cell_has_a_panel_of_its_own(fake: Fake) -> None:
    """Runs of one execution share a panel; the cell's next execution has another one."""
    first = cells.current_cell()
    assert first is not None
    assert cells.current_cell() is first
    fake.execution_context = SimpleNamespace(output=[])
    assert cells.current_cell() is not first


def test_the_panel_is_chosen_there(fake: Fake) -> None:
    """Marimo gets the live panel; while its cell is at work no click is heard."""
    assert screen.choose() == "widget"
    assert not cells.hears_while_awaiting()
    cells.publish({"text/html": "a"}, "one")
    assert marimo.is_busy("one")
    fake.execution_context = None
    assert not marimo.is_busy("one")


def test_its_widget_brings_all_code() -> None:
    """No loader is drawn in marimo: the widget has JavaScript and style itself, with one default export."""
    tree: Any = {"key": "k"}
    whole, stub = (kind(tree, lambda _message: None) for kind in (Whole, Stub))
    assert whole._esm.count("export default") == 1
    assert whole._esm.endswith(stub._esm)
    assert "export function mount" in whole._esm
    assert ".pnb" in whole._css
