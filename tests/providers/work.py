"""The customization that the wire tests let models do, and what every end of it has to be like."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from progressnb import customize
from progressnb.folds.state import RunState
from progressnb.wire.codec import encode
from progressnb.wire.events import LAST_TYPES, ContentEvent, ErrorEvent, Event, ProgressEvent
from tests.providers.dialects import INPUT_TOKENS, KEY, OUTPUT_TOKENS, Call

if TYPE_CHECKING:
    from progressnb import Run
    from progressnb.operations.resume import Customization
    from tests.providers.dialects import Dialect

NAMES = ["evaluation", "planning", "implementation", "verification"]

RESUME = "Žofie Čapková 山田\nzofie@example.com\n\nSkills\n- Python\n- SQL\n\nWork\nAnalyst, Babbage Ltd, 1840 – 1843\n"
JOB = "Analyst\n\nRequirements\n- Python\n- Rust\n"

ANSWERS: list[dict[str, Any]] = [
    {
        "match_score": 50,
        "strengths": [{"requirement": "Python", "evidence": "Žofie writes Python – 日本語も 🚀"}],
        "gaps": [{"requirement": "Rust", "advice": 'Learn "it"\n, honestly.'}],
        "overall_assessment": "Půl na půl.",
    },
    {"improvements": [{"change": "Python first.", "section": "skills", "requirement": "Python", "evidence": "Python"}]},
    {
        "resume": {"basics": {"name": "Žofie Čapková 山田"}, "skills": [{"name": "Python"}, {"name": "SQL"}]},
        "changes": [{"before": "", "after": "Python", "why": "It is asked for."}],
    },
    {"unsupported": [], "summary": "Nothing found."},
]
CALLS = [Call(answer) for answer in ANSWERS]

USAGE = {"input_tokens": INPUT_TOKENS, "output_tokens": OUTPUT_TOKENS}


async def ended(run: Run[Any]) -> Run[Any]:
    """Wait until a run has ended, however that is, and see that it ended as every run does."""
    await run.log.wait_ended()
    events = list(run.log)
    assert [event.type in LAST_TYPES and not _is_minor(event) for event in events] == [
        *[False] * (len(events) - 1),
        True,
    ]
    folded = RunState.of(events)
    assert (folded.status, folded.partial, folded.usage) == (run.status, run.partial, run.state.usage)
    moved = [event.overall_progress or 0 for event in events if isinstance(event, ProgressEvent | ContentEvent)]
    assert all(before <= after for before, after in pairwise(moved))
    assert not any(KEY.encode() in encode(event) for event in events)
    if run.state.error is not None:
        assert len(run.state.error) < 500
        assert run.state.error.isprintable()  # and so one line
        assert "<" not in run.state.error
    return run


def _is_minor(event: Event) -> bool:
    return isinstance(event, ErrorEvent) and not event.fatal


async def customized(dialect: Dialect, timeout: float | None = None, **options: Any) -> Run[Customization]:
    """Let a model of this API customize the resume, and wait for the end."""
    return await ended(customize.using(show=False, timeout=timeout)(RESUME, JOB, model=dialect.model, **options))


def statuses(run: Run[Any], stage: str) -> list[str]:
    """Return the statuses that a stage had, each once."""
    found = [event.status for event in run.log if isinstance(event, ProgressEvent) and event.stage == stage]
    return [status for at, status in enumerate(found) if at == 0 or found[at - 1] != status]


def failed_in(run: Run[Any], stage: str = NAMES[0]) -> str:
    """See that a run failed in a stage, and return the message."""
    state = run.state
    assert (state.status, state.error_stage) == ("failed", stage), run.exception
    failed = state.find(stage)
    assert failed is not None
    assert (failed.status, failed.error, failed.message) == ("failed", state.error, state.error)
    assert state.error is not None
    return state.error
