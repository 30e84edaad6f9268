"""The import of jsonschema, which Altair and validators need, without a second of CPU that few need."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from progressnb.imports import undisturbed

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["grammar_later"]

_GRAMMAR = "rfc3987_syntax"
"""The grammar of IRIs, which JupyterLab brings. jsonschema takes a function from it where it is installed."""


@contextmanager
def grammar_later() -> Generator[None]:
    """Let a block import jsonschema; the grammar of IRIs, should it be asked, loads at its first use."""
    if "jsonschema" in sys.modules:
        yield
        return
    with undisturbed():
        if _GRAMMAR in sys.modules or find_spec(_GRAMMAR) is None:
            yield
            return
        later = sys.modules[_GRAMMAR] = _Later(_GRAMMAR)
        try:
            yield
        finally:
            later.leave()


class _Later(ModuleType):
    """The stand-in for the grammar."""

    def is_valid_syntax(self, term: str, value: str) -> bool:
        """Do what the grammar's function does."""
        return bool(self.__getattr__("is_valid_syntax")(term, value))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the grammar has
        if name.startswith("__"):
            raise AttributeError(name)
        self.leave()
        return getattr(import_module(_GRAMMAR), name)

    def leave(self) -> None:
        """Give its place to the grammar."""
        if sys.modules.get(_GRAMMAR) is self:
            del sys.modules[_GRAMMAR]
