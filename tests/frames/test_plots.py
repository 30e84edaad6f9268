"""Charts of where the time went: drawn by JupyterLab itself, readable as text, hostile names are data."""

import base64
import html
import json
import re
import sys
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import altair as alt
import pandas as pd
import pytest

from progressnb import History, ProgressTracker
from progressnb.errors import InputError, MissingExtraError
from progressnb.folds.state import ENDED
from progressnb.folds.words import STATUSES
from progressnb.frames import vega
from progressnb.frames.plots import stages_chart, timeline_chart
from progressnb.frames.tracks import Span, Track, tracks_html
from progressnb.frames.vega import MIMETYPE, ShownChart, shown
from progressnb.testing import ManualClock
from progressnb.tracking.stage import Stage
from progressnb.wire.log import EventLog

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a picture of a shown chart take as long as it likes: a busy machine fails nothing."""
    monkeypatch.setattr(vega, "_SECONDS", 300.0)


HOSTILE = "</script><b onclick=alert(1)>{{1+1}}\u2028'\");alert(1)//"


def run_of(*durations: float, title: str = "Search") -> ProgressTracker:
    """Return a run of stages that take so long, the first of them with a stage below it."""
    clock = ManualClock()
    tracker = ProgressTracker("report", [f"s{number}" for number in range(len(durations))], clock=clock)
    tracker.start()
    for number, duration in enumerate(durations):
        with tracker.stage(f"s{number}") as stage:
            with stage.stage(Stage("search", title=title)) if number == 0 else nullcontext():
                clock.advance(duration / 2)
            clock.advance(duration / 2)
    return tracker


def rows_of(chart: ShownChart) -> list[dict[str, Any]]:
    """Return the data of a chart, which are in its specification."""
    spec = chart.to_dict()
    rows: list[dict[str, Any]] = (
        spec["data"]["values"] if "values" in spec["data"] else spec["datasets"][spec["data"]["name"]]
    )
    return rows


def test_timeline() -> None:
    """Each stage is a bar from its begin to its end, indented by depth, labelled with how it went."""
    tracker = run_of(2, 1)
    tracker.done()
    rows = rows_of(timeline_chart(tracker.log))
    assert [(row["stage"], row["begin"], row["end"]) for row in rows] == [
        ("s0", 0, 2),
        ("s0/search", 0, 1),
        ("s1", 2, 3),
    ]
    assert [row["label"] for row in rows] == ["finished, 2.0 s", "finished, 1.0 s", "finished, 1.0 s"]
    depths = [len(row["name"]) - len(row["name"].strip("\u200b\u2003")) for row in rows]
    assert depths == [1, 2, 1]


def test_status_has_a_colour_and_a_word() -> None:
    """Failed, skipped and running stages differ by a word, not by colour alone; every status has a colour."""
    tracker = run_of(1, 1)
    third = tracker.stage("third", weight=0.5)
    third.start()
    third.fail("no")
    fourth = tracker.stage("fourth", weight=0.5)
    fourth.start()
    rows = rows_of(timeline_chart(tracker.log))
    assert [row["label"].split(",")[0] for row in rows] == ["finished", "finished", "finished", "failed", "running"]
    assert set(STATUSES) >= ENDED
    none_of_stages = ("left", "lost", "unreached", "mixed")
    own = {status: look for status, look in STATUSES.items() if status not in none_of_stages}
    assert len({look.colour for look in own.values()}) == len(own)
    assert len({look.sign for look in own.values()}) == len(own)


def test_bars_stay_in_the_run() -> None:
    """A stage that goes on ends at the latest event; one that took no time is still seen; pending ones have none."""
    clock = ManualClock()
    tracker = ProgressTracker("op", ["a", "b", "c"], clock=clock)
    tracker.start()
    tracker.stage("a").start()
    clock.advance(6)
    with tracker.stage("b"):
        pass
    a, b, c = rows_of(timeline_chart(tracker.log))
    assert (a["begin"], a["end"]) == (0, 6)
    assert b["end"] > b["begin"] == 6
    assert (c["status"], c["label"]) == ("pending", "pending")


@pytest.mark.parametrize("draw", [lambda: timeline_chart(EventLog()), lambda: History().plot_stages()])
def test_nothing_to_draw(draw: Callable[[], ShownChart]) -> None:
    """A run or a history without stages gives an empty chart that is valid, not an error."""
    assert draw().to_dict()["$schema"].endswith("v5.json")
    assert repr(draw())


def test_stages_over_runs() -> None:
    """Each stage has its quantiles over the runs; the chart does not grow with their number."""
    history = History()
    sizes = []
    for count in (5, 40):
        for number in range(count):
            tracker = run_of(2.0 + number % 5, 1)
            tracker.done()
            history.record(tracker)
        sizes.append(len(json.dumps(history.plot_stages().to_dict())))
    rows = {row["stage"]: row for row in rows_of(history.plot_stages())}
    assert list(rows) == ["s0", "s0/search", "s1"]
    assert (rows["s0"]["p10"], rows["s0"]["median"], rows["s0"]["p90"]) == (2.0, 4.0, 6.0)
    assert rows["s0"]["count"] == 45
    assert abs(sizes[1] - sizes[0]) < 100
    assert "s0  median 4.0 s (45), p10–p90 2.0 s–6.0 s" in repr(history.plot_stages())


def test_stages_of_several_operations() -> None:
    """Stages of the same name in different operations are two."""
    frame = pd.DataFrame({"operation": ["a", "b"], "stage": ["s", "s"], "duration": [1.0, 2.0]})
    assert [row["stage"] for row in rows_of(stages_chart(frame))] == ["a: s", "b: s"]


def test_stages_by_model_and_by_day() -> None:
    """Each stage has a row for each model, in the order of stages; one without a model is told as such."""
    started = pd.to_datetime(["2026-11-02", "2026-11-01", "2026-11-01"])
    frame = pd.DataFrame(
        {
            "operation": ["a", "a", "a"],
            "stage": ["write", "read", "write"],
            "duration": [1.0, 2.0, 3.0],
            "model": ["m1", None, "m0"],
            "started": started,
        }
    )
    by_model = [row["stage"] for row in rows_of(stages_chart(frame, "model"))]
    assert by_model == ["write · m0", "write · m1", "read · none"]
    by_day = [row["stage"] for row in rows_of(stages_chart(frame, "day"))]
    assert by_day == ["write · 2026-11-01", "write · 2026-11-02", "read · 2026-11-01"]


def test_groups_of_another_kind_are_refused() -> None:
    """What is neither a model nor a day says what may be given."""
    wrong: Any = "week"
    with pytest.raises(InputError, match='by as "model" or "day"'):
        History().plot_stages(by=wrong)


def test_hostile_names_are_data() -> None:
    """A name is in the data of a chart and nowhere else: no expression, title or axis is made of it."""
    tracker = run_of(1, title=HOSTILE)
    tracker.done()
    spec = timeline_chart(tracker.log).to_dict()
    assert any(HOSTILE[:10] in row["name"] for row in rows_of(timeline_chart(tracker.log)))
    for name in ("data", "datasets"):
        spec.pop(name, None)
    assert "onclick" not in json.dumps(spec)


def test_jupyterlab_draws_it() -> None:
    """A chart shows itself in a mimetype that JupyterLab draws, with its data inside, nothing to load, and as text.

    JupyterLab prefers HTML to that mimetype, and that mimetype to Markdown and pictures.
    """
    tracker = run_of(1)
    tracker.done()
    chart = timeline_chart(tracker.log)
    bundle = chart._repr_mimebundle_()
    assert set(bundle) == {MIMETYPE, "image/png", "text/plain"}
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    spec = {key: value for key, value in bundle[MIMETYPE].items() if key != "$schema"}
    assert "http" not in json.dumps(spec)
    assert bundle["text/plain"] == repr(chart)
    assert bundle["text/plain"].splitlines()[1:] == ["S0  finished, 1.0 s", "  Search  finished, 500 ms"]


def test_viewers_without_vega_see_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing draws a picture, a plot carries its bars as HTML: as boxes, and as characters without any style."""
    monkeypatch.setattr(vega, "can_draw", lambda: False)
    vega._picture.cache_clear()
    tracker = run_of(2, 1)
    tracker.done()
    bundle = timeline_chart(tracker.log)._repr_mimebundle_()
    assert set(bundle) == {MIMETYPE, "text/markdown", "text/plain"}
    drawn = bundle["text/markdown"]
    assert re.findall(r"left:([\d.]+)%;width:([\d.]+)%", drawn) == [("0.0", "66.7"), ("0.0", "33.3"), ("66.7", "33.3")]
    text = html.unescape(re.sub(r"<[^>]*>", "|", drawn))
    assert re.findall(r"[█░]+", text) == ["█" * 13 + "░" * 7, "█" * 7 + "░" * 13, "░" * 13 + "█" * 7]
    assert "Search" in text
    assert "finished, 2.0 s" in text
    history = History()
    history.record(tracker)
    assert "Duration of stages" in history.plot_stages()._repr_mimebundle_()["text/markdown"]


@pytest.mark.parametrize(("draws", "seen"), [(True, "data:image/png;base64,"), (False, "█████████████░░░░░░░")])
def test_nbconvert_shows_it(monkeypatch: pytest.MonkeyPatch, draws: bool, seen: str) -> None:
    """A page that nbconvert makes of a notebook has the picture, or else the bars; it has no Vega."""
    nbformat: Any = pytest.importorskip("nbformat.v4")
    nbconvert: Any = pytest.importorskip("nbconvert")
    monkeypatch.setattr(vega, "can_draw", lambda: draws)
    vega._picture.cache_clear()
    tracker = run_of(2, 1)
    tracker.done()
    output = nbformat.new_output("display_data", timeline_chart(tracker.log)._repr_mimebundle_())
    notebook = nbformat.new_notebook(cells=[nbformat.new_code_cell("1", outputs=[output])])
    page, _ = nbconvert.HTMLExporter(template_name="basic").from_notebook_node(notebook)
    assert seen in page


def test_hostile_names_are_text_in_html() -> None:
    """In the HTML of a plot a name is neither markup nor a formula, and can't turn the line around."""
    drawn = tracks_html(HOSTILE, [Track(f"$2M {HOSTILE} $3M \u202e", 0, [Span(0, 1, "#000")], "1 s")] * 150, 1)
    assert "<b onclick" not in drawn
    assert "<script" not in drawn
    assert "⟨U+202E⟩" in drawn
    assert "$" not in drawn
    assert "mathjax_ignore tex2jax_ignore" in drawn
    assert "… 50 more" in drawn


def test_a_picture_that_can_not_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chart is shown although its picture can't be drawn, and one that is shown twice is drawn once."""
    drawn: list[object] = []

    def draw(*_: object, **__: object) -> bytes:
        drawn.append(1)
        raise InputError("a chart that Vega can draw", "none")

    monkeypatch.setattr(vega, "draw_picture", draw)
    vega._picture.cache_clear()
    chart = timeline_chart(EventLog())
    for _ in range(2):
        assert MIMETYPE in chart._repr_mimebundle_()
    assert len(drawn) == 1


def test_the_session_keeps_its_renderer() -> None:
    """Showing a chart changes none of Altair's settings, and follows none that would write or load files."""
    chart = shown(alt.Chart(pd.DataFrame({"a": range(6_000)})).mark_bar().encode(x="a:Q"), text="many")
    with alt.data_transformers.enable("json"):
        active = alt.data_transformers.active, alt.renderers.active
        values = chart.properties(width=100)._repr_mimebundle_()[MIMETYPE]
        assert (alt.data_transformers.active, alt.renderers.active) == active
    assert len(next(iter(values["datasets"].values()))) == 6_000
    assert values["width"] == 100
    assert repr(chart) == "many"


def test_a_chart_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Altair the error is an ImportError with what to install; frames need none."""
    monkeypatch.setitem(sys.modules, "altair", None)
    with pytest.raises(MissingExtraError, match=r'pip install "progressnb\[plots\]"') as caught:
        timeline_chart(EventLog())
    assert isinstance(caught.value, ImportError)
    with pytest.raises(ImportError):
        History().plot_stages()
    assert History().timings().empty
