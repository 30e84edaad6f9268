"""The base of the JSON Resume models: optional fields, unknown fields, dates, and lists that may be short forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, TypeGuard

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic.alias_generators import to_camel

from progressnb.operations.resume.words.dates import is_ongoing, normal_date

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

__all__ = ["Date", "Part", "Texts"]


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


class Part(BaseModel):
    """A part of a JSON Resume: all fields are optional, nulls are ignored, unknown fields are kept."""

    model_config = ConfigDict(
        extra="allow",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        coerce_numbers_to_str=True,
    )
    __pydantic_extra__: dict[str, JsonValue] = Field(init=False)  # pyright: ignore[reportIncompatibleVariableOverride]
    # The field that a plain string stands for, as in "skills": ["Python", "SQL"].
    _short: ClassVar[str | None] = None

    @model_validator(mode="before")
    @classmethod
    def _accept(cls, value: object) -> object:
        if isinstance(value, str) and cls._short:
            return {cls._short: value}
        if _is_object(value):
            return {key: _without_nulls(item) for key, item in value.items() if item is not None}
        return value

    @model_serializer(mode="wrap")
    def _write(self, handler: SerializerFunctionWrapHandler) -> dict[str, JsonValue]:
        written: dict[str, JsonValue] = handler(self)
        unset = {field.alias for name, field in type(self).model_fields.items() if name not in self.model_fields_set}
        return {key: item for key, item in written.items() if item is not None and (item != [] or key not in unset)}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the fields as the schema of JSON Resume does, without the nulls and titles that pydantic adds."""
        schema = handler(core_schema)
        described = handler.resolve_ref_schema(schema)
        properties: dict[str, JsonSchemaValue] = described.get("properties", {})
        for name, field in properties.items():
            kinds = [kind for kind in field.get("anyOf", []) if kind != {"type": "null"}]
            rest = {key: item for key, item in field.items() if key not in {"title", "default", "anyOf"}}
            properties[name] = {**(kinds[0] if kinds else {}), **rest}
        described["additionalProperties"] = True
        return schema


def _date(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.strip()
    # In JSON Resume, a job that still goes on has no end date.
    return None if not text or is_ongoing(text) else normal_date(text)


def _without_nulls(value: object) -> object:
    return [item for item in value if item is not None] if _is_list(value) else value


def _texts(value: object) -> object:
    return [value] if isinstance(value, str) else value


Date = Annotated[str | None, BeforeValidator(_date)]
"""An ISO date; words for "still going on" become None."""

Texts = Annotated[list[str], BeforeValidator(_texts)]
"""A list of texts; one text becomes a list of one."""
