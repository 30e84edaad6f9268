"""Inputs from clients: plain data that fits an operation's signature, and never a path, a model or a file."""

from __future__ import annotations

import inspect
import math
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Union, cast

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError
from pydantic_core import PydanticSerializationError, SchemaValidator, to_json

from progressnb.errors import InputError, OperationError
from progressnb.tracking.annotations import type_hints
from progressnb.web.server.defaults import without_secrets
from progressnb.web.server.input_types import is_foreign, members_of, names_files
from progressnb.web.server.validators import first_faults
from progressnb.wire.plain import clean_text, jsonable
from progressnb.wire.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from progressnb.execution.operation import Operation

__all__ = ["Inputs", "parameters_of"]

DECIDED = frozenset({"allow_refs", "model", "of", "on_event", "out", "show", "timeout"})
"""Names of inputs that the server decides, whatever they mean to an operation."""

MOST_FAULTS = 100
"""The number of faults in one input above which none of them is named."""

LONGEST_NAME = 8_192
"""The number of characters of the longest text that may be the name of a file. Systems have 4,096 at most."""

_FILE_NAME = re.compile(r"(?:.*_)?(?:path|file|filename|directory|folder)s?")
_FILE_VALUE = re.compile(
    r"""(?: [/\\~] | \.{1,2}[/\\] | [A-Za-z]:[/\\] | [A-Za-z][A-Za-z0-9+.-]*:// | file: ) .*
      | \S+
      | .* \. (?: json|md|markdown|txt|pdf|docx?|docm|dotx|odt|rtf|pages|html?|ya?ml|csv|tsv|parquet|pq
               | xlsx?|db|zip )""",
    re.VERBOSE | re.IGNORECASE,
)


class Inputs:
    """The inputs of one operation: a check of what clients send, against its signature."""

    def __init__(self, operation: Operation[..., Any], given: Mapping[str, object]) -> None:
        self.operation = operation.name
        self._taken: dict[str, _Parameter] = {}
        self._given: dict[str, object] = {}
        hints = type_hints(operation.function, keep_unknown=True)
        for name, parameter in parameters_of(operation).items():
            if name in given:
                self._given[name] = given[name]
            elif (taken := _taken(parameter, hints.get(name, Any))) is not None:
                self._taken[name] = taken
            elif parameter.default is parameter.empty:
                raise OperationError(
                    f"an operation that clients can give all inputs of, as plain data, in {operation.name}",
                    f"{name}: {inspect.formatannotation(parameter.annotation)}",
                    f"Give it a default, decide it with given={{{name!r}: …}}, or annotate it with pnb.web.Text.",
                )

    def checked(self, inputs: Mapping[str, object]) -> dict[str, object]:
        """Return the inputs of a run. Raises `InputError` for an input that is unknown, missing or of another type."""
        takes = ", ".join(self._taken) or "none"
        if unknown := [name for name in inputs if name not in self._taken]:
            name = unknown[0]
            what = "which the server decides" if name in DECIDED or name in self._given else "which it does not take"
            raise InputError(f"the inputs of {self.operation}: {takes}", f"{name!r}, {what}", "Leave it out.")
        missing = [name for name, each in self._taken.items() if each.required and name not in inputs]
        if missing:
            raise InputError(f"{missing[0]} among the inputs of {self.operation}: {takes}", "none", "Send it.")
        return {**self._given, **{name: self._taken[name].checked(value) for name, value in inputs.items()}}

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the inputs."""
        return {
            "type": "object",
            "title": self.operation,
            "properties": {name: each.schema() for name, each in self._taken.items()},
            "required": [name for name, each in self._taken.items() if each.required],
            "additionalProperties": False,
        }


def parameters_of(operation: Operation[..., Any]) -> dict[str, inspect.Parameter]:
    """Return the parameters of an operation without its tracker, by name."""
    taken = list(inspect.signature(operation.function).parameters.values())[1:]
    return {each.name: each for each in taken if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)}


class _Parameter:
    """One input: its type, without the members of a union that JSON can't carry."""

    def __init__(self, name: str, annotation: Any, *, required: bool, document: bool, default: object) -> None:  # noqa: ANN401
        self.name, self.required, self._document, self._default = name, required, document, default
        self._adapter = _adapter(name, annotation)
        self._validator = None if self._adapter is None else first_faults(self._adapter)
        self._is_strict = self._adapter is not None and "'strict': True" in repr(self._adapter.core_schema)
        # In a union pydantic locates faults by the union's members, which a client does not know.
        self._single = sum(member is not type(None) for member in members_of(annotation)) == 1

    def checked(self, value: object) -> object:
        if fault := _not_json(value):
            raise InputError(f"{self.name} as plain JSON", fault)
        if self._validator is not None:
            try:
                value = _validated(self._validator, value, as_json=self._is_strict)
            except ValidationError as error:
                raise InputError(f"{self.name}{self._fault(error)}", _shown(value)) from None
        if type(value) is not str:  # as a member of an enumeration of texts is not
            return value
        if self._document and _names_a_file(value):
            raise InputError(
                f"{self.name} as the text itself or as an object",
                f"{value[:80]!r}, which looks like the name of a file",
                "Send what is in it: nothing is read from the server's disk.",
            )
        return Text(value)

    def _fault(self, error: ValidationError) -> str:
        if error.error_count() > MOST_FAULTS:  # to list them would take long
            return f" to fit, with fewer than {MOST_FAULTS} faults"
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        first = faults[-1] if len({len(fault["loc"]) for fault in faults}) == 1 else faults[0]
        where = "".join(f"[{part!r}]" for part in first["loc"])[:80] if self._single else ""
        return f"{where} to fit: {first['msg'].lower()}"

    def schema(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self._adapter is not None:
            try:
                found = self._adapter.json_schema()
            except PydanticUserError:  # a user's type without a schema
                found = {}
        return without_secrets(self.name, found if self.required else {**found, "default": jsonable(self._default)})


def _names_a_file(value: str) -> bool:
    name = value.strip() if len(value) < 2 * LONGEST_NAME else ""  # the pattern takes long for a long text
    return len(name) <= LONGEST_NAME and "\n" not in name and _FILE_VALUE.fullmatch(name) is not None


def _validated(adapter: TypeAdapter[Any] | SchemaValidator, value: object, *, as_json: bool) -> object:
    """Validate plain data: for strict types as JSON, of which they take dates and sets that they refuse of Python."""
    if as_json:
        with suppress(PydanticSerializationError):  # it is too deep
            return adapter.validate_json(to_json(value))
    return adapter.validate_python(value)


def _not_json(value: object) -> str:
    """Describe a part of a value that JSON does not allow, though Python's parser accepts it; empty without one."""
    waiting = [value]
    while waiting:  # without recursion, since the client decides how deep it is
        each = waiting.pop()
        if isinstance(each, dict):
            pairs = cast("dict[object, object]", each)
            waiting += [*pairs, *pairs.values()]
        elif isinstance(each, list):
            waiting += cast("list[object]", each)
        elif isinstance(each, float) and not math.isfinite(each):
            return f"the number {each}"
        elif isinstance(each, str) and clean_text(each) != each:
            return "half a character (a lone surrogate)"
    return ""


def _shown(value: object) -> str:
    kind, whole = type(value).__name__, value
    if isinstance(value, str | list | dict) and len(cast("str", value)) > 100:  # noqa: PLR2004 - so is its text
        return kind
    shown = repr(whole)
    return f"{kind} {shown}" if len(shown) < 100 else kind  # noqa: PLR2004


def _taken(parameter: inspect.Parameter, annotation: Any) -> _Parameter | None:  # noqa: ANN401
    """Return how a parameter is read from a request, or None if the server decides it."""
    default = parameter.default
    if parameter.name in DECIDED or _FILE_NAME.fullmatch(parameter.name):
        return None
    if default is not parameter.empty and not _is_plain(default):
        return None
    members = members_of(annotation)
    takes_files = any(names_files(member) for member in members)
    kept: list[Any] = [member for member in members if not names_files(member) and not is_foreign(member)]
    kept = [member for member in kept if not _holds_paths(member)]
    knows_text = any(isinstance(member, type) and issubclass(member, Text) for member in kept)
    kept = [str if isinstance(member, type) and issubclass(member, Text) else member for member in kept]
    if takes_files and not knows_text:
        # The operation would take a string for a path.
        kept = [member for member in kept if member not in (str, bytes, Any, object)]
    if not [member for member in kept if member is not type(None)]:
        return None
    required = default is parameter.empty
    union: Any = cast("Any", Union)[tuple(dict.fromkeys(kept))]
    try:
        return _Parameter(parameter.name, union, required=required, document=knows_text, default=default)
    except OperationError:
        if required:
            raise
        return None  # an open file or the like: the default stays


def _holds_paths(annotation: Any) -> bool:  # noqa: ANN401
    """Tell whether an object of this type has a path in a field, as models and typed dictionaries may."""
    try:
        schema = TypeAdapter(annotation).json_schema()
    except (PydanticSchemaGenerationError, PydanticUserError):  # the adapter of the parameter reports it
        return False
    waiting: list[object] = [schema]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            known = cast("dict[str, object]", each)
            if known.get("format") in ("path", "file-path", "directory-path"):
                return True
            waiting += known.values()
        elif isinstance(each, list):
            waiting += cast("list[object]", each)
    return False


def _adapter(name: str, annotation: Any) -> TypeAdapter[Any] | None:  # noqa: ANN401
    try:
        return TypeAdapter(annotation)
    except (PydanticSchemaGenerationError, PydanticUserError) as error:
        raise OperationError(f"a type that JSON can carry for {name}", str(error).splitlines()[0][:200]) from None


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(_is_plain, cast("Iterable[object]", value)))
    if isinstance(value, dict):
        return all(map(_is_plain, cast("dict[object, object]", value).values()))
    return value is None or isinstance(value, str | int | float | bool)
