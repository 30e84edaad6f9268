"""The routes of the page: the page itself, what lets it in, a run as it was, its answer to take along, and acts."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from progressnb.web.page.page import page_response
from progressnb.web.server.acts import Act, perform
from progressnb.web.server.answers import answer_of, links_of
from progressnb.web.server.finding import find, refused_acts, root_of, service_of
from progressnb.web.server.keys import SESSION, TICKET
from progressnb.web.server.values import BoundedRoute
from progressnb.web.streams.looks import controls_of, item_of, tree_at
from progressnb.web.streams.views import encoded

__all__ = ["looking"]

looking = APIRouter(route_class=BoundedRoute)

_NO_RUN: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such run."}}


@looking.post("/tickets", status_code=201, include_in_schema=False)
async def tickets(request: Request) -> Response:
    """Return a ticket for an address, and a session for a page. Both let in as the token does, for some seconds.

    A ticket is sent as `?ticket=` where no header can be sent, as with a browser's `EventSource`. A session is sent as
    the token is. A server without a token gives null for both.
    """
    keys = service_of(request).keys
    answer = {
        "ticket": keys.signed(TICKET) or None,
        "ticket_seconds": TICKET,
        "session": keys.signed(SESSION) or None,
        "session_seconds": SESSION,
    }
    return JSONResponse(answer, 201, {"cache-control": "no-store"})


@looking.get("/runs/{run_id}/view", response_class=Response)
async def view(
    request: Request,
    run_id: str,
    *,
    at: Annotated[
        float | None,
        Query(ge=0, allow_inf_nan=False, description="Seconds since the run began: returns its tree as it was then."),
    ] = None,
) -> Response:
    """Return the page that shows a run, the same for every id, also for an unknown one. `?at=` needs the token."""
    if at is None:
        return page_response(service_of(request).origins)
    run = await find(request, run_id)
    tree = await asyncio.to_thread(tree_at, run, at)
    return Response(encoded(tree), media_type="application/json", headers={"cache-control": "no-store"})


@looking.get("/runs/{run_id}/items/{index}", responses={404: {"description": "There is no such run or item."}})
async def item(
    request: Request, run_id: str, index: Annotated[int, Path(ge=0, lt=10**9, description="Its place in the inputs.")]
) -> Response:
    """Return what is to be seen of an item of a batch now: the row of its run, live or from the history."""
    run = await find(request, run_id)
    try:
        row = await asyncio.to_thread(item_of, run, index)
    except LookupError as error:
        raise HTTPException(404, str(error.args[0])) from None
    return Response(encoded(row), media_type="application/json", headers={"cache-control": "no-store"})


@looking.get("/runs/{run_id}/answer", responses=_NO_RUN)
async def answer(request: Request, run_id: str) -> Response:
    """Return the answer of a run, or what is there of it, as a text, as indented JSON and with a name for a file."""
    run = await find(request, run_id)
    return Response(encoded(await asyncio.to_thread(answer_of, run)), media_type="application/json")


@looking.get("/runs/{run_id}/act", responses=_NO_RUN)
async def acts(request: Request, run_id: str) -> Response:
    """Return the acts that are possible now: `stop`, `enough`, `say`. Stages that wait tell what can be approved."""
    run = await find(request, run_id)
    return JSONResponse({"run_id": run_id, "controls": controls_of(run)}, headers={"cache-control": "no-store"})


@looking.post(
    "/runs/{run_id}/act",
    status_code=202,
    responses={
        **_NO_RUN,
        409: {"description": "The run has ended, or can't take this now."},
        501: {"description": "This run takes no such act: it is a record."},
        504: {"description": "The process that has the run does not answer."},
    },
)
async def act(request: Request, run_id: str, wanted: Annotated[Act, Body()]) -> Response:
    """Act on a run: `enough` ends its output here, `say` is a word to its agent, `approve` and `deny` decide."""
    run = await find(request, run_id)
    with refused_acts():
        await perform(run, wanted)
    return JSONResponse({"run_id": run_id, "status": run.status, "links": links_of(run_id, root_of(request))}, 202)
