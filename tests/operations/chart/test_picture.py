"""Charts as pictures."""

import socket
from pathlib import Path
from typing import Any

import altair as alt
import pytest

from progressnb.errors import InputError, MissingExtraError
from progressnb.frames import picture as pictures
from progressnb.frames import vega
from progressnb.frames.picture import Kind, draw_picture
from progressnb.frames.vega import shown
from progressnb.operations.chart.schemas import ChartResult

CHART = shown(
    alt.Chart.from_dict(
        {
            "data": {"values": [{"a": "x<&", "b": 1}, {"a": "y", "b": 2}]},
            "mark": "bar",
            "encoding": {"x": {"field": "a", "type": "nominal"}, "y": {"field": "b", "type": "quantitative"}},
        }
    )
)


@pytest.mark.parametrize(("name", "start"), [("c.svg", b"<svg"), ("c.PNG", b"\x89PNG"), ("c.html", b"<!doctype html>")])
def test_kinds(tmp_path: Path, name: str, start: bytes) -> None:
    """A chart is saved as a picture or a page, by the end of the file's name; text in it stays text."""
    drawn = CHART.save(tmp_path / name).read_bytes()
    assert drawn.lstrip().startswith(start)
    assert b"x<&" not in drawn
    assert b"<script src" not in drawn


def test_another_kind(tmp_path: Path) -> None:
    """Another end is refused before anything is written."""
    with pytest.raises(InputError, match=r"\.png"):
        CHART.save(tmp_path / "c.exe")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_nothing_is_fetched(kind: Kind) -> None:
    """Whatever a specification names, nobody is asked for it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)  # noqa: FBT003 - its only form
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/rows.csv"
        with pytest.raises(InputError, match="not allowed"):
            draw_picture({**CHART.to_dict(), "data": {"url": address}}, kind)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_what_can_not_be_drawn() -> None:
    """A specification that Vega refuses is an error of one line."""
    with pytest.raises(InputError, match="Vega") as caught:
        draw_picture({"mark": "nothing"}, "svg")
    assert "\n" not in caught.value.got


def test_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A drawing ends after a stated time."""
    monkeypatch.setattr(pictures, "SECONDS", 0.001)
    with pytest.raises(InputError, match="takes longer"):
        draw_picture(CHART.to_dict(), "svg")


def test_without_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the package that draws, the error names what to install, and the other files are there."""

    def absent(_: str) -> None:
        return None

    monkeypatch.setattr("importlib.util.find_spec", absent)
    with pytest.raises(MissingExtraError, match=r"progressnb\[chart\]"):
        CHART.save(tmp_path / "c.png")
    rows: Any = []
    assert "chart.svg" not in ChartResult(chart=CHART, query="", data=rows, explanation="").artifacts()


def test_the_notebook_has_its_pictures() -> None:
    """The page that nbconvert makes of the notebook shows a picture for each chart of its five questions, and more."""
    nbformat: Any = pytest.importorskip("nbformat")
    nbconvert: Any = pytest.importorskip("nbconvert")
    path = Path(__file__).parents[3] / "notebooks" / "07_chart_from_a_question.ipynb"
    notebook = nbformat.read(path, as_version=4)
    drawn = [
        output.data["image/png"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "application/vnd.vegalite.v5+json" in output.get("data", {})
    ]
    page, _ = nbconvert.HTMLExporter(template_name="basic").from_notebook_node(notebook)
    assert len(drawn) >= 5
    for picture in drawn:
        assert picture.replace("\n", "") in page.replace("\n", "")
        assert len(picture) <= 1_400_000


def test_pixels_are_bounded() -> None:
    """A chart of any size becomes a picture of so many pixels at most, of the whole chart."""
    spec = {**CHART.properties(width=3_000, height=2_000).to_dict()}
    drawn = draw_picture(spec, "png", scale=2, pixels=100_000)
    width, height = (int.from_bytes(drawn[at : at + 4], "big") for at in (16, 20))
    assert 90_000 < width * height < 102_000
    assert 1.3 < width / height < 1.7


@pytest.mark.parametrize("size", [10, 10_000_000])
def test_a_picture_in_the_display_is_bounded(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """A picture of more than a megabyte is not stored in a notebook; one drawn ahead is not drawn again."""
    drawn: list[int] = []

    def draw(*_: object, **__: object) -> bytes:
        drawn.append(1)
        return b"\x89" * size

    monkeypatch.setattr(vega, "draw_picture", draw)
    vega._picture.cache_clear()
    CHART.draw_ahead()
    bundle = CHART._repr_mimebundle_()
    vega._picture.cache_clear()
    assert (drawn, "image/png" in bundle) == ([1], size == 10)
