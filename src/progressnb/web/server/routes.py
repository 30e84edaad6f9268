"""The routes of the app: begin a run, read its state and its events, cancel it, fetch its files."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Query, Request, WebSocket
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict

from progressnb.errors import InputError, UnknownRunError
from progressnb.execution.run import Run
from progressnb.web.server.acts import stop
from progressnb.web.server.answers import links_of, state_of
from progressnb.web.server.artifacts import ArtifactError, artifact, artifact_names, artifact_response
from progressnb.web.server.documentation import AFTER, EVENTS
from progressnb.web.server.finding import find, operation_of, refusals, refused_acts, root_of, service_of
from progressnb.web.server.followed import caught_up
from progressnb.web.server.items import page_of
from progressnb.web.server.neighbours import ElsewhereError
from progressnb.web.server.service import FullError
from progressnb.web.server.values import BoundedRoute
from progressnb.web.streams.parameters import reason_of
from progressnb.web.streams.sockets import BUSY, ELSEWHERE, GONE, websocket
from progressnb.web.streams.sse import RunStream

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from progressnb.web.server.registry import ServedRun
    from progressnb.web.server.service import Service

__all__ = ["router"]


class Begin(BaseModel):
    """The body of a request that begins a run."""

    model_config = ConfigDict(extra="forbid")

    operation: str
    inputs: dict[str, Any] = {}


class Cancel(BaseModel):
    """The body of a request that cancels a run."""

    model_config = ConfigDict(extra="forbid")

    reason: str = ""


router = APIRouter(route_class=BoundedRoute)


_BODY = {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Begin"}}}}}


@router.post(
    "/runs",
    status_code=202,
    openapi_extra=_BODY,
    responses={422: {"description": "The fault in the inputs, in words."}, 429: {}},
)
async def begin(request: Request, wanted: Annotated[Begin, Body()], *, wait: bool = False) -> Response:
    """Begin a run. `?wait=1` answers after its end: 200 with a result, 422 or 500 failed, 409 cancelled."""
    service, root = service_of(request), root_of(request)
    operation, inputs = operation_of(request, wanted.operation)
    try:
        with refusals():
            size = len(await request.body())
            run = service.registry.begin(operation, inputs.checked(wanted.inputs), size=size)
    except InputError as error:
        raise HTTPException(422, str(error)) from None
    await service.registry.neighbours.told(run)
    links = links_of(run.id, root)
    if not wait:
        answer = {"run_id": run.id, "operation": run.operation, "status": run.status, "links": links}
        return JSONResponse(answer, 202, {"location": links["self"]})
    ended = asyncio.ensure_future(run.log.wait_ended())  # not the run itself: a client that leaves must not cancel it
    await asyncio.wait([ended, service.closing], return_when=asyncio.FIRST_COMPLETED)
    ended.cancel()
    if not run.log.ended:
        raise HTTPException(503, "the server stops", {"Retry-After": "5"})
    status = 200 if run.status == "finished" else 409 if run.status == "cancelled" else _status_of(run)
    return JSONResponse(await _state(run, root), status)


def _status_of(run: Run[Any]) -> int:
    return 422 if isinstance(run.exception, InputError) else 500


@router.get("/runs")
async def list_runs(request: Request) -> Response:
    """List the runs that the server has, the latest first."""
    service, root = service_of(request), root_of(request)
    return JSONResponse({"runs": await service.registry.summaries(root)})


@router.get("/runs/{run_id}", responses={404: {"description": "There is no such run."}})
async def read(
    request: Request,
    run_id: str,
    *,
    items_after: Annotated[
        int | None,
        Query(
            description="Of a batch: the items behind this index, 100 at most, in `items`; `links.next` has more.",
            ge=-1,
        ),
    ] = None,
) -> Response:
    """Return the state of a run: percent, stages, output so far, result; of a batch its items too, if asked for."""
    run = await find(request, run_id)
    state = await _state(run, root_of(request))
    if items_after is not None:
        state["items"], last = await page_of(run, items_after, service_of(request).history)
        if last is not None:
            state["links"]["next"] = f"{state['links']['self']}?items_after={last}"
    return JSONResponse(state)


async def _state(run: ServedRun, root: str) -> dict[str, Any]:
    state = state_of(run, root)
    names = await asyncio.to_thread(artifact_names, run.result) if isinstance(run, Run) else []
    state["artifacts"] = {name: f"{state['links']['self']}/artifacts/{name}" for name in names}
    return state


@router.get("/runs/{run_id}/events", responses=EVENTS, response_class=Response, openapi_extra=AFTER)
async def events(
    request: Request,
    run_id: str,
    *,
    snapshots: Annotated[bool, Query(description="Content events carry the output so far, as `partial`.")] = False,
    view: Annotated[bool, Query(description="Sends what is to be seen: a tree, and patches of it.")] = False,
) -> Response:
    """Stream the events of a run until it ends, all or those after a seq, or with `?view=1` what is to be seen."""
    service = service_of(request)
    run = await find(request, run_id)
    await caught_up(run, request.scope)
    limits = service.limits
    return _CountedStream(
        service,
        RunStream(
            run,
            snapshots=snapshots,
            view=view,
            heartbeat=limits.heartbeat,
            stall=limits.stall,
            closing=service.closing,
        ),
    )


class _CountedStream(Response):
    def __init__(self, service: Service, stream: RunStream) -> None:
        super().__init__()
        self._service, self._stream = service, stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with self._service.client():
                await self._stream(scope, receive, send)
        except FullError:
            answer = JSONResponse({"detail": "too many clients; come again later"}, 503, {"Retry-After": "5"})
            await answer(scope, receive, send)


@router.websocket("/runs/{run_id}/ws")
async def socket(socket: WebSocket, run_id: str) -> None:
    """Send the events of a run as text frames."""
    service = service_of(socket)
    await socket.accept()
    try:
        run = await service.registry.find(run_id)
        await caught_up(run, socket.scope)
        with service.client():
            await websocket(run, socket, stall=service.limits.stall, closing=service.closing)
    except ElsewhereError as error:
        await socket.close(ELSEWHERE, error.got[:100])
    except UnknownRunError:
        await socket.close(GONE, "there is no such run")
    except FullError:
        await socket.close(BUSY, "too many clients; come again later")


@router.post("/runs/{run_id}/cancel", status_code=202, responses={404: {"description": "There is no such run."}})
async def cancel(request: Request, run_id: str, wanted: Annotated[Cancel | None, Body()] = None) -> Response:
    """Cancel a run. A run that has ended does not change."""
    run = await find(request, run_id)
    if not run.log.ended:
        with refused_acts():
            await stop(run, reason_of(wanted.model_dump() if wanted is not None else {}))
    return JSONResponse({"run_id": run_id, "status": run.status, "links": links_of(run_id, root_of(request))}, 202)


@router.delete("/runs/{run_id}", status_code=204, responses={404: {"description": "There is no such run."}})
async def delete(request: Request, run_id: str) -> Response:
    """Cancel a run that goes on, and delete it, also from the history."""
    await find(request, run_id)
    with refused_acts():
        await service_of(request).registry.forget(run_id)
    return Response(status_code=204)


@router.get("/runs/{run_id}/artifacts/{name}", response_class=Response)
async def download(request: Request, run_id: str, name: str) -> Response:
    """Return a file of the result, such as a Word document. `artifacts` in the run's state lists the files."""
    run = await find(request, run_id)
    try:
        content = await asyncio.to_thread(artifact, run.result, name) if isinstance(run, Run) else None
    except ArtifactError as error:
        raise HTTPException(500, str(error)) from None  # not the operation's own text, which may hold anything
    if content is None:
        raise HTTPException(404, "this run has no such file")
    return artifact_response(name, content)
