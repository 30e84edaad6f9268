"""The service, the root path and the run that a request is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import HTTPException

from progressnb.errors import UnknownRunError

if TYPE_CHECKING:
    from fastapi import Request, WebSocket

    from progressnb.web.server.registry import ServedRun
    from progressnb.web.server.service import Service

__all__ = ["find", "root_of", "service_of"]


def service_of(request: Request | WebSocket) -> Service:
    """Return the state that all routes of the app share."""
    service: Service = request.app.state.service
    return service


def root_of(request: Request) -> str:
    """Return the path below which the app is mounted, without a slash at its end."""
    return str(request.scope.get("root_path", "")).rstrip("/")


async def find(request: Request, run_id: str) -> ServedRun:
    """Return the run of an id. Raises `HTTPException` 404 if there is none."""
    try:
        return await service_of(request).registry.find(run_id)
    except UnknownRunError:
        raise HTTPException(404, "there is no such run") from None
