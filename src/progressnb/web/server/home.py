"""The first route: what the server has, as a page for browsers and as JSON for all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from progressnb.web.page.page import home_response, wants_page
from progressnb.web.server.finding import path_of, root_of, service_of
from progressnb.web.server.values import BoundedRoute

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["first_page"]

_home = APIRouter(route_class=BoundedRoute)

LATEST = 30
"""The number of runs that are listed."""


@_home.get("/", response_class=Response)
async def index(request: Request) -> Response:
    """Return the operations, the latest runs and the addresses of the rest. A browser gets a page with them."""
    if wants_page(request.headers.get("accept", "")):
        return home_response()
    service, root = service_of(request), root_of(request)
    docs = request.app.openapi_url is not None
    operations = [
        {"name": name, "summary": (operation.__doc__ or "").strip().partition("\n")[0]}
        for name, (operation, _) in service.operations.items()
    ]
    runs = (await service.registry.summaries(root))[:LATEST]
    links = {"runs": f"{root}/runs", "docs": f"{root}/docs" if docs else None}
    return JSONResponse({"operations": operations, "runs": runs, "links": links}, headers={"vary": "accept"})


def first_page(others: ASGIApp) -> ASGIApp:
    """Return an app that answers on `/` where no route of the caller's app does, and leaves the rest to the others."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        answers = _home if scope["type"] == "http" and path_of(scope) == "/" else others
        await answers(scope, receive, send)

    return app
