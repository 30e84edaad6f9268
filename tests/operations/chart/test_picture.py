"""Charts as pictures."""

import socket
from pathlib import Path
from typing import Any

import altair as alt
import pytest

from progressnb.errors import InputError, MissingExtraError
from progressnb.frames import picture as pictures
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
