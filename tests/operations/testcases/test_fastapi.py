"""An ordinary FastAPI app: its suite is green as long as the app does what its own specification says."""

import asyncio
import itertools
from collections import Counter
from enum import StrEnum
from types import ModuleType
from typing import Annotated, Any
from uuid import UUID, uuid4

import pytest
from fastapi import Body, Depends, FastAPI, File, Form, HTTPException, Query, UploadFile
from fastapi.responses import PlainTextResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from tests.operations.testcases.planted import failures, runner_of
from tests.operations.testcases.servers import TOKEN, Call, Server

bearer = HTTPBearer()


class Order(StrEnum):
    """The parameters of a list."""

    NAME = "name"
    PRICE = "price"


class Item(BaseModel):
    """An item, whose id is nowhere in it."""

    name: str = Field(min_length=1, max_length=50)
    price: float = Field(gt=0)
    tags: list[str] = []
    note: str | None = None


class Note(BaseModel):
    """An item as a caller writes it."""

    text: str


class KeptNote(Note):
    """An item as the server keeps it."""

    id: UUID


class Filters(BaseModel):
    """Queries as a model."""

    limit: int = Field(10, ge=1, le=50)
    order: Order | None = None


def caller(credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> str:
    """Refuse who has no token."""
    if credentials.credentials != TOKEN:
        raise HTTPException(401, "Nobody.")
    return credentials.credentials


def items(app: FastAPI) -> None:
    """Add what has integer ids that no answer says."""
    there: dict[int, Item] = {}
    numbers = itertools.count(1)

    @app.post("/items", status_code=201)
    def make(item: Item) -> Item:
        there[next(numbers)] = item
        return item

    @app.get("/items")
    def listed(filters: Annotated[Filters, Query()]) -> list[Item]:
        return list(there.values())[: filters.limit]

    @app.get("/items/{item_id}")
    def one(item_id: int) -> Item:
        if item_id not in there:
            raise HTTPException(404, "No such item.")
        return there[item_id]

    @app.put("/items/{item_id}")
    def change(item_id: int, item: Item) -> Item:
        there[item_id] = item  # makes it, as PUT may
        return item

    @app.delete("/items/{item_id}", status_code=204)
    def remove(item_id: int) -> None:
        there.pop(item_id, None)  # gone is gone


def notes(app: FastAPI) -> None:
    """Add what only callers with a token may see; ids are told, and 404 is documented."""
    there: dict[UUID, KeptNote] = {}
    missing: dict[int | str, dict[str, Any]] = {404: {"description": "No such note."}}
    secured: dict[str, Any] = {"dependencies": [Depends(caller)]}

    @app.post("/notes", status_code=201, **secured)
    def make(note: Note) -> KeptNote:
        kept = KeptNote(id=uuid4(), text=note.text)
        there[kept.id] = kept
        return kept

    @app.get("/notes/{note_id}", responses=missing, **secured)
    def one(note_id: UUID) -> KeptNote:
        if note_id not in there:
            raise HTTPException(404, "No such note.")
        return there[note_id]

    @app.patch("/notes/{note_id}", responses=missing, **secured)
    def change(note_id: UUID, note: Annotated[Note | None, Body()] = None) -> KeptNote:
        if note is not None:
            there[one(note_id).id].text = note.text
        return one(note_id)

    @app.delete("/notes/{note_id}", status_code=204, responses=missing, **secured)
    def remove(note_id: UUID) -> None:
        del there[one(note_id).id]


def files(app: FastAPI) -> None:
    """Add uploads and what takes any text in its path."""

    @app.post("/upload")
    def upload(f: UploadFile) -> dict[str, Any]:
        return {"name": f.filename, "type": f.content_type}

    @app.post("/uploads")
    def uploads(
        several: list[UploadFile],
        raw: Annotated[bytes, File()],
        title: Annotated[str, Form(min_length=2)],
        other: UploadFile | None = None,
        pages: Annotated[int, Form(ge=1)] = 1,
    ) -> int:
        _ = title, other, pages
        return len(several) + len(raw)

    @app.post("/login")
    def login(user: Annotated[str, Form()], password: Annotated[str, Form()]) -> dict[str, str]:
        return {user: password}

    @app.get("/files/{path:path}", response_class=PlainTextResponse)
    def read(path: str) -> str:
        return f"here is {path}"

    @app.get("/kinds/{kind}")
    def kind(kind: Order, deep: bool = False) -> Order:  # noqa: FBT002
        _ = deep
        return kind

    @app.post("/search")
    def search(
        words: Annotated[list[str] | None, Body()] = None, limit: Annotated[int | None, Query(gt=0)] = None
    ) -> list[str]:
        return (words or [])[:limit]


def ordinary() -> FastAPI:
    """Return an app as people write them."""
    app = FastAPI()
    for add in (items, notes, files):
        add(app)
    return app


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """Make the suite of the app's own specification, once, and return its runner."""
    directory = tmp_path_factory.mktemp("fastapi")

    async def make() -> None:
        model = OfflineModel(pace=0)
        suite = await generate_tests.using(show=False)(ordinary().openapi(), model=model, out=directory / "suite.zip")
        assert suite.without_cases == {}

    asyncio.run(make())
    return runner_of(directory / "suite.zip", directory / "ordinary")


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the suite the token of its server."""
    monkeypatch.setenv("API_KEY_HTTPBEARER", TOKEN)


def test_green(runner: ModuleType) -> None:
    """No case fails against an app that does what it says; there are cases of all endpoints and kinds."""
    with Server(ordinary()) as server:
        assert list(failures(runner, server.url)) == []
    counted = Counter(case["category"] for case in runner.SUITE.cases)
    assert {
        "valid",
        "required",
        "type",
        "boundary",
        "enum",
        "format",
        "auth",
        "not_found",
        "sequence",
    } <= counted.keys()
    assert {case["endpoint"] for case in runner.SUITE.cases} == set(runner.SUITE.endpoints)


@pytest.mark.parametrize(
    ("method", "path", "status", "answered", "found"),
    [
        ("POST", "/upload", 200, (500, None), "got        status 500"),
        ("POST", "/items", 422, (201, {"name": "x", "price": 1}), "got        status 201"),
        (
            "GET",
            "/notes/00000000-0000-4000-8000-000000000000",
            404,
            (200, {"id": str(UUID(int=4)), "text": ""}),
            "got        status 200",
        ),
        ("DELETE", "/items/1", 204, (500, None), "got        status 500"),
        ("GET", "/kinds/name", 200, (200, "colour"), "'colour' is not one of"),
    ],
)
def test_red(  # noqa: PLR0917 - a row of the table
    runner: ModuleType, method: str, path: str, status: int, answered: tuple[int, Any], found: str
) -> None:
    """An app that breaks off from its specification in one place is found out."""

    def fault(call: Call) -> tuple[int, Any] | None:
        return answered if (call.method, call.path, call.status) == (method, path, status) else None

    with Server(ordinary(), fault) as server:
        assert found in next(failures(runner, server.url))
