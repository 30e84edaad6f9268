"""Servers that follow the three specifications, and one way to make them break off from it: a fault."""

import itertools
import json
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator
from starlette.exceptions import HTTPException as AnyHTTPException

if TYPE_CHECKING:
    from typing import Self

TOKEN = "t0ken"  # noqa: S105 - of a test server
INT32, INT64 = 2**31 - 1, 2**63 - 1
PATIENCE = 10


@dataclass
class Call:
    """One request, and what a server that follows its specification answers."""

    method: str
    path: str
    headers: dict[str, str]
    query: list[tuple[str, str]]
    content: bytes
    status: int
    answer: Any = None

    @property
    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.content)
        except ValueError:
            return None

    def field(self, name: str) -> Any:
        """One field of a JSON body; None where there is none."""
        return self.json.get(name) if isinstance(self.json, dict) else None


@dataclass
class Server:
    """An app on a free port of loopback, in a thread of its own. `fault` may change any answer."""

    app: FastAPI
    fault: Callable[[Call], tuple[int, Any] | None] | None = None
    port: int = 0

    @property
    def url(self) -> str:
        """The address of the server."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "Self":
        self.app.middleware("http")(self._planted)
        started = threading.Event()

        class Told(uvicorn.Server):
            async def startup(self, sockets: Any = None) -> None:
                await super().startup(sockets)
                started.set()

        self._server = Told(uvicorn.Config(self.app, port=0, log_level="error", ws="none", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, name="api server", daemon=True)
        self._thread.start()
        assert started.wait(PATIENCE)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(PATIENCE)

    async def _planted(self, request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        if self.fault is None:
            return await go_on(request)
        content = await request.body()
        response: Any = await go_on(request)
        answer = b"".join([piece async for piece in response.body_iterator])
        call = Call(
            request.method,
            request.url.path,
            dict(request.headers),
            list(request.query_params.multi_items()),
            content,
            response.status_code,
            json.loads(answer) if answer and "json" in response.headers.get("content-type", "") else None,
        )
        changed = self.fault(call)
        if changed is None:
            return Response(answer, response.status_code, dict(response.headers))
        status, body = changed
        return Response(status_code=status) if body is None else JSONResponse(body, status)


def plain_errors(app: FastAPI) -> None:
    """Answer errors as the petstore's `default` says: a code and a message."""

    @app.exception_handler(RequestValidationError)
    async def _refused(_: Request, error: RequestValidationError) -> JSONResponse:
        return JSONResponse({"code": 422, "message": str(error.errors()[0]["msg"])}, 422)

    @app.exception_handler(AnyHTTPException)
    async def _failed(_: Request, error: AnyHTTPException) -> JSONResponse:
        return JSONResponse({"code": error.status_code, "message": str(error.detail)}, error.status_code)


class NewPet(BaseModel):
    """A pet as a caller writes it."""

    name: str
    tag: str = ""


def petstore() -> FastAPI:
    """Return a petstore."""
    app = FastAPI()
    plain_errors(app)
    pets: dict[int, dict[str, Any]] = {}
    numbers = itertools.count(1)

    @app.get("/pets")
    async def find(
        tags: Annotated[list[str] | None, Query()] = None,
        limit: Annotated[int, Query(ge=-INT32 - 1, le=INT32)] = 100,
    ) -> list[dict[str, Any]]:
        found = [pet for pet in pets.values() if not tags or pet.get("tag") in tags]
        return found[: max(limit, 0)]

    @app.post("/pets")
    async def add(pet: NewPet) -> dict[str, Any]:
        made = next(numbers)
        pets[made] = {"id": made, **pet.model_dump(exclude_unset=True)}
        return pets[made]

    number = Annotated[int, Path(ge=-INT64 - 1, le=INT64)]

    @app.get("/pets/{id}")
    async def get(id: number) -> dict[str, Any]:  # noqa: A002 - the specification's name
        if id not in pets:
            raise HTTPException(404, "no such pet")
        return pets[id]

    @app.delete("/pets/{id}", status_code=204)
    async def delete(id: number) -> None:  # noqa: A002
        if pets.pop(id, None) is None:
            raise HTTPException(404, "no such pet")

    return app


def uspto() -> FastAPI:
    """Return the data set API."""
    app = FastAPI()
    known = ("oa_citations", "v1")

    @app.get("/")
    async def data_sets() -> dict[str, Any]:
        return {"total": 1, "apis": [{"apiKey": known[0], "apiVersionNumber": known[1]}]}

    @app.get("/{dataset}/{version}/fields")
    async def fields(dataset: str, version: str) -> Response:
        there = (dataset, version) == known
        return JSONResponse("id, title" if there else "not found", 200 if there else 404)

    @app.post("/{dataset}/{version}/records")
    async def records(dataset: str, version: str, request: Request) -> Response:
        if (dataset, version) != known:
            return Response(status_code=404)
        content = await request.body()
        if not content:
            return JSONResponse([])
        form = dict(parse_qsl(content.decode(), keep_blank_values=True))
        if "criteria" not in form:
            return Response(status_code=422)
        try:
            rows = int(form.get("rows", "100"))
            int(form.get("start", "0"))
        except ValueError:
            return Response(status_code=422)
        return JSONResponse([{"doc": {"rows": rows}}])

    return app


class Line(BaseModel):
    """One line of an order."""

    price: Annotated[float, Field(gt=0, strict=True)]


class NewOrder(BaseModel):
    """An order as a caller writes it."""

    model_config = ConfigDict(extra="forbid")
    item: Annotated[str, StringConstraints(min_length=2, max_length=20)]
    quantity: Annotated[int, Field(ge=1, le=100, strict=True)]
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]
    size: Literal["small", "large"] = "small"
    code: Annotated[str, StringConstraints(pattern="^[A-Z]{2}-[0-9]{4}$")] = "AA-0000"
    due: date | None = None
    gift: Annotated[bool, Field(strict=True)] = False
    tags: Annotated[list[Annotated[str, StringConstraints(min_length=1)]], Field(max_length=3)] = []
    lines: list[Line] = []

    @field_validator("tags")
    @classmethod
    def _once(cls, value: list[str]) -> list[str]:
        if len(set(value)) < len(value):
            raise ValueError("twice")
        return value


def known_caller(authorization: Annotated[str, Header()] = "") -> None:
    """Refuse who has no token."""
    if authorization != f"Bearer {TOKEN}":
        raise HTTPException(401)


def orders() -> FastAPI:
    """Return the orders API."""
    app = FastAPI(dependencies=[Depends(known_caller)])
    there: dict[UUID, dict[str, Any]] = {}

    @app.get("/orders")
    async def listed(
        status: Literal["open", "sent", "closed"] = "open",
        limit: Annotated[int, Query(ge=1, le=50)] = 50,
        since: date | None = None,
        x_request_id: Annotated[str | None, Header(min_length=8, max_length=36)] = None,
    ) -> list[dict[str, Any]]:
        _ = since, x_request_id
        return [order for order in there.values() if order["status"] == status][:limit]

    def kept(key: UUID, order: NewOrder) -> dict[str, Any]:
        there[key] = {"id": str(key), "status": "open", **order.model_dump(mode="json")}
        return there[key]

    def found(orderId: UUID) -> UUID:  # noqa: N803 - the specification's name
        if orderId not in there:
            raise HTTPException(404)
        return orderId

    @app.post("/orders", status_code=201)
    async def make(order: NewOrder) -> dict[str, Any]:
        return kept(uuid4(), order)

    @app.get("/orders/{orderId}")
    async def get(key: Annotated[UUID, Depends(found)]) -> dict[str, Any]:
        return there[key]

    @app.put("/orders/{orderId}")
    async def change(key: Annotated[UUID, Depends(found)], order: NewOrder) -> dict[str, Any]:
        return kept(key, order)

    @app.delete("/orders/{orderId}", status_code=204)
    async def delete(key: Annotated[UUID, Depends(found)]) -> None:
        del there[key]

    return app


APPS: dict[str, Callable[[], FastAPI]] = {
    "petstore-expanded.yaml": petstore,
    "uspto.yaml": uspto,
    "orders.yaml": orders,
}
