"""The version of OpenAPI that a document states."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from progressnb.errors import InputError

if TYPE_CHECKING:
    from progressnb.operations.testcases.spec.references import Version

__all__ = ["version_of"]

_FORM = re.compile(r"(3\.[012])(?:\.\d+(?:[-+].*)?)?")
_SWAGGER = ("2.0", "2")


def version_of(data: dict[str, Any], name: str) -> Version:
    """Return the version of OpenAPI. Raises `InputError` for another version or none."""
    expected = f"OpenAPI 3.0, 3.1 or 3.2, or Swagger 2.0, in {name}"
    if "swagger" in data and "openapi" not in data:
        if str(data["swagger"]) in _SWAGGER:
            return "2.0"
        remedy = "Convert it first, for example with `npx api-spec-converter`."
        raise InputError(expected, f"Swagger {str(data['swagger'])[:20]}", remedy)
    stated = data.get("openapi")
    # YAML reads an unquoted 3.0 as a number.
    found = _FORM.fullmatch(str(stated)) if isinstance(stated, str | float) else None
    if found is None:
        got = f"openapi: {str(stated)[:40]!r}" if "openapi" in data else "a document without the field openapi"
        raise InputError(expected, got, 'The first field of a specification is openapi: "3.1.0" or openapi: "3.0.3".')
    return cast("Version", found[1])
