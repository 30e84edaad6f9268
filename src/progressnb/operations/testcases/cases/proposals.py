"""Cases that a model proposes, or the rules that stand in for one: the form in which they are asked for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from progressnb.operations.testcases.spec.plain import is_list

__all__ = ["Caller", "Proposals", "ProposedCase", "ProposedCheck", "ProposedStep", "That"]

Caller = Literal["first", "second", "third", "nobody", "expired"]
"""Who sends a request: three people with credentials, one without, and one whose credentials have expired."""

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
"""What a check says of a value or a list."""


def _listed(value: Any) -> Any:  # noqa: ANN401 - of a model
    """Return statuses as texts: models write numbers, and one alone."""
    return [str(each) for each in (value if is_list(value) else [value])]


class ProposedCheck(BaseModel):
    """A condition on the answer of a step."""

    pointer: str = Field(
        default="",
        description="Where: a JSON Pointer into the body such as /total or /items; empty for the whole body; "
        "@X-Total-Count for a header",
    )
    that: That = Field(
        description="equals, differs, at_least, at_most: the value (numbers by size, dates by day). contains: the text "
        "has the value in it, as a link has ?state=open. count: the list "
        "has so many. has, lacks: the list has one whose field is the value. all_have: each in the list has this "
        "field. in_order: those of the list whose fields are these values (a list) stand in this order. absent: there "
        "is nothing, or null. present: there is something"
    )
    field: str = Field(default="", description="For lists: the field of the things in it; empty for the things itself")
    value: Any = Field(default=None, description="What to compare with; {…} is allowed")


class ProposedStep(BaseModel):
    """One request, the statuses that are right for its answer, and what must be true of it."""

    endpoint: str = Field(description="One of the endpoints listed, as it is written there, such as POST /pets")
    caller: Caller = Field(default="first", description="Who sends it")
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


class ProposedCase(BaseModel):
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
