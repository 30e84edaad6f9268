"""The results of stages that a history keeps, and the store of those that a run which is taken up again may reuse."""

from __future__ import annotations

import json
import logging
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import FunctionType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from weakref import WeakKeyDictionary

from progressnb.history.calls import Call, identify
from progressnb.history.exact import NotExactError, decode_exact, encode_exact, pack_exact
from progressnb.tracking.annotations import type_hints

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterable, Mapping

__all__ = ["KeptResult", "KeptResults", "ResultKeeper", "names_stage", "returned_type"]

_RETURNED: WeakKeyDictionary[Callable[..., Any], object] = WeakKeyDictionary()
_UNFINISHED = "it did not finish"
"""The fault of a call that ended in an error."""

_logger = logging.getLogger("progressnb")


@dataclass(frozen=True, slots=True)
class KeptResult:
    """The result of one call of a stage, as a history keeps it.

    `value` is None for a result that can't be given back; `fault` says why, or why the call can't be compared.
    `duration` is in seconds. `reason` is the error of the model in whose place rules did the work.
    """

    stage: str
    code: str
    arguments: str | None
    files: Mapping[str, str | None]
    duration: float
    reason: str | None
    fault: str | None
    value: bytes | None
    generation: int = 0
    """The run that took up others, or the first, in or below which the result was kept."""

    @classmethod
    def of_row(cls, row: tuple[Any, ...], generation: int = 0) -> KeptResult:
        """Return the result of a row of the table."""
        stage, code, arguments, files, duration, reason, fault, value = row
        return cls(stage, code, arguments, json.loads(files), duration, reason, fault, value, generation)

    def row(self) -> tuple[Any, ...]:
        """Return the columns of the table."""
        files = json.dumps(self.files)
        return self.stage, self.code, self.arguments, files, self.duration, self.reason, self.fault, self.value


class ResultKeeper:
    """The receiver of the results of one run's stages.

    `read_inputs` reads the files that the run's inputs name, to know them again; None where there are none.
    """

    def __init__(
        self, operation: str, keep: Callable[[KeptResult], object], read_inputs: Callable[[], None] | None = None
    ) -> None:
        self._operation = operation
        self.read_inputs = read_inputs
        self._keep = keep
        self._warned: set[str] = set()

    def identify(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> object:
        """Return the identity of a call that is about to be made."""
        return _identity(function, args, kwargs)

    @contextmanager
    def at_work(self, stage: str, call: object) -> Generator[None]:
        """Note in a block what the call that is made there reads, and if it ends in an error that it did not finish."""
        if not isinstance(call, Call):
            yield
            return
        try:
            with call.at_work():
                yield
        except BaseException:
            self._keep(KeptResult(stage, call.code, call.arguments, {}, 0.0, None, _UNFINISHED, None))
            raise

    def reader(self, call: object) -> Callable[[], None] | None:
        """Return what reads the files of a call that was made, to be called in a thread; None where there are none."""
        return call.read if isinstance(call, Call) and call.fault is None and call.paths else None

    def keep(
        self,
        stage: str,
        call: object,
        function: Callable[..., Any],
        result: object,
        *,
        duration: float,
        reason: str | None,
    ) -> str | None:
        """Keep a result; return why it can't be given back, in a few words, or None where it can."""
        if not isinstance(call, Call):
            return None
        value, fault = None, call.fault
        if fault is None:
            try:
                value = encode_exact(result, returned_type(function))
            except NotExactError as error:
                fault = str(error)
            except Exception as error:  # noqa: BLE001 - a property of the user's value may raise anything
                fault = f"its result raises {type(error).__name__} where it is read"
        else:
            fault = f"its call can't be compared, because {fault}"
        files = {} if value is None else call.files()
        self._keep(KeptResult(stage, call.code, call.arguments, files, duration, reason, fault, value))
        if fault is not None and (name := _shape(stage)) not in self._warned:
            self._warned.add(name)
            text = "the result of stage %r of %s is not kept: %s. resume_run will run the stage again"
            _logger.warning(text, name, self._operation, fault)
        return fault


class KeptResults:
    """The results that a run may reuse: each is given once, to a call of the same stage, code, arguments and files.

    Args:
        kept: The results, those of later runs first.
        rerun: Names or paths of stages whose results are not reused.
        reuse: Names or paths of stages whose results are reused for equal arguments, whatever code and files are now.
        below: Returns the results of the runs of an operation that the runs before called, or None.

    Attributes:
        results: All of them.

    """

    def __init__(
        self,
        kept: Iterable[KeptResult],
        *,
        rerun: Collection[str] = (),
        reuse: Collection[str] = (),
        below: Callable[[str], KeptResults | None] | None = None,
    ) -> None:
        self.results = tuple(kept)
        self._rerun, self._reuse = rerun, reuse
        self._find_below = below
        self._below: dict[str, KeptResults | None] = {}
        self._free: dict[str, list[KeptResult]] = {}
        # Of the same call the latest generation's. Several runs of an operation below one run make equal calls: there
        # are as many as the generation had that made most.
        counts: Counter[tuple[object, ...]] = Counter()
        free: Counter[tuple[object, ...]] = Counter()
        self._failed = {(_shape(each.stage), each.arguments) for each in self.results if each.fault == _UNFINISHED}
        self._open: set[str] = set()
        for each in self.results:
            if each.fault == _UNFINISHED:
                continue
            key = each.stage, each.code, each.arguments
            counts[*key, each.generation] += 1
            if counts[*key, each.generation] > free[key]:
                free[key] += 1
                self._free.setdefault(_shape(each.stage), []).append(each)

    def identify(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> object:
        """Return the identity of a call that is about to be made."""
        return _identity(function, args, kwargs)

    def reader(self, stage: str, call: object) -> Callable[[], None] | None:
        """Return what reads the files by which `take` decides, to be called in a thread; None where there are none."""
        if not isinstance(call, Call) or call.arguments is None or names_stage(stage, (*self._rerun, *self._reuse)):
            return None
        free = [each for each in self._free.get(_shape(stage), []) if each.arguments == call.arguments]
        paths = {path for each in free if each.code == call.code for path in each.files}
        return partial(call.read, paths) if paths else None

    def take(self, stage: str, call: object, function: Callable[..., Any]) -> tuple[KeptResult | None, Any, str | None]:
        """Return the kept result of a call and its value; else None, None and why the stage is run again.

        The reason is None for a stage of which nothing was kept.
        """
        free = self._free.get(_shape(stage), [])
        if not free or not isinstance(call, Call):
            return None, None, None
        if names_stage(stage, self._rerun):
            return None, None, "it was asked for"
        found, why = self._find(stage, free, call)
        if found is None:
            return None, None, why
        try:
            value = decode_exact(found.value or b"", returned_type(function))
            if pack_exact(value) != found.value:
                raise NotExactError("other fields")  # noqa: TRY301 - one answer for all of these
        except Exception:  # noqa: BLE001 - its type is gone or has changed, and constructors are the user's
            return None, None, "the type of its result changed"
        free.remove(found)
        call.paths = tuple(sorted({*call.paths, *found.files}))  # it is kept again, with the files that it read then
        return found, value, None

    def note_open(self, stages: Iterable[str]) -> None:
        """Take note of stages that did not finish. Where no error told of it, nobody knows with which arguments."""
        told = Counter(_shape(each.stage) for each in self.results if each.fault == _UNFINISHED)
        self._open.update(Counter(map(_shape, stages)) - told)

    def below(self, operation: str, stage: str) -> KeptResults | None:
        """Return the results for a run of an operation that is called at a stage; all calls share them."""
        if self._find_below is None or names_stage(stage, self._rerun):
            return None
        if operation not in self._below:
            self._below[operation] = self._find_below(operation)
        return self._below[operation]

    def _find(  # noqa: PLR0911 - each fault has its words
        self, stage: str, free: list[KeptResult], call: Call
    ) -> tuple[KeptResult | None, str | None]:
        if call.arguments is None:
            return None, f"its call can't be compared, because {call.fault}"
        same = [each for each in free if each.arguments == call.arguments]
        same.sort(key=lambda each: each.stage != stage)  # that of the same path first
        if not same and (_shape(stage), call.arguments) in self._failed:
            return None, None
        if not same:
            is_open = _shape(stage) in self._open
            return None, "it had not finished, or its arguments changed" if is_open else "its arguments changed"
        if names_stage(stage, self._reuse):
            same = [each for each in same if each.value is not None]
            return (same[0], "") if same else (None, "its result was not kept")
        equal = [each for each in same if each.code == call.code]
        if not equal:
            return None, "its code changed, or a value that its code reads"
        whole = [each for each in equal if each.value is not None]
        if not whole:
            return None, f"its result was not kept: {equal[0].fault}"
        for each in whole:
            if call.files(each.files) == each.files:
                return each, ""
        return None, "a file that it reads or writes changed"


def names_stage(path: str, names: Collection[str]) -> bool:
    """Return whether names or paths of stages name one, or one above it. A name is that of all stages called so."""
    parts = [part.partition("#")[0] for part in path.split("/")]
    above = {"/".join(path.split("/")[: number + 1]) for number in range(len(parts))}
    shapes = {"/".join(parts[: number + 1]) for number in range(len(parts))}
    return not {*names}.isdisjoint({*map(unquote, parts)} | above | shapes)


def _shape(path: str) -> str:
    """Return a path without the numbers of repeats, which follow the order of calls."""
    return "/".join(part.partition("#")[0] for part in path.split("/"))


def _identity(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Call:
    try:
        return identify(function, args, kwargs)
    except Exception as error:  # noqa: BLE001 - attributes of the user's objects may raise anything, and the work goes on
        return Call("", None, f"reading them raises {type(error).__name__}", ())


def returned_type(function: Callable[..., Any]) -> object:
    """Return the annotation of what a function returns; `Any` where there is none."""
    try:
        return _RETURNED[function]
    except (KeyError, TypeError):  # it has no weak references, or no hash
        plain = getattr(function, "func", function)
        if "return" not in (getattr(plain, "__annotations__", None) or {}):
            return Any
        found = type_hints(plain).get("return", Any)
    if isinstance(function, FunctionType) and found is not Any:  # one that is not known yet may be later
        _RETURNED[function] = found
    return found
