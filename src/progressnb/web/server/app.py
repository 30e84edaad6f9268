"""`create_app`: an ASGI app that begins runs and serves them to any number of clients."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.middleware.cors import CORSMiddleware

from progressnb.errors import InputError, OperationError
from progressnb.execution.operation import Operation
from progressnb.web.access import checked_token
from progressnb.web.page.page import docs_response
from progressnb.web.server.batches import router as batches
from progressnb.web.server.documentation import DESCRIPTION, described
from progressnb.web.server.home import first_page
from progressnb.web.server.limits import Limits
from progressnb.web.server.looking import looking
from progressnb.web.server.routes import router
from progressnb.web.server.security import Guard
from progressnb.web.server.service import Service
from progressnb.web.server.workers import REMEDY

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Iterable, Mapping

    from progressnb.history.history import History
    from progressnb.tracking.clock import Clock

__all__ = ["create_app"]

_logger = logging.getLogger("progressnb")


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
    """Return an ASGI app that begins runs of operations and serves them to any number of clients.

    Args:
        operations: The operations that clients may begin.
        token: The token that clients send as `Authorization: Bearer …`. Without a token only clients on this machine
            are answered.
        history: The history that records the runs that clients begin. It also serves them after a restart. None
            leaves recording to the session, as `use_history` sets it.
        given: Inputs that the server decides, such as `{"model": "openai:gpt-5"}`. Clients can't send them.
        limits: The limits of the server; None is `Limits()`.
        origins: Other web pages that may send requests, such as `"https://example.com"`.
        query_token: True takes the token from the parameter `?token=` as well. URLs end up in logs.
        docs: False turns off `/docs` and `/openapi.json`. Both need the token.
        clock: The clock that decides how long ended runs are kept; None is the system's.

    Returns:
        A FastAPI app, for `uvicorn module:app` or any other ASGI server. `serve` is the app with a server.

    Raises:
        OperationError: For an object that is not an operation, and for an operation with an input that no client can
            send.
        InputError: For a token that an HTTP header can't carry, and for other options of the wrong type.

    Example:
        ::

            import secrets

            app = pnb.web.create_app([report], token=secrets.token_urlsafe())

    """
    checked_token(token)
    bounds = _checked(operations, history, limits, origins)
    service = Service(
        operations, given=given or {}, history=history, limits=bounds, clock=clock, token=token, origins=origins
    )
    app = _app_of(service, docs=docs)
    app.include_router(router)
    app.include_router(batches)
    app.include_router(looking)
    app.router.default = first_page(app.router.default)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_middleware(
        Guard,
        token=token,
        keys=service.keys,
        query_token=query_token,
        origins=origins,
        body=bounds.body,
        stall=bounds.stall,
        patience=bounds.patience,
        docs=docs,
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


def _app_of(service: Service, *, docs: bool) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        if service.registry.neighbours.are_out_of_reach:
            _logger.warning("one of several workers, which answers with 409 for the runs of the others. %s", REMEDY)
        yield
        await service.close()

    app = FastAPI(
        title="progressnb",
        version=version("progressnb"),
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # FastAPI's loads its script from a CDN
        openapi_url="/openapi.json" if docs else None,
        redoc_url=None,
    )
    if docs:
        app.add_api_route("/docs", _docs, include_in_schema=False, response_class=Response)
    app.state.service = service
    return app


async def _docs() -> Response:
    return docs_response()


def _checked(operations: object, history: object, limits: object, origins: object) -> Limits:
    """Refuse options of the wrong type. Callers without a type checker would learn of them late or never."""
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


async def _invalid(request: Request, error: Exception) -> Response:
    """Describe the fault in a request on one line, without the request's own text, which may be hostile."""
    first = error.errors()[0] if isinstance(error, RequestValidationError) else {"loc": (), "msg": "not as expected"}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if first["loc"] == ("body",) and not _is_json(kind):
        # A framework reads no JSON under another type, and finds "no valid dictionary" in it.
        got = f"expected application/json, got {kind[:100]!r}" if kind else "missing, expected application/json"
        return JSONResponse({"detail": f"Content-Type: {got}"}, 415)
    where = ".".join(str(part) for part in first["loc"] if part != "body") or "the body"
    return JSONResponse({"detail": f"{where[:200]}: {first['msg'][:300]}"}, 422)


def _is_json(kind: str) -> bool:
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
