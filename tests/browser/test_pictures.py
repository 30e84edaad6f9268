"""The pictures of README, made anew in a real JupyterLab: one while an answer is written, and the whole run in motion.

`PROGRESSNB_SCREENSHOT=1` puts them into docs, else they are kept in build/browser.
"""

from __future__ import annotations

import io
import itertools
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageChops
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.lab import Notebook

DOCS = Path(__file__).parents[2] / "docs"
LARGEST = 1_500_000  # bytes of the animation
LONGEST = 10_000  # milliseconds of the animation
REST = 2_500  # milliseconds of the last frame
WIDTH = 1200  # pixels of the animation
SCALE = 2  # of the pictures: pixels of theirs for one of the page
STILL = 2  # pixels within which a height stays the same

SETUP = """
import asyncio
import progressnb as pnb
from pydantic_ai import Agent
from progressnb.testing import scripted_model, tool_call

ANSWER = '''## Tides of the North Sea

The sea rises and falls **twice a day**, as the Earth turns beneath two bulges of water.

| Station | Mean range | Spring range |
| --- | ---: | ---: |
| Cuxhaven | 2.97 m | 3.36 m |
| Dover | 4.50 m | 5.95 m |
| Bergen | 0.90 m | 1.24 m |

- Spring tides come *two days after* the full moon.
'''

async def search_web(query: str) -> list[str]:
    await asyncio.sleep(1.2)
    return [f"{query}, page {number}" for number in range(20)]

async def read_gauge(station: str) -> dict[str, float]:
    await asyncio.sleep(0.8)
    return {"mean range": 2.97, "spring range": 3.36}

model = scripted_model(
    tool_call("search_web", query="North Sea tide gauges"),
    [tool_call("read_gauge", station=name) for name in ("Cuxhaven", "Dover", "Bergen")],
    ANSWER,
    chunk=6,
    pace=float(open("pace.txt").read()),
)
tools = [search_web, read_gauge]
"""
CELL = """agent = Agent(model, tools=tools, capabilities=[pnb.ReportProgress()])
await agent.run("tides")"""

# What a frame shows, in pixels; nothing before there is a panel.
_LOOK = """cell => {
    const panel = cell.querySelector("section.pnb");
    const box = panel?.querySelector(".answer > .box");
    const top = panel?.getBoundingClientRect().top;
    return {
        bottom: cell.getBoundingClientRect().bottom,
        panel: panel?.getBoundingClientRect().height ?? 0,
        answer: box ? [box.getBoundingClientRect().top - top, box.getBoundingClientRect().height] : null,
        text: box?.innerText ?? "",
        ended: Boolean(panel?.querySelector(".run.finished")),
    };
}"""


@dataclass
class Frame:
    """A picture of the cell with what it shows: heights in pixels, the answer's text, and when it was taken."""

    at: float
    image: Image.Image
    bottom: float
    panel: float
    answer: list[float] | None
    text: str
    ended: bool


def take(notebook: Notebook) -> Frame:
    """Take a picture of the page from the cell's top on."""
    page = notebook.page
    look = notebook.cell(1).evaluate(_LOOK)
    box, size = notebook.cell(1).bounding_box(), page.viewport_size
    assert box is not None
    assert size is not None
    clip = {"x": box["x"], "y": box["y"], "width": box["width"], "height": size["height"] - box["y"]}
    at = time.monotonic()
    image = Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")  # type: ignore[arg-type]
    return Frame(at, image, **{**look, "bottom": look["bottom"] - box["y"]})


def film(notebook: Notebook) -> list[Frame]:
    """Run the cell and take pictures until it has ended and its panel is static HTML."""
    notebook.page.add_style_tag(content=".jp-cell-toolbar { display: none !important }")
    notebook.cell(0).evaluate("cell => { cell.style.display = 'none' }")
    notebook.start(1)
    frames = [take(notebook)]
    while not frames[-1].ended:
        frames.append(take(notebook))
    notebook.wait_done(1)
    notebook.ended(1)
    return [*frames, take(notebook)]


def animate(frames: list[Frame], path: Path) -> None:
    """Write the frames that differ as an animation, each as long as it was seen, all in `LONGEST` at most."""
    height = int(max(frame.bottom for frame in frames) * SCALE)
    times = [max(1.0, 1000 * (after.at - frame.at)) for frame, after in itertools.pairwise(frames)]
    faster = min(1.0, (LONGEST - REST) / sum(times))
    images: list[Image.Image] = []
    durations: list[int] = []
    for frame, duration in zip(frames, [*(faster * each for each in times), REST], strict=True):
        image = frame.image.crop((0, 0, frame.image.width, height))
        image = image.resize((WIDTH, round(WIDTH * image.height / image.width)), Image.Resampling.LANCZOS)
        if images and ImageChops.difference(images[-1], image).getbbox() is None:
            durations[-1] += int(duration)
        else:
            images.append(image)
            durations.append(int(duration))
    images[0].save(
        path,
        save_all=True,
        append_images=images[1:],
        duration=durations,
        loop=0,
        quality=80,
        method=4,
        minimize_size=True,
    )


def test_pictures_of_readme(open_notebook: Callable[..., Notebook], screenshot: Callable[..., Path]) -> None:
    """An agent in a plain cell: tools, then Markdown with a table; the height of the panel stays from the first token.

    At the end the answer is where it was, and the trace folds to one line.
    """
    notebook = open_notebook(SETUP, CELL, viewport={"width": 1000, "height": 1000}, device_scale_factor=SCALE)
    took = take(notebook), take(notebook)
    # On a busy machine pictures take long: the model waits for them, so that there are some of each part.
    pace = max(0.04, (took[1].at - took[0].at) / 3)
    (notebook.server.root / "pace.txt").write_text(f"{pace:.3f}")
    notebook.run(0)
    frames = film(notebook)

    written = [frame for frame in frames if frame.text]
    live = [frame for frame in written if not frame.ended]
    assert len({frame.text for frame in live}) >= 3
    assert max(frame.panel for frame in live) - min(frame.panel for frame in live) <= STILL
    places = [frame.answer for frame in written if frame.answer]
    assert all(abs(now - first) <= STILL for place in places for now, first in zip(place, places[0], strict=True))
    assert frames[-1].panel <= live[-1].panel
    expect(notebook.answer(1).locator("td")).to_have_count(9)
    expect(notebook.line(1, "search_web")).to_contain_text("20 results")
    expect(notebook.output(1)).not_to_contain_text("AgentRunResult")

    keep = bool(os.environ.get("PROGRESSNB_SCREENSHOT"))
    picture = DOCS / "panel.png" if keep else screenshot("panel")
    steady = live[:-1]  # while the last one was taken the run may have ended
    middle = next((frame for frame in steady if "Dover" in frame.text), steady[-1])  # a busy machine takes few
    middle.image.crop((0, 0, middle.image.width, int(middle.bottom * SCALE))).save(picture, optimize=True)
    animation = picture.with_suffix(".webp")
    animate(frames, animation)

    assert animation.stat().st_size <= LARGEST
    with Image.open(animation) as moving:
        assert getattr(moving, "n_frames", 1) >= 5
        total = 0
        for number in range(getattr(moving, "n_frames", 1)):
            moving.seek(number)
            moving.load()
            total += int(moving.info["duration"])
        assert total <= LONGEST
