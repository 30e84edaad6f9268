"""JSON Resume (jsonresume.org, schema 1.0) as pydantic models, and its texts with their places.

Attributes are in snake case; what is read and written has the names of the schema (`startDate`).
Fields that the schema doesn't have are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple, TypeGuard

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

from progressnb.operations.resume.words.dates import normal_date

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

__all__ = [
    "Award",
    "Basics",
    "Certificate",
    "Education",
    "Interest",
    "JSONResume",
    "Language",
    "Leaf",
    "Location",
    "Profile",
    "Project",
    "Publication",
    "Reference",
    "Skill",
    "Volunteer",
    "Work",
    "leaves",
]


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


class Part(BaseModel):
    """A part of a JSON Resume: everything is optional, nulls are ignored, unknown fields are kept."""

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
            return {key: item for key, item in value.items() if item is not None}
        return value

    @model_serializer(mode="wrap")
    def _write(self, handler: SerializerFunctionWrapHandler) -> dict[str, JsonValue]:
        written: dict[str, JsonValue] = handler(self)
        unset = {field.alias for name, field in type(self).model_fields.items() if name not in self.model_fields_set}
        return {key: item for key, item in written.items() if item is not None and (item != [] or key not in unset)}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the fields as the schema of JSON Resume does: a model needn't read about nulls and titles."""
        schema = handler(core_schema)
        described = handler.resolve_ref_schema(schema)
        properties: dict[str, JsonSchemaValue] = described.get("properties", {})
        for name, field in properties.items():
            kinds = [kind for kind in field.get("anyOf", []) if kind != {"type": "null"}]
            said = {key: item for key, item in field.items() if key not in {"title", "default", "anyOf"}}
            properties[name] = {**(kinds[0] if kinds else {}), **said}
        described["additionalProperties"] = True
        return schema


def _date(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.strip()
    # JSON Resume says "still going on" by leaving the date out.
    return None if text.casefold() in {"", "present", "current", "now", "today", "ongoing"} else normal_date(text)


def _entries(value: object) -> object:
    return [item for item in value if item is not None] if _is_list(value) else value


def _texts(value: object) -> object:
    return [value] if isinstance(value, str) else _entries(value)


Date = Annotated[str | None, BeforeValidator(_date)]
Texts = Annotated[list[str], BeforeValidator(_texts)]
_START = Field(default=None, description="ISO date of the beginning: 2014-06-29, 2014-06 or 2014")
_END = Field(default=None, description="ISO date of the end: 2014-06-29, 2014-06 or 2014; left out if still going on")
_DAY = Field(default=None, description="ISO date: 2014-06-29, 2014-06 or 2014")


class Location(Part):
    """Where somebody lives."""

    address: str | None = Field(default=None, description="Street and number; lines are separated by \\n")
    postal_code: str | None = None
    city: str | None = None
    country_code: str | None = Field(default=None, description="ISO 3166-1 alpha-2, such as US, AU, IN")
    region: str | None = Field(default=None, description="State, province or the like")


class Profile(Part):
    """An account at a network."""

    network: str | None = Field(default=None, description="Such as LinkedIn or GitHub")
    username: str | None = None
    url: str | None = None


class Basics(Part):
    """Who it is, how to reach them, and a summary."""

    name: str | None = None
    label: str | None = Field(default=None, description="The profession in a word or two, such as Web Developer")
    image: str | None = None
    email: str | None = None
    phone: str | None = None
    url: str | None = None
    summary: str | None = Field(default=None, description="Two or three sentences about the person")
    location: Location | None = None
    profiles: list[Profile] = Field(default_factory=list[Profile])


class Work(Part):
    """A job that was held."""

    name: str | None = Field(default=None, description="The employer")
    location: str | None = None
    description: str | None = Field(default=None, description="What the employer does")
    position: str | None = Field(default=None, description="The job's title")
    url: str | None = None
    start_date: Date = _START
    end_date: Date = _END
    summary: str | None = Field(default=None, description="The responsibilities")
    highlights: Texts = Field(default_factory=list, description="Accomplishments, one sentence each")


class Volunteer(Part):
    """Unpaid work."""

    organization: str | None = None
    position: str | None = None
    url: str | None = None
    start_date: Date = _START
    end_date: Date = _END
    summary: str | None = None
    highlights: Texts = Field(default_factory=list, description="Accomplishments, one sentence each")


class Education(Part):
    """A school, course of study or training."""

    institution: str | None = None
    url: str | None = None
    area: str | None = Field(default=None, description="The field, such as Computer Science")
    study_type: str | None = Field(default=None, description="The degree, such as Bachelor")
    start_date: Date = _START
    end_date: Date = _END
    score: str | None = Field(default=None, description="The grade, such as 3.67/4.0")
    courses: Texts = Field(default_factory=list)


class Award(Part):
    """An award."""

    _short = "title"
    title: str | None = None
    date: Date = _DAY
    awarder: str | None = None
    summary: str | None = None


class Certificate(Part):
    """A certificate or licence."""

    _short = "name"
    name: str | None = None
    date: Date = _DAY
    url: str | None = None
    issuer: str | None = None


class Publication(Part):
    """Something published."""

    _short = "name"
    name: str | None = None
    publisher: str | None = None
    release_date: Date = _DAY
    url: str | None = None
    summary: str | None = None


class Skill(Part):
    """A skill, or a group of skills with its members as keywords."""

    _short = "name"
    name: str | None = None
    level: str | None = None
    keywords: Texts = Field(default_factory=list)


class Language(Part):
    """A spoken language."""

    _short = "language"
    language: str | None = None
    fluency: str | None = None


class Interest(Part):
    """An interest."""

    _short = "name"
    name: str | None = None
    keywords: Texts = Field(default_factory=list)


class Reference(Part):
    """What somebody says about the person."""

    _short = "reference"
    name: str | None = None
    reference: str | None = None


class Project(Part):
    """A project."""

    name: str | None = None
    description: str | None = None
    highlights: Texts = Field(default_factory=list)
    keywords: Texts = Field(default_factory=list)
    start_date: Date = _START
    end_date: Date = _END
    url: str | None = None
    roles: Texts = Field(default_factory=list)
    entity: str | None = Field(default=None, description="The company or body it was made for")
    type: str | None = Field(default=None, description="Such as application, talk or volunteering")


class JSONResume(Part):
    """A resume in the JSON Resume schema 1.0."""

    basics: Basics | None = None
    work: Annotated[list[Work], BeforeValidator(_entries)] = Field(default_factory=list[Work])
    volunteer: Annotated[list[Volunteer], BeforeValidator(_entries)] = Field(default_factory=list[Volunteer])
    education: Annotated[list[Education], BeforeValidator(_entries)] = Field(default_factory=list[Education])
    awards: Annotated[list[Award], BeforeValidator(_entries)] = Field(default_factory=list[Award])
    certificates: Annotated[list[Certificate], BeforeValidator(_entries)] = Field(default_factory=list[Certificate])
    publications: Annotated[list[Publication], BeforeValidator(_entries)] = Field(default_factory=list[Publication])
    skills: Annotated[list[Skill], BeforeValidator(_entries)] = Field(default_factory=list[Skill])
    languages: Annotated[list[Language], BeforeValidator(_entries)] = Field(default_factory=list[Language])
    interests: Annotated[list[Interest], BeforeValidator(_entries)] = Field(default_factory=list[Interest])
    references: Annotated[list[Reference], BeforeValidator(_entries)] = Field(default_factory=list[Reference])
    projects: Annotated[list[Project], BeforeValidator(_entries)] = Field(default_factory=list[Project])
    meta: dict[str, JsonValue] | None = Field(default=None, description="Version of the schema and tool settings")

    def to_data(self) -> dict[str, JsonValue]:
        """Return the resume as plain data with the names of the schema, without what is not there."""
        return self.model_dump(mode="json")


class Leaf(NamedTuple):
    """A text of a resume with its place, such as `work[0].highlights[1]`."""

    path: str
    text: str


def leaves(value: JsonValue, path: str = "") -> Iterator[Leaf]:
    """Yield each text and number of plain data with its place, in order; what is for tools only is left out."""
    if isinstance(value, dict):
        for key, item in value.items():
            if path or key not in {"meta", "$schema"}:
                yield from leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]")
    elif value is not None and value != "":
        yield Leaf(path, str(value))
