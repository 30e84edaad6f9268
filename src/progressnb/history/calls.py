"""The identity of a call: digests of the function's code, of what it reads from outside, of its arguments and files.

Two calls of equal digests give the same result, as far as can be known. The code is the compiled one, so that comments
and line breaks make no difference and a file that was edited after it was loaded does not count before it is.
Functions and classes of the user's own files are read into; those of installed packages count by their names.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FunctionType
from typing import TYPE_CHECKING, Any

from progressnb.history.bound import bound_arguments
from progressnb.history.files import file_digest
from progressnb.history.functions import NotComparableError
from progressnb.history.opened import noting
from progressnb.history.plans import keep_plan, plan_of
from progressnb.history.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping

    from progressnb.history.grown import Changing

__all__ = ["Call", "identify"]


@dataclass(slots=True)
class Call:
    """One call of a stage.

    `code` is the digest of the function, `arguments` that of what it was given; None where something in them can't
    be compared, and `fault` names it. `paths` are the files that code and arguments name, and those that were read.
    `changing` are the values that it reads and may change itself. `digests` are those of files that were read in a
    thread, for the event loop to go on meanwhile.
    """

    code: str
    arguments: str | None
    fault: str | None
    paths: tuple[str, ...]
    changing: tuple[Changing, ...] = ()
    digests: dict[str, str | None] | None = None

    @contextmanager
    def at_work(self) -> Generator[None]:
        """Take note of the files that the call reads, and of the values that it changes, while it is made."""
        for slot, _ in self.changing:
            slot.at_work += 1
        with noting() as opened:
            try:
                yield
            finally:
                for slot, digest in self.changing:
                    slot.at_work -= 1
                    with suppress(Exception):  # attributes of the user's objects may raise anything
                        slot.last = digest()
        named = {path for path in self.paths if os.path.abspath(path) not in opened.appended}  # noqa: PTH100 - a text
        self.paths = tuple(sorted(named | {*opened.paths}))
        if opened.is_over:
            self.fault = f"of more than {opened.MOST:,} files that it reads"

    def read(self, paths: Iterable[str] | None = None) -> None:
        """Read the files, or others, so that `files` knows their digests: in a thread, since they may be large."""
        self.digests = {path: file_digest(path) for path in (self.paths if paths is None else paths)}

    def files(self, paths: Iterable[str] | None = None) -> dict[str, str | None]:
        """Return the digests of the files, or of others, None for one that is not there. What `read` read is known."""
        known = self.digests or {}
        wanted = self.paths if paths is None else paths
        return {path: known[path] if path in known else file_digest(path) for path in wanted}


def identify(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], *, chance: bool = True
) -> Call:
    """Return the identity of a call that is about to be made; `chance` lets states of random generators count."""
    walk = Walk(chance=chance)
    if chance and (plan := plan_of(function)) is not None:
        code = plan.code
        walk.paths.update(plan.files())
    else:
        try:
            code = walk.digest(function).hex()
        except NotComparableError as error:
            return Call("", None, f"of {error}", ())
        if chance and walk.plan.holds and isinstance(function, FunctionType):
            walk.plan.code = code
            keep_plan(function, walk.plan)
    given = Walk(strict=True, chance=chance)
    fault, arguments = None, None
    try:
        arguments = given.arguments(*bound_arguments(function, args, kwargs)).hex()
    except NotComparableError as error:
        fault = f"of {error} among its arguments"
    return Call(code, arguments, fault, tuple(sorted(walk.paths | given.paths)), (*walk.changing, *given.changing))
