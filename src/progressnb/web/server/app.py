"""The app that serves runs: begin one, watch it over SSE or a WebSocket, cancel it, fetch what came out."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, FastAPI, HTTPException, Query, Request, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict
from starlette.middleware.cors import CORSMiddleware

import progressnb
from progressnb.errors import InputError, OperationError, UnknownRunError
from progressnb.execution.operation import Operation
from progressnb.execution.run import Run
from progressnb.web.access import checked_token
from progressnb.web.page.page import page_response
from progressnb.web.server.answers import links_of, state_of, summary_of
from progressnb.web.server.artifacts import ArtifactError, artifact, artifact_names, artifact_response
from progressnb.web.server.documentation import AFTER, DESCRIPTION, EVENTS, described
from progressnb.web.server.limits import Limits
from progressnb.web.server.registry import BusyError, ClosedError, ServedRun
from progressnb.web.server.security import Guard
from progressnb.web.server.service import FullError, Service
from progressnb.web.streams.parameters import reason_of
from progressnb.web.streams.sockets import BUSY, GONE, websocket
from progressnb.web.streams.sse import EventStream

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Iterable, Mapping

    from starlette.types import Receive, Scope, Send

    from progressnb.history.history import History
    from progressnb.tracking.clock import Clock

__all__ = ["create_app"]


class Begin(BaseModel):
    """A run to begin."""

    model_config = ConfigDict(extra="forbid")

    operation: str
    inputs: dict[str, Any] = {}


class Cancel(BaseModel):
    """Why a run is cancelled."""

    model_config = ConfigDict(extra="forbid")

    reason: str = ""


def create_app(
    operations: Iterable[Operation[..., Any]] = (),
    *,
    token: str | None = None,
    history: History | None = None,
    given: Mapping[str, object] | None = None,
    limits: Limits | None = None,
    origins: Collection[str] = (),
    query_token: bool = False,
    docs: bool = True,
    clock: Clock | None = None,
) -> FastAPI:
    """Return an ASGI app that begins runs of these operations and serves them to any number of clients.

    `token` is what clients send as `Authorization: Bearer`; without one only this machine is answered. With
    `query_token`, `?token=` does too. `history` keeps the runs, also beyond a restart. `given` are inputs that the
    server decides, such as `{"model": "openai:gpt-5"}`. `origins` are other web pages that may ask, such as
    `"https://example.com"`. `docs=False` turns off `/docs`, which loads scripts from a CDN, and `/openapi.json`.

    Raises `OperationError` for what is no operation or needs inputs that no client can send, and `InputError` for a
    token that can't be sent. ::

        app = pnb.web.create_app([pnb.customize], token=os.environ["TOKEN"])
    """
    checked_token(token)
    bounds = _checked(operations, history, limits, origins)
    service = Service(operations, given=given or {}, history=history, limits=bounds, clock=clock)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        yield
        await service.close()

    app = FastAPI(
        title="progressnb",
        version=progressnb.__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url="/docs" if docs else None,
        openapi_url="/openapi.json" if docs else None,
        redoc_url=None,
    )
    app.state.service = service
    app.include_router(_router)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_middleware(
        Guard, token=token, query_token=query_token, origins=origins, body=bounds.body, stall=bounds.stall
    )
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=[*origins],
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["authorization", "content-type", "last-event-id"],
        )
    plain_schema = app.openapi

    def openapi() -> dict[str, Any]:
        return app.openapi_schema or described(plain_schema(), service, token=token is not None)

    app.openapi = openapi  # type: ignore[method-assign]
    return app


def _checked(operations: object, history: object, limits: object, origins: object) -> Limits:
    """Refuse what callers without a type checker pass by mistake, and would be told late or never."""
    from progressnb.history.history import History

    if isinstance(operations, Operation):
        raise OperationError("a list of operations", "an operation itself", "Write [operation].")
    if history is not None and not isinstance(history, History):
        raise InputError("a History, or None", repr(history), 'Write history=pnb.History("runs.db").')
    if limits is not None and not isinstance(limits, Limits):
        raise InputError("Limits, or None", repr(limits), "Write limits=pnb.web.Limits(runs=4).")
    if isinstance(origins, str):
        raise InputError("a list of origins", repr(origins), "Write [origin].")
    return limits or Limits()


async def _invalid(_: Request, error: Exception) -> Response:
    """Say on one line what is wrong with a request; what came may be hostile, and is not said again."""
    first = error.errors()[0] if isinstance(error, RequestValidationError) else {"loc": (), "msg": "not as expected"}
    where = ".".join(str(part) for part in first["loc"] if part != "body") or "the body"
    return JSONResponse({"detail": f"{where[:200]}: {first['msg'][:300]}"}, 422)


_router = APIRouter()


def _service(request: Request | WebSocket) -> Service:
    service: Service = request.app.state.service
    return service


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", "")).rstrip("/")


async def _find(request: Request, run_id: str) -> ServedRun:
    try:
        return await _service(request).registry.find(run_id)
    except UnknownRunError:
        raise HTTPException(404, "there is no such run") from None


_BODY = {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Begin"}}}}}


@_router.post(
    "/runs",
    status_code=202,
    openapi_extra=_BODY,
    responses={422: {"description": "What does not fit, in words."}, 429: {}},
)
async def begin(request: Request, wanted: Annotated[Begin, Body()], *, wait: bool = False) -> Response:
    """Begin a run. `?wait=1` answers when it has ended: 200 with a result, 422 or 500 failed, 409 cancelled."""
    service, root = _service(request), _root(request)
    try:
        operation, inputs = service.operations[wanted.operation]
    except KeyError:
        names = ", ".join(service.operations) or "none"
        raise HTTPException(422, f"operation: expected one of {names}") from None
    try:
        run = service.registry.begin(operation, inputs.checked(wanted.inputs))
    except InputError as error:
        raise HTTPException(422, str(error)) from None
    except ClosedError:
        raise HTTPException(503, "the server stops", {"Retry-After": "5"}) from None
    except BusyError:
        raise HTTPException(429, "too many runs go on; try again later", {"Retry-After": "5"}) from None
    links = links_of(run.id, root)
    if not wait:
        answer = {"run_id": run.id, "operation": run.operation, "status": run.status, "links": links}
        return JSONResponse(answer, 202, {"location": links["self"]})
    ended = asyncio.ensure_future(run.log.wait_ended())  # not the run itself: who leaves cancels nothing
    await asyncio.wait([ended, service.closing], return_when=asyncio.FIRST_COMPLETED)
    ended.cancel()
    if not run.log.ended:
        raise HTTPException(503, "the server stops", {"Retry-After": "5"})
    status = 200 if run.status == "finished" else 409 if run.status == "cancelled" else _status_of(run)
    return JSONResponse(await _state(run, root), status)


def _status_of(run: Run[Any]) -> int:
    return 422 if isinstance(run.exception, InputError) else 500


@_router.get("/runs")
async def list_runs(request: Request) -> Response:
    """List the runs that are known, the latest first."""
    service, root = _service(request), _root(request)
    listed = [summary_of(run, root) for run in service.registry.listed()]
    return JSONResponse({"runs": [*listed, *await service.registry.recorded(root)]})


@_router.get("/runs/{run_id}", responses={404: {"description": "There is no such run."}})
async def read(request: Request, run_id: str) -> Response:
    """Return the state of a run: percent, stages, what is written so far, the result."""
    return JSONResponse(await _state(await _find(request, run_id), _root(request)))


async def _state(run: ServedRun, root: str) -> dict[str, Any]:
    state = state_of(run, root)
    names = await asyncio.to_thread(artifact_names, run.result) if isinstance(run, Run) else []
    state["artifacts"] = {name: f"{state['links']['self']}/artifacts/{name}" for name in names}
    return state


@_router.get("/runs/{run_id}/events", responses=EVENTS, response_class=Response, openapi_extra=AFTER)
async def events(
    request: Request,
    run_id: str,
    *,
    snapshots: Annotated[bool, Query(description="Content events carry what is written so far, as `partial`.")] = False,
) -> Response:
    """Stream the events of a run from the first one, or from after a seq, until the run ends."""
    service = _service(request)
    run = await _find(request, run_id)
    limits = service.limits
    return _CountedStream(
        service,
        EventStream(
            run.log,
            snapshots=snapshots,
            heartbeat=limits.heartbeat,
            stall=limits.stall,
            closing=service.closing,
        ),
    )


class _CountedStream(Response):
    def __init__(self, service: Service, stream: EventStream) -> None:
        super().__init__()
        self._service, self._stream = service, stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with self._service.client():
                await self._stream(scope, receive, send)
        except FullError:
            answer = JSONResponse({"detail": "too many clients; come again later"}, 503, {"Retry-After": "5"})
            await answer(scope, receive, send)


@_router.websocket("/runs/{run_id}/ws")
async def socket(socket: WebSocket, run_id: str) -> None:
    """Send the events of a run as text frames."""
    service = _service(socket)
    await socket.accept()
    try:
        run = await service.registry.find(run_id)
        with service.client():
            await websocket(run, socket, stall=service.limits.stall, closing=service.closing)
    except UnknownRunError:
        await socket.close(GONE, "there is no such run")
    except FullError:
        await socket.close(BUSY, "too many clients; come again later")


@_router.post("/runs/{run_id}/cancel", status_code=202, responses={404: {"description": "There is no such run."}})
async def cancel(request: Request, run_id: str, wanted: Annotated[Cancel | None, Body()] = None) -> Response:
    """Cancel a run. One that has ended stays as it is."""
    run = await _find(request, run_id)
    if not run.log.ended:
        run.cancel(reason_of(wanted.model_dump() if wanted is not None else {}))
    return JSONResponse({"run_id": run_id, "status": run.status, "links": links_of(run_id, _root(request))}, 202)


@_router.delete("/runs/{run_id}", status_code=204, responses={404: {"description": "There is no such run."}})
async def delete(request: Request, run_id: str) -> Response:
    """Cancel a run if it goes on, and forget it, also in the history."""
    await _find(request, run_id)
    await _service(request).registry.forget(run_id)
    return Response(status_code=204)


@_router.get("/runs/{run_id}/artifacts/{name}", response_class=Response)
async def download(request: Request, run_id: str, name: str) -> Response:
    """Return a file of a result, such as a resume as Word; `artifacts` in the run's state names them."""
    run = await _find(request, run_id)
    try:
        content = await asyncio.to_thread(artifact, run.result, name) if isinstance(run, Run) else None
    except ArtifactError as error:
        raise HTTPException(500, str(error)) from None  # in our words: the operation's own may hold anything
    if content is None:
        raise HTTPException(404, "this run has no such file")
    return artifact_response(name, content)


@_router.get("/runs/{run_id}/view", response_class=Response)
async def view(run_id: str) -> Response:
    """Return the page that shows a run. It is the same for every run, whether there is one or not."""
    _ = run_id
    return page_response()
