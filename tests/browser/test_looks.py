"""What the panel looks like, and how it is used without a mouse or without eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.puppet import BEGIN, PUPPET, tell

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.browser.lab import Notebook

BUSY = tell(
    "update(40, 'a message that is so long that it does not fit beside the bar of a narrow cell, whatever one does')",
    "update(model='some-provider:some-model-with-a-long-name', input_tokens=12345, output_tokens=678, cost=0.0123)",
    "stage('search', title='Search the archive').fail('the archive does not answer')",
    "stage('a_tool_with_a_long_name_that_nobody_thought_of').start('looking it up')",
    "retry(2, 3)",
    """write('{"first_name": "Ada", "link": "https://example.org/' + 'x' * 120, kind='json')""",
    """write('", "skills": ["analysis", "engi', kind='json')""",
)

FAIL = tell("next") + "\norders.put_nowait(lambda stage: open('/nowhere/resume.json'))"

CONTRASTS = """panel => {
    const rgba = text => {
        const [red, green, blue, alpha = 1] = text.match(/[\\d.]+/g).map(Number);
        const scale = text.startsWith('color(') ? 255 : 1; // color-mix() gives color(srgb 0.1 0.2 0.3 / 0.15)
        return [red * scale, green * scale, blue * scale, alpha];
    };
    const over = (top, below, alpha) => below.map((value, index) => top[index] * alpha + value * (1 - alpha));
    const light = colour => colour.map(value => value / 255)
        .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
        .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
    const found = [];
    for (const element of panel.querySelectorAll('*')) {
        const own = [...element.childNodes].filter(node => node.nodeType === Node.TEXT_NODE);
        const text = own.map(node => node.textContent).join('').trim();
        const box = element.getBoundingClientRect();
        if (!text || box.width < 2 || box.height < 2 || element.closest('style')) continue;
        const above = [];
        for (let at = element; at; at = at.parentElement) above.unshift(at);
        let ground = [255, 255, 255], alpha = 1;
        for (const at of above) {
            const style = getComputedStyle(at);
            const background = rgba(style.backgroundColor);
            ground = over(background, ground, background[3]);
            alpha *= Number(style.opacity);
        }
        const colour = rgba(getComputedStyle(element).color);
        if (alpha === 0) continue; // what comes under the pointer
        const seen = over(colour, ground, colour[3] * alpha);
        const [more, less] = [light(seen), light(ground)].sort((one, other) => other - one);
        found.push([Math.round((more + 0.05) / (less + 0.05) * 100) / 100, text.slice(0, 40)]);
    }
    return found.sort((one, other) => one[0] - other[0]);
}"""


def set_theme(notebook: Notebook, theme: str) -> None:
    """Change JupyterLab's theme."""
    notebook.page.evaluate(
        "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", f"JupyterLab {theme}"
    )
    light = "false" if theme == "Dark" else "true"
    expect(notebook.page.locator("body")).to_have_attribute("data-jp-theme-light", light)
    expect(notebook.page.locator("#jupyterlab-splash")).to_have_count(0)


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_themes(open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path], theme: str) -> None:
    """Every text of the panel can be read in the light and in the dark theme: contrast 4.5 to 1, as WCAG AA asks."""
    notebook = open_notebook(PUPPET, BEGIN, BUSY, FAIL)
    notebook.run(0, 1)
    try:
        set_theme(notebook, theme)
        notebook.run(2)
        expect(notebook.output(1)).to_contain_text("looking it up")
        notebook.picture(1, screenshot("live"))
        live = notebook.output(1).evaluate(CONTRASTS)
        notebook.run(3)
        notebook.ended(1, "failed")
        notebook.picture(1, screenshot("failed"))
        ended = notebook.output(1).evaluate(CONTRASTS)
    finally:
        set_theme(notebook, "Light")
    assert [text for text in live + ended if text[0] < 4.5] == []


def overflowing(notebook: Notebook, index: int) -> list[str]:
    """Return what is wider than its box under a cell, but for lines that end in "…", which a pointer shows whole."""
    wide: list[str] = notebook.output(index).evaluate(
        """output => [output, ...output.querySelectorAll('*')]
            .filter(element => element.clientWidth > 1 && element.scrollWidth > element.clientWidth + 3
                // 3 px are the least width of a bar, also at the end of its track
                && getComputedStyle(element).display !== 'inline'
                && getComputedStyle(element).textOverflow !== 'ellipsis')
            .map(element => `${element.className}: ${element.scrollWidth} > ${element.clientWidth}`)"""
    )
    return wide


def test_narrow_cell(open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path]) -> None:
    """In a cell 400 px wide nothing of the panel is cut off or scrolls sideways, live and at the end."""
    notebook = open_notebook(PUPPET, BEGIN, BUSY, tell("next", "next"), alone=True)
    # The cell is narrow and not the window, as when two notebooks stand side by side.
    notebook.page.add_style_tag(content=".jp-Notebook .jp-Cell { max-width: 400px }")
    notebook.run(0, 1, 2)
    expect(notebook.output(1)).to_contain_text("looking it up")
    notebook.picture(1, screenshot("live"))
    assert overflowing(notebook, 1) == []
    assert notebook.heading(1).locator(".name").evaluate("name => name.scrollWidth <= name.clientWidth")
    for name in ("Reading", "Writing"):
        assert notebook.line(1, name).locator(".track").evaluate("track => track.getBoundingClientRect().width") >= 40
    expect(notebook.stop_button(1)).to_be_in_viewport()
    notebook.run(3)
    notebook.ended(1)
    notebook.picture(1, screenshot("finished"))
    assert overflowing(notebook, 1) == []


def test_customization_in_a_narrow_cell(
    open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path]
) -> None:
    """The opened result of the sample pair fits a cell 400 px wide."""
    notebook = open_notebook(
        "import progressnb as pnb\nfrom progressnb.agents.offline import OfflineModel",
        "result = await pnb.customize(pnb.samples.resume, pnb.samples.job, model=OfflineModel(pace=0))",
        alone=True,
    )
    notebook.page.add_style_tag(content=".jp-Notebook .jp-Cell { max-width: 400px }")
    notebook.run(0, 1)
    notebook.open_trace(1)
    notebook.picture(1, screenshot())
    assert overflowing(notebook, 1) == []


def test_keyboard(open_notebook: Callable[..., Notebook]) -> None:
    """Stop is reached by Tab and pressed by Enter, without a mouse."""
    notebook = open_notebook(PUPPET, BEGIN, "")
    notebook.run(0, 1)
    button = notebook.stop_button(1)
    button.wait_for()
    notebook.select(1)
    for _ in range(30):
        notebook.page.keyboard.press("Tab")
        if button.evaluate("button => button === document.activeElement"):
            break
    expect(button).to_be_focused()
    notebook.page.keyboard.press("Enter")
    notebook.ended(1, "cancelled")


def test_screen_reader(open_notebook: Callable[..., Notebook]) -> None:
    """The panel is a named region with a heading; its bar has a name and a value; stages are announced politely."""
    notebook = open_notebook(PUPPET, BEGIN, tell("update(40)", "write('some text')"), tell("next", "next"))
    notebook.run(0, 1, 2)
    panel = notebook.panel(1)
    expect(panel).to_have_role("region")
    expect(panel.get_by_role("heading", name="puppet")).to_have_count(1)
    expect(notebook.bar(1)).to_have_attribute("aria-valuenow", "20")
    expect(notebook.bar(1)).to_have_accessible_name("Progress of puppet")
    expect(panel.get_by_role("list").first).to_be_visible()
    announced = panel.locator("[aria-live=polite]")
    expect(announced).to_contain_text("Reading")
    notebook.run(3)
    notebook.ended(1)
    expect(panel.locator("[aria-live]:not([role=status])")).to_have_count(0)
