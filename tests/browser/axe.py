"""axe-core, the accessibility checker, in a page of Playwright; `make build/js/.done` brings it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "build" / "js" / "node_modules" / "axe-core" / "axe.min.js"


def violations(page: Page, within: str = ".pnb", *, without: tuple[str, ...] = ()) -> list[str]:
    """Return what axe-core finds wrong inside a selector, a line each: the rule, its help, and the element.

    Rules of whole pages, such as "the page has one main landmark", are left out where `within` is not `html`.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(
        """async ([within, off]) => {
            const rules = Object.fromEntries(off.map((rule) => [rule, { enabled: false }]));
            const { violations } = await axe.run(within === "html" ? document : within, { rules });
            return violations;
        }""",
        [within, list(without)],
    )
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
        for violation in found
        for node in violation["nodes"]
    ]
