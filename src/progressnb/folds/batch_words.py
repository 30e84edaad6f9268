"""A batch in words: its line of totals, its speed, time left and cost, what holds it back, and its workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.folds.facts import cost_text, limit_text
from progressnb.folds.shapes import is_dict
from progressnb.folds.texts import brief, count_text
from progressnb.folds.words import duration_text, left_text, rate_text

if TYPE_CHECKING:
    from progressnb.folds.batches import BatchState, FailureKind
    from progressnb.folds.state import RunState
    from progressnb.wire.batch import Gate

__all__ = ["batch_ending", "facts_of", "reason_text", "totals_text"]

_NAME_LIMIT = 60
_STALE = 10.0  # seconds without an event after which nobody knows what is left
_ROUND = 100  # tokens above which an expected number is rounded
_SHARE_BELOW = 1.0
_PERCENT = 100.0
_HOLDS = {
    "budget": "nothing new begins: the budget is set aside for the items at work",
    "source": "nothing new begins: the source of the items gives none now",
    "stopping": "nothing new begins: those at work come to their end",
    "workers": "nothing new begins: there is no worker",
}
_EARLY = {
    "budget": "ended early: its budget",
    "max_failures": "ended early: too many items failed",
    "engine": "ended early: its cluster is gone",
}


def totals_text(state: RunState, batch: BatchState, now: float) -> str:
    """Return the line of totals: "142 of 200 · 3 failed · 12 running · about 40 s left (30–55 s)"."""
    ended, total = batch.ended, batch.total
    if state.ended:
        parts = [count_text(total if total is not None else ended, "item")]
        parts += [f"{batch.counts['finished']:,} finished"] if ended != batch.counts["finished"] or batch.rest else []
    else:
        parts = [f"{ended:,} ended" if total is None else f"{ended:,} of {total:,}"]
    parts += [f"{batch.counts[each]:,} {each}" for each in ("failed", "cancelled") if batch.counts[each]]
    if state.ended:
        parts += [f"{batch.rest:,} not begun"] if batch.rest else []
        return " · ".join(parts)
    parts += [f"{batch.running:,} running"] if batch.running else []
    parts += [f"{batch.paused:,} paused"] if batch.paused else []
    left = batch.figures.left
    if left is not None and now - state.elapsed < _STALE:
        parts.append(left_text(left))
    return " · ".join(parts)


def facts_of(state: RunState, batch: BatchState, now: float) -> list[tuple[str, str, str]]:
    """Return what is to be told of a batch beside its totals: a key, a label and a text each."""
    facts = [
        ("speed", "Speed", _speed_text(state, batch)),
        ("cost", "Cost", _cost_text(state, batch)),
        ("tokens", "Tokens", _tokens_text(state, batch)),
        *((f"gate {at}", "Gate", _gate_text(gate, batch, now)) for at, gate in enumerate(_gates(batch))),
        ("hold", "Hold", _HOLDS[batch.now.holds.kind] if batch.now is not None and batch.now.holds else ""),
        ("workers", "Workers", _workers_text(batch)),
        ("again", "Tried again", _again_text(batch)),
        ("earlier", "From before", _earlier_text(batch)),
        ("kept", "Results", "kept by no history: after a stop all is run anew" if _is_lost(state, batch) else ""),
    ]
    return [(key, label, text) for key, label, text in facts if text]


def reason_text(kind: FailureKind) -> str:
    """Return the reason of failures: "RateLimitError 429 in evaluation"."""
    name = brief(kind.error_type or "Error", _NAME_LIMIT)
    code = f" {kind.status_code}" if kind.status_code is not None else ""
    where = f" in {brief(kind.error_stage, _NAME_LIMIT)}" if kind.error_stage else ""
    return f"{name}{code}{where}"


def batch_ending(state: RunState) -> str:
    """Return why a batch ended before its end, in words, or an empty text."""
    told = state.data.get("ended_early")
    fact = told if is_dict(told) else {}
    kind = fact.get("kind")
    plan = state.batch.plan if state.batch is not None else None
    text = _EARLY.get(kind, "") if isinstance(kind, str) else ""
    if kind == "budget":
        return f"{text}{limit_text(fact.get('limit'))} is spent"
    if kind == "max_failures" and plan is not None and plan.max_failures is not None:
        most = plan.max_failures
        bound = f"{most * _PERCENT:g} %" if most < _SHARE_BELOW else f"{most:,.0f}"
        return f"ended early: more than {bound} of the items failed" if most < _SHARE_BELOW else f"{text}, {bound} may"
    return text


def _speed_text(state: RunState, batch: BatchState) -> str:
    figures, parts = batch.figures, list[str]()
    rate = figures.rate
    if state.ended and rate is not None and state.duration:  # of the whole, not of the last seconds
        rate = (batch.ended - batch.reused) / state.duration
    if rate is not None:
        parts.append(rate_text(rate).replace(" each", " an item"))
    if figures.usual is not None:
        parts.append(f"an item takes {duration_text(figures.usual)}")
    if not state.ended and batch.plan is not None:
        limit = batch.now.limit if batch.now is not None and batch.now.limit else batch.plan.limit
        parts.append(f"{limit:,} at a time")
    return " · ".join(parts)


def _cost_text(state: RunState, batch: BatchState) -> str:
    spent = cost_text(batch.figures.spent)
    budget = cost_text(batch.plan.budget.cost) if batch.plan is not None and batch.plan.budget is not None else ""
    if budget and batch.ended and batch.figures.spent is None:
        return f"budget {budget} · no item has told a cost"
    if state.ended:
        return " · ".join(filter(None, [spent, budget and f"budget {budget}"]))
    parts = [spent and f"{spent} so far"]
    if spent and batch.figures.cost is not None:
        parts.append(_in_all(*map(cost_text, batch.figures.cost)))
    return " · ".join(filter(None, [*parts, budget and f"budget {budget}"]))


def _tokens_text(state: RunState, batch: BatchState) -> str:
    if not (total := batch.figures.used):
        return ""
    text = f"{total:,.0f}"
    if state.ended or batch.figures.tokens is None:
        return text if state.ended else f"{text} so far"
    return f"{text} so far · {_in_all(*map(_rounded, batch.figures.tokens))}"


def _in_all(low: str, middle: str, high: str) -> str:
    return f"about {middle} in all" + (f" ({low}–{high})" if low != high else "")


def _rounded(tokens: float) -> str:
    """Return an expected number of tokens with two or three digits that count."""
    if tokens < _ROUND:
        return f"{tokens:,.0f}"
    step = 10 ** (len(str(int(tokens))) - 2)
    return f"{round(tokens / step) * step:,}"


def _gates(batch: BatchState) -> list[Gate]:
    return batch.now.gates if batch.now is not None else []


def _gate_text(gate: Gate, batch: BatchState, now: float) -> str:
    """Return what holds back requests: "8 of 20: the provider asked for 12 s"."""
    who = " ".join(brief(each, _NAME_LIMIT) for each in (gate.provider, gate.model) if each)
    several = f"{who} " if who and len(_gates(batch)) > 1 else ""
    subject = gate.provider and brief(gate.provider, _NAME_LIMIT)
    head = f"{several}{gate.limit:,} of {gate.of:,}"
    if gate.reason == "growing":
        return f"{head}: growing again"
    if gate.reason == "asked" and gate.seconds is not None:
        text = f"{head}: {subject or 'the provider'} asked for {duration_text(gate.seconds, finest='seconds')}"
    else:
        text = f"{head}: {subject or 'the provider'} refused requests"
    waits = gate.until - now if gate.until is not None else 0.0
    return f"{text} · goes on in {duration_text(waits, finest='seconds')}" if waits >= 1 else text


def _workers_text(batch: BatchState) -> str:
    now = batch.now
    if now is None or now.workers is None:
        return ""
    alive = [each for each in now.workers if each.state != "lost"]
    threads = sum(each.threads or 0 for each in alive)
    parts = [count_text(len(alive), "worker"), count_text(threads, "thread") if threads else ""]
    for state, word in (("starting", "starting"), ("suspect", "under suspicion")):
        if count := sum(each.state == state for each in alive):
            parts.append(f"{count:,} {word}")
    return " · ".join(filter(None, [*parts, f"{now.deaths:,} lost" if now.deaths else ""]))


def _again_text(batch: BatchState) -> str:
    now = batch.now
    if now is None:
        return ""
    parts = [count_text(now.retried, "time") if now.retried else ""]
    parts.append(f"{count_text(now.repeated, 'result')} came twice and was paid twice" if now.repeated else "")
    return " · ".join(filter(None, parts))


def _earlier_text(batch: BatchState) -> str:
    if not batch.reused:
        return ""
    paid = cost_text(batch.earlier.get("cost"))
    return f"{count_text(batch.reused, 'item')} of an earlier run{f', which cost {paid} then' if paid else ''}"


def _is_lost(state: RunState, batch: BatchState) -> bool:
    return not state.ended and batch.plan is not None and not batch.plan.resumable
