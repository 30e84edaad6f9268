"""The route that begins a batch. All else of it is that of any run."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, FailFast, Field

from progressnb.errors import InputError, ProgressError
from progressnb.tracking.budget import Budget
from progressnb.web.server.answers import links_of
from progressnb.web.server.finding import operation_of, refusals, root_of, service_of
from progressnb.web.server.values import BoundedRoute

__all__ = ["router"]


class Spending(BaseModel):
    """The most that a batch may spend."""

    model_config = ConfigDict(extra="forbid")

    cost: float | None = None
    tokens: int | None = None
    seconds: float | None = None


class BeginBatch(BaseModel):
    """The body of a request that begins a batch."""

    model_config = ConfigDict(extra="forbid")

    operation: str
    items: Annotated[list[dict[str, Any]], Field(min_length=1), FailFast()]
    limit: Annotated[int, Field(ge=1)] = 4
    retries: Annotated[int, Field(ge=0, le=10)] = 0
    max_failures: Annotated[int, Field(ge=0)] | Annotated[float, Field(ge=0, le=1)] | None = None
    budget: Spending | None = None
    name: Annotated[str, Field(max_length=200)] | None = None
    reuse: bool = False


router = APIRouter(route_class=BoundedRoute)

_BODY = {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/BeginBatch"}}}}}


@router.post(
    "/batches",
    status_code=202,
    openapi_extra=_BODY,
    responses={422: {"description": "The fault in the items, in words."}, 429: {}},
)
async def begin(request: Request, wanted: Annotated[BeginBatch, Body()]) -> Response:
    """Begin a batch: an operation for many items. It is a run, with all routes of a run."""
    service, root = service_of(request), root_of(request)
    operation, inputs = operation_of(request, wanted.operation)
    items: list[dict[str, object]] = []
    for index, item in enumerate(wanted.items):
        try:
            items.append(inputs.checked(item))
        except InputError as error:
            raise HTTPException(422, f"item {index}: {error}") from None
    try:
        with refusals():
            batch = service.registry.begin_batch(
                operation,
                items,
                size=len(await request.body()),
                limit=min(wanted.limit, service.limits.runs),
                retries=wanted.retries,
                max_failures=wanted.max_failures,
                budget=_budget(wanted.budget),
                name=wanted.name,
                reuse=wanted.reuse,
            )
    except ProgressError as error:
        raise HTTPException(422, str(error)) from None
    await service.registry.neighbours.told(batch)
    here = links_of(batch.id, root)
    links = {**here, "items": f"{here['self']}?items_after=-1"}
    answer = {"run_id": batch.id, "operation": batch.operation, "status": batch.status, "items": len(items)}
    return JSONResponse({**answer, "links": links}, 202, {"location": links["self"]})


def _budget(spending: Spending | None) -> Budget | None:
    limits = {} if spending is None else spending.model_dump(exclude_none=True)
    return Budget(**limits) if limits else None
