"""tqdm: the bars that libraries draw are stages, and their own drawing is off, as long as somebody wants it.

One method is exchanged, `__new__` of tqdm's own class: what it makes is of a class below the bar's, which draws nothing
and lets a `BarStage` look at it. So every bar is caught, `tqdm.auto`, the notebook's and those of libraries that derive
from it, and nothing else of tqdm is touched. `tqdm` is loaded when the catching begins, not before.
"""

from __future__ import annotations

import importlib
import logging
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TextIO, cast

from progressnb.errors import MissingExtraError, RunCancelled
from progressnb.interop.bar_loops import place_of_loops
from progressnb.interop.bars import BarStage, Place
from progressnb.tracking.current import current_work, place_by
from progressnb.tracking.recorder import INTERVAL
from progressnb.wire.forks import after_fork

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from progressnb.interop.bar_counts import Bar

__all__ = ["catch_tqdm", "install"]

_logger = logging.getLogger("progressnb")


@dataclass(frozen=True, eq=False)
class _Catch:
    """One wish to catch bars: its options, and where bars of threads without a context belong."""

    show: bool | None
    contents: bool
    place: Place


_lock = threading.RLock()
_catches: list[_Catch] = []  # the last one counts
_forget_place: Callable[[], None] | None = None
_shadows: dict[tuple[type, type], type] = {}


def _after_fork() -> None:
    global _lock  # noqa: PLW0603 - the process's one
    _lock = threading.RLock()
    _catches[:] = [replace(each, place=(None, None)) for each in _catches]


after_fork(_after_fork)


@contextmanager
def catch_tqdm(*, show: bool | None = None, contents: bool = True) -> Generator[None]:
    """Let the bars that libraries draw with tqdm be stages of the current run, as long as the block lasts.

    Their own drawing is off meanwhile. A bar that is a loop has what its body reports below it. Outside any run a bar
    is a run of its own, as `track` is. Bars with `disable=True` stay as they are, and those with a file of their own
    write into it as before. `pnb.watch("tqdm")` does the same from one line on.

    Args:
        show: Whether a run that begins by itself is shown; None follows the session.
        contents: False leaves descriptions that change and the facts behind the count out of all events.

    Raises:
        MissingExtraError: Where tqdm is not installed.

    Example:
        ::

            from tqdm.auto import tqdm

            with pnb.catch_tqdm():
                for name in tqdm(["a.txt", "b.txt"], desc="reading"):
                    pass

    """
    undo = install(show=show, contents=contents)
    try:
        yield
    finally:
        undo()


def install(*, show: bool | None = None, contents: bool = True) -> Callable[[], None]:
    """Let every bar of tqdm that begins from now on be a stage, until the returned function is called.

    Args:
        show: Whether a run that begins by itself is shown; None follows the session.
        contents: False leaves descriptions that change and the facts behind the count out of all events.

    Returns:
        A function that ends this. Bars that go on then report until they end.

    Raises:
        MissingExtraError: Where tqdm is not installed.

    """
    global _forget_place  # noqa: PLW0603 - the process's one
    base = _base()
    catch = _Catch(show, contents, current_work())
    with _lock:
        if not _catches:
            _patch(base)
            _forget_place = place_by(place_of_loops)
        _catches.append(catch)

    def uninstall() -> None:
        with _lock:
            if catch not in _catches:
                return
            _catches.remove(catch)
            if not _catches:
                _restore(base)
                if _forget_place is not None:
                    _forget_place()

    return uninstall


def _base() -> type[Any]:
    try:
        return cast("type[Any]", importlib.import_module("tqdm.std").tqdm)
    except ImportError as error:
        remedy = "Install it: pip install tqdm"
        raise MissingExtraError("the package tqdm to catch its bars", f"none ({error})", remedy) from error


def _patch(base: type[Any]) -> None:
    found = base.__dict__["__new__"]
    if getattr(found, "progressnb", None) is not None:
        return  # somebody wrapped ours, and it is at work again
    original = found.__func__

    def make(cls: type[Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - a bar
        bar = original(cls, *args, **kwargs)
        if _catches and type(bar) is cls:
            bar.__class__ = _shadow(cls, _Beginning, base)
        return bar

    method: Any = staticmethod(make)
    method.progressnb = found
    base.__new__ = method


def _restore(base: type[Any]) -> None:
    found = base.__dict__["__new__"]
    if (original := getattr(found, "progressnb", None)) is not None:  # else somebody wrapped ours, which is inert now
        base.__new__ = original


def _shadow(cls: type[Any], kind: type[Any], base: type[Any]) -> type[Any]:
    """Return a class below the class of a bar, of the same name, that draws nothing."""
    key = (cls, kind)
    if key not in _shadows:
        names = {"__module__": cls.__module__, "__qualname__": cls.__qualname__, "__doc__": cls.__doc__}
        _shadows[key] = type(cls.__name__, (kind, cls), {**names, "_progressnb_class": cls, "_progressnb_base": base})
    return _shadows[key]


def _shares_the_screen(file: object) -> bool:
    """Return whether a file is the one that everything is printed to: a bar in another one disturbs nobody."""
    file = getattr(file, "_wrapped", file)
    if file is None or any(file is each for each in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)):
        return True
    try:
        stream = cast("TextIO", file)
        return stream.isatty() or stream.fileno() in (1, 2)
    except Exception:  # noqa: BLE001 - a file in name only
        return False


class _Silent:
    """The methods of a bar that draws nothing, in front of those of its own class."""

    _progressnb: BarStage | None = None
    _progressnb_file = False  # whether it has a file of its own
    _progressnb_leaves = False  # whether an error leaves the block of the bar
    _progressnb_facts: dict[str, Any] = {}  # noqa: RUF012 - replaced, never changed
    _progressnb_class: type[Any]
    _progressnb_base: type[Any]

    def status_printer(self, file: Any) -> Callable[[str], None]:  # noqa: ANN401 - as tqdm's
        self._progressnb_file = not _shares_the_screen(file)
        if self._progressnb_file:
            return cast("Callable[[str], None]", self._progressnb_class.status_printer(file))
        return lambda _text: None

    def display(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as tqdm's
        return self._original().display(*args, **kwargs) if self._progressnb_file else True

    def clear(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as tqdm's
        if self._progressnb_file:
            self._original().clear(*args, **kwargs)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._progressnb_leaves = error is not None
        self._original().__exit__(kind, error, trace)

    def close(self) -> None:
        error, leaves = sys.exc_info()[1], self._progressnb_leaves
        if not self._progressnb_file and not getattr(self, "disable", True):
            self.__dict__["sp"] = None  # then tqdm's own method draws nothing
        try:
            self._original().close()
        finally:
            self._tell(lambda stage: stage.end(cast("Bar", self), error, leaves=leaves))

    def reset(self, total: Any = None) -> None:  # noqa: ANN401 - a number
        bar: Any = self
        again = bool(bar.n) and not bar.disable
        if again:
            self._tell(lambda stage: stage.look(bar))
        self._original().reset(total)
        if again:
            self._tell(lambda stage: stage.start_over(cast("Bar", self)))

    def set_postfix(self, ordered_dict: Any = None, refresh: bool = True, **kwargs: Any) -> None:  # noqa: ANN401, FBT001, FBT002 - as tqdm's
        self._original().set_postfix(ordered_dict, refresh, **kwargs)
        facts = {**dict(ordered_dict or {}), **kwargs}
        self._note({str(name): _plain(value) for name, value in facts.items()})

    def set_postfix_str(self, s: Any = "", refresh: bool = True) -> None:  # noqa: ANN401, FBT001, FBT002 - as tqdm's
        self._original().set_postfix_str(s, refresh)
        self._note({"": str(s)} if s else {})

    def __iter__(self) -> Iterator[Any]:
        bar: Any = self
        if self._progressnb is not None and not bar.disable:
            bar.iterable = _FirstStep(bar, self._progressnb, bar.iterable)
        return cast("Iterator[Any]", self._original().__iter__())

    def _original(self) -> Any:  # noqa: ANN401 - the methods of the bar's class
        """Return the bar with the methods that it had, but for those of classes that draw by other means than lines."""
        lines = type(self).__mro__
        above: Any = lines[lines.index(self._progressnb_base) - 1] if getattr(self, "gui", False) else _Silent
        return cast("Any", super(above, self))

    def _note(self, facts: dict[str, Any]) -> None:
        self._progressnb_facts = facts
        if self._progressnb is not None:
            self._progressnb.postfix = facts

    def _tell(self, report: Callable[[BarStage], None]) -> None:
        if (stage := self._progressnb) is None:
            return

        def tell() -> None:
            try:
                report(stage)
            except RunCancelled:
                raise
            except Exception:
                _logger.warning("could not report a bar of tqdm; it goes on", exc_info=True)

        lock: Any = stage.run.log.lock
        if lock._is_owned():  # noqa: SLF001 - the garbage collector may close a bar in the middle of an event
            stage.later(tell)
        else:
            tell()


class _Beginning(_Silent):
    """A bar whose `__init__` is at work.

    Classes that draw by other means than lines ask behind tqdm's own `__init__` whether the bar is disabled: to them it
    is, so that they make nothing to draw on.
    """

    @property
    def disable(self) -> Any:  # noqa: ANN401 - what tqdm takes
        values = self.__dict__
        if values.get("gui") and "start_t" in values:  # the last that tqdm's own method sets
            return True
        try:
            return values["disable"]
        except KeyError:
            raise AttributeError("disable") from None

    @disable.setter
    def disable(self, value: Any) -> None:  # noqa: ANN401 - what tqdm takes
        self.__dict__["disable"] = value

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as tqdm's
        super().__init__(*args, **kwargs)
        bar: Any = self
        catch = next(reversed(_catches), None)
        if self.__dict__.get("disable", True) or catch is None:
            bar.__class__ = self._progressnb_class
            return
        bar.__class__ = _shadow(self._progressnb_class, _Silent, self._progressnb_base)
        bar.mininterval = min(bar.mininterval, INTERVAL)
        try:
            self._progressnb = BarStage(bar, catch.place, show=catch.show, contents=catch.contents)
        except Exception:
            _logger.warning("could not report a bar of tqdm; it goes on", exc_info=True)
        else:
            self._progressnb.postfix = self._progressnb_facts


class _FirstStep:
    """The items of a bar until its loop asks for the first one: then the frame that runs the loop is known."""

    def __init__(self, bar: Any, stage: BarStage, items: Any) -> None:  # noqa: ANN401 - a bar and what it has
        self._bar, self._stage, self._items = bar, stage, items

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - of the items
        return getattr(self._items, name)

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Any]:
        items = self._bar.iterable = self._items
        return self._stage.begin_loop(items)


def _plain(value: object) -> Any:  # noqa: ANN401 - plain data or a text
    if value is None or isinstance(value, bool | int | float | str):
        return value
    try:
        return float(cast("Any", value))  # a number of NumPy, a tensor of one value
    except Exception:  # noqa: BLE001 - anything else
        return str(value)
