"""The items of a batch: each as the arguments of one call, with the key by which its result is found again."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import os
from collections import Counter, deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from progressnb.batching.keys import Keys
from progressnb.errors import InputError
from progressnb.execution.subject import subject_of

if TYPE_CHECKING:
    from progressnb.execution.operation import Operation

__all__ = ["Entry", "Items", "call_of", "kind_of", "model_of"]

_VARIABLE = "PROGRESSNB_MODEL"
_AHEAD = 4
"""Items that are taken from an async iterable before there is room for them."""

_FORMS = "An item is a tuple of arguments, a dict of arguments by name, or one argument: for a dict write (value,)."


class Entry:
    """One item: its index, its arguments or why they can't be read, its model, the digests of key, files and values."""

    __slots__ = ("arguments", "digest", "fault", "files", "index", "model", "values")

    def __init__(self, index: int, arguments: dict[str, object], fault: Exception | None = None) -> None:
        self.index, self.arguments, self.fault = index, arguments, fault
        self.model: str | None = None
        self.digest: str | None = None
        self.files: str | None = None
        self.values: str | None = None

    @property
    def title(self) -> str | None:
        """The argument that tells the item from others, in a few words, or None; a run finds its own."""
        return subject_of(self.arguments)


class Items:
    """The items of a batch, one after the other.

    Items of a list or a DataFrame are all checked here, before the first of them begins. Those of an iterator are
    taken as there is room for them, and one that can't be read fails alone.

    Args:
        operation: The operation.
        items: The items.
        given: Arguments by name that every item has, unless it has its own.
        total: How many there are, where the items themselves don't say.

    Attributes:
        total: How many there are, or None.
        listed: Whether all items are there, so that their keys can be read before the first begins.
        labels: The index of a DataFrame, or None.
        ended: Whether all were taken.
        fault: The error that the iterable itself raised, or None.

    Raises:
        InputError: For items that are none, and for one of a list whose arguments the operation does not take.

    """

    def __init__(
        self,
        operation: Operation[..., Any],
        items: object,
        *,
        given: Mapping[str, object] | None = None,
        total: int | None = None,
    ) -> None:
        self._operation, self._given = operation, _checked_given(operation, given)
        self._keys = Keys(operation, self._given)
        self._is_held = False
        self.labels: Any = None
        self.ended = False
        self._index = 0
        self._source: Iterator[object] | None = None
        self._stream: AsyncIterator[object] | None = None
        self._ahead: deque[object] = deque()
        self._occurrences: Counter[str] = Counter()
        self._pulling: asyncio.Task[None] | None = None
        self._room = asyncio.Event()
        self._is_closed = False
        self.fault: BaseException | None = None
        self._rows: list[dict[str, object]] = []
        raw: list[object] | None = None
        if is_frame(items):
            from progressnb.frames import rows_of

            self._check_columns(items)
            raw, self.labels = rows_of(items, self._optional())
        elif isinstance(items, str | bytes | Mapping):
            raise InputError("a list of items", kind_of(cast("object", items)), f"{_FORMS} Write [item].")
        elif isinstance(items, AsyncIterable):
            self._stream = aiter(cast("AsyncIterable[object]", items))
        elif isinstance(items, Collection):
            raw = list(cast("Collection[object]", items))
        elif isinstance(items, Iterable):
            self._source = iter(cast("Iterable[object]", items))
        else:
            raise InputError("a list of items, an iterable or a DataFrame", kind_of(items), _FORMS)
        self.listed = raw is not None
        if raw is not None:
            self._rows = [self._bound(index, item) for index, item in enumerate(raw)]
            self._source = iter(self._rows)
        self.total = len(raw) if raw is not None else total

    def entries(self) -> list[Entry]:
        """Return all items of a list, with their keys."""
        return list(iter(self.take, None))

    def title(self, index: int) -> str | None:
        """Return the argument that tells an item of a list from others, also before it begins; None for others."""
        return subject_of(self._rows[index]) if index < len(self._rows) else None

    def forget(self) -> None:
        """Let go of the arguments, where all items have had their ends."""
        self._rows = []

    def begin(self, wake: Callable[[], None]) -> None:
        """Begin to take items from an async iterable; `wake` is called when there are new ones."""
        self._is_held = True
        self._keys.hold()
        if self._stream is not None and self._pulling is None:
            self._pulling = asyncio.get_running_loop().create_task(self._pull(wake), name="progressnb items")

    def take(self) -> Entry | None:
        """Return the next item; None where there is none now, and at the end.

        An error of the iterable is raised here, and is then `fault`.
        """
        if self._source is not None:
            try:
                raw = next(self._source)
            except StopIteration:
                self._end()
                return None
            except BaseException as error:
                self.fault = error
                raise
        elif self._ahead:
            raw = self._ahead.popleft()
            self._room.set()
        else:
            if self._pulling is not None and self._pulling.done():
                if self.fault is not None:
                    raise self.fault
                self._end()
            return None
        index, self._index = self._index, self._index + 1
        return self._entry(index, raw)

    def notes(self) -> list[str]:
        """Return, once, the sentences on items whose results can't be found again, or not told apart."""
        return self._keys.notes()

    def changed(self, entry: Entry) -> str | None:
        """Return what of an item is another one than when its key was made, in words, or None."""
        if entry.digest is None:
            return None
        if self._keys.values(entry.arguments) != entry.values:
            return "an argument"
        return "a file" if self._keys.files(entry.arguments) != entry.files else None

    async def close(self) -> None:
        """Take no more items."""
        self._is_closed = True
        if self._is_held:
            self._is_held = False
            self._keys.let_go()
        self._source = None  # a generator that nobody else holds is closed
        if self._pulling is not None:
            self._pulling.cancel()
            with suppress(asyncio.CancelledError):
                await self._pulling
        if (close := getattr(self._stream, "aclose", None)) is not None:
            with suppress(Exception):
                await close()

    def _end(self) -> None:
        self.ended = True
        self.total = self._index

    async def _pull(self, wake: Callable[[], None]) -> None:
        try:
            async for item in cast("AsyncIterator[object]", self._stream):
                self._ahead.append(item)
                wake()
                while len(self._ahead) >= _AHEAD:
                    self._room.clear()
                    await self._room.wait()
        except BaseException as error:
            # Raised where the next item is taken. A cancellation is an error of the iterable too: what it awaits was
            # cancelled, and it has not come to its end.
            if not self._is_closed:
                self.fault = error
            if not isinstance(error, Exception):
                raise
        finally:
            # After this task is done, which `take` looks at.
            asyncio.get_running_loop().call_soon(wake)

    # --- arguments ---------------------------------------------------------------------------------

    def _entry(self, index: int, raw: object) -> Entry:
        try:  # items of a list were bound at once
            arguments = cast("dict[str, object]", raw) if self.listed else self._bound(index, raw)
        except InputError as error:
            return Entry(index, {}, error)
        entry = Entry(index, arguments)
        entry.model = model_of(self._operation, arguments)
        base, entry.files = self._keys.digest(index, arguments, entry.model)
        entry.values = self._keys.values(arguments)
        if base is not None:
            self._occurrences[base] += 1
            entry.digest = hashlib.sha256(f"{base} {self._occurrences[base]}".encode()).hexdigest()[:32]
        return entry

    def _bound(self, index: int, raw: object) -> dict[str, object]:
        taken, given = self._operation.taken, self._given
        try:
            if isinstance(raw, Mapping):
                return dict(taken.bind(**{**given, **cast("Mapping[str, object]", raw)}).arguments)
            args = cast("tuple[object, ...]", raw if isinstance(raw, tuple) else (raw,))
            if given:
                own = taken.bind_partial(*args).arguments
                given = {name: value for name, value in given.items() if name not in own}
            return dict(taken.bind(*args, **given).arguments)
        except TypeError as error:
            expected = f"item {index} as the arguments of {call_of(self._operation)}"
            raise InputError(expected, str(error).removeprefix("got "), _FORMS) from None

    def _check_columns(self, frame: object) -> None:
        parameters = self._operation.taken.parameters
        columns: list[object] = list(cast("Any", frame).columns)
        unknown = [name for name in columns if name not in parameters]
        if unknown and not any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values()):
            raise InputError(
                f"columns that are parameters of {call_of(self._operation)}",
                ", ".join(map(repr, unknown)),
                f"Choose them: frame[[{', '.join(repr(name) for name in columns if name in parameters)}]].",
            )

    def _optional(self) -> frozenset[str]:
        """Return the parameters that a row may leave out: those with a default, and those that are given."""
        parameters = self._operation.taken.parameters.values()
        defaults = {each.name for each in parameters if each.default is not inspect.Parameter.empty}
        return frozenset(defaults | self._given.keys())


def kind_of(value: object) -> str:
    """Return the type of a value with its article, such as "an int"; "None" for None."""
    name = type(value).__name__
    return "None" if value is None else f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def call_of(operation: Operation[..., Any]) -> str:
    """Return how an operation is called, such as `report(topic, words=…)`."""
    parameters = operation.taken.parameters.values()
    needed = {each.name for each in parameters if each.default is inspect.Parameter.empty}
    return (
        f"{operation.name}({', '.join(each.name if each.name in needed else f'{each.name}=…' for each in parameters)})"
    )


def model_of(operation: Operation[..., Any], arguments: Mapping[str, object]) -> str | None:
    """Return the name of the model that a call uses, such as `openai:gpt-5`; None where nothing names one."""
    parameter = operation.taken.parameters.get("model")
    model = arguments.get("model")
    if model is None and parameter is not None and parameter.default is not inspect.Parameter.empty:
        model = parameter.default
    if model is None:
        model = os.environ.get(_VARIABLE) or ("offline" if parameter is not None else None)
    if isinstance(model, str):
        return model.strip()
    if model is None:
        return None
    try:
        name, provider = getattr(model, "model_name", None), getattr(model, "system", None)
    except Exception:  # noqa: BLE001 - a property of the user's object may raise anything
        name = provider = None
    named = name if isinstance(name, str) else type(model).__qualname__
    return f"{provider}:{named}" if isinstance(provider, str) and provider else named


def _checked_given(operation: Operation[..., Any], given: object) -> dict[str, object]:
    if given is None:
        return {}
    whole: object = given
    if not isinstance(given, Mapping) or not all(
        isinstance(name, str) for name in cast("Mapping[object, object]", given)
    ):
        raise InputError("given as arguments by name", kind_of(whole), 'Write given={"words": 100}.')
    named = dict(cast("Mapping[str, object]", given))
    try:
        operation.taken.bind_partial(**named)
    except TypeError as error:
        raise InputError(f"given as arguments of {call_of(operation)}", str(error).removeprefix("got ")) from None
    return named


def is_frame(items: object) -> bool:
    """Return whether items are a pandas DataFrame, without loading pandas."""
    return any(
        f"{kind.__module__.partition('.')[0]}.{kind.__name__}" == "pandas.DataFrame" for kind in type(items).__mro__
    )
