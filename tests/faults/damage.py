"""Records and lines that are damaged: read as far as they go, or refused in words."""

from __future__ import annotations

import random
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import progressnb as pnb
from progressnb.errors import ProgressError
from progressnb.wire.codec import decode_any
from tests.faults.campaign import Outcome, fault
from tests.faults.connections import written

if TYPE_CHECKING:
    from collections.abc import Callable

REFUSED = "an event or a record that is refused in words, never another error"


async def recorded() -> list[bytes]:
    """Return the lines of a run that is hard to read."""
    run = written.using(show=False)()
    await run
    return run.log.encoded()


def _survived(reads: Callable[[], bool]) -> bool:
    """Tell whether something is read, or refused by an error of ours."""
    try:
        return reads()
    except Exception as error:  # noqa: BLE001 - it is counted
        return isinstance(error, ProgressError)


def _decodes(line: bytes) -> bool:
    decode_any(line)
    return True


@fault("a byte of an event's JSON is another one", REFUSED, times=50_000, part=1_000)
async def damaged_lines(times: int) -> Outcome:
    """Change, add or remove bytes of lines."""
    lines, chosen = await recorded(), random.Random(5)  # noqa: S311 - the same each time
    survived = 0
    for _ in range(times):
        line = bytearray(chosen.choice(lines))
        at = chosen.randrange(len(line))
        line[at : at + chosen.randrange(3)] = bytes(chosen.randrange(256) for _ in range(chosen.randrange(3)))
        survived += _survived(partial(_decodes, bytes(line)))
    return Outcome(times, survived)


def _swapped(lines: list[bytes], chosen: random.Random) -> list[bytes]:
    at, to = chosen.randrange(len(lines)), chosen.randrange(len(lines))
    lines[at], lines[to] = lines[to], lines[at]
    return lines


def _doubled(lines: list[bytes], chosen: random.Random) -> list[bytes]:
    lines.insert(chosen.randrange(len(lines)), chosen.choice(lines))
    return lines


def _left_out(lines: list[bytes], chosen: random.Random) -> list[bytes]:
    at = chosen.randrange(len(lines))
    return [*lines[:at], *lines[chosen.randrange(at, len(lines)) :]] or lines[:1]


def _cut(lines: list[bytes], chosen: random.Random) -> list[bytes]:
    whole = b"\n".join(lines)
    return whole[: chosen.randrange(1, len(whole))].split(b"\n")


def _in_any_order(lines: list[bytes], chosen: random.Random) -> list[bytes]:
    return chosen.sample(lines, len(lines))


def _backwards(lines: list[bytes], _: random.Random) -> list[bytes]:
    return lines[::-1]


DAMAGES = (_swapped, _doubled, _left_out, _cut, _in_any_order, _backwards)


@fault("a record's lines are lost, doubled, mixed or cut anywhere", REFUSED, times=2_000, part=40)
async def damaged_records(times: int) -> Outcome:
    """Damage files of events, also in several ways at once, and replay them."""
    lines, chosen = await recorded(), random.Random(6)  # noqa: S311 - the same each time
    survived = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.jsonl"
        for number in range(times):
            some = DAMAGES[number % len(DAMAGES)]([*lines], chosen)
            for damage in chosen.sample(DAMAGES, chosen.randrange(3)):
                some = damage(some, chosen)
            path.write_bytes(b"\n".join(some))
            survived += _survived(lambda: pnb.replay(path, speed=None, show=False).log.ended)
    return Outcome(times, survived)
