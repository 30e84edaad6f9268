"""`watch`: what other libraries do in this session reports by itself, from one line on.

An instrument is a library that can be watched. Its module has a function `install(*, show, contents)` that begins the
watching and returns the function that takes it back. Nothing is changed, and none of these modules is loaded, before
`watch` is called.
"""

from __future__ import annotations

import difflib
import importlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from progressnb.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

__all__ = ["Watching", "load_ipython_extension", "unload_ipython_extension", "watch"]


@dataclass(frozen=True)
class _Instrument:
    """A library that can be watched: the module with `install`, the package it needs, the words to install that."""

    module: str
    needs: str
    install: str


_INSTRUMENTS = {
    "pydantic-ai": _Instrument("progressnb.agents.watching", "pydantic_ai", "pydantic-ai-slim"),
    "langchain": _Instrument("progressnb.interop.langchain", "langchain_core", "langchain-core"),
    "otel": _Instrument("progressnb.interop.otel", "opentelemetry.sdk", '"progressnb[otel]"'),
    "tqdm": _Instrument("progressnb.interop.tqdm", "tqdm", "tqdm"),
}
_SAME = {"langgraph": "langchain", "opentelemetry": "otel"}
"""Other names of instruments: LangGraph reports by the hook of LangChain."""

_CLIENTS = frozenset({"anthropic", "genai", "google", "google-genai", "google.genai", "litellm", "mistral", "openai"})
"""Clients of models. Nothing of them can be watched; each stream is wrapped where it is read."""

_USUAL = "pydantic-ai"

_lock = threading.RLock()
# The instruments at work: their options, and the functions that take them back. A reload of this module keeps them.
_at_work: dict[str, tuple[dict[str, Any], Callable[[], None]]] = globals().get("_at_work", {})


def watch(*what: str | bool, show: bool | None = None, contents: bool = True) -> Watching:
    """Let everything that a library does in this session report by itself, made before or after this call.

    Without arguments it watches pydantic-ai: every agent reports as with `ReportProgress`, by `run`, `run_sync`,
    `run_stream`, `run_stream_events` and `iter`, nested, in threads, and of subclasses. Outside any run an agent begins
    one of its own, with a panel; in a stage it reports there. An agent that has a `ReportProgress` keeps its options.
    In a notebook `%load_ext progressnb` does the same.

    A further call with other options changes them. `watch(False)` takes everything back, and so does the end of a
    `with` block.

    Args:
        what: The names of the libraries: `"pydantic-ai"`, `"langchain"` (or `"langgraph"`, which is the same),
            `"otel"`, `"tqdm"`. With False, those that are named are no longer watched; False alone ends everything.
        show: Whether a run that begins by itself is shown; None follows the session.
        contents: False leaves what is read and written out of all events: prompts, outputs, the arguments and results
            of tools, the texts of errors, of which the types are left.

    Returns:
        A context manager: at the end of its block all is watched as it was before.

    Raises:
        InputError: For another name or option.
        MissingExtraError: For a library that is not installed; the error says how to install it.

    Example:
        ::

            pnb.watch()
            agent = Agent(scripted_model("The moon."))
            await agent.run("Why are there tides?")  # with a panel, and so is every other agent

            pnb.watch(False)

    """
    names, on = _names(what)
    for name, value in (("show", show), ("contents", contents)):
        if not isinstance(value, bool) and not (name == "show" and value is None):
            raise InputError(f"{name} as True{', False or None' if name == 'show' else ' or False'}", repr(value))
    with _lock:
        before = {name: _at_work[name][0] if name in _at_work else None for name in names}
        _set(dict.fromkeys(names, {"show": show, "contents": contents} if on else None))
        return Watching(before)


class Watching:
    """The effect of one call of `watch`: as a context manager it restores what was before at the end of its block."""

    def __init__(self, before: dict[str, dict[str, Any] | None]) -> None:
        self._before = before

    def __repr__(self) -> str:
        """Name all that is watched now, by this call and by those before."""
        with _lock:
            return f"<watching {', '.join(_at_work)}>" if _at_work else "<watching nothing>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with _lock:
            _set(self._before)


def _names(what: tuple[object, ...]) -> tuple[tuple[str, ...], bool]:
    """Return the instruments that are meant, and whether they shall work."""
    names: list[str] = []
    on = True
    for each in what:
        if isinstance(each, bool):
            on = on and each
        elif isinstance(each, str) and (name := _plain_name(each)) in _INSTRUMENTS:
            names.append(name)
        else:
            raise _unknown(each)
    if not names:
        names = [_USUAL] if on else [*_at_work]
    return tuple(dict.fromkeys(names)), on


def _plain_name(name: str) -> str:
    plain = name.strip().lower().replace("_", "-")
    return _SAME.get(plain, plain)


def _unknown(name: object) -> InputError:
    """Return the error of a name that can't be watched: a client's streams have `stream`."""
    expected = "the name of a library that can be watched, or False"
    if isinstance(name, str) and _plain_name(name) in _CLIENTS:
        remedy = "A client's answers are shown by pnb.stream: `for chunk in pnb.stream(client.…(…, stream=True))`."
        return InputError(expected, repr(name), remedy)
    known = ", ".join(f'"{each}"' for each in (*_INSTRUMENTS, "langgraph"))
    near = difflib.get_close_matches(_plain_name(name), [*_INSTRUMENTS, *_SAME], 1) if isinstance(name, str) else []
    meant = f'Did you mean "{near[0]}"? ' if near else ""
    return InputError(expected, repr(name), f"{meant}There are {known}.")


def _set(wanted: dict[str, dict[str, Any] | None]) -> None:
    """Let instruments work with these options, or with None not at all; where one fails, the others are as before."""
    for name, options in wanted.items():
        if options is not None:
            _load(name)
    before: dict[str, dict[str, Any] | None] = {}
    try:
        for name, options in wanted.items():
            before[name] = _switch(name, options)
    except BaseException:
        for name, options in before.items():
            _switch(name, options)
        raise


def _switch(name: str, options: dict[str, Any] | None) -> dict[str, Any] | None:
    """Set the options of one instrument; return those from before."""
    before, undo = _at_work.pop(name, (None, None))
    if undo is not None:
        undo()
    if options is not None:
        _at_work[name] = options, _load(name)(**options)
    return before


def _load(name: str) -> Callable[..., Callable[[], None]]:
    instrument = _INSTRUMENTS[name]
    try:
        importlib.import_module(instrument.needs)
    except ImportError as error:
        remedy = f"Install it: pip install {instrument.install}"
        raise MissingExtraError(f"the package {instrument.needs} to watch {name}", f"none ({error})", remedy) from error
    install: Callable[..., Callable[[], None]] = importlib.import_module(instrument.module).install
    return install


def load_ipython_extension(_shell: object) -> None:
    """Watch the agents of a notebook: `%load_ext progressnb`."""
    watch()


def unload_ipython_extension(_shell: object) -> None:
    """Take everything back: `%unload_ext progressnb`."""
    watch(False)  # noqa: FBT003 - as users write it
