"""A stage that goes on in another way: said while it lasts, the percent starts over, the overall holds."""

from itertools import pairwise
from typing import Any

import pytest
from pydantic_ai.exceptions import UserError

from progressnb import ProgressTracker, customize
from progressnb.agents.offline import OfflineModel
from progressnb.errors import InputError, ModelError, RunEndedError
from progressnb.operations.resume import pipeline, rules
from progressnb.testing import ManualClock, scripted_model
from progressnb.tracking.current import internals
from progressnb.tracking.handle import StageHandle
from progressnb.tracking.work import Work
from progressnb.wire.events import ContentEvent, ErrorEvent, ProgressEvent

NAMES = ["evaluation", "planning", "implementation", "verification"]

RESUME = "Ada Lovelace\nada@example.com\n\nSkills\n- Python\n- SQL\n\nWork\nAnalyst, Babbage Ltd, 1840 – 1843\n"
JOB = "Analyst\n\nRequirements\n- Python\n- Rust\n"

ANSWERS: list[dict[str, Any]] = [
    {"match_score": 50, "strengths": [], "gaps": [], "overall_assessment": "Half of it."},
    {"improvements": []},
    {"resume": {"basics": {"name": "Ada Lovelace"}}, "changes": []},
    {"unsupported": [], "summary": "Fine."},
]


def written(tracker: ProgressTracker, stage: str) -> list[ProgressEvent]:
    """Return the progress events of a stage."""
    return [event for event in tracker.log if isinstance(event, ProgressEvent) and event.stage == stage]


def seen(tracker: ProgressTracker) -> tuple[str, float | None, float]:
    """Return what is seen of the first stage, and the overall percent."""
    stage = tracker.state.stages[0]
    return stage.status, stage.percent, tracker.state.overall_progress


# --- a stage ------------------------------------------------------------------------------------------


async def test_stage() -> None:
    """Until it ends the stage says `fallback` and why; what was done before no longer counts."""
    clock = ManualClock()
    async with ProgressTracker("own", stages={"a": 1, "b": 1}, show=False, clock=clock) as tracker:
        async with tracker.stage("a") as stage:
            stage.expect(1)
            part = stage.stage("part")
            part.update(50)
            assert seen(tracker)[0] == "running"
            stage.fall_back("the service is down")
            assert seen(tracker) == ("fallback", None, 25)
            part.update(80)  # of what went before, this counts no more
            assert seen(tracker)[1] is None
            internals(stage).resume()
            stage.update(10)
            clock.advance(1)
            assert seen(tracker) == ("fallback", 10, 25)
            stage.update(80)
            clock.advance(1)
            assert tracker.state.overall_progress == 40
        events = written(tracker, "a")
        statuses = [event.status for event in events]
        assert statuses == ["running"] * statuses.index("fallback") + ["fallback"] * statuses.count("fallback") + [
            "finished"
        ]
        assert events[-1].message == "the service is down"
        assert stage.percent == 100


async def test_error_is_kept() -> None:
    """An error is kept as a non-fatal event, and the run can end well."""
    async with ProgressTracker("own", stages=["a"], show=False) as tracker, tracker.stage("a") as stage:
        stage.fall_back(OSError("no network"))
    (error,) = [event for event in tracker.log if isinstance(event, ErrorEvent)]
    assert (error.stage, error.message, error.error_type, error.fatal) == ("a", "no network", "OSError", False)
    assert tracker.state.status == "finished"
    assert tracker.state.stages[0].message == "no network"


async def test_an_ended_stage_falls_back_to_nothing() -> None:
    """After its end a stage takes no more."""
    async with ProgressTracker("own", stages=["a"], show=False) as tracker:
        async with tracker.stage("a") as stage:
            pass
        with pytest.raises(RunEndedError):
            stage.fall_back("too late")


def test_work_that_begins_anew() -> None:
    """Parts that began before fill nothing any more, also what lies above; later ones do."""
    root = Work()
    work = root.part(0.5)
    old = work.part(0.8)
    old.raise_floor(50)
    assert (work.percent, root.percent) == (40, 20)
    work.restart()
    assert (work.percent, root.percent) == (None, 0)
    old.finish()
    assert (work.percent, root.percent) == (None, 0)
    work.expect(2)
    work.part().finish()
    assert (work.percent, root.percent) == (50, 25)
    work.finish()
    work.restart()
    assert (work.complete, root.percent) == (False, 0)


# --- a customization ----------------------------------------------------------------------------------


class AtOnce(OfflineModel):
    """The rules at full speed."""

    def __init__(self, answer: Any = None, *, pace: float = 0) -> None:
        super().__init__(answer, pace=pace)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let rules work at full speed."""
    monkeypatch.setattr(pipeline, "OfflineModel", AtOnce)


@pytest.mark.parametrize("at", range(4), ids=NAMES)
async def test_stage_by_rules(at: int) -> None:
    """The stage that failed is done by rules and marked so; those around it are the model's."""
    answers = [*ANSWERS[:at], OSError("no network"), *ANSWERS[at + 1 :]]
    run = customize.using(show=False)(RESUME, JOB, model=scripted_model(*answers), fallback="offline")
    result = await run
    assert [stage.status for stage in run.state.stages] == ["finished"] * 4
    assert [stage.data.get("source") for stage in run.state.stages] == [
        "offline" if index == at else None for index in range(4)
    ]
    assert run.state.stages[at].message == "no network"
    assert result.note == f"Done by fixed rules, because the model failed: {NAMES[at]} (no network)."
    assert result.model == "scripted"
    overall = [event.overall_progress or 0 for event in run.log if isinstance(event, ProgressEvent | ContentEvent)]
    assert all(before <= after for before, after in pairwise(overall))


async def test_half_written_output_is_replaced() -> None:
    """What the model had written gives way to what the rules write: a reader of the log sees a reset."""
    bad = {"match_score": 400, "overall_assessment": "long " * 200}
    run = customize.using(show=False)(
        RESUME, JOB, model=scripted_model(bad, bad, bad, *ANSWERS[1:]), fallback="offline"
    )
    result = await run
    assert run.state.stages[0].partial == result.evaluation.model_dump()
    assert sum(event.reset for event in run.log if isinstance(event, ContentEvent) and event.stage == NAMES[0]) == 3
    messages = [event.message for event in run.log if isinstance(event, ProgressEvent) and event.status == "fallback"]
    assert len(set(messages)) == 1
    assert "Exceeded maximum output retries" in str(messages[0])


async def test_without_a_fallback() -> None:
    """None is the default: the run fails."""
    with pytest.raises(OSError, match="no network"):
        await customize.using(show=False)(RESUME, JOB, model=scripted_model(OSError("no network")))


@pytest.mark.parametrize("error", [UserError("no such setting"), ModelError("a model", "none"), InputError("text")])
async def test_what_is_no_failure_of_the_model(error: Exception) -> None:
    """Mistakes of who calls it are told, not covered up."""
    with pytest.raises(type(error)):
        await customize.using(show=False)(RESUME, JOB, model=scripted_model(error), fallback="offline")


async def test_rules_that_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the rules fail as well, the stage and the run do, with both errors in the traceback."""

    def fail(*_: object, **__: object) -> None:
        raise ArithmeticError("rules can't either")

    monkeypatch.setattr(rules, "plan", fail)
    run = customize.using(show=False)(
        RESUME, JOB, model=scripted_model(ANSWERS[0], OSError("no network")), fallback="offline"
    )
    with pytest.raises(ArithmeticError, match="either"):
        await run
    assert (run.state.error_stage, run.state.stages[1].status) == ("planning", "failed")
    assert [event.message for event in run.log if isinstance(event, ErrorEvent) and not event.fatal] == [
        "no network",
        "rules can't either",
    ]


async def test_rules_have_no_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules that fail as the chosen model are not tried again."""
    asked: list[int] = []

    def fail(*_: object, **__: object) -> None:
        asked.append(1)
        raise ArithmeticError("rules can't")

    monkeypatch.setattr(pipeline, "OfflineModel", OfflineModel)
    monkeypatch.setattr(rules, "evaluate", fail)
    with pytest.raises(ArithmeticError):
        await customize.using(show=False)(RESUME, JOB, model=OfflineModel(pace=0), fallback="offline")
    assert asked == [1]


@pytest.mark.parametrize("fallback", ["online", "", True, scripted_model(), "openai:gpt-5"])
async def test_other_fallbacks_are_refused(fallback: Any) -> None:
    """Anything else is refused in one line that says what to pass, before any model is asked."""
    run = customize.using(show=False)(RESUME, JOB, model=scripted_model(), fallback=fallback)
    with pytest.raises(ModelError, match=r'fallback="offline" or None') as caught:
        await run
    assert "FallbackModel" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [event.type for event in run.log] == ["started", "error"]


def test_handle_has_it() -> None:
    """It is part of the stage handle, for operations of one's own."""
    assert StageHandle.fall_back.__doc__
