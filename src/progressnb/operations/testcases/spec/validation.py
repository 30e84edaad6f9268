"""The validation of a document as OpenAPI 3.0 or 3.1, by openapi-spec-validator."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Literal

from progressnb.errors import InputError
from progressnb.wire import grammar_later

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Version", "validate", "version_of"]

Version = Literal["3.0", "3.1"]
_FORM = re.compile(r"(3\.[01])(?:\.\d+(?:[-+].*)?)?")
_PATCHED = {"3.0": "3.0.3", "3.1": "3.1.0"}
_PARAMETER = re.compile(r"Path parameter '(.*)' for '(.*)' operation in '(.*)' was not resolved", re.DOTALL)
_SHOWN = 3
"""Faults that an error names."""

_READ = 1_000
"""Characters of a message that are parsed: the names in it are of any length, and may resemble its words."""

_QUICK = frozenset(
    (
        *("type", "nullable", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "required"),
    )
)
"""Keywords that a default value is checked against. Patterns, and comparisons of many parts, could take for ever."""


def version_of(data: dict[str, Any], name: str) -> Version:
    """Return the version of OpenAPI. Raises `InputError` for another version or none."""
    expected = f"OpenAPI 3.0 or 3.1 in {name}"
    if "swagger" in data and "openapi" not in data:
        remedy = "Convert it first, for example with `npx swagger2openapi` or at converter.swagger.io."
        raise InputError(expected, f"Swagger {str(data['swagger'])[:20]}", remedy)
    stated = data.get("openapi")
    # YAML reads an unquoted 3.0 as a number.
    found = _FORM.fullmatch(str(stated)) if isinstance(stated, str | float) else None
    if found is None:
        got = f"openapi: {str(stated)[:40]!r}" if "openapi" in data else "a document without the field openapi"
        raise InputError(expected, got, 'The first field of a specification is openapi: "3.1.0" or openapi: "3.0.3".')
    return "3.0" if found[1] == "3.0" else "3.1"


def validate(data: dict[str, Any], version: Version, name: str) -> None:
    """Raise `InputError` with the first faults of an invalid specification and their places."""
    if str(data.get("openapi")) == version:
        data = {**data, "openapi": _PATCHED[version]}
    try:
        errors = list(islice(_errors(data, version), _SHOWN))
    except RecursionError:
        raise InputError(
            f"a specification in {name}",
            "references in circles, or parts nested without end",
            "Check the $ref values.",
        ) from None
    except Exception as error:
        got = f"one that the validator can't read ({type(error).__name__}: {error})"
        raise InputError(f"a valid OpenAPI {version} specification in {name}", got, "Check its structure.") from error
    if errors:
        valid = f"a valid OpenAPI {version} specification in {name}"
        if found := _PARAMETER.fullmatch(errors[0].message[:_READ]):
            raise InputError(valid, *_parameter(*found.groups()))
        raise InputError(valid, "; ".join(map(_fault, errors)), "Correct it, and try again.")


def _errors(data: dict[str, Any], version: Version) -> Iterator[Any]:
    validator = _validator(version)(data)
    # The validator's own `iter_errors` does the same, but keeps each document in memory for ever.
    return chain(validator.schema_validator.iter_errors(data), validator.root_validator(validator.schema_path))


@cache
def _validator(version: Version) -> Any:  # noqa: ANN401 - a class that is made here
    """Return the class of validators for a version; they check default values against quick keywords only."""
    with grammar_later():
        from openapi_schema_validator import OAS30Validator, OAS31Validator
        from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator
        from openapi_spec_validator.validation.keywords import KeywordValidator

    base, values = (
        (OpenAPIV30SpecValidator, OAS30Validator) if version == "3.0" else (OpenAPIV31SpecValidator, OAS31Validator)
    )

    class Default(KeywordValidator):
        def __call__(self, schema: Any, value: object) -> Iterator[Any]:  # noqa: ANN401 - a path of jsonschema_path
            stated: Any = schema.read_value()
            quick = {key: each for key, each in stated.items() if key in _QUICK}
            errors: Iterator[Any] = values(quick).iter_errors(value)
            return errors

    class Validator(base):  # type: ignore[valid-type, misc] # one of two classes
        keyword_validators = {**base.keyword_validators, "default": Default}  # noqa: RUF012 - as its base has it

    return Validator


def _parameter(parameter: str, method: str, path: str) -> tuple[str, str]:
    """Return the fault of a path parameter, and the remedy."""
    own, where = repr(parameter[:60]), repr(path[:100])
    if f"{{{parameter}}}" not in path:
        remedy = f"Take it out of the parameters of {method} there, or write it into the path, in braces."
        return f"the path parameter {own} of {where}, which does not name it", remedy
    remedy = f"Add it to paths, {where}, {method}, parameters: {{name: {own}, in: path, required: true, schema: …}}."
    return f"{method.upper()} {where} without a description of its path parameter {own}", remedy


def _fault(error: Any) -> str:  # noqa: ANN401 - jsonschema's error or the validator's own
    """Return the place of a fault and its shortest description."""
    best = error
    while getattr(best, "context", None):
        best = min(best.context, key=lambda each: len(each.message))
    place = "/".join(str(part) for part in getattr(error, "absolute_path", ()))
    return f"{place or 'the document'}: {best.message[:90]}"
