"""The check for the extra `testcases`, whose libraries read specifications and check data."""

from __future__ import annotations

from importlib.util import find_spec

from progressnb.errors import needs_extra

__all__ = ["need_testcases"]

_MODULES = ("yaml", "jsonschema")


def need_testcases() -> None:
    """Raise `MissingExtraError` where the extra is not installed."""
    # The modules are looked for, not loaded: that takes half a second and belongs into a thread.
    with needs_extra("testcases", "the extra testcases to read a specification"):
        missing = [module for module in _MODULES if find_spec(module) is None]
        if missing:
            raise ModuleNotFoundError(f"no module {', '.join(missing)}")
