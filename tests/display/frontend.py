"""A front end that is not there: it takes the messages of a kernel, keeps what a page would hold, and answers."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("comm", reason="a kernel before ipykernel 6.18 has comms of its own; test_kernel.py asks it")
import comm
from comm.base_comm import BaseComm

from progressnb.display import cells, place, quiet, widget
from progressnb.display.front import front
from progressnb.folds.patch import apply

if TYPE_CHECKING:
    from collections.abc import Callable

VIEW = "application/vnd.jupyter.widget-view+json"


class Events:
    """The events of a shell that somebody may wait for."""

    def __init__(self) -> None:
        self.registered: dict[str, list[Callable[..., object]]] = {}

    def register(self, name: str, callback: Callable[..., object]) -> None:
        """Keep a callback."""
        self.registered.setdefault(name, []).append(callback)

    def trigger(self, name: str) -> None:
        """Call those who wait."""
        for callback in self.registered.get(name, []):
            callback(None)


class Hook:
    """IPython's displayhook: what is formatted is returned as a bundle."""

    def compute_format_data(self, value: object) -> tuple[dict[str, str], dict[str, str]]:
        """Format a value."""
        draw = getattr(value, "picture", None)
        return {"text/plain": repr(value)} | ({"image/png": draw} if draw else {}), {}


@dataclass
class FrontEnd:
    """A notebook's page: outputs by display id, and models of widgets by id, with the trees of panels."""

    published: list[tuple[bool, dict[str, Any]]] = field(default_factory=list)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    opened: list[dict[str, Any]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    comms: dict[str, BaseComm] = field(default_factory=dict)
    trees: dict[str, Any] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    events: Events = field(default_factory=Events)
    request: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kernel = SimpleNamespace(get_parent=lambda: self.request)
        self.shell = SimpleNamespace(events=self.events, kernel=kernel, displayhook=Hook(), user_ns={})

    def publish(self, bundle: dict[str, Any], display_id: str, *, update: bool = False) -> bool:
        """Take an output, and say so."""
        self.published.append((update, bundle))
        self.outputs[display_id] = bundle
        return True

    def begin_cell(self, *, notebook: bool = True, stdin: bool = True) -> None:
        """Begin to execute a cell."""
        metadata = {"cellId": "one"} if notebook else {}
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request"}
        self.request = {"header": header, "metadata": metadata, "content": {"allow_stdin": stdin}}

    def end_cell(self) -> None:
        """Reach the end of the cell."""
        self.events.trigger("post_run_cell")

    def take(self, kind: str, comm_id: str, data: dict[str, Any]) -> None:
        """Take a message of a widget."""
        if kind == "comm_open":
            self.opened.append(data)
            if (shot := data["state"].get("snapshot")) is not None:
                self.trees[comm_id], self.numbers[comm_id] = shot["tree"], shot["n"]
                self.names[shot["name"]] = comm_id
        elif kind == "comm_close":
            self.closed.append(comm_id)
        elif data.get("method") == "custom":
            content = data["content"]
            self.sent.append((comm_id, content))
            if content.get("kind") == "paints":  # of several panels, through the loader
                for name, message in content["paints"]:
                    self.update(self.names[name], message)
            else:
                self.update(comm_id, content)

    def update(self, comm_id: str, content: dict[str, Any]) -> None:
        """Apply the patch of a panel, if it is one."""
        if "ops" in content:
            assert content["n"] == self.numbers[comm_id] + 1
            self.numbers[comm_id] += 1
            self.trees[comm_id] = apply(self.trees[comm_id], content["ops"])

    def say(self, comm_id: str, message: dict[str, Any]) -> None:
        """Send a message of the page to a widget of the kernel."""
        data = {"method": "custom", "content": message}
        self.comms[comm_id].handle_msg({"content": {"data": data}, "buffers": []})

    @property
    def stubs(self) -> list[str]:
        """The ids of the panels' widgets, in the order in which they came."""
        return [*self.trees]

    @property
    def tree(self) -> Any:
        """The tree of the latest panel."""
        return self.trees[self.stubs[-1]]

    @property
    def html(self) -> str:
        """The HTML of the latest output."""
        return str(self.published[-1][1].get("text/html", ""))


def install(monkeypatch: pytest.MonkeyPatch) -> FrontEnd:
    """Put a front end in the place of the real one, of which nothing has been heard yet."""
    page = FrontEnd()

    class Comm(BaseComm):
        def publish_msg(self, msg_type: str, data: Any = None, *_: Any, **__: Any) -> None:
            page.comms.setdefault(self.comm_id, self)
            page.take(msg_type, self.comm_id, data or {})

    monkeypatch.setattr(comm, "create_comm", Comm)
    monkeypatch.setattr(cells, "current_shell", lambda: page.shell)
    monkeypatch.setattr(quiet, "current_shell", lambda: page.shell)
    monkeypatch.setattr(place, "publish", page.publish)
    monkeypatch.setattr(place, "mismatch", str)  # whatever is installed here, this page draws widgets
    monkeypatch.setattr(front, "heard", False)
    monkeypatch.setattr(front, "settled", None)
    monkeypatch.setattr(widget, "_loader", [])
    monkeypatch.setattr(cells, "_hooked", [])
    page.begin_cell()
    return page
