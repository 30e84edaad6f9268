"""What comes out: cases, the requests that they are made of, and the suite that holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field, JsonValue, PrivateAttr, SerializerFunctionWrapHandler, model_serializer

if TYPE_CHECKING:
    import os
    from pathlib import Path

    import pandas as pd

__all__ = ["ApiTestSuite", "BodyKind", "Case", "Category", "EndpointCases", "Request", "Scheme", "Step"]

BodyKind = Literal["json", "form", "multipart", "text", "bytes"]

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
    "business_rule",
    "hostile_input",
]

Source = Literal["foundation", "rules", "model"]


class Scheme(BaseModel):
    """A security scheme; the suite takes its secret from the environment's `variable`."""

    id: str
    name: str
    kind: Literal["bearer", "basic", "header", "query", "cookie", "other"]
    parameter: str = ""
    variable: str


class _Compact(BaseModel):
    """Data that leaves out what is as always: a thousand operations have many requests."""

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
    """One request, as data: the path is a template of the specification, and `path_values` fill it."""

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
    auth: Literal["valid", "missing", "wrong"] = "valid"


class Step(_Compact):
    """A request and the statuses that it may be answered with: `"200"`, or `"4XX"` for a class of them.

    `save` keeps a value of the answer under a name: a JSON Pointer into the body, by name. `use` puts a kept
    value into the request before it is sent: a name, by a JSON Pointer into the request.
    """

    request: Request
    expected: list[str]
    save: dict[str, str] = Field(default_factory=dict[str, str])
    use: dict[str, str] = Field(default_factory=dict[str, str])


class Case(BaseModel):
    """One test case: its last step is what is tested, those before set it up."""

    id: str
    name: str
    category: Category
    endpoint: str
    steps: list[Step]
    why: str
    source: Source

    @property
    def request(self) -> Request:
        """The request that is tested."""
        return self.steps[-1].request

    @property
    def expected(self) -> list[str]:
        """The statuses that it may be answered with."""
        return self.steps[-1].expected


class EndpointCases(BaseModel):
    """One endpoint, and the schemas of its answers by status and media type."""

    name: str
    operation_id: str
    summary: str
    cases: int
    responses: dict[str, dict[str, Any]]
    notes: list[str]


class ApiTestSuite(BaseModel):
    """Test cases for an API, and a pytest suite that runs them."""

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
    notes: list[str] = Field(description="What the specification has that no case is made of")
    model: str
    note: str | None = None
    _history: bytes = PrivateAttr(default=b"")

    def remember(self, history: bytes) -> None:
        """Put the events of the run that made the suite among its files, as JSON Lines."""
        self._history = history

    def artifacts(self) -> dict[str, bytes]:
        """Return the files of the suite by name; the names are the same for every specification.

        The history of the run is among them where the suite comes from one.
        """
        from progressnb.operations.testcases.artifacts import files

        return files(self, self._history)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the suite as a ZIP, whole or not at all, and return the path.

        Raises `InputError` for a name that does not end in .zip, or whose directory does not exist.

        ::

            suite.save("api-tests.zip")
        """
        from progressnb.operations.testcases.artifacts import save

        return save(self.artifacts(), path)

    def frame(self) -> pd.DataFrame:
        """Return the cases as a DataFrame, one row a case."""
        import pandas as pd

        from progressnb.operations.testcases.artifacts import COLUMNS, rows

        return pd.DataFrame(list(rows(self)), columns=list(COLUMNS))

    def __eq__(self, other: object) -> bool:
        """Compare what was made; the history of making it is never the same."""
        return self.__dict__ == other.__dict__ if isinstance(other, ApiTestSuite) else NotImplemented

    __hash__ = None  # type: ignore[assignment] # it may be changed

    def __repr__(self) -> str:
        """Say in one line what came out."""
        return (
            f"ApiTestSuite({self.title[:60]!r}, endpoints={len(self.endpoints)}, cases={len(self.cases)}, "
            f"foundation_only={len(self.foundation_only)}, "
            + (f"without_cases={len(self.without_cases)}, " if self.without_cases else "")
            + f"model={self.model!r})"
        )

    __str__ = __repr__
