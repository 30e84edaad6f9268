"""The data of a suite: cases with their requests, endpoints, and security schemes."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field, JsonValue, SerializerFunctionWrapHandler, model_serializer

__all__ = [
    "OF_REQUEST",
    "BodyKind",
    "Case",
    "Category",
    "Check",
    "EndpointCases",
    "Fresh",
    "Removal",
    "Request",
    "Scheme",
    "Source",
    "Step",
    "SuiteData",
]

OF_REQUEST = "="
"""The beginning of a pointer to what the sender of a request chose, as the runner knows it."""

BodyKind = Literal["json", "form", "multipart", "text", "bytes"]
"""The ways to write a request's body; `bytes` are in Base64."""

Category = Literal[
    "valid",
    "required",
    "type",
    "boundary",
    "enum",
    "format",
    "structure",
    "media_type",
    "auth",
    "not_found",
    "sequence",
    "values",
    "list",
    "method",
    "robust",
    "business_rule",
    "hostile_input",
]
"""The kinds of cases: a valid request, or what of the specification a request breaks or tests."""

Source = Literal["foundation", "rules", "model"]
"""The origin of a case: the specification alone, the rules for sequences, or a language model."""


class Scheme(BaseModel):
    """A security scheme. The suite reads its secret from the environment variable `variable`."""

    id: str
    name: str
    kind: Literal["bearer", "basic", "header", "query", "cookie", "other"]
    parameter: str = ""
    variable: str


class _Compact(BaseModel):
    """Data that is written without its default values: a thousand operations have many requests."""

    @model_serializer(mode="wrap")
    def _without_defaults(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields = type(self).model_fields
        written: dict[str, Any] = serialize(self)
        return {
            name: value
            for name, value in written.items()
            if fields[name].is_required() or value != fields[name].get_default(call_default_factory=True)
        }


class Request(_Compact):
    """One request as data. The path is a template of the specification, which `path_values` fill in."""

    endpoint: str
    method: str
    path: str
    path_values: dict[str, str] = Field(default_factory=dict[str, str])
    query: dict[str, str | list[str]] = Field(default_factory=dict[str, str | list[str]])
    headers: dict[str, str] = Field(default_factory=dict[str, str])
    cookies: dict[str, str] = Field(default_factory=dict[str, str])
    media_type: str | None = None
    body_kind: BodyKind | None = None
    body: JsonValue = None
    files: dict[str, str] = Field(
        default_factory=dict[str, str],
        description="The fields of a multipart body that are files, and the content type of each",
    )
    security: list[str] = Field(default_factory=list[str])
    auth: Literal["valid", "missing", "wrong", "odd", "letters", "cut", "other", "expired", "reader"] = Field(
        default="valid",
        description=(
            "Whose credentials; those of another user, expired ones and a reader's have variables of their own; "
            "`letters` are the valid ones with capitals for small letters, and `cut` lack the last character"
        ),
    )


class Fresh(_Compact):
    """The way to make a value new in each run: a part is added or replaced, within these limits."""

    kind: Literal["text", "email", "uuid", "uri", "host", "like", "integer"]
    longest: int | None = None
    pattern: str = ""
    least: int = 1
    most: int = 2**31 - 1


class Check(_Compact):
    """A condition on the values of an answer.

    Attributes:
        kind: `sent`: the values that earlier steps sent come back. `has`, `lacks`: a list has, once, or lacks a thing.
            `at_most`, `at_least`: the length of a list. `page`: pages don't repeat, and leave nothing out. `each`: all
            that is listed has a value. `sorted`: a list is in order. `equals`, `differs`: one value. `located`: the
            header Location leads to what was made. `follow`: pages end, and don't repeat, where each names the next.
            `ordered`: what was made is listed in an order. `total`: a number is that of all in a list that is whole.
            `listed`: a thing in a list has the values that were sent. `times`: a list has a value so many times.
            `grows`: a number has become larger by one. `agrees`: fields are as in a kept answer. `now`: a time is that
            of the answer. `least`, `most`: all that is listed has no less, or no more.
            `only`: all that is listed has the value in a field. `needs`: a value without which the case is skipped.
            `adds`: numbers that have changed by an amount, as those did that an earlier such check saw.
            `promise`: what a sentence says, see `That`; `name` is what, `fields` has the field of the things in a list.
        pointer: The place in the answer, a JSON Pointer.
        name: The field of the things in a list.
        fields: The fields that are compared.
        variable: The kept value to compare with; else `value`.
        value: The value to compare with.

    """

    kind: Literal[
        "sent",
        "has",
        "lacks",
        "at_most",
        "at_least",
        "page",
        "each",
        "sorted",
        "equals",
        "differs",
        "located",
        "follow",
        "ordered",
        "total",
        "listed",
        "times",
        "grows",
        "agrees",
        "now",
        "least",
        "most",
        "only",
        "needs",
        "adds",
        "promise",
    ]
    pointer: str = ""
    name: str = ""
    fields: list[str] = Field(default_factory=list[str])
    variable: str = ""
    value: JsonValue = None


class Step(_Compact):
    """A request and the statuses that are right for its answer.

    Attributes:
        request: The request.
        expected: The statuses: `"200"`, or `"4XX"` for all that begin with 4.
        save: Values of the answer to keep: JSON Pointers into its body, or `@` and a header, whose last part is kept;
            by the name of the variable. One that begins with `=` leads into the request.
        use: Kept values to put into the request before it is sent: names of variables, by JSON Pointers into it.
        setup: Whether it only creates what later steps need. Then any success will do.
        fresh: The values that are new in each run, by JSON Pointers into the request.
        same: How many steps before it the one is whose new values it has again.
        record: Whether its body is the new state of a thing, or changes a part of it; later checks compare with that.
        checks: What the values of the answer must be.

    """

    request: Request
    expected: list[str]
    save: dict[str, str] = Field(default_factory=dict[str, str])
    use: dict[str, str] = Field(default_factory=dict[str, str])
    setup: bool = False
    fresh: dict[str, Fresh] = Field(default_factory=dict[str, Fresh])
    same: int | None = None
    record: Literal["", "new", "part"] = ""
    checks: list[Check] = Field(default_factory=list[Check])


class Case(BaseModel):
    """One test case. Its last step is the one that is tested, and the steps before it set it up."""

    id: str = ""
    name: str
    category: Category
    endpoint: str
    steps: list[Step]
    why: str
    source: Source = "foundation"

    @property
    def request(self) -> Request:
        """The request of the last step."""
        return self.steps[-1].request

    @property
    def expected(self) -> list[str]:
        """The statuses that are right for the answer to the last step."""
        return self.steps[-1].expected


class Removal(BaseModel):
    """The request that removes what an endpoint created.

    Attributes:
        request: The request, without the values of its path.
        parameter: The path parameter that takes the id; others are those of the creation.
        pointer: The place of the id in the answer to the creation.

    """

    request: Request
    parameter: str
    pointer: str


class EndpointCases(BaseModel):
    """One endpoint with the number of its cases, and the schemas of its answers by status and media type.

    Also the headers that its answers must have, by status, the sentences that tell when a valid request is refused, by
    status, the request that removes what it creates, if any, the address of a server of its own, and the alternatives
    of its security, if there are several.
    """

    name: str
    operation_id: str
    summary: str
    cases: int
    responses: dict[str, dict[str, Any]]
    notes: list[str]
    headers: dict[str, dict[str, Any]] = Field(default_factory=dict[str, dict[str, Any]])
    refusals: dict[str, str] = Field(default_factory=dict[str, str])
    removal: Removal | None = None
    server: str = ""
    ways: list[list[str]] = Field(default_factory=list[list[str]])


class SuiteData(BaseModel):
    """The data of a suite, without the files that are made of it."""

    title: str
    version: str
    endpoints: list[EndpointCases]
    helpers: list[EndpointCases] = Field(description="Endpoints that cases use and that were not asked for")
    cases: list[Case]
    schemes: list[Scheme]
    definitions: dict[str, Any]
    foundation_only: dict[str, str] = Field(description="Endpoints with no more than foundation cases, and why")
    without_cases: dict[str, str] = Field(
        default_factory=dict[str, str], description="Endpoints that not one case could be made for, and why"
    )
    notes: list[str] = Field(description="Parts of the specification that no case is made of")
    server: str = Field(default="", description="The address of the specification's first server")
    model: str
    note: str | None = None
