"""The view model of a run: what is to be seen of its state, as a small tree of plain data that every screen draws.

The same state and the same arguments give the same tree, whoever looked before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.folds.answer import Answers
from progressnb.folds.batch_view import with_batch
from progressnb.folds.data import value_text
from progressnb.folds.doing import doing_text
from progressnb.folds.excerpt import excerpt
from progressnb.folds.facts import (
    LEFT,
    act_text,
    early_text,
    ending_text,
    finish_text,
    is_counted,
    is_left,
    is_lost,
    model_text,
    stall_text,
    usage_facts,
    used_by,
    waiting_text,
)
from progressnb.folds.guesses import is_guess
from progressnb.folds.own import agreeing, is_own
from progressnb.folds.segments import segments
from progressnb.folds.shapes import is_dict, is_number
from progressnb.folds.spans import model_spans
from progressnb.folds.state import RunState
from progressnb.folds.summary import NO_SUMMARY, agent_title, legend, summary
from progressnb.folds.texts import brief, quoted, visible, window
from progressnb.folds.trace import Traces, thinking_stage
from progressnb.folds.words import (
    STATUSES,
    duration_text,
    percent_text,
    remaining_seconds,
    remaining_text,
    short_text,
    still_seconds,
)

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Mapping

    from progressnb.folds.state import StageState
    from progressnb.folds.tree import Failure, Header, RunTree
    from progressnb.wire.events import Event

__all__ = ["RunView", "moment"]

CONTROLS = ("stop", "enough", "say")
"""The controls of a run, in the order in which they are drawn."""

_THINKING_LIMIT = 2_000
_TITLE_LIMIT = 120
_SUBJECT_LIMIT = 60
_SENTENCE_LIMIT = 500
_SHORTEST_SPAN = 0.1  # seconds; an axis always has a length


class RunView:
    """The view of one run. It keeps what was read of Markdown, so that each block is read once.

    Args:
        key: The key of the tree; by default the run's id.
        operation: The operation's name, for a run whose first event has not come.

    Example:
        ::

            view = RunView()
            tree = view.tree(run.state, run.elapsed)
            tree["header"]["title"], tree["header"]["percent_text"]

    """

    def __init__(self, key: str = "", operation: str = "") -> None:
        self._key = key
        self._operation = operation
        self._answers = Answers()
        self._traces = Traces()

    def tree(
        self,
        state: RunState,
        elapsed: float,
        *,
        controls: Iterable[str] = (),
        trouble: str = "",
        advice: str = "",
        characters: int = 20_000,
        rows: int = 30,
        whole: bool = True,
        details: bool = True,
        at: float | None = None,
    ) -> RunTree:
        """Return what is to be seen of a run.

        Args:
            state: The run's state; for a moment that has passed, the state then, which `moment` gives.
            elapsed: The run's age in seconds; its duration once it has ended.
            controls: What may be done with the run now: `stop`, `enough`, `say`.
            trouble: The trouble of a connection, in a few words.
            advice: What to do about a failure, in one sentence.
            characters: The most characters of the answer: its end while it is written, then its start.
            rows: The most stages of the trace.
            whole: Whether more is wanted than the row of a run in a group shows: the answer, the thinking, and what
                is seen of the stages of a run that has ended.
            details: Whether what is seen of a row that is opened is wanted; a terminal opens none.
            at: The moment that is shown in place of the latest, in seconds since the run began.

        """
        now = elapsed if at is None else min(at, elapsed)
        run = state
        state, hidden, top, calls = excerpt(run, rows)
        stages = [stage for _, stage in state.walk()]
        thinking = thinking_stage(stages)
        possible = {*controls} if at is None and not state.ended else set[str]()
        staged = whole or not state.ended  # the row of a run at work says what it does
        tree: RunTree = {
            "key": self._key or state.run_id,
            "status": state.status,
            "header": self._header(state, stages, now, trouble, hidden),
            "segments": segments(state, top=top) if staged else [],
            "answer": self._answers.answer(state, characters, stages) if whole else None,
            "thinking": _thinking(thinking) if whole else "",
            "summary": summary(state, stages, top=top, calls=calls, hidden=hidden) if staged else NO_SUMMARY,
            "trace": agreeing(
                self._traces.rows(state, thinking, now, rows, details=details and whole, hidden=hidden), state
            )
            if staged
            else [],
            "trace_open": state.status != "finished",
            "failure": (failure := _failure(run, advice)),
            "notes": _notes(state) if staged else [],
            "now": round(now, 2),
            "span": (span := _span(state, elapsed)),
            "span_text": duration_text(
                elapsed if state.ended else span, finest="tenths" if state.ended or span < 1 else "seconds"
            ),
            "controls": [control for control in CONTROLS if control in possible],
            "agent": agent_title(stages) if "say" in possible else "",
            "announce": self._announcement(state, stages) if at is None and staged else "",
            "at": at,
            "began": None if state.started is None else round(state.started.timestamp(), 2),
        }
        if failure is not None:
            tree["reason"] = _reason(run, failure)
        if used := used_by(state):
            tree["used"] = used
        if is_counted(state):
            tree["counted"] = True
        if staged and (spans := model_spans(run)):
            tree["model"] = [[round(begin, 2), None if end is None else round(end, 2)] for begin, end in spans]
        if bars := legend(tree["trace"], model="model" in tree):
            tree["legend"] = bars
        return tree if state.batch is None else with_batch(tree, state, state.batch, now)

    def _header(
        self, state: RunState, stages: list[StageState], now: float, trouble: str, hidden: Mapping[str, Counter[str]]
    ) -> Header:
        live = not state.ended
        asks = waiting_text([stage for stage in stages if stage.status == "waiting"]) if live else ""
        status: str = "lost" if is_lost(state) else "left" if is_left(state) else state.status
        if asks and status == "running":
            status = "waiting"
        if status == "running":
            asks = stall_text(stages, now)
        ended = "" if live else ending_text(state)
        if state.status == "cancelled":
            ended = LEFT if status == "left" else state.status
        look = "mixed" if status == "finished" and ended else status  # as the part of its bar: not all is well
        percent, guess = _percent(state), is_guess(state)
        timed = status != "pending" and (live or state.started is not None)  # nothing came of a run without a begin
        header: Header = {
            "sign": STATUSES[look].sign,
            "status": look,
            "title": self._title(state),
            "subject": "" if state.title else _subject(state.subject),
            "asks": asks,
            "percent": percent,
            "percent_text": percent_text(percent, guess=guess) if live and not (guess and (percent or 0.0) < 1) else "",
            "elapsed": duration_text(now, finest="seconds" if live else "tenths") if timed else "",
            "left": remaining_text(state, now) if live and not trouble and _may_tell_left(state, now) else "",
            "facts": usage_facts(state),
            "trouble": brief(trouble, _TITLE_LIMIT),
            "ended": ended,
        }
        if guess:
            header["guess"] = True
        if status in _AT_WORK and not asks and (doing := doing_text(header["title"], stages, hidden)):
            header["doing"] = doing
        return header

    def _title(self, state: RunState) -> str:
        return brief(state.title or (state.operation or self._operation).replace("_", " "), _TITLE_LIMIT)

    def _announcement(self, state: RunState, stages: list[StageState]) -> str:
        title = self._title(state)
        if state.status == "finished":
            return ", ".join(filter(None, [f"{title} finished", ending_text(state)]))
        if state.status == "failed":
            return f"{title}: {ending_text(state)}" if is_lost(state) else f"{title} failed: {_sentence(state)}"
        if state.status == "cancelled":
            return f"{title} {LEFT if is_left(state) else 'cancelled'}"
        if asks := waiting_text([stage for stage in stages if stage.status == "waiting"]):
            return f"{title}: {asks}"
        # Stages at the top alone: an agent's tools may come and go many times a second.
        for stage in reversed(state.stages):
            if stage.at_work:
                return f"{title}: {brief(stage.title, _TITLE_LIMIT)}{_MANNERS.get(stage.status, '')}"
        return f"{title} begins"


_AT_WORK = frozenset({"running", "retrying", "fallback"})

_MANNERS = {"retrying": " is tried again", "fallback": " takes another way"}


_ROUNDING = 0.0051
"""A little more than half of the hundredth of a second to which a tree rounds begins of stages and its axis.

So at the begin of a stage it has begun, and at the end of the axis the run has ended.
"""


def moment(log: Iterable[Event], seconds: float) -> RunState:
    """Return the state that a run had so many seconds after it began, to a hundredth of a second."""
    state = RunState()
    for event in log:
        if event.elapsed > seconds + _ROUNDING:
            break
        state.apply(event)
    return state


def _percent(state: RunState) -> float | None:
    """Return the percent of the run, or None where nothing is known of it."""
    done = state.counted_progress
    if done is None:
        return None
    if not state.ended and done <= 0 and not any(stage.percent for stage in state.stages):
        return None
    return round(done, 1)


def _subject(subject: str | None) -> str:
    if not subject:
        return ""
    return brief(subject, _SUBJECT_LIMIT) if _is_number(subject) else quoted(subject, _SUBJECT_LIMIT)


def _is_number(text: str) -> bool:
    """Tell whether a subject is a number, alone or with the name of its parameter: "42", "depth=3"."""
    name, _, number = text.rpartition("=")
    try:
        float(number if not name or name.isidentifier() else text)
    except ValueError:
        return False
    return True


def _thinking(stage: StageState | None) -> str:
    """Return the end of a stage's thinking."""
    if stage is None:
        return ""
    text = value_text(stage.outputs["thinking"].text, is_open=True)
    start, end = window(len(text), _THINKING_LIMIT, "end")
    return f"{'…' if start else ''}{visible(text[start:end])}"


def _sentence(state: RunState) -> str:
    kind, message = brief(state.error_type or "Error", _TITLE_LIMIT), brief(state.error or "", _SENTENCE_LIMIT)
    return message if message.startswith(kind) else f"{kind}: {message}" if message else kind


def _failure(state: RunState, advice: str) -> Failure | None:
    if state.status != "failed":
        return None
    where = state.find(state.error_stage) if state.error_stage else None
    stage = brief(where.title, _TITLE_LIMIT) if where is not None and not is_own(where.title, state) else ""
    return {"text": _sentence(state), "stage": stage, "advice": brief(advice, _SENTENCE_LIMIT)}


def _reason(state: RunState, failure: Failure) -> str:
    """Return the type of the error of a run, its code and its stage: "RateLimitError 429 in Ask"."""
    code = state.error_data.get("status_code")
    kind = brief(state.error_type or "Error", _TITLE_LIMIT) + (f" {code:.0f}" if is_number(code) else "")
    return f"{kind} in {failure['stage']}" if failure["stage"] else kind


def _notes(state: RunState) -> list[str]:
    notes = _told(state)
    if state.status == "cancelled" and state.reason and not is_left(state):
        told = [short_text(stage) for stage in state.stages]  # the row of a loop says where it was stopped
        if state.reason not in ("cancelled", *told):
            notes.append(f"reason: {brief(state.reason, _SENTENCE_LIMIT)}")  # the header says what it is the reason of
    if not (state.ended and early_text(state)):  # which the header says
        notes.append(act_text(state.data.get("intervention")))
    elif pressed := finish_text(state):
        notes.append(f"reason: {pressed}")
    # Without a view of its own a result is drawn as all its fields: its note would be shown twice.
    note = state.result.get("note") if state.view is not None and is_dict(state.result) else None
    remark, model = brief(note, _SENTENCE_LIMIT) if isinstance(note, str) else "", model_text(state)
    notes.append(remark)
    # A model that has used no tokens is rules in the place of one: a remark on the result says so and more.
    notes.append(brief(model, _TITLE_LIMIT) if not remark or model != f"model {state.model}" else "")
    return [note for note in notes if note]


def _told(state: RunState) -> list[str]:
    """Return what somebody said to agents at work: their rows have little room for it."""
    said = [
        stage.data.get("intervention") for _, stage in state.walk() if stage.is_model and "intervention" in stage.data
    ]
    later = "" if state.ended else ", with the next request"
    return [f"{act_text(each)}{later}" for each in said if is_dict(each) and each.get("kind") == "say"]


def _may_tell_left(state: RunState, now: float) -> bool:
    """Tell whether the header has a time left.

    The line of a loop that is all of a run tells it itself. While a loop stands still nobody knows it.
    """
    if any(still_seconds(stage, now) is not None for stage in state.stages):
        return False
    only = state.stages[0] if len(state.stages) == 1 else None
    is_counted = only is not None and is_number(only.data.get("total")) and is_number(only.data.get("rate"))
    return not is_counted


def _span(state: RunState, elapsed: float) -> float:
    """Return the length of the time axis: until now, or until the end where there is ground to tell it."""
    left = None if state.ended else remaining_seconds(state, elapsed)
    return round(max(elapsed + (left or 0.0), _SHORTEST_SPAN), 2)
