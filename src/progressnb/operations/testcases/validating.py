"""Whether a document is OpenAPI 3.0 or 3.1, by openapi-spec-validator."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any, Literal

from progressnb.errors import InputError

__all__ = ["Version", "validate", "version_of"]

Version = Literal["3.0", "3.1"]
_FORM = re.compile(r"(3\.[01])\.\d+(?:[-+].*)?")
_SHOWN = 3


def version_of(data: dict[str, Any], name: str) -> Version:
    """Return the version of OpenAPI; raise `InputError` for another or none."""
    expected = f"OpenAPI 3.0 or 3.1 in {name}"
    if "swagger" in data and "openapi" not in data:
        remedy = "Convert it first, for example with `npx swagger2openapi` or at converter.swagger.io."
        raise InputError(expected, f"Swagger {str(data['swagger'])[:20]}", remedy)
    stated = data.get("openapi")
    found = _FORM.fullmatch(stated) if isinstance(stated, str) else None
    if found is None:
        got = f"openapi: {str(stated)[:40]!r}" if "openapi" in data else "a document without the field openapi"
        raise InputError(expected, got, 'The first field of a specification is openapi: "3.1.0".')
    return "3.0" if found[1] == "3.0" else "3.1"


def validate(data: dict[str, Any], version: Version, name: str) -> None:
    """Raise `InputError` with the first faults of a specification and their places."""
    from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

    kind = OpenAPIV30SpecValidator if version == "3.0" else OpenAPIV31SpecValidator
    try:
        errors = list(islice(kind(data).iter_errors(), _SHOWN))
    except RecursionError:
        raise InputError(f"a specification in {name}", "references in circles", "Check the $ref values.") from None
    except Exception as error:
        got = f"what its validator can't read ({type(error).__name__}: {error})"
        raise InputError(f"a valid OpenAPI {version} specification in {name}", got, "Check its structure.") from error
    if errors:
        faults = "; ".join(_told(error) for error in errors)
        raise InputError(f"a valid OpenAPI {version} specification in {name}", faults, "Mend it, and try again.")


def _told(error: Any) -> str:  # noqa: ANN401 - jsonschema's error or the validator's own
    best = error
    while getattr(best, "context", None):
        best = min(best.context, key=lambda each: len(each.message))
    place = "/".join(str(part) for part in getattr(error, "absolute_path", ()))
    return f"{place or 'the whole'}: {best.message[:90]}"
