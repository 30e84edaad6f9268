"""JSON Resume (jsonresume.org, schema 1.0) as pydantic models.

Attributes are in snake case. The JSON has the names of the schema (`startDate`). Fields that the schema doesn't have
are kept.
"""

from __future__ import annotations

from pydantic import Field, JsonValue

from .json_part import Date, Part, Texts

__all__ = [
    "Award",
    "Basics",
    "Certificate",
    "Education",
    "Interest",
    "JSONResume",
    "Language",
    "Location",
    "Profile",
    "Project",
    "Publication",
    "Reference",
    "Skill",
    "Volunteer",
    "Work",
]

_START = Field(default=None, description="ISO date of the beginning: 2014-06-29, 2014-06 or 2014")
_END = Field(default=None, description="ISO date of the end: 2014-06-29, 2014-06 or 2014; left out if still going on")
_DAY = Field(default=None, description="ISO date: 2014-06-29, 2014-06 or 2014")


class Location(Part):
    """A postal address."""

    address: str | None = Field(default=None, description="Street and number; lines are separated by \\n")
    postal_code: str | None = None
    city: str | None = None
    country_code: str | None = Field(default=None, description="ISO 3166-1 alpha-2, such as US, AU, IN")
    region: str | None = Field(default=None, description="State, province or the like")


class Profile(Part):
    """An account at a social network."""

    network: str | None = Field(default=None, description="Such as LinkedIn or GitHub")
    username: str | None = None
    url: str | None = None


class Basics(Part):
    """The person: name, contact details, and a summary."""

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
    """A job."""

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
    """A publication."""

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
    """A reference: the words of somebody about the person."""

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
    work: list[Work] = Field(default_factory=list[Work])
    volunteer: list[Volunteer] = Field(default_factory=list[Volunteer])
    education: list[Education] = Field(default_factory=list[Education])
    awards: list[Award] = Field(default_factory=list[Award])
    certificates: list[Certificate] = Field(default_factory=list[Certificate])
    publications: list[Publication] = Field(default_factory=list[Publication])
    skills: list[Skill] = Field(default_factory=list[Skill])
    languages: list[Language] = Field(default_factory=list[Language])
    interests: list[Interest] = Field(default_factory=list[Interest])
    references: list[Reference] = Field(default_factory=list[Reference])
    projects: list[Project] = Field(default_factory=list[Project])
    meta: dict[str, JsonValue] | None = Field(default=None, description="Version of the schema and tool settings")

    def to_data(self) -> dict[str, JsonValue]:
        """Return the resume as plain data with the names of the schema, without absent fields."""
        return self.model_dump(mode="json")
