"""The operations that `progressnb serve` serves, found by their names."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import progressnb
from progressnb.errors import InputError
from progressnb.execution.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["load"]

SHIPPED = ("customize", "generate", "chart", "generate_tests")


def load(names: Sequence[str]) -> list[Operation[..., Any]]:
    """Return the operations of names such as `package.module:report` or `chart`; without any, all shipped ones.

    Raises `InputError` for a name that is not an operation's.
    """
    if not names:
        return [getattr(progressnb, name) for name in SHIPPED]
    if str(Path.cwd()) not in sys.path:  # as `python -m` does
        sys.path.insert(0, str(Path.cwd()))
    return [_loaded(name) for name in names]


def _loaded(name: str) -> Operation[..., Any]:
    if name in SHIPPED:
        return cast("Operation[..., Any]", getattr(progressnb, name))
    module, _, attribute = name.partition(":")
    remedy = f"Write package.module:report, or one of {', '.join(SHIPPED)}."
    try:
        found = getattr(importlib.import_module(module), attribute) if attribute else None
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise InputError("the name of an operation", f"{name} ({error})", remedy) from None
    if not isinstance(found, Operation):
        raise InputError("the name of an operation", name, remedy)
    return cast("Operation[..., Any]", found)
