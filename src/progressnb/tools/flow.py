"""The places in compiled code at which loops read their iterators: where the iterator lies on the stack of values."""

from __future__ import annotations

import dis
import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType

__all__ = ["GENERATOR", "RETURNS", "UNIT", "place_of"]

GENERATOR = 0x20
"""The flag of a generator's code."""

RETURNS = ("RETURN_VALUE", "RETURN_CONST")
"""Where a frame stands that returns: the value has taken the place of the iterator."""

UNIT = 2
"""Bytes of an instruction without its caches."""

_ENDS = (*RETURNS, "RAISE_VARARGS", "RERAISE", "INTERPRETER_EXIT")
_NO_FALL = (*_ENDS, "JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT")
_AWAIT_LENGTH = 6  # instructions of an `await`, from GET_ANEXT on
_LARGEST = 20_000  # bytes of code; larger functions take too long to read
_REMEMBERED = 1_000  # loops

# By the id of a code, which the entry keeps alive, and an offset in it. To compare codes would take longer.
_known: dict[tuple[int, int], tuple[CodeType, _Place]] = {}


def place_of(code: CodeType, last: int) -> _Place:
    """Return the place at which instruction `last` reads an iterator."""
    key = id(code), last
    if key not in _known:
        if len(_known) >= _REMEMBERED:
            _known.clear()
        try:
            _known[key] = code, _find(code, last) if len(code.co_code) <= _LARGEST else _UNKNOWN
        except Exception:  # noqa: BLE001 - code that was made by hand may be anything
            _known[key] = code, _UNKNOWN
    return _known[key][1]


def _find(code: CodeType, last: int) -> _Place:
    flow = _Flow(code)
    at = flow.begin_of(last)
    name = flow.at[at].opname
    if name == "SEND" and code.co_flags & GENERATOR:  # of `yield from`: the value to send is above the iterator
        return _Place(flow.held_from(at, below=1), None, is_loop=True)
    if name in ("SEND", "YIELD_VALUE", "RESUME", "GET_ANEXT"):  # of `async for`
        before = [offset for offset in flow.at if offset <= at][-_AWAIT_LENGTH:]
        begins = [offset for offset in before if flow.at[offset].opname == "GET_ANEXT"]
        return _Place(flow.held_from(begins[-1]), None, is_loop=True) if begins else _UNKNOWN
    if name == "FOR_ITER":
        return _Place(flow.held_from(at), None, is_loop=True)
    # Any other instruction is a call, as of `list`: it reads the iterator as long as it goes on.
    return _Place(flow.whole([at]), flow.cycle_of(at), is_loop=False)


class _Place(NamedTuple):
    """The place in a function's code at which it reads an iterator.

    Attributes:
        offsets: Where the iterator is on the stack, or None where nobody knows.
        cycle: Of a call, where the code may come to it again; else None.
        is_loop: Whether a loop reads the iterator.

    """

    offsets: frozenset[int] | None
    cycle: frozenset[int] | None
    is_loop: bool


_UNKNOWN = _Place(None, None, is_loop=False)


class _Flow:
    """The ways through a function's code, and how many values are on the stack before each instruction."""

    def __init__(self, code: CodeType) -> None:
        compiled = dis.Bytecode(code)
        listed = list(compiled)
        self.at = {each.offset: each for each in listed}
        self._after = {one.offset: other.offset for one, other in itertools.pairwise(listed)}
        self._handlers: list[Any] = list(getattr(compiled, "exception_entries"))  # noqa: B009 - typeshed lacks it
        self._depths = self._walk(0, 0, least=0)

    def begin_of(self, offset: int) -> int:
        """Return the offset of the instruction that an offset is in: a frame may stand at the end of one."""
        return max(each for each in self.at if each <= offset)

    def whole(self, begins: Iterable[int]) -> frozenset[int]:
        """Return all offsets that are in instructions."""
        return frozenset(
            offset for begin in begins for offset in range(begin, self._after.get(begin, begin + UNIT), UNIT)
        )

    def held_from(self, start: int, *, below: int = 0) -> frozenset[int]:
        """Return the offsets, reached from an instruction, at which what lies on top of the stack there still lies.

        Of what lies there, `below` values may be gone.
        """
        depth = self._depths[start]
        return self.whole(self._walk(start, depth, least=depth - below))

    def cycle_of(self, at: int) -> frozenset[int]:
        """Return the offsets, reached from a call, from which it is reached again; its own at least.

        The test of a `while` is compiled twice, once before the body and once at its end.
        """
        call = self.at[at]
        twins = [one for one, each in self.at.items() if (each.opname, each.positions) == (call.opname, call.positions)]
        return frozenset(itertools.chain.from_iterable(self._cycle_of(each) for each in twins if each in self._depths))

    def _cycle_of(self, at: int) -> frozenset[int]:
        reached = self._walk(at, self._depths[at], least=0)
        before: dict[int, set[int]] = {}
        for offset, depth in reached.items():
            for after, _ in self._ways(offset, depth, least=0):
                before.setdefault(after, set()).add(offset)
        found, ways = {at}, [at]
        while ways:
            fresh = before.get(ways.pop(), set()) - found
            found |= fresh
            ways += fresh
        return self.whole(found)

    def _walk(self, start: int, depth: int, *, least: int) -> dict[int, int]:
        """Go all ways on which so many values at least stay on the stack; return the depth at each offset."""
        depths: dict[int, int] = {}
        ways = [(start, depth)]
        while ways:
            offset, depth = ways.pop()
            if offset in depths or depth < least:
                continue
            depths[offset] = depth
            ways += self._ways(offset, depth, least=least)
        return depths

    def _ways(self, offset: int, depth: int, *, least: int) -> Iterator[tuple[int, int]]:
        yield from self._next(self.at[offset], depth)
        for entry in self._handlers:
            if entry.start <= offset < entry.end and entry.depth >= least:
                yield entry.target, entry.depth + 1 + entry.lasti

    def _next(self, each: dis.Instruction, depth: int) -> Iterator[tuple[int, int]]:
        if each.opcode in dis.hasjrel or each.opcode in dis.hasjabs:
            yield each.argval, depth + dis.stack_effect(each.opcode, each.arg, jump=True)
        if each.opname not in _NO_FALL and each.offset in self._after:
            arg = each.arg if each.opcode >= dis.HAVE_ARGUMENT else None
            # Not every Python's table knows that the generator lies on the stack when the function goes on.
            is_begin = each.opname == "RETURN_GENERATOR"
            effect = 1 if is_begin else dis.stack_effect(each.opcode, arg, jump=False)
            yield self._after[each.offset], depth + effect
