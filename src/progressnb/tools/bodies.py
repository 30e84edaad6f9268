"""The body of a loop in the frame that runs it: whether that frame is still in it.

An iterator is not told that its loop was left: one that is kept by name lives on after a `break` or an error. But a
`for` keeps its iterator on the frame's stack, and the compiled code says at which instructions it lies there.
"""

from __future__ import annotations

import dis
import inspect
import sys
import threading
from typing import TYPE_CHECKING, cast

from progressnb.tools.chains import Chain
from progressnb.tools.flow import GENERATOR, RETURNS, UNIT, place_of
from progressnb.tools.frames import HeldFrame, hold

if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Self

__all__ = ["Body", "Reader", "is_dropped_by_error"]

_ASYNC_GENERATOR = 0x200  # flags of a function's code
_COROUTINE = 0x80
_SUSPENDABLE = GENERATOR | _COROUTINE | _ASYNC_GENERATOR
_AT_YIELD = ("YIELD_VALUE", "RESUME")  # where a generator stands that is closed
_WAITS = (*_AT_YIELD, "SEND")  # where one stands that waits for somebody to go on with it
_DROPS = ("POP_TOP", "POP_ITER", "END_FOR", "SWAP")  # what takes the iterator off the stack, at `break` and `return`
_STEPS = ("FOR_ITER", "END_ASYNC_FOR")  # what does so where another iterator, as beside it in `zip`, has no more items

_MANY_CAUSES = 100  # errors of a group, or of a chain, that are read


class Body:
    """The body of the loop that a frame begins now: of a `for`, an `async for`, or of a call that reads an iterator.

    Args:
        frame: The frame that asks an iterator for its first item.

    """

    def __new__(cls, frame: FrameType) -> Self:
        """Make the body of a generator's loop where the frame is that of a generator."""
        is_generator = frame.f_code.co_flags & (GENERATOR | _ASYNC_GENERATOR)
        return super().__new__(cast("type[Self]", _BodyOfGenerator) if is_generator else cls)

    def __init__(self, frame: FrameType) -> None:
        is_generator = frame.f_code.co_flags & (GENERATOR | _ASYNC_GENERATOR)
        self._held = hold(frame) if is_generator else HeldFrame(frame)
        self._thread = threading.get_ident()
        self._begun_at = frame.f_lasti
        self._offsets, self._cycle, self.is_loop = place_of(frame.f_code, frame.f_lasti)
        self._chain = Chain(frame) if frame.f_code.co_flags & (_COROUTINE | _ASYNC_GENERATOR) else None

    @property
    def _frame(self) -> FrameType:
        return self._held.frame

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
        return bool(self._frame.f_code.co_flags & GENERATOR)

    def is_left(self) -> bool:
        """Return whether the frame has left the loop, or has ended; False where nobody can know."""
        if self._offsets is not None and self._frame.f_lasti not in self._offsets:
            return True
        return self.has_ended()

    def has_ended(self) -> bool:
        """Return whether the frame has ended. A coroutine has if its task has, or goes on without it."""
        # A frame that has ended stays where it raised.
        frame = self._frame
        if frame.f_code.co_flags & _COROUTINE:
            return self._chain is not None and self._chain.is_over()
        return not self.is_on_stack()

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
        return dis.opname[self._frame.f_code.co_code[last]] not in (*RETURNS, *_WAITS)  # at a `yield` it was closed

    def is_left_by_error(self) -> bool:
        """Return whether it is an error that takes the iterator off the frame's stack, now."""
        return _is_error(self._frame, self._offsets)

    def is_at_yield(self) -> bool:
        """Return whether the frame is that of a generator that stands at a `yield` of the body."""
        frame = self._frame
        if self._offsets is None or not frame.f_code.co_flags & (GENERATOR | _ASYNC_GENERATOR):
            return False
        return frame.f_lasti in self._offsets and dis.opname[frame.f_code.co_code[frame.f_lasti]] in _AT_YIELD

    def is_in(self, error: BaseException) -> bool:
        """Return whether an error came through the body."""
        # A call is in a loop from the first to the last instruction that leads to it again. What raises does not.
        body = range(min(self._cycle), max(self._cycle) + UNIT) if self._cycle else self._offsets
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


class _BodyOfGenerator(Body):
    """The body of a loop in a generator, which waits at each `yield` for somebody to go on with it."""

    def has_ended(self) -> bool:
        """Return whether the generator has returned, raised, or was closed."""
        if dis.opname[self._frame.f_code.co_code[self._frame.f_lasti]] in _WAITS:
            return self._held.is_left_alone(others=int(self._chain is not None))
        return not self.is_on_stack(anywhere=True)


def is_dropped_by_error(frame: FrameType, code: CodeType, last: int) -> bool:
    """Return whether it is an error in the body of a loop that takes the iterator off a frame's stack, now.

    Args:
        frame: The frame that drops the iterator.
        code: The code that asked the iterator for its first item; that of another frame is no loop here.
        last: The instruction that asked.

    """
    if frame.f_code is not code:
        return False
    offsets, _, is_loop = place_of(code, last)
    return is_loop and _is_error(frame, offsets)


def _is_error(frame: FrameType, offsets: frozenset[int] | None) -> bool:
    if offsets is None or frame.f_lasti not in offsets:
        return False
    here = dis.opname[frame.f_code.co_code[frame.f_lasti]]
    can_yield = bool(frame.f_code.co_flags & (GENERATOR | _ASYNC_GENERATOR))
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
        while frame.f_code.co_flags & (GENERATOR | _ASYNC_GENERATOR) and frame.f_back is not None:
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
