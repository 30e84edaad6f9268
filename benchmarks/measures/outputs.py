"""Rows of structured outputs: what reading them while they are written takes, by us and by others."""

from __future__ import annotations

from benchmarks.measures import Measure, measure

KILOBYTES = 43


@measure("an output of 43 KB, read as it comes (peer: stream_output)", unit="ms", target=1, against="peer", own=True)
def an_output() -> Measure:
    """Stream JSON in chunks of 12 characters; the floor is an agent whose events somebody reads."""
    import asyncio

    from benchmarks.overhead import Sample, ours_watched, stream_handler, stream_output
    from benchmarks.turns import take_turns

    sample = Sample.of(KILOBYTES)
    return take_turns(
        lambda: asyncio.run(ours_watched(sample)),
        floor=lambda: asyncio.run(stream_handler(sample)),
        peer=lambda: asyncio.run(stream_output(sample)),
        unit="ms",
        rounds=3,
    )
