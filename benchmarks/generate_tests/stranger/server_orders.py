"""Orders of a web shop, on FastAPI. Errors of validation are 422, as FastAPI has them."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model
from starlette.responses import JSONResponse, Response

KIND = "FastAPI"
EMAIL = r"^[A-Za-z0-9_%+-]+(\.[A-Za-z0-9_%+-]+)*@[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$"

FAULTS = {
    "create_status_200": "POST /orders answers 200 where only 201 is documented",
    "total_as_string": "total_cents of GET /orders/{order_id} is a string",
    "patch_not_saved": "PATCH answers with the new values but stores nothing",
    "limit_ignored": "GET /orders gives all orders whatever the limit",
    "paging_overlap": "every page after the first starts one order too early",
    "default_currency_usd": "an order without currency gets USD, documented default EUR",
    "note_500_non_latin": "a note with a character outside Latin-1 gives 500",
    "email_plus_refused": "an e-mail with a plus sign is refused",
    "pay_twice_accepted": "paying an order twice is accepted where 409 is documented",
    "quantity_999_refused": "the documented maximum quantity 999 is refused",
    "extra_property_accepted": "unknown properties in a new order are accepted",
    "status_unlisted": "a cancelled order has the status 'canceled', not in the enum",
}
FAULT_KINDS = {
    "create_status_200": "undocumented status",
    "total_as_string": "wrong type",
    "patch_not_saved": "update not saved",
    "limit_ignored": "limit ignored",
    "paging_overlap": "paging repeats",
    "default_currency_usd": "wrong default",
    "note_500_non_latin": "500 on non-ASCII",
    "email_plus_refused": "validation too strict (format)",
    "pay_twice_accepted": "documented 409 not given",
    "quantity_999_refused": "validation too strict (boundary)",
    "extra_property_accepted": "validation missing (extra property)",
    "status_unlisted": "enum value not listed",
}


def _whole(value: Any) -> Any:
    """JSON knows no integers apart from numbers: 3.0 is 3."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _int(**limits: int) -> Any:
    return Annotated[int, Field(strict=True, **limits), BeforeValidator(_whole)]


Int = _int()
Text = Annotated[str, Field(strict=True)]


def _models(fault: str | None) -> dict[str, Any]:
    extra = ConfigDict(extra="ignore" if fault == "extra_property_accepted" else "forbid")
    closed = ConfigDict(extra="forbid")
    email = EMAIL.replace("+-]", "-]") if fault == "email_plus_refused" else EMAIL
    top = 998 if fault == "quantity_999_refused" else 999
    currency = "USD" if fault == "default_currency_usd" else "EUR"
    money = Literal["EUR", "USD", "GBP"]
    item = create_model(
        "Item",
        __config__=closed,
        sku=(Annotated[Text, Field(pattern=r"^[A-Z]{3}-[0-9]{4}$")], ...),
        quantity=(_int(ge=1, le=top), ...),
        unit_price_cents=(_int(ge=0, le=10_000_000), ...),
    )
    mail = Annotated[Text, Field(pattern=email, max_length=100)]
    note = Annotated[Text, Field(max_length=200)] | None
    items = Annotated[list[item], Field(min_length=1, max_length=20)]
    priority = _int(ge=1, le=5)
    return {
        "new": create_model(
            "NewOrder",
            __config__=extra,
            customer_email=(mail, ...),
            items=(items, ...),
            currency=(money, currency),
            note=(note, None),
            priority=(priority, 3),
        ),
        "change": create_model("OrderChange", __config__=closed, note=(note, None), priority=(priority, 3)),
        "order": create_model(
            "Order",
            id=(Int, ...),
            customer_email=(mail, ...),
            items=(items, ...),
            currency=(money, ...),
            note=(note, ...),
            priority=(priority, ...),
            status=(Literal["new", "paid", "cancelled"], ...),
            total_cents=(Int, ...),
            created_at=(datetime, ...),
        ),
    }


class Problem(BaseModel):
    detail: str


def app(fault: str | None = None) -> FastAPI:
    if fault is not None and fault not in FAULTS:
        raise KeyError(fault)
    m = _models(fault)
    New, Change, Order = m["new"], m["change"], m["order"]
    OrderPage = create_model(
        "OrderPage", items=(list[Order], ...), total=(Int, ...), limit=(Int, ...), offset=(Int, ...)
    )
    api = FastAPI(
        title="Orders",
        version="1.0.0",
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        description="Orders of a web shop. Lists are ordered by id, ascending.",
    )
    orders: dict[int, dict[str, Any]] = {}
    last = [0]
    Id = Annotated[int, Path(ge=1)]
    gone = {404: {"model": Problem, "description": "No such order"}}
    unread = {400: {"model": Problem, "description": "The body can't be read"}}
    clash = {409: {"model": Problem, "description": "Not possible in the order's status"}}

    @api.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        detail = [{"loc": list(e["loc"]), "msg": e["msg"], "type": e["type"]} for e in error.errors()]
        return Response(json.dumps({"detail": detail}), 422, media_type="application/json")

    def problem(status: int, text: str) -> JSONResponse:
        return JSONResponse({"detail": text}, status)

    def fill(order: dict[str, Any], body: Any) -> None:
        data = body.model_dump()
        if fault == "note_500_non_latin" and data["note"]:
            data["note"].encode("latin-1")
        order.update(data)
        order["total_cents"] = sum(i["quantity"] * i["unit_price_cents"] for i in data["items"])

    def show(order: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> JSONResponse:
        return JSONResponse(shape(order), status, headers=headers)

    def shape(order: dict[str, Any]) -> dict[str, Any]:
        found = dict(order)
        if fault == "status_unlisted" and found["status"] == "cancelled":
            found["status"] = "canceled"
        return found

    @api.post("/orders", status_code=201, response_model=Order, responses=unread, operation_id="createOrder")
    async def create(body: New) -> Response:
        last[0] += 1
        order = {
            "id": last[0],
            "status": "new",
            "created_at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        }
        fill(order, body)
        orders[order["id"]] = order
        return show(order, 200 if fault == "create_status_200" else 201)

    @api.get("/orders", response_model=OrderPage, operation_id="listOrders")
    async def listing(
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        offset: Annotated[int, Query(ge=0)] = 0,
        status: Annotated[Literal["new", "paid", "cancelled"] | None, Query()] = None,
    ) -> Response:
        found = [o for o in orders.values() if status is None or o["status"] == status]
        start = max(0, offset - 1) if fault == "paging_overlap" else offset
        page = found[start:] if fault == "limit_ignored" else found[start : start + limit]
        return JSONResponse({"items": [shape(o) for o in page], "total": len(found), "limit": limit, "offset": offset})

    @api.get("/orders/{order_id}", response_model=Order, responses=gone, operation_id="getOrder")
    async def read(order_id: Id) -> Response:
        if order_id not in orders:
            return problem(404, "no such order")
        order = shape(orders[order_id])
        if fault == "total_as_string":
            order["total_cents"] = str(order["total_cents"])
        return JSONResponse(order)

    @api.put(
        "/orders/{order_id}",
        response_model=Order,
        responses={**unread, **gone, **clash},
        operation_id="replaceOrder",
        description="Replaces a new order; what is left out gets its default.",
    )
    async def replace(order_id: Id, body: New) -> Response:
        if order_id not in orders:
            return problem(404, "no such order")
        if orders[order_id]["status"] != "new":
            return problem(409, "only a new order can be replaced")
        fill(orders[order_id], body)
        return show(orders[order_id])

    @api.patch(
        "/orders/{order_id}",
        response_model=Order,
        responses={**unread, **gone},
        operation_id="changeOrder",
        description="Changes only the properties that are sent.",
    )
    async def change(order_id: Id, body: Change) -> Response:
        if order_id not in orders:
            return problem(404, "no such order")
        data = body.model_dump(exclude_unset=True)
        if fault == "note_500_non_latin" and data.get("note"):
            data["note"].encode("latin-1")
        order = dict(orders[order_id], **data)
        if fault != "patch_not_saved":
            orders[order_id] = order
        return show(order)

    @api.delete("/orders/{order_id}", status_code=204, responses=gone, operation_id="deleteOrder")
    async def delete(order_id: Id) -> Response:
        if orders.pop(order_id, None) is None:
            return problem(404, "no such order")
        return Response(status_code=204)

    @api.post(
        "/orders/{order_id}/pay",
        response_model=Order,
        responses={**gone, **clash},
        operation_id="payOrder",
        description="A new order becomes paid; 409 if it isn't new.",
    )
    async def pay(order_id: Id) -> Response:
        if order_id not in orders:
            return problem(404, "no such order")
        if orders[order_id]["status"] != "new" and fault != "pay_twice_accepted":
            return problem(409, "not a new order")
        orders[order_id]["status"] = "paid"
        return show(orders[order_id])

    @api.post(
        "/orders/{order_id}/cancel",
        response_model=Order,
        responses={**gone, **clash},
        operation_id="cancelOrder",
        description="A new order becomes cancelled; 409 if it isn't new.",
    )
    async def cancel(order_id: Id) -> Response:
        if order_id not in orders:
            return problem(404, "no such order")
        if orders[order_id]["status"] != "new":
            return problem(409, "not a new order")
        orders[order_id]["status"] = "cancelled"
        return show(orders[order_id])

    return api


def _spec() -> dict[str, Any]:
    spec = app(None).openapi()
    # what a PATCH leaves out stays: its properties have no default
    for prop in spec["components"]["schemas"]["OrderChange"]["properties"].values():
        prop.pop("default", None)
    return spec


SPEC: dict[str, Any] = _spec()
