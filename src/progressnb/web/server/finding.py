"""The service, the root path, the operation and the run that a request is about, and the refusals to begin one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fastapi import HTTPException

from progressnb.errors import ProgressError, UnknownRunError
from progressnb.web.server.followed import NoAnswerError, UnsupportedError
from progressnb.web.server.neighbours import ElsewhereError
from progressnb.web.server.registry import BusyError, ClosedError

if TYPE_CHECKING:
    from collections.abc import Generator

    from fastapi import Request, WebSocket
    from starlette.types import Scope

    from progressnb.execution.operation import Operation
    from progressnb.web.server.inputs import Inputs
    from progressnb.web.server.registry import ServedRun
    from progressnb.web.server.service import Service

__all__ = ["find", "operation_of", "path_of", "refusals", "refused_acts", "root_of", "service_of"]


def service_of(request: Request | WebSocket) -> Service:
    """Return the state that all routes of the app share."""
    service: Service = request.app.state.service
    return service


def root_of(request: Request) -> str:
    """Return the path below which the app is mounted, without a slash at its end."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def path_of(scope: Scope) -> str:
    """Return the path of a request below the one where the app is mounted."""
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))


def operation_of(request: Request, name: str) -> tuple[Operation[..., Any], Inputs]:
    """Return a served operation, and the checks of its inputs. Raises `HTTPException` 422 if there is none."""
    operations = service_of(request).operations
    try:
        return operations[name]
    except KeyError:
        known = ", ".join(operations) or "none"
        raise HTTPException(422, f"operation: expected one of {known}") from None


@contextmanager
def refusals() -> Generator[None]:
    """Raise `HTTPException` 503 or 429 where the registry begins nothing more."""
    try:
        yield
    except ClosedError:
        raise HTTPException(503, "the server stops", {"Retry-After": "5"}) from None
    except BusyError:
        raise HTTPException(429, "too many runs go on; try again later", {"Retry-After": "5"}) from None


@contextmanager
def refused_acts() -> Generator[None]:
    """Raise `HTTPException` where a run does not do what it is asked: 504 without an answer, 501 never, 409 not now."""
    try:
        yield
    except ProgressError as error:
        status = 504 if isinstance(error, NoAnswerError) else 501 if isinstance(error, UnsupportedError) else 409
        raise HTTPException(status, str(error)) from None


async def find(request: Request, run_id: str) -> ServedRun:
    """Return the run of an id. Raises `HTTPException` 404 if there is none."""
    try:
        return await service_of(request).registry.find(run_id)
    except ElsewhereError as error:
        raise HTTPException(409, str(error)) from None
    except UnknownRunError:
        raise HTTPException(404, "there is no such run") from None
