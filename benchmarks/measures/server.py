"""Rows of the server: what a client costs, what many cost the run, and what a client of ours costs."""

from __future__ import annotations

import statistics
from functools import partial

from benchmarks.measures import Measure, measure
from benchmarks.turns import spread, take_turns

CLIENTS = 100
KB = 1_000
LATE = 150_000
ATTACHED = 20_000


@measure("a late joiner of 150,000 events, an event", unit="µs", target=2.2, against="floor")
def late_joiner() -> Measure:
    """Against the log's bytes, taken out of it and joined to the same server-sent events."""
    from benchmarks.streams import joined, read_all
    from benchmarks.traffic import log_of

    log = log_of(LATE)
    return take_turns(partial(read_all, log), floor=partial(joined, log), calls=LATE, rounds=5)


@measure("the same, the longest that it holds the loop", unit="ms", target=10)
def late_joiner_holds() -> Measure:
    """Take the CPU time of the longest turn of the loop while a late joiner reads, the median of seven."""
    from benchmarks.streams import longest_turn
    from benchmarks.traffic import log_of

    log = log_of(LATE)
    turns = [longest_turn(log) * 1e3 for _ in range(7)]
    return Measure(statistics.median(turns), spread=spread(turns))


@measure("a delivered event, 100 clients (Starlette)", unit="µs", target=1.0, against="peer")
def delivered_starlette() -> Measure:
    """Against a queue a client and Starlette's StreamingResponse with the same bytes; the floor is raw asyncio."""
    return _delivered("starlette")


@measure("a delivered event, 100 clients (sse-starlette)", unit="µs", target=1.0, against="peer", own=True)
def delivered_sse_starlette() -> Measure:
    """Measure the same against sse-starlette's EventSourceResponse with the same bytes."""
    return _delivered("sse-starlette")


def _delivered(peer: str) -> Measure:
    import asyncio

    from benchmarks.serving import microseconds

    found = asyncio.run(microseconds(("ours", peer, "raw"), CLIENTS, rounds=25))
    ratios = [ours / theirs for ours, theirs in zip(found["ours"], found[peer], strict=True)]
    ours, theirs, raw = (statistics.median(found[kind]) for kind in ("ours", peer, "raw"))
    return Measure(ours, raw, theirs, spread(ratios))


@measure("a run beside 1,000 clients at 10 events/s", unit="s", target=1.5, against="floor")
def run_beside_clients() -> Measure:
    """How long a run takes whose steps wait 20 ms, served to 1,000 clients, against how long it takes alone."""
    import asyncio

    from benchmarks.serving import run_for

    return Measure(asyncio.run(run_for(seconds=5.0, clients=1_000)), asyncio.run(run_for(seconds=5.0, clients=0)))


@measure("attach, an event (floor: decoding)", unit="µs", target=15)
def attach_event() -> Measure:
    """Read over HTTP, decoded, folded and kept, beside decoding alone, which took 8 µs when the target was set."""
    from benchmarks.streams import Attached, decoded
    from benchmarks.traffic import log_of

    lines = log_of(ATTACHED).encoded()
    with Attached(lines) as attached:
        return take_turns(attached.read, floor=partial(decoded, lines), calls=ATTACHED, rounds=7)


@measure("?snapshots=1, 250 KB of output, a client", unit="KB", target=30)
def snapshots_memory() -> Measure:
    """Count what a client holds that takes nothing, beyond what one of the plain stream holds."""
    import asyncio

    from benchmarks.streams import held_by_clients

    plain, snapshots = (asyncio.run(held_by_clients(CLIENTS, snapshots=each)) for each in (False, True))
    return Measure((snapshots - plain) / KB)
