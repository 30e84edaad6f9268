"""The trace of a run as rows: one a stage, with its times, its message, and what is seen when it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from progressnb.folds.answer import data_blocks, is_the_answer, text_blocks
from progressnb.folds.calls import hint_text, outcome_text
from progressnb.folds.facts import (
    APPROVAL,
    choices_text,
    cost_text,
    decision,
    decision_text,
    look_of,
    tokens_text,
    wants_approval,
)
from progressnb.folds.guesses import is_guess_of
from progressnb.folds.kind_rows import blank_row, kind_row, rounded
from progressnb.folds.markdown import Blocks
from progressnb.folds.own import without_own
from progressnb.folds.selection import UNREACHED, Chosen, choose, remark_text
from progressnb.folds.shapes import is_nothing, is_number
from progressnb.folds.spans import waited_seconds
from progressnb.folds.summary import AGENT
from progressnb.folds.texts import brief, humanize
from progressnb.folds.words import (
    duration_text,
    loop_text,
    percent_text,
    postfix_text,
    spent_seconds,
    status_text,
)
from progressnb.wire.events import RESERVED_DATA

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Mapping

    from progressnb.folds.state import RunState, StageState
    from progressnb.folds.tree import Block, Detail, Row

__all__ = ["Traces", "thinking_stage"]

DETAIL_LIMIT = 1_000
"""Characters of each fact that is seen when a row is opened."""

_TITLE_LIMIT = 80
_MESSAGE_LIMIT = 300
_WAITS = 12  # of one stage that have a bar
# Other stages may use these names.
_OF_A_REQUEST = frozenset({"finish_reason"})
_LOOP = frozenset({"done", "total", "rate", "initial", "note", "postfix", "stopped", "forecast"})


class Traces:
    """The traces of one run. Markdown in the details of one and rows of ended stages are not made anew."""

    def __init__(self) -> None:
        self._readers: dict[tuple[str, str], Blocks] = {}
        self._ended: dict[str, tuple[object, Row]] = {}

    def rows(
        self,
        state: RunState,
        thinking: StageState | None,
        elapsed: float,
        limit: int,
        *,
        details: bool = True,
        hidden: Mapping[str, Counter[str]] | None = None,
    ) -> list[Row]:
        """Return the rows of a run of this age, `limit` stages at most; `thinking` is the stage that it shows apart.

        `hidden` counts, by path, stages that the state does not have.
        """
        trace = _Trace(state, thinking, elapsed, self._readers, self._ended, details=details)
        rows = trace.rows(choose(state.stages, limit, state.folded, hidden), "")
        self._readers, self._ended = trace.readers, trace.ended  # those of what is shown
        return without_own(rows, state)


def thinking_stage(stages: Iterable[StageState]) -> StageState | None:
    """Return the stage whose thinking a run shows: the one that began last of those that think."""
    found: StageState | None = None
    for stage in stages:
        if "thinking" in stage.outputs and (found is None or _began(stage) >= _began(found)):
            found = stage
    return found


def _began(stage: StageState) -> float:
    return stage.started_elapsed or 0.0


class _Trace:
    def __init__(
        self,
        state: RunState,
        thinking: StageState | None,
        elapsed: float,
        known: dict[tuple[str, str], Blocks],
        known_ended: dict[str, tuple[object, Row]],
        *,
        details: bool,
    ) -> None:
        self._state = state
        self._wants_details = details
        self._elapsed = elapsed
        self._thinking = thinking
        self._known = known
        self.readers: dict[tuple[str, str], Blocks] = {}
        self._known_ended = known_ended
        self.ended: dict[str, tuple[object, Row]] = {}

    def rows(self, above: Chosen, path: str) -> list[Row]:
        """Return the rows below a row, with a remark on those that are not shown."""
        rows = [kind_row(row, details=self._wants_details) if row.kind else self._row_of(row) for row in above.children]
        if remark := remark_text(above.hidden, ended=self._state.ended):
            rows.append({**blank_row(f"{path}/…", "pending"), "remark": remark, "sign": ""})
        return rows

    def _row_of(self, chosen: Chosen) -> Row:
        """Return the row of a stage: one that has ended, and has no row below it, is made once."""
        stage = cast("StageState", chosen.stage)
        if not stage.ended or stage.duration is None or stage.outputs or stage.children or chosen.hidden:
            return self._row(chosen)
        facts = (stage.title, stage.status, stage.started_elapsed, stage.duration, stage.message, stage.error)
        state = (self._state.status, self._wants_details, {**stage.data}, [*stage.waits])
        known = self._known_ended.get(stage.path)
        if known is None or known[0] != (facts, state):
            known = (facts, state), self._row(chosen)
        self.ended[stage.path] = known
        return known[1]

    def _row(self, chosen: Chosen) -> Row:
        stage = cast("StageState", chosen.stage)
        active = stage.at_work
        percent = stage.percent if active and stage.status != "waiting" else None
        guess = is_guess_of(stage)
        spent = _seconds(stage, self._elapsed)
        outcome = outcome_text(stage)
        unreached = stage.status == "pending" and self._state.ended
        facts = _loop_facts(stage, self._elapsed)
        row: Row = {
            **blank_row(stage.path, "unreached" if unreached else look_of(stage)),
            "title": brief(stage.title, _TITLE_LIMIT),
            "hint": hint_text(stage.data.get("arguments")),
            "outcome": outcome,
            "message": self._message(stage, outcome, facts),
            "start": rounded(stage.started_elapsed),
            "end": _end(stage),
            "time": duration_text(spent, finest="seconds" if active else "tenths"),
            "percent": None if percent is None else round(percent, 1),
            "percent_text": "" if guess and (percent or 0.0) < 1 else percent_text(percent, guess=guess),
            "question": self._question(stage) if wants_approval(stage) else "",
            "open": stage.status == "waiting" or (stage.status == "failed" and not _has_failed_child(stage)),
            "details": self._details(stage)
            if self._wants_details and (stage.data or stage.outputs or stage.error)
            else [],
            "children": self.rows(chosen, stage.path),
        }
        loop = brief(postfix_text(stage), _MESSAGE_LIMIT) if facts else ""
        if loop and row["message"].endswith(f" · {loop}"):
            row["loop"] = loop
        if stage.waits:
            row["waits"] = [[round(begin, 2), rounded(end)] for begin, end in stage.waits[-_WAITS:]]
        return row

    def _question(self, stage: StageState) -> str:
        above = self._state.find(stage.path.rpartition("/")[0])
        agent = AGENT if above is None else brief(above.title, _TITLE_LIMIT)
        return f"Let {agent} call {brief(stage.title, _TITLE_LIMIT)}?"

    def _message(self, stage: StageState, outcome: str, facts: str) -> str:
        text = status_text(stage)
        if wants_approval(stage):
            text = APPROVAL
        if stage.status == "pending" and self._state.ended:
            text = UNREACHED
        is_denied = stage.status == "skipped" and decision(stage)[0] == "deny"
        if self._is_told(stage.message) or is_denied or (stage.status == "finished" and outcome):
            text = ""  # the failure of the run says it, or the outcome, or who denied it
        if facts and (stage.status in ("running", "finished", "failed") or (stage.ended and "stopped" in stage.data)):
            # The message of a loop is its count, too.
            text = facts if not text or text[0].isdigit() or "stopped" in stage.data else f"{text} · {facts}"
        tries = f"{count} tries" if stage.status == "finished" and (count := _tries(stage)) else ""
        parts = [brief(text, _MESSAGE_LIMIT), decision_text(stage) if stage.data else "", tries]
        if parts[0] and parts[1].endswith(parts[0].removeprefix(f"{stage.status}: ")):
            return parts[1]  # a reason that somebody gave is the message of the stage, too
        return " · ".join(part for part in parts if part)

    def _is_told(self, text: str | None) -> bool:
        """Tell whether a text is the error of the run, or why it was cancelled, which is shown once."""
        ends = {"failed": self._state.error, "cancelled": self._state.reason}
        return bool(text) and text == ends.get(self._state.status)

    def _details(self, stage: StageState) -> list[Detail]:
        data = {**stage.data}  # another thread may be writing
        found: list[tuple[str, str, list[Block]]] = []

        def fact(key: str, label: str, text: str) -> None:
            if text:
                found.append((key, label, [{"key": "text", "type": "text", "text": text}]))

        def value(key: str, label: str, content: object) -> None:
            if not is_nothing(content):
                found.append((key, label, data_blocks(content, DETAIL_LIMIT)))

        value("arguments", "Arguments", data.get("arguments"))
        value("result", "Result", data.get("result"))
        self._outputs(stage, found)
        loop = _LOOP if _loop_facts(stage, self._elapsed) else frozenset[str]()
        hidden = (RESERVED_DATA - _LOOP) | loop | _OF_A_REQUEST
        value("data", "Data", {key: item for key, item in data.items() if key not in hidden})
        if stage.error and not self._is_told(stage.error) and stage.error not in (stage.message or ""):
            fact("error", "Error" if stage.status != "finished" else "Earlier error", brief(stage.error, DETAIL_LIMIT))
        fact("model", "Model", _word(data.get("model")))
        fact("finish", "Finish reason", _word(data.get("finish_reason")))
        fact("answers", "Answers", choices_text(data))
        fact("tokens", "Tokens", tokens_text(data))
        fact("cost", "Cost", cost_text(data.get("cost")))
        fact("tries", "Tries", _tries(stage))
        if is_number(first := data.get("first_token")):
            fact("first_token", "First token", f"after {duration_text(first, finest='milliseconds')}")
        fact("source", "Source", _word(data.get("source")))
        return [{"key": key, "label": label, "blocks": blocks} for key, label, blocks in found]

    def _outputs(self, stage: StageState, found: list[tuple[str, str, list[Block]]]) -> None:
        """Add what an ended stage wrote, unless it is the answer or the thinking that the run itself shows."""
        if not stage.ended:
            return
        for part, buffer in [*stage.outputs.items()]:
            if not len(buffer):
                continue
            if part == "thinking" and stage is self._thinking:
                continue
            if part == "output" and stage is self._state.last_output and is_the_answer(self._state, buffer):
                continue
            written = buffer.value
            if part == "output" and written == stage.data.get("result"):
                continue  # as of a tool that gives what its agent wrote
            label = humanize(brief(part, _TITLE_LIMIT))
            if isinstance(written, str):
                reader = self.readers[stage.path, part] = self._known.get((stage.path, part)) or Blocks()
                found.append((f"part:{part}", label, text_blocks(written, DETAIL_LIMIT, reader)))
            elif written is not None:
                found.append((f"part:{part}", label, data_blocks(written, DETAIL_LIMIT)))


def _tries(stage: StageState) -> str:
    """Return how many attempts a stage took, of several."""
    attempt = stage.data.get("attempt")
    return f"{attempt:g}" if is_number(attempt) and attempt > 1 else ""


def _word(value: object) -> str:
    return brief(value, _TITLE_LIMIT) if isinstance(value, str) else ""


def _seconds(stage: StageState, elapsed: float) -> float | None:
    """Return the seconds that a stage works, or waits for somebody at this moment: one is not charged to the other."""
    if stage.status == "waiting" and stage.waits:
        return max(0.0, elapsed - stage.waits[-1][0])
    spent = spent_seconds(stage, elapsed)
    return spent if spent is None or not stage.waits else max(0.0, spent - waited_seconds([stage]))


def _has_failed_child(stage: StageState) -> bool:
    """Tell whether a stage below says what went wrong; that one is open."""
    return any(child.status == "failed" for child in stage.children)


def _end(stage: StageState) -> float | None:
    if not stage.ended or stage.started_elapsed is None:
        return None
    return round(stage.started_elapsed + (stage.duration or 0.0), 2)


def _loop_facts(stage: StageState, elapsed: float) -> str:
    """Return the count, rate and time left of a loop; other stages, whose data may have such names, have none."""
    if "done" not in stage.data:
        return ""
    facts = [stage.data.get(key) for key in ("done", "total", "rate")]
    is_loop = is_number(facts[0]) and any(fact is not None for fact in facts[1:])
    if not is_loop or not all(fact is None or is_number(fact) for fact in facts):
        return ""
    return loop_text(stage, elapsed)
