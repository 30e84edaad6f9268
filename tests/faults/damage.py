"""Records and lines that are damaged: read as far as they go, or refused in words."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import progressnb as pnb
from progressnb.errors import ProgressError
from progressnb.wire.codec import decode_any
from tests.faults.campaign import Outcome, fault
from tests.faults.connections import written

REFUSED = "an event or a record that is refused in words, never another error"


@fault("a byte of an event's JSON is another one", REFUSED, times=50_000, part=1_000)
async def damaged_lines(times: int) -> Outcome:
    """Change, add or remove bytes of lines."""
    run = written.using(show=False)()
    await run
    lines = run.log.encoded()
    chosen = random.Random(5)  # noqa: S311 - the same each time
    survived = 0
    for _ in range(times):
        line = bytearray(chosen.choice(lines))
        at = chosen.randrange(len(line))
        line[at : at + chosen.randrange(3)] = bytes(chosen.randrange(256) for _ in range(chosen.randrange(3)))
        try:
            decode_any(bytes(line))
            survived += 1
        except Exception as error:  # noqa: BLE001 - it is counted
            survived += isinstance(error, ProgressError)
    return Outcome(times, survived)


@fault("a record's lines are lost, doubled, mixed or cut", REFUSED, times=2_000, part=40)
async def damaged_records(times: int) -> Outcome:
    """Damage files of events, and replay them."""
    run = written.using(show=False)()
    await run
    lines = run.log.encoded()
    chosen = random.Random(6)  # noqa: S311 - the same each time
    survived = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.jsonl"
        for _ in range(times):
            some = [*lines]
            for _ in range(chosen.randint(1, 3)):
                at, to = chosen.randrange(len(some)), chosen.randrange(len(some))
                match chosen.randrange(4):
                    case 0:
                        some[at], some[to] = some[to], some[at]
                    case 1:
                        some.insert(to, some[at])
                    case 2:
                        del some[at:to]
                        some = some or lines[:1]
                    case _:
                        some = [*some[:at], some[at][: chosen.randrange(len(some[at]))]]
            path.write_bytes(b"\n".join(some))
            try:
                survived += pnb.replay(path, speed=None, show=False).log.ended
            except Exception as error:  # noqa: BLE001 - it is counted
                survived += isinstance(error, ProgressError)
    return Outcome(times, survived)
