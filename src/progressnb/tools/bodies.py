"""The body of a loop in the frame that runs it: whether that frame is still in it.

An iterator is not told that its loop was left: one that is kept by name lives on after a `break` or an error. But a
`for` keeps its iterator on the frame's stack, and the compiled code says at which instructions it lies there.
"""

from __future__ import annotations

import dis
import itertools
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType, FrameType

__all__ = ["Body"]

_SUSPENDABLE = 0x20 | 0x80 | 0x200  # the flags of generators, coroutines and async generators
_DROPS = ("POP_TOP", "POP_ITER", "END_FOR", "SWAP")  # what takes the iterator off the stack, at `break` and `return`
_ENDS = ("RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE", "INTERPRETER_EXIT")
_NO_FALL = (*_ENDS, "JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT")

_UNIT = 2  # bytes
_LARGEST = 20_000  # bytes of code; larger functions take too long to read
_REMEMBERED = 1_000  # loops

# By the id of a code, which the entry keeps alive, and an offset in it. To compare codes would take longer.
_known: dict[tuple[int, int], tuple[CodeType, frozenset[int] | None]] = {}


class Body:
    """The body of the loop that a frame begins now: of a `for`, an `async for`, or of a call that reads an iterator.

    Args:
        frame: The frame that asks an iterator for its first item.

    """

    def __init__(self, frame: FrameType) -> None:
        self._frame = frame
        self._thread = threading.get_ident()
        self._offsets = _offsets_of(frame.f_code, frame.f_lasti)

    def is_left(self) -> bool:
        """Return whether the frame has left the loop, or has ended; False where nobody can know."""
        frame = self._frame
        if self._offsets is not None and frame.f_lasti not in self._offsets:
            return True
        # A function's frame that has ended stays where it raised. Of one that can wait nobody knows whether it has.
        return not frame.f_code.co_flags & _SUSPENDABLE and not self._is_on_stack()

    def is_left_by_error(self) -> bool:
        """Return whether it is an error that takes the iterator off the frame's stack, now."""
        frame = self._frame
        return self._offsets is not None and frame.f_lasti in self._offsets and not _is_dropping(frame)

    def is_in(self, error: BaseException) -> bool:
        """Return whether an error came through the body."""
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame is self._frame and (self._offsets is None or trace.tb_lasti in self._offsets):
                return True
            trace = trace.tb_next
        return False

    def _is_on_stack(self) -> bool:
        frames = sys._current_frames()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # as debuggers do
        frame = frames.get(self._thread)
        while frame is not None and frame is not self._frame:
            frame = frame.f_back
        return frame is not None


def _is_dropping(frame: FrameType) -> bool:
    return dis.opname[frame.f_code.co_code[frame.f_lasti]] in _DROPS


def _offsets_of(code: CodeType, last: int) -> frozenset[int] | None:
    """Return the offsets at which the iterator that instruction `last` reads is on the stack; None if it is no loop."""
    key = id(code), last
    if key not in _known:
        if len(_known) >= _REMEMBERED:
            _known.clear()
        try:
            _known[key] = code, _find(code, last) if len(code.co_code) <= _LARGEST else None
        except Exception:  # noqa: BLE001 - code that was made by hand may be anything
            _known[key] = code, None
    return _known[key][1]


def _find(code: CodeType, last: int) -> frozenset[int] | None:
    flow = _Flow(code)
    at = flow.begin_of(last)
    name = flow.at[at].opname
    if name in ("SEND", "YIELD_VALUE", "RESUME", "GET_ANEXT"):  # of `async for`
        at = max(
            (offset for offset, each in flow.at.items() if offset <= at and each.opname == "GET_ANEXT"), default=-1
        )
        return flow.held_from(at) if at >= 0 else None
    # Any other instruction is a call, as of `list`: it reads the iterator as long as it goes on.
    return flow.held_from(at) if name == "FOR_ITER" else flow.whole([at])


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
            offset for begin in begins for offset in range(begin, self._after.get(begin, begin + _UNIT), _UNIT)
        )

    def held_from(self, start: int) -> frozenset[int]:
        """Return the offsets, reached from an instruction, at which what lies on top of the stack there still lies."""
        depth = self._depths[start]
        return self.whole(self._walk(start, depth, least=depth))

    def _walk(self, start: int, depth: int, *, least: int) -> dict[int, int]:
        """Go all ways on which so many values at least stay on the stack; return the depth at each offset."""
        depths: dict[int, int] = {}
        ways = [(start, depth)]
        while ways:
            offset, depth = ways.pop()
            if offset in depths or depth < least:
                continue
            depths[offset] = depth
            ways += self._next(self.at[offset], depth)
            for entry in self._handlers:
                if entry.start <= offset < entry.end and entry.depth >= least:
                    ways.append((entry.target, entry.depth + 1 + entry.lasti))
        return depths

    def _next(self, each: dis.Instruction, depth: int) -> Iterator[tuple[int, int]]:
        if each.opcode in dis.hasjrel or each.opcode in dis.hasjabs:
            yield each.argval, depth + dis.stack_effect(each.opcode, each.arg, jump=True)
        if each.opname not in _NO_FALL and each.offset in self._after:
            arg = each.arg if each.opcode >= dis.HAVE_ARGUMENT else None
            # Not every Python's table knows that the generator lies on the stack when the function goes on.
            is_begin = each.opname == "RETURN_GENERATOR"
            effect = 1 if is_begin else dis.stack_effect(each.opcode, arg, jump=False)
            yield self._after[each.offset], depth + effect
