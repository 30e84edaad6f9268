"""Rows of short runs: with a history beside without, and beside bare coroutines."""

from __future__ import annotations

from benchmarks.measures import Measure, measure


def with_history(recorded: int, *, contents: bool, at_once: bool) -> Measure:
    """Measure a run of thirteen events in a history of so many; the floor is the same run without a history."""
    import asyncio
    import tempfile
    from pathlib import Path

    import progressnb as pnb
    from benchmarks import runs

    async def compare() -> tuple[float, float]:
        with pnb.History(path, contents=contents, create=True) as history:
            pnb.configure(history=history)
            await runs.in_turn(runs.begin, 60)
            pnb.configure(history=None)
        runs.record(path, recorded)
        with pnb.History(path, contents=contents) as history:
            return await runs.compare(history, runs.at_once if at_once else runs.in_turn, 9)

    pnb.configure(show=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runs.db"
        off, on = asyncio.run(compare())
    return Measure(on, floor=off, spread=0.05)


@measure("a run with a history of 500, in turn (floor: none)", unit="ms", target=1.5, against="floor", own=True)
def in_turn_of_few() -> Measure:
    """Await one after the other, without contents."""
    return with_history(500, contents=False, at_once=False)


@measure("the same with contents", unit="ms", target=1.5, against="floor", own=True)
def in_turn_of_few_with_contents() -> Measure:
    """Await one after the other, with contents."""
    return with_history(500, contents=True, at_once=False)


@measure("a run with a history of 20,000, in turn (floor: none)", unit="ms", target=1.5, against="floor", own=True)
def in_turn() -> Measure:
    """Await one after the other, without contents."""
    return with_history(20_000, contents=False, at_once=False)


@measure("the same with contents", unit="ms", target=1.5, against="floor", own=True)
def in_turn_with_contents() -> Measure:
    """Await one after the other, with contents."""
    return with_history(20_000, contents=True, at_once=False)


@measure("the same with contents, 8 at once", unit="ms", target=1.5, against="floor", own=True)
def at_once_with_contents() -> Measure:
    """Await eight at once, with contents."""
    return with_history(20_000, contents=True, at_once=True)


def kept_of_runs(*, held: bool, packed: bool) -> float:
    """Return the KB that each of a thousand runs leaves in memory."""
    import asyncio

    import progressnb as pnb
    from benchmarks import runs
    from benchmarks.measures.memory import kept

    async def leave(count: int) -> list[object]:
        holding = list[object]()
        for number in range(count):
            run = runs.begin(f"text {number}")
            await run
            if packed:
                run.pack()
            if held:
                holding.append(run)
        await asyncio.sleep(1.2)  # the timers of the runs
        return holding

    pnb.configure(show=False)
    asyncio.run(leave(runs.BLOCK))  # what loads at first use
    return kept(lambda: asyncio.run(leave(1_000))) / 1e6


@measure("a run of thirteen events that nobody holds, kept", unit="KB", target=0.1, own=True)
def kept_dropped() -> Measure:
    """Drop each run when it has ended."""
    return Measure(kept_of_runs(held=False, packed=False))


@measure("the same that is held and packed (floor: held)", unit="KB", target=1, against="floor", own=True)
def kept_packed() -> Measure:
    """Hold the runs, packed and as they are."""
    return Measure(kept_of_runs(held=True, packed=True), kept_of_runs(held=True, packed=False))
