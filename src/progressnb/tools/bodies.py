"""The body of a loop in the frame that runs it: whether that frame is still in it.

An iterator is not told that its loop was left: one that is kept by name lives on after a `break` or an error. But a
`for` keeps its iterator on the frame's stack, and the compiled code says at which instructions it lies there.
"""

from __future__ import annotations

import dis
import inspect
import itertools
import sys
import threading
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from progressnb.tools.chains import Chain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType, FrameType

__all__ = ["Body", "Reader", "is_dropped_by_error"]

_GENERATOR, _ASYNC_GENERATOR = 0x20, 0x200  # flags of a function's code
_COROUTINE = 0x80
_SUSPENDABLE = _GENERATOR | _COROUTINE | _ASYNC_GENERATOR
_AT_YIELD = ("YIELD_VALUE", "RESUME")  # where a generator stands that is closed
_WAITS = (*_AT_YIELD, "SEND")  # where one stands that waits for somebody to go on with it
_AWAIT_LENGTH = 6  # instructions of an `await`, from GET_ANEXT on
_DROPS = ("POP_TOP", "POP_ITER", "END_FOR", "SWAP")  # what takes the iterator off the stack, at `break` and `return`
_STEPS = ("FOR_ITER", "END_ASYNC_FOR")  # what does so where another iterator, as beside it in `zip`, has no more items
_RETURNS = ("RETURN_VALUE", "RETURN_CONST")  # the value that is returned has taken the place of the iterator
_ENDS = (*_RETURNS, "RAISE_VARARGS", "RERAISE", "INTERPRETER_EXIT")
_NO_FALL = (*_ENDS, "JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT")

_UNIT = 2  # bytes
_LARGEST = 20_000  # bytes of code; larger functions take too long to read
_REMEMBERED = 1_000  # loops
_MANY_CAUSES = 100  # errors of a group, or of a chain, that are read

# By the id of a code, which the entry keeps alive, and an offset in it. To compare codes would take longer.
_known: dict[tuple[int, int], tuple[CodeType, _Place]] = {}


class Body:
    """The body of the loop that a frame begins now: of a `for`, an `async for`, or of a call that reads an iterator.

    Args:
        frame: The frame that asks an iterator for its first item.

    """

    def __init__(self, frame: FrameType) -> None:
        self._frame = frame
        self._thread = threading.get_ident()
        self._begun_at = frame.f_lasti
        self._offsets, self._cycle, self.is_loop = _place_of(frame.f_code, frame.f_lasti)
        self._chain = Chain(frame) if frame.f_code.co_flags & (_COROUTINE | _ASYNC_GENERATOR) else None

    def asks_at(self, frame: FrameType) -> bool:
        """Return whether a frame asks for an item now at the very place where this loop does, as `zip` asks two."""
        return frame is self._frame and frame.f_lasti == self._begun_at

    def is_around(self) -> bool:
        """Return whether the frame is where it asks for another item again and again, as in a `while` with `next`."""
        return self._cycle is None or self._frame.f_lasti in self._cycle

    @property
    def can_wait(self) -> bool:
        """Whether the frame is that of a coroutine or of a generator."""
        return bool(self._frame.f_code.co_flags & _SUSPENDABLE)

    @property
    def can_yield(self) -> bool:
        """Whether the frame is that of a plain generator."""
        return bool(self._frame.f_code.co_flags & _GENERATOR)

    def is_left(self) -> bool:
        """Return whether the frame has left the loop, or has ended; False where nobody can know."""
        frame = self._frame
        if self._offsets is not None and frame.f_lasti not in self._offsets:
            return True
        return self.has_ended()

    def has_ended(self) -> bool:
        """Return whether the frame has ended.

        A coroutine has ended if its task has, or goes on without it. A generator that waits stands at a `yield`.
        """
        # A frame that has ended stays where it raised.
        frame = self._frame
        if frame.f_code.co_flags & _COROUTINE:
            return self._chain is not None and self._chain.is_over()
        if self.can_wait and dis.opname[frame.f_code.co_code[frame.f_lasti]] in _WAITS:
            return False
        return not self.is_on_stack(anywhere=self.can_wait)

    def is_suspended(self) -> bool:
        """Return whether the frame is that of a generator that waits for somebody to go on with it."""
        if self.can_yield:
            return not self.is_on_stack()
        is_async = bool(self._frame.f_code.co_flags & _ASYNC_GENERATOR)
        return is_async and self._chain is not None and self._chain.is_called_from_outside()

    def has_raised(self) -> bool:
        """Return whether the frame has ended in the loop, which only an error does."""
        last = self._frame.f_lasti
        if self._offsets is None or last not in self._offsets or not self.has_ended():
            return False
        return dis.opname[self._frame.f_code.co_code[last]] not in _RETURNS

    def is_left_by_error(self) -> bool:
        """Return whether it is an error that takes the iterator off the frame's stack, now."""
        return _is_error(self._frame, self._offsets)

    def is_at_yield(self) -> bool:
        """Return whether the frame is that of a generator that stands at a `yield` of the body."""
        frame = self._frame
        if self._offsets is None or not frame.f_code.co_flags & (_GENERATOR | _ASYNC_GENERATOR):
            return False
        return frame.f_lasti in self._offsets and dis.opname[frame.f_code.co_code[frame.f_lasti]] in _AT_YIELD

    def is_in(self, error: BaseException) -> bool:
        """Return whether an error came through the body."""
        # A call is in a loop from the first to the last instruction that leads to it again. What raises does not.
        body = range(min(self._cycle), max(self._cycle) + _UNIT) if self._cycle else self._offsets
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame is self._frame and (body is None or trace.tb_lasti in body):
                return True
            trace = trace.tb_next
        return False

    def is_on_stack(self, *, anywhere: bool = False) -> bool:
        """Return whether the frame is at work, in this thread or in the one that began the loop, or in any."""
        if _is_below(inspect.currentframe(), self._frame):
            return True
        frames = sys._current_frames()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # as debuggers do
        if anywhere:
            return any(_is_below(frame, self._frame) for frame in frames.values())
        return self._thread != threading.get_ident() and _is_below(frames.get(self._thread), self._frame)

    def is_in_flight(self) -> bool:
        """Return whether the thread that began the loop is handling an error that came through the body, now."""
        every = sys._current_exceptions()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # as debuggers do
        handled: object = every.get(self._thread)
        if isinstance(handled, tuple):  # Python 3.11 has the type, the error and the traceback
            handled = cast("tuple[object, ...]", handled)[1]
        return isinstance(handled, BaseException) and any(map(self.is_in, _with_causes(handled)))


def is_dropped_by_error(frame: FrameType, code: CodeType, last: int) -> bool:
    """Return whether it is an error in the body of a loop that takes the iterator off a frame's stack, now.

    Args:
        frame: The frame that drops the iterator.
        code: The code that asked the iterator for its first item; that of another frame is no loop here.
        last: The instruction that asked.

    """
    if frame.f_code is not code:
        return False
    offsets, _, is_loop = _place_of(code, last)
    return is_loop and _is_error(frame, offsets)


def _is_error(frame: FrameType, offsets: frozenset[int] | None) -> bool:
    if offsets is None or frame.f_lasti not in offsets:
        return False
    here = dis.opname[frame.f_code.co_code[frame.f_lasti]]
    can_yield = bool(frame.f_code.co_flags & (_GENERATOR | _ASYNC_GENERATOR))
    return here not in (*_DROPS, *_STEPS) and not (can_yield and here in _AT_YIELD)


class Reader:
    """Whoever reads an iterator: the loop in a frame, and the loops around the generators between it and the frame.

    Of `for item in batches(tracked)` the generator `batches` reads the iterator, and ends with the loop around it. A
    frame that reads by calls, as by `next`, reads as long as it is at work.

    Args:
        frame: The frame that asks the iterator for an item.

    """

    def __init__(self, frame: FrameType) -> None:
        self._bodies = [Body(frame)]
        while frame.f_code.co_flags & (_GENERATOR | _ASYNC_GENERATOR) and frame.f_back is not None:
            frame = frame.f_back
            body = Body(frame)
            if not body.is_loop:
                break
            self._bodies.append(body)

    @property
    def is_loop(self) -> bool:
        """Whether a loop reads, and no call."""
        return self._bodies[0].is_loop

    @property
    def can_wait(self) -> bool:
        """Whether the outermost frame is that of a coroutine or of a generator."""
        return self._bodies[-1].can_wait

    def is_left(self) -> bool:
        """Return whether a loop was left, or a frame has ended; False where nobody can know."""
        first = self._bodies[0]
        if first.is_left() if first.is_loop else first.has_ended():
            return True
        return any(body.is_left() for body in self._bodies[1:])

    def is_aside(self) -> bool:
        """Return whether the code that calls is not in the loop, while somebody may go on with it later.

        So it is where the loop stands in a generator that is not at work now, and after a single `next`.
        """
        first = self._bodies[0]
        if not first.is_loop and not first.is_around():
            return True
        return len(self._bodies) == 1 and first.is_suspended()

    def asks_at(self, frame: FrameType) -> bool:
        """Return whether a frame asks for an item now at the very place where this loop does, as `zip` asks two."""
        return self._bodies[0].asks_at(frame)

    def has_raised(self) -> bool:
        """Return whether a frame has ended in its loop, which only an error does."""
        return any(body.has_raised() for body in self._bodies if body.is_loop)

    def is_left_by_error(self) -> bool:
        """Return whether it is an error that drops the iterator, now; of a generator that is closed the caller's."""
        first, last = self._bodies[0], self._bodies[-1]
        return (last if first.is_at_yield() else first).is_left_by_error()

    def is_in(self, error: BaseException) -> bool:
        """Return whether an error came through one of the loops."""
        return any(body.is_in(error) for body in self._bodies)

    def find(self, error: BaseException) -> BaseException | None:
        """Return the error that came through one of the loops: this one, one that it groups, or one that led to it."""
        return next((each for each in _with_causes(error) if self.is_in(each)), None)

    def is_in_flight(self) -> bool:
        """Return whether an error that came through one of the loops is being handled now."""
        return any(body.is_in_flight() for body in self._bodies)


def _is_below(top: FrameType | None, wanted: FrameType) -> bool:
    while top is not None and top is not wanted:
        top = top.f_back
    return top is not None


def _with_causes(error: BaseException) -> list[BaseException]:
    """List an error, the members of a group, and what led to each of them."""
    found: list[BaseException] = []
    ways: list[BaseException | None] = [error]
    while ways and len(found) < _MANY_CAUSES:
        each = ways.pop()
        if each is None or any(each is one for one in found):
            continue
        found.append(each)
        ways += [each.__context__, each.__cause__]
        if isinstance(each, BaseExceptionGroup):
            ways += reversed(cast("BaseExceptionGroup[BaseException]", each).exceptions)
    return found


def _place_of(code: CodeType, last: int) -> _Place:
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
    if name == "SEND" and code.co_flags & _GENERATOR:  # of `yield from`: the value to send is above the iterator
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
            offset for begin in begins for offset in range(begin, self._after.get(begin, begin + _UNIT), _UNIT)
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
