"""Cases that a model proposes, or the rules that stand in for one: the form in which they are asked for.

One case that is not of this form costs no other; slips of clear meaning are put right.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic.json_schema import SkipJsonSchema

from progressnb.operations.testcases.spec.plain import is_list, is_object

__all__ = ["Caller", "Proposals", "ProposedCase", "ProposedCheck", "ProposedStep", "That"]

Caller = Literal["first", "second", "third", "nobody", "expired"]
"""The senders of a request: three people with credentials, one without, and one whose credentials have expired."""

That = Literal[
    "equals",
    "differs",
    "contains",
    "at_least",
    "at_most",
    "count",
    "has",
    "lacks",
    "all_have",
    "in_order",
    "absent",
    "present",
]
"""The conditions that a check sets for a value or a list."""

_SAME = {
    **dict.fromkeys(("equal", "eq", "==", "is", "equal_to"), "equals"),
    **dict.fromkeys(("not_equals", "not_equal", "ne", "!=", "is_not", "differ"), "differs"),
    **dict.fromkeys((">=", "gte", "ge", "minimum", "not_less_than"), "at_least"),
    **dict.fromkeys(("<=", "lte", "le", "maximum", "not_more_than"), "at_most"),
    **dict.fromkeys(("length", "size", "count_is", "counts"), "count"),
    **dict.fromkeys(("null", "is_null", "missing", "not_present"), "absent"),
    **dict.fromkeys(("exists", "not_null", "is_present"), "present"),
    **dict.fromkeys(("not_has", "has_not", "does_not_have", "excludes"), "lacks"),
    **dict.fromkeys(("all", "each_has", "all_equal", "each"), "all_have"),
    **dict.fromkeys(("sorted", "ordered", "order"), "in_order"),
    **dict.fromkeys(("anonymous", "none", "no one", "noone"), "nobody"),
    **dict.fromkeys(("other", "another"), "second"),
}
"""Other words for those of `That` and `Caller`."""


MOST_UNREADABLE = 20
"""Cases that can't be read of which the reason is told."""


def _named(value: Any) -> Any:  # noqa: ANN401 - of a model
    word = value.strip().casefold() if isinstance(value, str) else value
    return _SAME.get(word, word) if isinstance(word, str) else value


def _listed(value: Any) -> Any:  # noqa: ANN401 - of a model
    """Return one status alone as a list of it."""
    return value if is_list(value) else [value]


class _Proposed(BaseModel):
    """Data of a model: null for what it leaves out, and numbers for texts, are taken."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:  # noqa: ANN401
        return {key: each for key, each in data.items() if each is not None} if is_object(data) else data


class ProposedCheck(_Proposed):
    """A condition on the answer of a step."""

    pointer: str = Field(
        default="",
        description="Where: a JSON Pointer into the body such as /total or /items; empty for the whole body; "
        "@X-Total-Count for a header",
    )
    that: Annotated[That, BeforeValidator(_named)] = Field(
        description="equals, differs, at_least, at_most: the value (numbers by size, dates by day). contains: the text "
        "has the value in it, as a link has ?state=open. count: the list "
        "has so many. has, lacks: the list has one whose field is the value. all_have: each in the list has this "
        "field. in_order: those of the list whose fields are these values (a list) stand in this order. absent: there "
        "is nothing, or null. present: there is something"
    )
    field: str = Field(default="", description="For lists: the field of the things in it; empty for the things itself")
    value: Any = Field(default=None, description="What to compare with; {…} is allowed")


class ProposedStep(_Proposed):
    """One request, the statuses that are right for its answer, and what must be true of it."""

    endpoint: str = Field(description="One of the endpoints listed, as it is written there, such as POST /pets")
    caller: Annotated[Caller, BeforeValidator(_named)] = Field(default="first", description="Who sends it")
    path: dict[str, Any] = Field(default_factory=dict[str, Any], description="Path parameters by name")
    query: dict[str, Any] = Field(default_factory=dict[str, Any], description="Query parameters by name")
    headers: dict[str, str] = Field(default_factory=dict[str, str], description="Headers by name; no credentials")
    body: Any = Field(default=None, description="The body as JSON, or null for none")
    expected: Annotated[list[str], BeforeValidator(_listed)] = Field(
        description='The statuses that are right, as documented: ["201"]'
    )
    save: dict[str, str] = Field(
        default_factory=dict[str, str],
        description='Values of the answer that later steps need, such as {"pet": "/id"}: a name, and a JSON Pointer '
        "into the body, or @Location for a header",
    )
    checks: list[ProposedCheck] = Field(default_factory=list[ProposedCheck], description="What the answer must have")


class ProposedCase(_Proposed):
    """A case beyond the schema: a business rule, a sequence over endpoints, or hostile input."""

    name: str = Field(description="What is tested, in a few words")
    category: Literal["business_rule", "sequence", "hostile_input"]
    quote: str = Field(
        default="",
        description="The words of the specification that promise it, copied letter by letter; one sentence or a part "
        "of one. Empty for hostile input alone",
    )
    steps: list[ProposedStep] = Field(description="The requests in order; the last is what is tested")
    why: str = Field(description="What breaks if it fails, in one sentence")


class Proposals(BaseModel):
    """The cases for one endpoint; an empty list if it needs none."""

    cases: list[ProposedCase] = Field(description="The cases, most useful first")
    unreadable: SkipJsonSchema[list[str]] = Field(default_factory=list[str], exclude=True)
    """The cases that are not of this form, by name, and why."""

    @model_validator(mode="before")
    @classmethod
    def _each_alone(cls, data: Any) -> Any:  # noqa: ANN401
        """Take out the cases that can't be read. Where none can, the model is told, and asked again."""
        if not is_object(data) or not is_list(data.get("cases")):
            return data
        cases: list[Any] = []
        unreadable: list[str] = []
        for each in data["cases"]:
            try:
                cases.append(ProposedCase.model_validate(each))
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                name = str(each.get("name", "")) if is_object(each) else ""
                unreadable.append(f"{name[:100]!r}: {'.'.join(map(str, first['loc']))}: {first['msg']}"[:300])
        if len(unreadable) > MOST_UNREADABLE:
            unreadable[MOST_UNREADABLE:] = [f"{len(unreadable) - MOST_UNREADABLE} more can't be read"]
        return {"cases": cases, "unreadable": unreadable} if cases else data
