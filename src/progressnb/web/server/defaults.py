"""Defaults of inputs as a schema shows them: those that are or may be secrets are left out."""

from __future__ import annotations

import re
from typing import Any, cast

from progressnb.wire.secrets import is_secret_name

__all__ = ["without_secrets"]

_KEY = re.compile(
    r"\b(?:sk|pk|rk|gsk|xai|ghp|gho|glpat|hf|xox[abp])[-_][\w-]{6,}|\bAIza[\w-]{16,}|\bAKIA[0-9A-Z]{12,}|\beyJ"
)
"""The beginnings of keys of well-known services, whatever the name of what has them."""


def without_secrets(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of an input without the defaults that look like secrets, also those of fields inside."""
    kept = {key: _inside(key, value) for key, value in schema.items()}
    if "default" in kept and _is_secret(name, schema["default"]):
        del kept["default"]
    return kept


def _inside(name: str, value: object) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return [_inside(name, each) for each in cast("list[object]", value)]
    return without_secrets(name, cast("dict[str, Any]", value)) if isinstance(value, dict) else value


def _is_secret(name: str, value: object) -> bool:
    if isinstance(value, dict):
        return any(_is_secret(str(key), each) for key, each in cast("dict[object, object]", value).items())
    if isinstance(value, list):
        return any(_is_secret(name, each) for each in cast("list[object]", value))
    if value is None or isinstance(value, bool) or value == "":
        return False
    if isinstance(value, str):
        return is_secret_name(name, doubtful=True) or _KEY.search(value) is not None
    return is_secret_name(name)
