"""A bigger server without faults: a whole shop, on FastAPI (products, customers, carts, checkout)."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Header, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.responses import JSONResponse, Response

KIND = "FastAPI"
FAULTS: dict[str, str] = {}
FAULT_KINDS: dict[str, str] = {}


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _int(**limits: int) -> Any:
    return Annotated[int, Field(strict=True, **limits), BeforeValidator(_whole)]


def _text(low: int, high: int) -> Any:
    return Annotated[str, Field(strict=True, min_length=low, max_length=high)]


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    detail: str


class NewCategory(Closed):
    name: _text(1, 40)
    parent_id: _int(ge=1) | None = None


class Category(BaseModel):
    id: int
    name: str
    parent_id: int | None


class NewProduct(Closed):
    name: _text(1, 80)
    category_id: _int(ge=1)
    price_cents: _int(ge=1, le=100_000_000)
    tags: Annotated[list[_text(1, 20)], Field(max_length=8)] = []
    attributes: dict[str, Annotated[str, Field(strict=True, max_length=100)]] = {}
    weight_grams: _int(ge=0, le=1_000_000) | None = None


class ProductChange(Closed):
    name: _text(1, 80) = "unused"
    price_cents: _int(ge=1, le=100_000_000) = 1
    tags: Annotated[list[_text(1, 20)], Field(max_length=8)] = []
    weight_grams: _int(ge=0, le=1_000_000) | None = None


class Product(BaseModel):
    id: int
    name: str
    category_id: int
    price_cents: int
    tags: list[str]
    attributes: dict[str, str]
    weight_grams: int | None
    stock: int
    version: int


class ProductPage(BaseModel):
    items: list[Product]
    page: int
    size: int
    total: int


class Stock(Closed):
    quantity: _int(ge=0, le=1_000_000)


class NewCustomer(Closed):
    email: Annotated[
        str, Field(strict=True, max_length=60, pattern=r"^[a-z0-9]+([._+-][a-z0-9]+)*@[a-z0-9]+(\.[a-z0-9]+)+$")
    ]
    name: _text(1, 60)
    newsletter: Annotated[bool, Field(strict=True)] = False


class Customer(BaseModel):
    id: int
    email: str
    name: str
    newsletter: bool
    joined_at: datetime


class NewAddress(Closed):
    street: _text(1, 100)
    city: _text(1, 60)
    zip: Annotated[str, Field(strict=True, pattern=r"^[0-9]{4,5}$")]
    country: Literal["DE", "AT", "CH"] = "DE"


class Address(BaseModel):
    id: int
    street: str
    city: str
    zip: str
    country: Literal["DE", "AT", "CH"]


class NewCart(Closed):
    customer_id: _int(ge=1)


class Quantity(Closed):
    quantity: _int(ge=1, le=100)


class CartLine(BaseModel):
    product_id: int
    quantity: int
    price_cents: int


class Cart(BaseModel):
    id: int
    customer_id: int
    lines: list[CartLine]
    total_cents: int


class Card(Closed):
    method: Literal["card"]
    number: Annotated[str, Field(strict=True, pattern=r"^[0-9]{12,19}$")]


class Invoice(Closed):
    method: Literal["invoice"]
    address_id: _int(ge=1)


class Checkout(Closed):
    payment: Annotated[Card | Invoice, Field(discriminator="method")]
    comment: Annotated[str, Field(strict=True, max_length=200)] | None = None


class Order(BaseModel):
    id: int
    customer_id: int
    lines: list[CartLine]
    total_cents: int
    method: Literal["card", "invoice"]
    comment: str | None
    placed_at: datetime


def app(fault: str | None = None) -> FastAPI:
    if fault is not None:
        raise KeyError(fault)
    api = FastAPI(
        title="Shop",
        version="7.2.0",
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        description=(
            "Lists are ordered by id, ascending, unless sorted otherwise. Prices are whole cents. A product has "
            "an ETag; a PUT with "
            "an If-Match that doesn't fit it is 412."
        ),
    )
    categories: dict[int, dict[str, Any]] = {}
    products: dict[int, dict[str, Any]] = {}
    customers: dict[int, dict[str, Any]] = {}
    addresses: dict[int, dict[int, dict[str, Any]]] = {}
    carts: dict[int, dict[str, Any]] = {}
    orders: dict[int, dict[str, Any]] = {}
    last: dict[str, int] = {}
    Id = Annotated[int, Path(ge=1)]

    def may(*codes: int) -> dict[int | str, dict[str, Any]]:
        texts = {400: "The body can't be read", 404: "No such thing", 409: "Conflict", 412: "If-Match doesn't fit"}
        return {c: {"model": Problem, "description": texts[c]} for c in codes}

    def new_id(what: str) -> int:
        last[what] = last.get(what, 0) + 1
        return last[what]

    def no(status: int, text: str) -> JSONResponse:
        return JSONResponse({"detail": text}, status)

    def now() -> str:
        return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

    def made(value: Any, at: str) -> JSONResponse:
        return JSONResponse(value, 201, headers={"Location": at})

    location = {"Location": {"required": True, "description": "Path of the new resource", "schema": {"type": "string"}}}
    etag = {"ETag": {"required": True, "description": "Version of the product", "schema": {"type": "string"}}}
    created: dict[int | str, dict[str, Any]] = {201: {"description": "Created", "headers": location}}
    tagged: dict[int | str, dict[str, Any]] = {200: {"description": "The product", "headers": etag}}

    @api.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        detail = [{"loc": list(e["loc"]), "msg": e["msg"], "type": e["type"]} for e in error.errors()]
        return Response(json.dumps({"detail": detail}), 422, media_type="application/json")

    @api.get("/health", operation_id="health")
    async def health() -> dict[str, str]:
        return {"status": "up"}

    # categories
    @api.post(
        "/categories",
        status_code=201,
        response_model=Category,
        responses={**created, **may(400, 404, 409)},
        operation_id="addCategory",
        description="404 if there is no such parent, 409 if the name is taken.",
    )
    async def add_category(body: NewCategory) -> Response:
        if body.parent_id is not None and body.parent_id not in categories:
            return no(404, "no such parent")
        if any(c["name"] == body.name for c in categories.values()):
            return no(409, "the name is taken")
        key = new_id("category")
        categories[key] = {"id": key, **body.model_dump()}
        return made(categories[key], f"/categories/{key}")

    @api.get("/categories", response_model=list[Category], operation_id="listCategories")
    async def list_categories() -> Response:
        return JSONResponse(list(categories.values()))

    @api.get("/categories/{category_id}", response_model=Category, responses=may(404), operation_id="getCategory")
    async def get_category(category_id: Id) -> Response:
        return JSONResponse(categories[category_id]) if category_id in categories else no(404, "no such category")

    @api.put(
        "/categories/{category_id}",
        response_model=Category,
        responses=may(400, 404, 409),
        operation_id="replaceCategory",
        description="409 if the name is taken or the category would be its own parent, directly or not.",
    )
    async def replace_category(category_id: Id, body: NewCategory) -> Response:
        if category_id not in categories or (body.parent_id is not None and body.parent_id not in categories):
            return no(404, "no such category")
        if any(c["name"] == body.name and k != category_id for k, c in categories.items()):
            return no(409, "the name is taken")
        at = body.parent_id
        while at is not None:
            if at == category_id:
                return no(409, "would be its own parent")
            at = categories[at]["parent_id"]
        categories[category_id].update(body.model_dump())
        return JSONResponse(categories[category_id])

    @api.delete(
        "/categories/{category_id}",
        status_code=204,
        responses=may(404, 409),
        operation_id="deleteCategory",
        description="409 if it has products or is a parent.",
    )
    async def delete_category(category_id: Id) -> Response:
        if category_id not in categories:
            return no(404, "no such category")
        if any(p["category_id"] == category_id for p in products.values()) or any(
            c["parent_id"] == category_id for c in categories.values()
        ):
            return no(409, "in use")
        del categories[category_id]
        return Response(status_code=204)

    # products
    def show_product(product: dict[str, Any]) -> JSONResponse:
        return JSONResponse(product, headers={"ETag": f'"{product["version"]}"'})

    @api.post(
        "/products",
        status_code=201,
        response_model=Product,
        responses={**created, **may(400, 404)},
        operation_id="addProduct",
        description="404 if there is no such category. The stock starts at 0.",
    )
    async def add_product(body: NewProduct) -> Response:
        if body.category_id not in categories:
            return no(404, "no such category")
        key = new_id("product")
        products[key] = {"id": key, **body.model_dump(), "stock": 0, "version": 1}
        return made(products[key], f"/products/{key}")

    @api.get("/products", response_model=ProductPage, operation_id="listProducts")
    async def list_products(
        q: Annotated[str | None, Query(max_length=50, description="In the name, in any case of letters")] = None,
        category_id: Annotated[int | None, Query(ge=1)] = None,
        min_price: Annotated[int | None, Query(ge=0)] = None,
        max_price: Annotated[int | None, Query(ge=0)] = None,
        tag: Annotated[list[str], Query(description="Products must have all of these tags")] = [],  # noqa: B006
        sort: Annotated[Literal["id", "price", "-price", "name"], Query()] = "id",
        page: Annotated[int, Query(ge=1)] = 1,
        size: Annotated[int, Query(ge=1, le=50)] = 10,
    ) -> Response:
        found = [
            p
            for p in products.values()
            if (q is None or q.lower() in p["name"].lower())
            and category_id in (None, p["category_id"])
            and (min_price is None or p["price_cents"] >= min_price)
            and (max_price is None or p["price_cents"] <= max_price)
            and set(tag) <= set(p["tags"])
        ]
        if sort.endswith("price"):
            found.sort(key=lambda p: p["price_cents"], reverse=sort.startswith("-"))
        if sort == "name":
            found.sort(key=lambda p: p["name"])
        return JSONResponse(
            {"items": found[(page - 1) * size : page * size], "page": page, "size": size, "total": len(found)}
        )

    @api.get(
        "/products/export",
        operation_id="exportProducts",
        response_class=Response,
        responses={
            200: {
                "description": "All products as CSV with a head line",
                "content": {"text/csv": {"schema": {"type": "string"}}},
            }
        },
    )
    async def export() -> Response:
        out = io.StringIO()
        lines = csv.writer(out)
        lines.writerow(["id", "name", "price_cents", "stock"])
        lines.writerows([p["id"], p["name"], p["price_cents"], p["stock"]] for p in products.values())
        return Response(out.getvalue(), media_type="text/csv")

    @api.get(
        "/products/{product_id}", response_model=Product, responses={**tagged, **may(404)}, operation_id="getProduct"
    )
    async def get_product(product_id: Id) -> Response:
        return show_product(products[product_id]) if product_id in products else no(404, "no such product")

    @api.put(
        "/products/{product_id}",
        response_model=Product,
        responses={**tagged, **may(400, 404, 412)},
        operation_id="replaceProduct",
        description="Replaces all but the stock; the version grows by 1.",
    )
    async def replace_product(
        product_id: Id, body: NewProduct, if_match: Annotated[str | None, Header()] = None
    ) -> Response:
        if product_id not in products or body.category_id not in categories:
            return no(404, "no such product or category")
        product = products[product_id]
        if if_match is not None and if_match not in ("*", f'"{product["version"]}"'):
            return no(412, "changed since")
        product.update(body.model_dump(), version=product["version"] + 1)
        return show_product(product)

    @api.patch(
        "/products/{product_id}",
        response_model=Product,
        responses={**tagged, **may(400, 404)},
        operation_id="changeProduct",
        description="What is left out stays; the version grows by 1.",
    )
    async def change_product(product_id: Id, body: ProductChange) -> Response:
        if product_id not in products:
            return no(404, "no such product")
        product = products[product_id]
        product.update(body.model_dump(exclude_unset=True), version=product["version"] + 1)
        return show_product(product)

    @api.delete(
        "/products/{product_id}",
        status_code=204,
        responses=may(404, 409),
        operation_id="deleteProduct",
        description="409 if it is in a cart.",
    )
    async def delete_product(product_id: Id) -> Response:
        if product_id not in products:
            return no(404, "no such product")
        if any(product_id in c["lines"] for c in carts.values()):
            return no(409, "in a cart")
        del products[product_id]
        return Response(status_code=204)

    @api.put("/products/{product_id}/stock", response_model=Product, responses=may(400, 404), operation_id="setStock")
    async def set_stock(product_id: Id, body: Stock) -> Response:
        if product_id not in products:
            return no(404, "no such product")
        products[product_id]["stock"] = body.quantity
        return JSONResponse(products[product_id])

    # customers
    @api.post(
        "/customers",
        status_code=201,
        response_model=Customer,
        responses={**created, **may(400, 409)},
        operation_id="addCustomer",
        description="409 if the e-mail is known.",
    )
    async def add_customer(body: NewCustomer) -> Response:
        if any(c["email"] == body.email for c in customers.values()):
            return no(409, "the e-mail is known")
        key = new_id("customer")
        customers[key], addresses[key] = {"id": key, **body.model_dump(), "joined_at": now()}, {}
        return made(customers[key], f"/customers/{key}")

    @api.get("/customers/{customer_id}", response_model=Customer, responses=may(404), operation_id="getCustomer")
    async def get_customer(customer_id: Id) -> Response:
        return JSONResponse(customers[customer_id]) if customer_id in customers else no(404, "no such customer")

    @api.delete(
        "/customers/{customer_id}",
        status_code=204,
        responses=may(404),
        operation_id="deleteCustomer",
        description="The customer's carts and addresses go, too; orders stay.",
    )
    async def delete_customer(customer_id: Id) -> Response:
        if customer_id not in customers:
            return no(404, "no such customer")
        del customers[customer_id], addresses[customer_id]
        for key in [k for k, c in carts.items() if c["customer_id"] == customer_id]:
            del carts[key]
        return Response(status_code=204)

    @api.post(
        "/customers/{customer_id}/addresses",
        status_code=201,
        response_model=Address,
        responses=may(400, 404),
        operation_id="addAddress",
    )
    async def add_address(customer_id: Id, body: NewAddress) -> Response:
        if customer_id not in customers:
            return no(404, "no such customer")
        key = new_id("address")
        addresses[customer_id][key] = {"id": key, **body.model_dump()}
        return JSONResponse(addresses[customer_id][key], 201)

    @api.get(
        "/customers/{customer_id}/addresses",
        response_model=list[Address],
        responses=may(404),
        operation_id="listAddresses",
    )
    async def list_addresses(customer_id: Id) -> Response:
        return (
            JSONResponse(list(addresses[customer_id].values()))
            if customer_id in customers
            else no(404, "no such customer")
        )

    @api.delete(
        "/customers/{customer_id}/addresses/{address_id}",
        status_code=204,
        responses=may(404),
        operation_id="deleteAddress",
    )
    async def delete_address(customer_id: Id, address_id: Id) -> Response:
        if address_id not in addresses.get(customer_id, {}):
            return no(404, "no such customer or address")
        del addresses[customer_id][address_id]
        return Response(status_code=204)

    # carts and orders
    def show_cart(cart: dict[str, Any]) -> dict[str, Any]:
        lines = [
            {"product_id": p, "quantity": n, "price_cents": products[p]["price_cents"]}
            for p, n in cart["lines"].items()
        ]
        return {
            "id": cart["id"],
            "customer_id": cart["customer_id"],
            "lines": lines,
            "total_cents": sum(x["quantity"] * x["price_cents"] for x in lines),
        }

    @api.post(
        "/carts",
        status_code=201,
        response_model=Cart,
        responses={**created, **may(400, 404)},
        operation_id="addCart",
        description="404 if there is no such customer.",
    )
    async def add_cart(body: NewCart) -> Response:
        if body.customer_id not in customers:
            return no(404, "no such customer")
        key = new_id("cart")
        carts[key] = {"id": key, "customer_id": body.customer_id, "lines": {}}
        return made(show_cart(carts[key]), f"/carts/{key}")

    @api.get("/carts/{cart_id}", response_model=Cart, responses=may(404), operation_id="getCart")
    async def get_cart(cart_id: Id) -> Response:
        return JSONResponse(show_cart(carts[cart_id])) if cart_id in carts else no(404, "no such cart")

    @api.put(
        "/carts/{cart_id}/items/{product_id}",
        response_model=Cart,
        responses=may(400, 404),
        operation_id="setItem",
        description="Sets how many of the product are in the cart.",
    )
    async def set_item(cart_id: Id, product_id: Id, body: Quantity) -> Response:
        if cart_id not in carts or product_id not in products:
            return no(404, "no such cart or product")
        carts[cart_id]["lines"][product_id] = body.quantity
        return JSONResponse(show_cart(carts[cart_id]))

    @api.delete("/carts/{cart_id}/items/{product_id}", status_code=204, responses=may(404), operation_id="removeItem")
    async def remove_item(cart_id: Id, product_id: Id) -> Response:
        if cart_id not in carts or carts[cart_id]["lines"].pop(product_id, None) is None:
            return no(404, "no such cart, or not in it")
        return Response(status_code=204)

    @api.post(
        "/carts/{cart_id}/checkout",
        status_code=201,
        response_model=Order,
        responses={**created, **may(400, 404, 409)},
        operation_id="checkout",
        description="409 if the cart is empty, the stock is too low, or the address isn't the "
        "customer's. The stock goes down, the cart is empty afterwards.",
    )
    async def checkout(cart_id: Id, body: Checkout) -> Response:
        if cart_id not in carts:
            return no(404, "no such cart")
        cart = carts[cart_id]
        if not cart["lines"] or any(products[p]["stock"] < n for p, n in cart["lines"].items()):
            return no(409, "the cart is empty or the stock too low")
        if isinstance(body.payment, Invoice) and body.payment.address_id not in addresses[cart["customer_id"]]:
            return no(409, "not an address of the customer")
        key, shown = new_id("order"), show_cart(cart)
        for product, quantity in cart["lines"].items():
            products[product]["stock"] -= quantity
        cart["lines"] = {}
        orders[key] = {**shown, "id": key, "method": body.payment.method, "comment": body.comment, "placed_at": now()}
        return made(orders[key], f"/orders/{key}")

    @api.get("/orders", response_model=list[Order], operation_id="listOrders")
    async def list_orders(customer_id: Annotated[int | None, Query(ge=1)] = None) -> Response:
        return JSONResponse([o for o in orders.values() if customer_id in (None, o["customer_id"])])

    @api.get("/orders/{order_id}", response_model=Order, responses=may(404), operation_id="getOrder")
    async def get_order(order_id: Id) -> Response:
        return JSONResponse(orders[order_id]) if order_id in orders else no(404, "no such order")

    return api


def _spec() -> dict[str, Any]:
    spec = app(None).openapi()
    # what a PATCH leaves out stays: its properties have no default
    for prop in spec["components"]["schemas"]["ProductChange"]["properties"].values():
        prop.pop("default", None)
    return spec


SPEC: dict[str, Any] = _spec()
