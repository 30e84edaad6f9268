"""The serialization of values into requests: paths, queries, headers, cookies and forms, by OpenAPI's styles."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.spec.plain import is_list, is_object

if TYPE_CHECKING:
    from progressnb.operations.testcases.schemas import Request
    from progressnb.operations.testcases.spec.endpoints import Body, Parameter

__all__ = ["fill", "is_sendable", "is_spread", "place", "possible_values", "text"]

_EXAMPLES = {"image": "png", "audio": "mpeg", "video": "mp4", "text": "plain"}
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}


_WHOLE = 10**15
"""Numbers with a fraction from which on not each whole one is written as it is."""


def text(value: Any) -> str:  # noqa: ANN401 - plain data
    """Return a value as text; one that is no string is written as JSON."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE:
        return str(int(value))  # as people write it
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def place(request: Request, parameter: Parameter, value: Any) -> None:  # noqa: ANN401 - plain data
    """Write the value of a parameter into a request."""
    if parameter.location == "path":
        request.path_values[parameter.name] = _in_path(parameter, value)
    elif parameter.location == "query":
        _in_query(request.query, parameter, value)
    elif parameter.location == "header":
        request.headers[parameter.name] = _joined(parameter, value)
    elif is_object(value) and parameter.explode and not parameter.as_json:
        request.cookies.update({key: text(each) for key, each in value.items()})
    else:
        request.cookies[parameter.name] = _joined(parameter, value)


def fill(request: Request, body: Body, value: Any) -> None:  # noqa: ANN401 - plain data
    """Write a body into a request. The fields of a form become texts; `request.files` names those that are files."""
    if body.kind in ("form", "multipart") and is_object(value):
        request.files = {name: kind for name, kind in body.files.items() if name in value}
        fields: dict[str, str | list[str]] = {}
        for name, each in value.items():
            if name in body.styles:
                _spread(fields, name, each, *body.styles[name])
            else:
                fields[name] = [text(one) for one in each] if is_list(each) else text(each)
        value = fields
    request.body, request.body_kind = value, body.kind
    request.media_type = body.media_type if "*" not in body.media_type else _one_of(body)


def _one_of(body: Body) -> str:
    """Return a media type for a body that takes all of a range, such as `image/*`."""
    first = body.media_type.partition("/")[0].strip().casefold()
    return f"{first}/{_EXAMPLES[first]}" if first in _EXAMPLES else "application/json"


def is_spread(style: str, explode: bool) -> bool:  # noqa: FBT001 - as OpenAPI calls them
    """Tell whether the properties of an object are fields of their own, so that a text in its place is unknown."""
    return style == "deepObject" or (style == "form" and explode)


def _in_query(query: dict[str, str | list[str]], parameter: Parameter, value: Any) -> None:  # noqa: ANN401
    if parameter.as_json:
        query[parameter.name] = json.dumps(value, ensure_ascii=False)
    else:
        _spread(query, parameter.name, value, parameter.style, parameter.explode)


def _spread(fields: dict[str, str | list[str]], name: str, value: Any, style: str, explode: bool) -> None:  # noqa: ANN401, FBT001
    """Write a value into the fields of a query or a form."""
    if style == "deepObject" and (is_object(value) or is_list(value)):
        pairs: Any = value.items() if is_object(value) else enumerate(value)
        for key, each in pairs:
            _spread(fields, f"{name}[{key}]", each, style, explode)
    elif is_object(value) and explode:
        fields.update({key: text(each) for key, each in value.items()})
    elif is_object(value):
        fields[name] = ",".join(part for key, each in value.items() for part in (key, text(each)))
    elif is_list(value) and explode:
        if value:
            fields[name] = [text(each) for each in value]
    elif is_list(value):
        fields[name] = _SEPARATORS.get(style, ",").join(map(text, value))
    else:
        fields[name] = text(value)


def _in_path(parameter: Parameter, value: Any) -> str:  # noqa: ANN401
    joined = _joined(parameter, value)
    if parameter.style == "label":
        return f".{joined.replace(',', '.')}" if parameter.explode else f".{joined}"
    if parameter.style == "matrix":
        if parameter.explode and is_list(value):
            return "".join(f";{parameter.name}={text(each)}" for each in value)
        return f";{parameter.name}={joined}"
    return joined


def _joined(parameter: Parameter, value: Any) -> str:  # noqa: ANN401
    if parameter.as_json:
        return json.dumps(value)
    if is_object(value):
        if parameter.explode and parameter.location in ("path", "header"):
            return ",".join(f"{key}={text(each)}" for key, each in value.items())
        return ",".join(part for key, each in value.items() for part in (key, text(each)))
    return ",".join(map(text, value)) if is_list(value) else text(value)


def possible_values(written: Any) -> list[Any]:  # noqa: ANN401 - plain data
    """Return the values that a server may read from the text of a scalar: text, number, true, null, a list of one."""
    word = text(written)
    try:
        value = json.loads(word)
    except (ValueError, RecursionError):
        value = word
    return [word, value, [word], [value]]


def is_sendable(request: Request) -> bool:
    """Tell whether HTTP can carry a request: no part of the path is empty, no header has a line break."""
    texts = [*request.headers.items(), *request.cookies.items()]
    plain = all(
        each.isprintable() and each.isascii() and each == each.strip() for pair in texts for each in pair if pair[0]
    )
    return plain and all(request.path_values.values())
