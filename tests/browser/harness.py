"""A page with the panel's script and style sheet and no notebook or server, for tests that look at the panel alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

ROOT = Path(__file__).parents[2]
DISPLAY = ROOT / "src" / "progressnb" / "display"
FIXTURES = ROOT / "tests" / "data" / "view"
ADDRESS = "http://panel.test/"

# The colours of JupyterLab's two themes that the panel uses.
THEMES = {
    "light": """--jp-ui-font-color1: rgba(0,0,0,.87); --jp-layout-color1: white; --jp-brand-color1: #1976d2;
        --jp-success-color1: #388e3c; --jp-error-color1: #d32f2f; --jp-warn-color1: #f57c00;
        --jp-border-color1: #bdbdbd; --jp-content-link-color: #1976d2""",
    "dark": """--jp-ui-font-color1: rgba(255,255,255,.87); --jp-layout-color1: #111111; --jp-brand-color1: #2196f3;
        --jp-success-color1: #4caf50; --jp-error-color1: #f44336; --jp-warn-color1: #ff9800;
        --jp-border-color1: #616161; --jp-content-link-color: #42a5f5""",
}

_HTML = """<!doctype html>
<html lang="en">
<meta charset="utf-8"><title>panels</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'self'; style-src 'self' 'unsafe-inline';
    require-trusted-types-for 'script'; trusted-types 'none'">
<link rel="stylesheet" href="style.css">
<style>body { margin: 0; padding: 12px; background: var(--jp-layout-color1); color: var(--jp-ui-font-color1) }
h1, h2 { font: 10px sans-serif; margin: 0 }</style>
<h1>Panels</h1><h2>One</h2><main></main>
<script type="module" src="start.js"></script>
</html>"""

_START = """import * as view from "./view.js";
const main = document.querySelector("main");
window.sent = [];
const send = (message) => window.sent.push(message);
window.show = (tree, live = true) => {
  window.panel?.destroy();
  main.replaceChildren();
  window.panel = view.mount(main, { send, live });
  window.panel.paint(tree);
};
window.still = (tree) => {  // the same elements without their script, then with it
  window.show(tree, false);
  const copy = document.querySelector(".pnb").cloneNode(true);
  window.panel.destroy();
  main.replaceChildren(copy);
  window.panel = view.enhance(main, { send });
};
window.view = view;
"""


class Harness:
    """One page on which panels are mounted; `open` it with a theme and a width."""

    def __init__(self, browser: Browser, **options: Any) -> None:
        self.page: Page = browser.new_context(**options).new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self.errors.append(message.text))
        self.page.route(f"{ADDRESS}**", self._answer)

    def _answer(self, route: Route) -> None:
        name = route.request.url.removeprefix(ADDRESS)
        if name in ("view.js", "style.css"):
            kind = "text/javascript" if name.endswith("js") else "text/css"
            route.fulfill(body=(DISPLAY / name).read_text(), content_type=kind)
        elif name == "start.js":
            route.fulfill(body=_START, content_type="text/javascript")
        else:
            route.fulfill(body=_HTML if name == "" else "", content_type="text/html" if name == "" else "image/x-icon")

    def open(self, *, theme: str = "light", width: int = 700, height: int = 800) -> Page:
        """Open the page anew."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        self.page.goto(ADDRESS)
        self.page.wait_for_function("'view' in window")
        style = f"{THEMES[theme]}; color-scheme: {theme}"
        self.page.evaluate("css => { document.documentElement.style.cssText = css }", style)
        return self.page

    def show(self, tree: dict[str, Any], *, how: str = "show") -> None:
        """Mount a panel of this tree: live (`show`), or `still` and then enhanced."""
        self.page.evaluate(f"tree => {how}(tree)", tree)

    def paint(self, tree: dict[str, Any]) -> None:
        """Paint another tree into the panel."""
        self.page.evaluate("tree => panel.paint(tree)", tree)

    def sent(self) -> list[dict[str, Any]]:
        """Return the messages that the panel sent so far."""
        messages: list[dict[str, Any]] = self.page.evaluate("sent")
        return messages

    def close(self) -> None:
        """Close the page; it must not have said anything on the console."""
        self.page.context.close()
        assert self.errors == []


def fixtures() -> dict[str, dict[str, Any]]:
    """Return the trees of the view's fixtures by name."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(FIXTURES.glob("*.json"))}
