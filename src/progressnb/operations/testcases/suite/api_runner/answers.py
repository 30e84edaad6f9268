"""Answers against the specification: status, content type, headers, and the schema of the body."""

from __future__ import annotations

import ipaddress
import json
import os
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from jsonschema import Draft202012Validator, FormatChecker

from .plain import cut

if TYPE_CHECKING:
    import httpx

    from .suite import Suite

__all__ = ["Answers", "Mismatch", "body_of", "lenient"]

FORMATS = FormatChecker(formats=())
EXACT = FormatChecker(formats=())
"""The formats with the offset that RFC 3339 wants of a time; only the cases of valid requests look for it."""

_MINUTES = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")


class Mismatch(Exception):  # noqa: N818 - the finding of a case, not an error of the runner
    """An answer that differs from the specification: what was expected, and what came instead."""

    def __init__(self, expected: str, got: str, why: str = "", *, key: tuple[str, ...] = ()) -> None:
        """Keep both, the reason if it is another one than that of the case, and what the same flaw has elsewhere."""
        super().__init__(f"expected {expected}, got {got}")
        self.expected, self.got, self.why, self.key = expected, got, why, key


def _date(value: object) -> bool:
    return not isinstance(value, str) or (len(value) == 10 and bool(date.fromisoformat(value)))  # noqa: PLR2004


def _time(value: object) -> bool:
    # A time without an offset is against RFC 3339, and what many frameworks write: it is taken.
    return not isinstance(value, str) or (bool(_MINUTES.match(value)) and bool(datetime.fromisoformat(value)))


def _zoned(value: object) -> bool:
    return _time(value) and (
        lenient() or not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None
    )


def lenient() -> bool:
    """Tell whether the team wants values compared without case, order of lists and small fractions."""
    return os.environ.get("API_LENIENT", "") not in ("", "0")


def _uuid(value: object) -> bool:
    return not isinstance(value, str) or (len(value) == 36 and bool(UUID(value)))  # noqa: PLR2004


def _email(value: object) -> bool:
    return not isinstance(value, str) or bool(re.fullmatch(r"[^@\s]+@[^@\s]+", value))


def _uri(value: object) -> bool:
    return not isinstance(value, str) or bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]*:\S*$", value))


def _ipv4(value: object) -> bool:
    return not isinstance(value, str) or bool(ipaddress.IPv4Address(value))


def _ipv6(value: object) -> bool:
    return not isinstance(value, str) or bool(ipaddress.IPv6Address(value))


for _name, _check in {
    "date": _date,
    "date-time": _time,
    "uuid": _uuid,
    "email": _email,
    "uri": _uri,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
}.items():
    FORMATS.checks(_name, raises=ValueError)(_check)
    EXACT.checks(_name, raises=ValueError)(_check if _name != "date-time" else _zoned)


class Answers:
    """The check of answers of one suite.

    Attributes:
        told: The case that has failed by each flaw. Others pass over these, and look for what they are about.

    """

    def __init__(self, suite: Suite) -> None:
        """Keep the schemas of a suite."""
        self.told: dict[tuple[str, ...], str] = {}
        self._endpoints = suite.endpoints
        self._definitions = suite.data["definitions"]
        self._validators: dict[tuple[str, ...], Any] = {}

    def check(
        self, response: httpx.Response, step: dict[str, Any], *, exact: bool = False, known_caller: bool = False
    ) -> None:
        """Raise `Mismatch` for the first thing that the specification does not say; with `exact`, of times too.

        "Not found" may be any of 4XX; for a `known_caller` 401 is none of these.
        """
        status, request = str(response.status_code), step["request"]
        endpoint = self._endpoints[request["endpoint"]]
        unknown = known_caller and status == "401" and "401" not in step["expected"]
        if unknown or not _is_one_of(status, step["expected"]):
            # A success of another number, once told, keeps no case from looking at the values.
            both = status[0] == "2" and all(each[0] == "2" for each in step["expected"])
            key = ("status", endpoint["name"], request["method"], status) if both else ()
            if not both or key not in self.told:
                raise Mismatch(f"status {' or '.join(step['expected'])}", f"status {status}", key=key)
        if request["method"] != endpoint["name"].partition(" ")[0]:
            return  # a method that the specification does not have
        try:
            self._headers(response, endpoint, status)
            if request["method"] != "HEAD" and status not in ("204", "304"):
                self._body(response, endpoint, status, EXACT if exact else FORMATS)
        except Mismatch as error:
            if error.key not in self.told:
                raise

    def _headers(self, response: httpx.Response, endpoint: dict[str, Any], status: str) -> None:
        wanted: dict[str, Any] = _of(endpoint.get("headers", {}), status) or {}
        for name, schema in wanted.items():
            value = response.headers.get(name)
            if value is None:
                key = ("header", endpoint["name"], status, name)
                raise Mismatch(
                    f"the header {name} with status {status}", "none", "The specification requires it.", key=key
                )
            validator = self._validator(schema, "header", endpoint["name"], status, name)
            readings = [value, *_numbers(value)]
            if not any(validator.is_valid(each) for each in readings):
                error = next(validator.iter_errors(readings[-1]))
                raise Mismatch(f"a header {name} of its schema", cut(error.message), "The specification says so.")

    def _body(self, response: httpx.Response, endpoint: dict[str, Any], status: str, formats: FormatChecker) -> None:
        documented = _of(endpoint["responses"], status)
        if not documented:
            return
        kind = response.headers.get("content-type", "")
        media = kind.partition(";")[0].strip().lower()
        known = {name.partition(";")[0].strip().lower(): schema for name, schema in documented.items()}
        schema = known.get(media, known.get(f"{media.partition('/')[0]}/*", known.get("*/*")))
        if schema is None:
            key = ("type", _whose(endpoint, status), media)
            got = f"a body of {media or 'no type'}"
            raise Mismatch(f"a body of {' or '.join(known)} with status {status}", got, key=key)
        if media.endswith("json"):
            _readable(response, kind)
        if schema is True:
            return
        body = body_of(response)
        if body is ...:
            raise Mismatch(f"JSON with status {status}", "a body that is none")
        if schema is False:
            raise Mismatch(f"no body with status {status}", "one")
        validator = self._validator(schema, "body", endpoint["name"], status, media, formats=formats)
        error = next(iter(validator.iter_errors(body)), None)
        if error is not None:
            place = "".join(f"/{key}" for key in error.absolute_path)
            got = f"at {place or 'its top'}: {cut(error.message, 300)}"
            raise Mismatch(
                f"a body that fits the schema of status {status}", got, key=_flaw(error, _whose(endpoint, status))
            )

    def _validator(self, schema: Any, *key: str, formats: FormatChecker = FORMATS) -> Any:  # noqa: ANN401 - plain data
        place = (*key, str(formats is EXACT))
        if place not in self._validators:
            whole = schema if isinstance(schema, bool) else {**schema, "$defs": self._definitions}
            self._validators[place] = Draft202012Validator(whole, format_checker=formats)
        return self._validators[place]


def _whose(endpoint: dict[str, Any], status: str) -> str:
    """Return whose an answer is: a server words its errors in one place."""
    return "errors" if status[0] in "45" else f"{endpoint['name']} {status}"


def _flaw(error: Any, whose: str) -> tuple[str, ...]:  # noqa: ANN401 - of jsonschema
    """Return what a flaw has in common with itself in another item of a list, and in another answer."""
    place = "".join(f"/{'*' if isinstance(key, int) else key}" for key in error.absolute_path)
    named = error.message if error.validator in ("required", "additionalProperties") else ""
    return "body", whose, place, str(error.validator), named


def body_of(response: httpx.Response) -> Any:  # noqa: ANN401 - plain data
    """Return the body as plain data, or `...` where it is no JSON."""
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return ...


def _readable(response: httpx.Response, kind: str) -> None:
    """Raise `Mismatch` for JSON in another encoding than UTF-8."""
    stated = re.search(r"charset=\"?([\w-]+)", kind, re.IGNORECASE)
    if stated and stated[1].casefold() not in ("utf-8", "utf8", "us-ascii"):
        raise Mismatch("JSON in UTF-8", f"the content type {cut(kind, 100)}", "RFC 8259 has no other encoding.")
    try:
        response.content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Mismatch("JSON in UTF-8", str(error), "RFC 8259 has no other encoding.") from None


def _of(by_status: dict[str, Any], status: str) -> Any:  # noqa: ANN401 - plain data
    return by_status.get(status, by_status.get(f"{status[0]}XX", by_status.get("default")))


def _is_one_of(status: str, expected: list[str]) -> bool:
    return status in expected or f"{status[0]}XX" in expected


def _numbers(text: str) -> list[Any]:
    try:
        return [json.loads(text)]
    except ValueError:
        return []
