"""The final state outlives the kernel: in the file, after a reload, in nbconvert's HTML, without any style."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from tests.browser.lab import filled, write_notebook
from tests.browser.puppet import BEGIN, PUPPET, tell

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.browser.lab import Notebook, Server

CUSTOMIZE = [
    "import progressnb as pnb\nfrom progressnb.agents.offline import OfflineModel",
    "result = await pnb.customize(pnb.samples.resume, pnb.samples.job, model=OfflineModel(pace=0))",
]
TITLES = ("Evaluating the match", "Planning the improvements", "Writing the resume", "Verifying every claim")
VIEW = "application/vnd.jupyter.widget-view+json"


def panels(notebook: dict[str, Any]) -> list[dict[str, str]]:
    """Return the panels of a stored notebook, as text by MIME type."""
    outputs = [output for cell in notebook["cells"] for output in cell["outputs"] if "data" in output]
    assert not any(VIEW in output["data"] for output in outputs)
    bundles = [{mime: "".join(text) for mime, text in output["data"].items()} for output in outputs]
    return [bundle for bundle in bundles if "pnb" in bundle.get("text/html", "")]


def check_panel(bundle: dict[str, str]) -> None:
    """Check that what is stored of a panel says it all twice: as HTML and as plain text."""
    assert set(bundle) == {"text/html", "text/plain"}
    assert len(json.dumps(bundle)) <= 60_000
    assert "<script" not in bundle["text/html"]
    assert "✓ customize" in bundle["text/plain"]
    for text in bundle.values():
        assert all(title in text for title in TITLES)
        assert "█" in text


def convert(server: Server, *arguments: str) -> None:
    """Run nbconvert with nothing of the settings of whoever runs the tests."""
    command = [sys.executable, "-m", "nbconvert", *arguments]
    environment = server.environment | {"PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, cwd=server.root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_survives_save_reload_and_restart(open_notebook: Callable[..., Notebook]) -> None:
    """The finished panel is still there after saving, a reload of the page and a restart of the kernel."""
    notebook = open_notebook(*CUSTOMIZE)
    notebook.run(0, 1)
    notebook.ended(1)
    stored = notebook.save()
    assert "widgets" not in stored["metadata"]
    (bundle,) = panels(stored)
    check_panel(bundle)
    for again in (notebook.reload, notebook.restart_kernel, notebook.reload):
        again()
        notebook.ended(1)
        for part in notebook.bar(1).locator(".seg").all():
            assert filled(part) > 0.99
        expect(notebook.answer(1)).to_be_visible()
        notebook.open_trace(1)
        for title in TITLES:
            expect(notebook.line(1, title)).to_be_visible()
        expect(notebook.page.get_by_text("model not found")).to_have_count(0)


def test_untrusted_copy(open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path]) -> None:
    """Somebody else's notebook, which JupyterLab doesn't trust and strips of styles, still reads."""
    notebook = open_notebook(*CUSTOMIZE)
    notebook.run(0, 1)
    stored = notebook.save()
    stored["cells"][0]["source"] = "# Another notebook, which nobody here has run"
    for cell in stored["cells"]:
        cell["metadata"] = {}
    received = open_notebook(stored=stored)
    expect(received.output(1)).to_contain_text("customize")
    for title in TITLES:
        expect(received.output(1)).to_contain_text(title)
    # A bar of ten characters for the run and for each stage; that of the run has the cells of all stages.
    whole, *rows = re.findall(r"[█░]{10}", received.output(1).text_content() or "")
    assert len(rows) == len(TITLES)
    assert whole == "".join("█" if "█" in cells else "░" for cells in zip(*rows, strict=True))
    assert all("█" in row for row in rows)
    expect(received.output(1)).not_to_contain_text(".pnb")
    # The head is one line, what stands side by side with a style is apart, and the signs of rows are their only marks.
    assert re.fullmatch(r'✓ customize · "Web Developer" · [\d.]+ s', received.heading(1).inner_text())
    expect(received.panel(1).locator("summary.line").first).to_contain_text("4 stages · longest: ")
    assert received.panel(1).locator(".rows").evaluate("rows => getComputedStyle(rows).listStyleType") == "none"
    received.picture(1, screenshot())


def test_reload_while_it_runs(open_notebook: Callable[..., Notebook]) -> None:
    """A page that is loaded anew while a run goes on shows its panel live again, and then its end."""
    notebook = open_notebook(
        PUPPET, BEGIN, tell("update(40, 'at the gate')"), tell("update(80, 'almost')"), tell("next", "next"), "run"
    )
    notebook.run(0, 1, 2)
    expect(notebook.output(1)).to_contain_text("at the gate")
    notebook.save()
    notebook.reload()
    expect(notebook.line(1, "Reading")).to_contain_text("40 %")
    notebook.run(3)
    expect(notebook.line(1, "Reading")).to_contain_text("80 %")
    notebook.run(4, 5)
    notebook.ended(5)
    notebook.ended(1)
    expect(notebook.page.get_by_text("model not found")).to_have_count(0)
    assert [len(panels(notebook.save()))] == [2]


def test_saved_while_it_runs(open_notebook: Callable[..., Notebook], browser: Browser, server: Server) -> None:
    """A file that is saved in mid-run holds the panel as it was seen, without a widget: for whoever opens it later."""
    notebook = open_notebook(PUPPET, BEGIN, tell("update(40, 'at the gate')", "write('Twice a day.')"))
    notebook.run(0, 1, 2)
    expect(notebook.answer(1)).to_have_text("Twice a day.")
    (bundle,) = panels(notebook.save())
    assert set(bundle) == {"text/html", "text/plain"}
    assert "at the gate" in bundle["text/plain"]
    expect(notebook.live(1)).to_have_count(1)  # on the page it is live still
    convert(server, "--to", "html", notebook.path)
    page = browser.new_page()
    page.goto((server.root / notebook.path).with_suffix(".html").as_uri(), wait_until="domcontentloaded")
    expect(page.locator(".pnb .answer")).to_contain_text("Twice a day.")
    page.close()
    notebook.restart_kernel()
    notebook.reload()
    expect(notebook.line(1, "Reading")).to_contain_text("at the gate")
    expect(notebook.answer(1)).to_have_text("Twice a day.")
    expect(notebook.page.get_by_text("model not found")).to_have_count(0)


def test_a_kernel_that_dies(open_notebook: Callable[..., Notebook]) -> None:
    """What a file holds of a run whose kernel was killed says how far it was, as HTML and as text."""
    die = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    notebook = open_notebook(PUPPET, BEGIN, tell("update(20, 'on the way')"), tell("update(40, 'at the gate')"), die)
    notebook.run(0, 1, 2, 3)
    expect(notebook.line(1, "Reading")).to_contain_text("at the gate")
    notebook.start(4)
    notebook.page.get_by_text("appears to have died").wait_for()
    notebook.page.get_by_role("dialog").get_by_role("button", name="Ok").click()
    (bundle,) = panels(notebook.save())
    assert set(bundle) == {"text/html", "text/plain"}
    for text in bundle.values():
        assert "at the gate" in text
        assert "40 %" in text
        assert "begins" not in text
        assert "on the way" not in text
    notebook.reload()
    expect(notebook.line(1, "Reading")).to_contain_text("at the gate")
    expect(notebook.page.get_by_text("model not found")).to_have_count(0)


def test_nbconvert_html(open_notebook: Callable[..., Notebook], browser: Browser, server: Server) -> None:
    """In nbconvert's HTML, opened from a disk with no network, bars are seen and texts are there."""
    notebook = open_notebook(*CUSTOMIZE)
    notebook.run(0, 1)
    notebook.save()
    convert(server, "--to", "html", notebook.path)
    context = browser.new_context()
    context.route(re.compile("^(?!file:)"), lambda route: route.abort())
    page = context.new_page()
    page.goto((server.root / notebook.path).with_suffix(".html").as_uri(), wait_until="domcontentloaded")
    expect(page.locator(".pnb .head")).to_be_visible()
    for part in page.locator(".pnb .bar .seg").all():
        assert filled(part) > 0.99
    page.locator(".pnb details.gantt > summary").click()
    for title in TITLES:
        expect(page.locator(".pnb .line").get_by_text(title, exact=True).first).to_be_visible()
    context.close()


def test_reads_without_any_style(open_notebook: Callable[..., Notebook], browser: Browser) -> None:
    """Where a viewer removes every style, class and script, bars are characters and all else is text."""
    notebook = open_notebook(*CUSTOMIZE)
    notebook.run(0, 1)
    (bundle,) = panels(notebook.save())
    bare = re.sub(r"<style>.*?</style>", "", bundle["text/html"], flags=re.DOTALL)
    bare = re.sub(r"\s(?:style|class)=(?:\"[^\"]*\"|[^\s>]+)", "", bare)
    assert "style" not in re.sub(r">[^<]*<", "><", bare)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_content(f"<!doctype html><meta charset=utf-8>{bare}")
    for summary in page.locator("summary").all():
        summary.click()
    text = page.locator("body").inner_text()
    assert "✓" in text
    assert "customize" in text
    for title in TITLES:
        assert re.search(rf"✓\s+{title}", text), text[:1500]
    assert "█" in text
    context.close()


def test_executed_without_a_front_end(server: Server) -> None:
    """`nbconvert --execute`, which has no widgets, leaves the panel in the notebook as HTML and as text."""
    write_notebook(server.root / "executed.ipynb", CUSTOMIZE)
    convert(server, "--to", "notebook", "--execute", "--inplace", "executed.ipynb")
    stored = json.loads((server.root / "executed.ipynb").read_text())
    (bundle,) = panels(stored)
    check_panel(bundle)
    assert not any("stderr" in str(output) for cell in stored["cells"] for output in cell["outputs"])
    widgets = stored["metadata"].get("widgets")
    if widgets is not None:  # nbclient keeps the models of widgets that are closed; GitHub wants a state in it
        assert len(json.dumps(widgets)) < 50_000
        assert "state" in widgets["application/vnd.jupyter.widget-state+json"]


def test_chosen_display(server: Server) -> None:
    """`configure(display=)` and `PROGRESSNB_DISPLAY` choose: none draws nothing, html draws the end and no widget."""
    cells = [
        f"{CUSTOMIZE[0]}\npnb.configure(display='none')",
        CUSTOMIZE[1],
        "import os\npnb.configure(display='auto')\nos.environ['PROGRESSNB_DISPLAY'] = 'html'",
        CUSTOMIZE[1],
    ]
    write_notebook(server.root / "chosen.ipynb", cells)
    convert(server, "--to", "notebook", "--execute", "--inplace", "chosen.ipynb")
    stored = json.loads((server.root / "chosen.ipynb").read_text())
    assert stored["cells"][1]["outputs"] == []
    (bundle,) = panels(stored)
    check_panel(bundle)
    assert "widgets" not in stored["metadata"]


def test_script_in_a_pipe(tmp_path: Path) -> None:
    """A plain script whose output is piped prints lines: no HTML, no escape sequences, no object's repr."""
    script = tmp_path / "script.py"
    script.write_text(
        "import asyncio\nimport progressnb as pnb\nfrom progressnb.agents.offline import OfflineModel\n"
        "async def main():\n"
        "    await pnb.customize(pnb.samples.resume, pnb.samples.job, model=OfflineModel(pace=0))\n"
        "asyncio.run(main())\n"
    )
    environment = os.environ | {"PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, str(script)], env=environment, capture_output=True, encoding="utf-8", check=True
    )
    printed = done.stdout + done.stderr
    assert all(title in printed for title in TITLES)
    assert "finished" in printed
    for foreign in ("\x1b", "<div", "Panel(", "VBox("):
        assert foreign not in printed
