"""The extra `testcases`: validation and test data need libraries that not everybody has."""

from __future__ import annotations

from importlib.util import find_spec

from progressnb.errors import MissingExtraError

__all__ = ["need_testcases"]

_MODULES = ("yaml", "openapi_spec_validator", "jsonschema", "hypothesis", "hypothesis_jsonschema")


def need_testcases() -> None:
    """Raise `MissingExtraError` where the extra is not installed."""
    missing = [module for module in _MODULES if find_spec(module) is None]
    if missing:
        raise MissingExtraError(
            "the extra testcases to read a specification",
            f"no module {', '.join(missing)}",
            'pip install "progressnb[testcases]"',
        )
