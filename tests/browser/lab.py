"""A real JupyterLab on loopback and notebooks in it, driven on conditions and never on time."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from playwright.sync_api import Locator, Page, WebSocket

PATIENCE = float(os.environ.get("PROGRESSNB_PATIENCE", "60"))
"""Seconds after which a condition is taken for false: machines are shared and have few cores."""

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

_SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "apputils-extension/themes": {"theme": "JupyterLab Light"},
    # All cells are in the document, also those that are scrolled away.
    "notebook-extension/tracker": {"windowingMode": "none"},
}
# The old notebook goes once the new one is there: an empty area would get a launcher, which comes to the front.
_REPLACE = """async path => {
    const { commands, shell } = window.jupyterapp;
    const before = [...shell.widgets('main')];
    const panel = await commands.execute('docmanager:open', {path});
    for (const each of before) if (each !== panel) each.dispose();
    shell.activateById(panel.id);
    await panel.context.ready;
    await panel.sessionContext.ready;
}"""
_PERCENT = re.compile(r"(\d+) %")
_DONE = re.compile(r"\[\d+\]:")


def chromium() -> str | None:
    """Return the system's Chromium; Playwright downloads none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for a condition; fail with what was expected."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {PATIENCE:.0f} s")
        time.sleep(0.05)


def percent_of(element: Locator) -> float:
    """Return the percent in a line, 0 where there is none."""
    found = _PERCENT.search(element.inner_text())
    return float(found[1]) if found else 0.0


def filled(part: Locator) -> float:
    """Return how much of a part of the bar is filled, from 0 to 1, as it is drawn."""
    share: float = part.evaluate(
        "part => part.firstElementChild.getBoundingClientRect().width / part.getBoundingClientRect().width"
    )
    return share


class Server:
    """JupyterLab with nothing of the settings, kernels and history of whoever runs the tests.

    `lacks` names extensions of its front end that are not there, as on a server whose kernels are elsewhere.
    """

    def __init__(self, home: Path, *, lacks: Sequence[str] = ()) -> None:
        self.root = home / "notebooks"
        self.root.mkdir(parents=True)
        self.url = ""
        self._home = home
        self._runtime = home / "runtime"
        settings = home / "settings"
        for name, values in _SETTINGS.items():
            path = settings / "@jupyterlab" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))
        kernel = home / "data" / "kernels" / "python3" / "kernel.json"
        kernel.parent.mkdir(parents=True)
        launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        kernel.write_text(json.dumps({"argv": launch, "display_name": "This Python", "language": "python"}))
        page_config = home / "config" / "labconfig" / "page_config.json"
        page_config.parent.mkdir(parents=True)
        page_config.write_text(json.dumps({"disabledExtensions": dict.fromkeys(lacks, True)}))
        self.environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("PROGRESSNB_", "JUPYTER"))
        }
        self.environment |= {
            "HOME": str(home),
            "IPYTHONDIR": str(home / "ipython"),
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(self._runtime),
            "JUPYTERLAB_SETTINGS_DIR": str(settings),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
            "JUPYTER_PREFER_ENV_PATH": "0",  # else the environment's kernel comes before ours
        }
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
        command += ["--ServerApp.port=0", "--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True"]
        command += [f"--ServerApp.root_dir={self.root}", "--LabApp.expose_app_in_browser=True"]
        command += ["--LabApp.news_url=", "--LabApp.extension_manager=readonly"]
        with (home / "server.log").open("w") as log:
            self._process = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def wait_ready(self) -> None:
        """Wait until the server answers."""
        until(self._answers, f"JupyterLab's answer; its log is {self._home / 'server.log'}")

    def stop(self) -> None:
        """Stop the server and its kernels."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()

    def api(self, path: str, method: str = "GET") -> Any:
        """Ask Jupyter Server's REST interface."""
        request = urllib.request.Request(f"{self.url}api/{path}", method=method)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - loopback
            body = answer.read()
        return json.loads(body) if body else None

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise AssertionError(f"JupyterLab ended: {(self._home / 'server.log').read_text()[-3000:]}")
        for described in self._runtime.glob("jpserver-*.json"):
            try:
                self.url = json.loads(described.read_text())["url"]
                self.api("status")
            except (ValueError, OSError):
                continue
            return True
        return False


@dataclass(frozen=True)
class Message:
    """A message of the kernel as the page got it: `at` is when the kernel sent it, in seconds since 1970."""

    at: float
    type: str
    size: int
    content: dict[str, Any]


@dataclass
class Notebook:
    """A notebook that is open in JupyterLab, with a kernel of its own."""

    server: Server
    page: Page
    path: str
    errors: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    shared: bool = False  # whether a later test may have the page
    _seen: set[str] = field(default_factory=set)

    def open(self) -> None:
        """Open the notebook and wait for its kernel; a page that has JupyterLab already is not loaded anew."""
        self.page.on("pageerror", self._raised)
        self.page.on("websocket", self._listen)
        if self.page.url.startswith(f"{self.server.url}lab"):
            self.page.evaluate(_REPLACE, self.path)
            self._wait_open()
        else:
            self.page.goto(f"{self.server.url}lab/tree/{self.path}?reset")
            self._wait_open()
            self.page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")

    def leave(self) -> None:
        """End the kernel; the page stays, and the next notebook that is opened in it takes the place of this one."""
        self.page.remove_listener("pageerror", self._raised)
        self.page.remove_listener("websocket", self._listen)
        self._in_page("panel => panel.sessionContext.shutdown()")
        self.page.mouse.move(0, 0)

    def reload(self) -> None:
        """Load the page anew, as a reader does; it may open this notebook once more later, so it is shared no more."""
        self.shared = False
        self.page.reload()
        self._wait_open()

    def _wait_open(self) -> None:
        self.page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for(state="attached", timeout=PATIENCE * 1000)
        until(self._connected, "a kernel that is idle and connected")

    def _connected(self) -> bool:
        # The page says idle before it is connected, and drops what is run then.
        kernel = self.kernel()
        return (
            kernel is not None
            and kernel["execution_state"] == "idle"
            and kernel["connections"] >= 1
            and bool(self._in_page("panel => panel.sessionContext.session?.kernel?.connectionStatus === 'connected'"))
        )

    def _in_page(self, function: str, argument: object = None) -> Any:
        return self.page.evaluate(
            f"argument => ({function})(window.jupyterapp.shell.currentWidget, argument)", argument
        )

    # --- kernel ------------------------------------------------------------------------------------

    def kernel(self) -> dict[str, Any] | None:
        """Return what the server knows of the kernel."""
        for session in self.server.api("sessions"):
            if session["path"] == self.path:
                kernel: dict[str, Any] | None = session["kernel"]
                return kernel
        return None

    def interrupt(self) -> None:
        """Interrupt the kernel, as its menu does."""
        kernel = self.kernel()
        assert kernel is not None
        self.server.api(f"kernels/{kernel['id']}/interrupt", "POST")

    def restart_kernel(self) -> None:
        """Restart the kernel, as its menu does once it is confirmed."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
        until(self._connected, "a kernel after its restart")

    def shut_down(self) -> None:
        """End the kernel."""
        for session in self.server.api("sessions"):
            if session["path"] == self.path:
                self.server.api(f"sessions/{session['id']}", "DELETE")

    # --- cells -------------------------------------------------------------------------------------

    def start(self, index: int) -> None:
        """Run a cell and don't wait for it."""
        self._in_page(
            """(panel, index) => {
                panel.content.activeCellIndex = index;
                void window.jupyterapp.commands.execute('notebook:run-cell');
            }""",
            index,
        )

    def run(self, *indices: int) -> None:
        """Run cells one after the other and wait for each."""
        for index in indices:
            self.start(index)
            self.wait_done(index)

    def run_all(self) -> None:
        """Run all cells and don't wait for them."""
        self.page.evaluate("() => { void window.jupyterapp.commands.execute('notebook:run-all-cells'); }")

    def select(self, index: int) -> None:
        """Make a cell the active one, in command mode, with the focus on it."""
        self._in_page(
            """(panel, index) => {
                panel.content.activeCellIndex = index;
                panel.content.mode = 'command';
                panel.content.activeCell.node.focus();
            }""",
            index,
        )

    def wait_done(self, *indices: int) -> None:
        """Wait until the cells have run."""
        for index in indices:
            expect(self.cell(index).locator(".jp-InputPrompt")).to_have_text(_DONE, timeout=PATIENCE * 1000)

    def cell(self, index: int) -> Locator:
        """Return a cell."""
        return self.page.locator(".jp-NotebookPanel .jp-Notebook .jp-Cell").nth(index)

    def output(self, index: int) -> Locator:
        """Return what is below a cell."""
        return self.cell(index).locator(".jp-Cell-outputArea")

    # --- panel -------------------------------------------------------------------------------------

    def panel(self, index: int) -> Locator:
        """Return the panel of a cell, live or static."""
        return self.output(index).locator("section.pnb")

    def live(self, index: int) -> Locator:
        """Return the panel of a cell while its widget draws it."""
        return self.output(index).locator("[data-pnb-live] section.pnb")

    def shown(self, index: int) -> Locator:
        """Return the run that the panel of a cell shows last, as a whole."""
        return self.panel(index).locator(".run").last

    def heading(self, index: int) -> Locator:
        """Return the first line of that run."""
        return self.shown(index).locator(".head")

    def expect_status(self, index: int, status: str) -> None:
        """Wait until that run has a status."""
        expect(self.shown(index)).to_have_class(re.compile(rf"(^|\s){status}(\s|$)"))

    def ended(self, index: int, status: str = "finished") -> None:
        """Wait until that run has ended so and is static HTML, without a widget."""
        self.expect_status(index, status)
        expect(self.live(index)).to_have_count(0)

    def bar(self, index: int) -> Locator:
        """Return the bar below the first line, which has a part a stage."""
        return self.shown(index).get_by_role("progressbar")

    def line(self, index: int, title: str) -> Locator:
        """Return the line of a stage."""
        named = self.page.locator(".title").get_by_text(title, exact=True)
        return self.shown(index).locator(".trace .rows .line").filter(has=named).first

    def answer(self, index: int) -> Locator:
        """Return the box with the answer."""
        return self.shown(index).locator(".answer > .box")

    def stop_button(self, index: int) -> Locator:
        """Return the Stop button."""
        return self.shown(index).get_by_role("button", name="Stop")

    def open_trace(self, index: int) -> None:
        """Open all that is folded of an ended run, from the outside to the inside."""
        folded = self.shown(index).locator("details:not([open]) > summary")
        while folded.count():
            folded.first.click(position={"x": 6, "y": 6})  # not on its bars, where one rewinds

    def height(self, index: int) -> float:
        """Return how tall what is below a cell is, in pixels."""
        box = self.output(index).bounding_box()
        assert box is not None
        return box["height"]

    def watch_percents(self) -> None:
        """Note from now on every percent that the panel of any cell shows, also between two looks of ours."""
        self._in_page(
            """panel => {
                window.percents = {};
                const cells = [...panel.content.node.querySelectorAll('.jp-Cell')];
                const note = () => cells.forEach((cell, index) => {
                    for (const shown of cell.querySelectorAll('.jp-Cell-outputArea .pnb .head .percent'))
                        if (shown.textContent) (window.percents[index] ??= new Set()).add(parseInt(shown.textContent));
                });
                new MutationObserver(note).observe(
                    panel.content.node, {subtree: true, childList: true, characterData: true, attributes: true});
            }"""
        )

    def seen_percents(self, index: int) -> list[float]:
        """Return the percents that were seen under a cell, in order."""
        seen: list[float] = self.page.evaluate("index => [...window.percents[index] ?? []]", index)
        return seen

    def colour(self, element: Locator, style: str = "color") -> tuple[float, float, float]:
        """Return a computed colour as red, green, blue, each 0–255."""
        text: str = element.evaluate("(element, style) => getComputedStyle(element).getPropertyValue(style)", style)
        scale = 255 if text.startswith("color(") else 1  # color-mix() gives color(srgb 0.1 0.2 0.3)
        red, green, blue = (float(number) * scale for number in re.findall(r"[\d.]+", text)[:3])
        return red, green, blue

    def picture(self, index: int, path: Path) -> None:
        """Keep a picture of a cell, all of it however tall it is."""
        size, box = self.page.viewport_size, self.cell(index).bounding_box()
        assert size is not None
        assert box is not None
        self.page.set_viewport_size({"width": size["width"], "height": max(size["height"], int(box["height"]) + 300)})
        self.cell(index).screenshot(path=path)
        self.page.set_viewport_size(size)

    # --- file --------------------------------------------------------------------------------------

    def save(self) -> dict[str, Any]:
        """Save, and return what is then in the file."""
        self._in_page("panel => panel.context.save()")
        return self.stored()

    def stored(self) -> dict[str, Any]:
        """Return what is in the file."""
        stored: dict[str, Any] = json.loads((self.server.root / self.path).read_text())
        return stored

    # --- messages ------------------------------------------------------------------------------------

    def comm_updates(self) -> list[Message]:
        """Return the messages to widgets that the page has got."""
        return [message for message in self.messages if message.type == "comm_msg"]

    def _raised(self, error: object) -> None:
        # JupyterLab's own, about what it had asked a kernel that went away, also that of the notebook before.
        if "Canceled future for" not in str(error):
            self.errors.append(str(error))

    def _listen(self, socket: WebSocket) -> None:
        if "/api/kernels/" in socket.url:
            socket.on("framereceived", self._received)

    def _received(self, frame: bytes | str) -> None:
        if isinstance(frame, str):
            parts, size = json.loads(frame), len(frame)
            header, content = parts["header"], parts["content"]
        else:
            # The protocol v1.kernel.websocket.jupyter.org: a count, that many offsets, then the parts.
            count = int.from_bytes(frame[:8], "little")
            offsets = [int.from_bytes(frame[at : at + 8], "little") for at in range(8, 8 * count + 8, 8)]
            header = json.loads(frame[offsets[1] : offsets[2]])
            content, size = json.loads(frame[offsets[4] : offsets[5]]), len(frame)
        if header["msg_id"] not in self._seen:  # a page may have two connections to one kernel
            self._seen.add(header["msg_id"])
            at = datetime.fromisoformat(header["date"]).timestamp()
            self.messages.append(Message(at, header["msg_type"], size, content))


def write_notebook(path: Path, cells: list[str]) -> None:
    """Write a notebook of code cells."""
    written: list[dict[str, Any]] = [
        {"cell_type": "code", "id": f"cell-{number}", "metadata": {}, "outputs": [], "execution_count": None}
        | {"source": source.strip("\n")}
        for number, source in enumerate(cells)
    ]
    kernel = {"name": "python3", "display_name": "This Python", "language": "python"}
    notebook = {"cells": written, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook))
