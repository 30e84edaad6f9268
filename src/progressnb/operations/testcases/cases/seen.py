"""The server's view of a request: a change that it can't tell from another request, or from none, is no case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.spec.plain import is_object
from progressnb.operations.testcases.values.serialization import place

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from progressnb.operations.testcases.schemas import Request
    from progressnb.operations.testcases.spec.endpoints import Parameter
    from progressnb.operations.testcases.values.variants import Variant

__all__ = ["is_seen", "seen_of", "without"]


def without(request: Request, parameter: Parameter, value: Any) -> Request:  # noqa: ANN401 - plain data
    """Return a copy of a request without a parameter, of which this is a value."""
    written = request.model_copy(update={"query": {}, "headers": {}, "cookies": {}, "path_values": {}})
    place(written, parameter, value)
    request = request.model_copy(deep=True)
    for values, names in ((request.query, written.query), (request.headers, written.headers)):
        for name in [name for name in values if name in names or name.startswith(f"{parameter.name}[")]:
            del values[name]
    for name in written.cookies:
        request.cookies.pop(name, None)
    return request


def is_seen(variant: Variant, parameter: Parameter, full: Any) -> bool:  # noqa: ANN401 - plain data
    """Tell whether a server can tell a variant of a parameter from another value, and from none at all."""
    value = variant.value
    if parameter.as_json or not is_object(full):
        return variant.category != "required" and value not in (None, "", [])
    # A text in the place of an object has another name, or may be read as an object.
    if not is_object(value) or None in value.values() or (not value and not parameter.required):
        return False
    return variant.category != "structure" or parameter.style == "deepObject"


def seen_of(spread: Collection[str]) -> Callable[[Any], Any]:
    """Return what a server sees of fields: an empty list is not there, nor an empty object that is spread over some."""

    def seen(value: Any) -> Any:  # noqa: ANN401 - plain data
        if not is_object(value):
            return value
        return {name: each for name, each in value.items() if each != [] and not (each == {} and name in spread)}

    return seen
