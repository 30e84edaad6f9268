"""Proves, with calls of its own, that each server without fault does what its SPEC says and that each fault shows.

    python check_servers.py            # everything
    python check_servers.py orders     # one server
    python check_servers.py --http     # over real ports (uvicorn, Werkzeug) instead of in the process; slower
    python check_servers.py --table    # rewrite the table of README.md

For each server without fault: its SPEC is valid; every answer in all that follows has a documented status, content
type, headers and body; bodies, query and path parameters are varied one value at a time (boundaries, wrong types,
long, empty, non-ASCII, huge ...), and what the SPEC allows must be accepted, what it forbids refused, nothing may
be 5xx. Then each fault's probe must say "right" of the server without fault and "wrong" of the one with it.
"""

from __future__ import annotations

import asyncio
import copy
import importlib
import json
import re
import socket
import sys
import threading
import time
import uuid
import warnings
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

warnings.simplefilter("ignore")
import logging  # noqa: E402

import httpx  # noqa: E402
from jsonschema import Draft202012Validator, FormatChecker  # noqa: E402
from openapi_spec_validator import validate as validate_spec  # noqa: E402

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
logging.disable(logging.CRITICAL)
SERVERS = ["orders", "library", "tickets", "bookings", "ledger", "notes"]
BIG = ["shop", "school"]
METHODS = ("get", "put", "post", "delete", "options", "head", "patch")

CHECKER = FormatChecker(formats=())


def _checks(name: str, good: Callable[[str], Any]) -> None:
    def check(value: Any) -> bool:
        if not isinstance(value, str):
            return True
        try:
            return bool(good(value))
        except ValueError:
            return False

    CHECKER.checks(name)(check)


_checks("date", lambda v: re.fullmatch(r"\d{4}-\d\d-\d\d", v) and date.fromisoformat(v))
_checks(
    "date-time",
    lambda v: re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", v) and datetime.fromisoformat(v),
)
_checks("uuid", lambda v: re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", v) and uuid.UUID(v))


def plain(schema: Any, sent: bool = False) -> Any:
    """The schema without OpenAPI's own: nullable becomes null; readOnly properties are free in what is sent."""
    if isinstance(schema, list):
        return [plain(s, sent) for s in schema]
    if not isinstance(schema, dict):
        return schema
    made = {k: plain(v, sent) for k, v in schema.items() if k not in ("example", "default")}
    if isinstance(made.get("properties"), dict) and isinstance(schema["properties"], dict) and sent:
        read = [k for k, v in schema["properties"].items() if isinstance(v, dict) and v.get("readOnly")]
        made["properties"] = {k: {} if k in read else v for k, v in made["properties"].items()}
        made["required"] = [k for k in made.get("required", []) if k not in read]
    if schema.get("nullable") is True:
        made.pop("nullable")
        made = {"anyOf": [{"type": "null"}, made]}
    if isinstance(made.get("pattern"), str):
        made["pattern"] = re.sub(r"\$$", r"\\Z", made["pattern"])
    return made


class Contract:
    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.out = plain(spec.get("components", {}))
        self.sent = plain(spec.get("components", {}), True)

    def deref(self, thing: Any) -> Any:
        while isinstance(thing, dict) and "$ref" in thing:
            where: Any = self.spec
            for part in thing["$ref"].lstrip("#/").split("/"):
                where = where[part]
            thing = where
        return thing

    def wrong(self, schema: Any, value: Any, sent: bool = False) -> str | None:
        whole = {**plain(schema, sent), "components": self.sent if sent else self.out}
        found = next(iter(Draft202012Validator(whole, format_checker=CHECKER).iter_errors(value)), None)
        return None if found is None else ascii(found.message)[:200]

    def operations(self) -> list[tuple[str, str, dict[str, Any]]]:
        return [
            (
                m,
                p,
                {**o, "parameters": [self.deref(x) for x in [*item.get("parameters", []), *o.get("parameters", [])]]},
            )
            for p, item in self.spec["paths"].items()
            for m, o in item.items()
            if m in METHODS
        ]

    def find(self, method: str, path: str) -> dict[str, Any] | None:
        fits = [
            (p.count("{"), o)
            for m, p, o in self.operations()
            if m == method.lower() and re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", p), path)
        ]
        return min(fits, key=lambda f: f[0])[1] if fits else None

    def judge(self, method: str, path: str, answer: httpx.Response) -> str | None:
        if answer.status_code >= 500:
            return f"{answer.status_code}"
        operation = self.find(method, path)
        if operation is None:
            return None
        responses = operation["responses"]
        if str(answer.status_code) not in responses:
            return f"status {answer.status_code} isn't documented: {answer.text[:150]!a}"
        documented = self.deref(responses[str(answer.status_code)])
        for name, header in documented.get("headers", {}).items():
            if header.get("required") and name not in answer.headers:
                return f"no header {name}"
        content = documented.get("content")
        if not content or method.lower() == "head":
            return "a body where none is documented" if answer.content else None
        kind = answer.headers.get("content-type", "").split(";")[0].strip()
        if kind not in content:
            return f"content type {kind!r} isn't documented"
        try:
            text = answer.content.decode("utf-8")
            value = json.loads(text) if "json" in kind else text
        except ValueError as error:
            return f"body: {error}"
        return self.wrong(content[kind]["schema"], value)


def listen(module: Any, fault: str | None, port: int) -> Callable[[], Any]:
    """The server behind a real port (--http), by uvicorn or Werkzeug."""
    if module.KIND in ("Flask", "Django REST framework"):
        from werkzeug.serving import WSGIRequestHandler, make_server

        class Quiet(WSGIRequestHandler):
            protocol_version = "HTTP/1.1"

            def log(self, *args: Any, **kwargs: Any) -> None:
                pass

        wsgi = make_server("127.0.0.1", port, module.app(fault), threaded=True, request_handler=Quiet)
        threading.Thread(target=wsgi.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return wsgi.shutdown
    import uvicorn

    asgi = uvicorn.Server(uvicorn.Config(module.app(fault), port=port, log_level="critical", access_log=False))
    thread = threading.Thread(target=asgi.run, daemon=True)
    thread.start()
    while not asgi.started and thread.is_alive():
        time.sleep(0.005)

    def end() -> None:
        asgi.should_exit = True
        thread.join(5)

    return end


class Client:
    """Calls one fresh server; without fault every answer is judged."""

    def __init__(self, module: Any, fault: str | None, auth: str | None) -> None:
        self.auth = getattr(module, "AUTH", {})
        self.who, self.contract, self.judged = auth, Contract(module.SPEC), fault is None
        self.wrong: list[str] = []
        self.calls = 0
        self.loop: asyncio.AbstractEventLoop | None = None
        self.stop: threading.Event | None = None
        self.thread: threading.Thread | None = None
        self.end: Callable[[], Any] | None = None
        if "--http" in sys.argv or hasattr(module, "serve"):
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
        if "--http" in sys.argv and not hasattr(module, "serve"):
            self.end = listen(module, fault, port)
            self.sync = httpx.Client(base_url=f"http://127.0.0.1:{port}")
        elif hasattr(module, "serve"):
            started, self.stop = threading.Event(), threading.Event()
            self.thread = threading.Thread(target=module.serve, args=(fault, port, started, self.stop), daemon=True)
            self.thread.start()
            if not started.wait(10):
                raise TimeoutError("the server doesn't start")
            self.sync = httpx.Client(base_url=f"http://127.0.0.1:{port}")
        elif module.KIND in ("Flask", "Django REST framework"):
            inner = module.app(fault)

            def wsgi(environ: dict[str, Any], start: Any) -> Any:
                # httpx gives the path as it is read, WSGI wants its bytes as Latin-1
                environ["PATH_INFO"] = environ["PATH_INFO"].encode("utf-8").decode("latin-1")
                return inner(environ, start)

            self.sync = httpx.Client(
                transport=httpx.WSGITransport(wsgi, raise_app_exceptions=False), base_url="http://test"
            )
        else:
            self.loop = asyncio.new_event_loop()
            self.asyn = httpx.AsyncClient(
                transport=httpx.ASGITransport(module.app(fault), raise_app_exceptions=False), base_url="http://test"
            )

    def close(self) -> None:
        if self.loop:
            self.loop.run_until_complete(self.asyn.aclose())
            self.loop.close()
        else:
            self.sync.close()
        if self.end:
            self.end()
        if self.stop and self.thread:
            self.stop.set()
            self.thread.join(5)

    def __call__(
        self, method: str, path: str, body: Any = None, auth: str | None = None, **kwargs: Any
    ) -> httpx.Response:
        headers = {**self.auth.get(auth or self.who or "", {}), **kwargs.pop("headers", {})}
        if body is not None:
            kwargs["content"] = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        self.calls += 1
        if self.loop:
            answer = self.loop.run_until_complete(self.asyn.request(method, path, headers=headers, **kwargs))
        else:
            answer = self.sync.request(method, path, headers=headers, **kwargs)
        if self.judged:
            found = self.contract.judge(method, answer.request.url.raw_path.decode().split("?")[0], answer)
            if found:
                sent = str(kwargs.get("content", b""))[:160]
                self.wrong.append(f"{method} {path} {kwargs.get('params', '')} {sent} -> {answer.status_code}: {found}")
        return answer

    def get(self, path: str, **k: Any) -> httpx.Response:
        return self("GET", path, **k)

    def post(self, path: str, body: Any = None, **k: Any) -> httpx.Response:
        return self("POST", path, body, **k)

    def put(self, path: str, body: Any = None, **k: Any) -> httpx.Response:
        return self("PUT", path, body, **k)

    def patch(self, path: str, body: Any = None, **k: Any) -> httpx.Response:
        return self("PATCH", path, body, **k)

    def delete(self, path: str, **k: Any) -> httpx.Response:
        return self("DELETE", path, **k)


# --- varying what is sent ---

TEXTS = [
    "",
    " ",
    "a",
    "0",
    "true",
    "null",
    "x" * 101,
    "x" * 6000,
    "äöü€",
    "日本語",
    "😀" * 3,
    "a\u0000b",
    "a\nb",
    "'; --",
    "<b>",
    "a+b@example.com",
    "\ud800",
]
JUNK: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1,
    2,
    1.5,
    -0.0,
    2**31,
    2**63,
    10**30,
    1e300,
    [],
    {},
    [None],
    [[]],
    {"a": 1},
    *TEXTS,
]


def around(contract: Contract, schema: Any) -> list[Any]:
    """Values at the schema's own boundaries."""
    schema = contract.deref(schema)
    made: list[Any] = list(schema.get("enum", []))
    for key in ("minimum", "maximum"):
        if key in schema:
            made += [schema[key] - 1, schema[key], schema[key] + 1]
    if "pattern" not in schema and "format" not in schema:
        for key in ("minLength", "maxLength"):
            if key in schema:
                made += [c * n for n in range(max(0, schema[key] - 1), schema[key] + 2) for c in ("q", "ß", "😀")]
    if schema.get("format") == "date":
        made += ["2026-02-29", "2024-02-29", "2026-13-01", "20260101", "2026-1-1", "01.02.2026", "2026-01-01T00:00:00Z"]
    for part in schema.get("anyOf", []):
        made += around(contract, part)
    return made


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    made = [at]
    if isinstance(value, dict):
        made += [p for k, v in value.items() for p in places(v, (*at, k))]
    if isinstance(value, list):
        made += [p for i, v in enumerate(value[:1]) for p in places(v, (*at, i))]
    return made


def schema_at(contract: Contract, schema: Any, at: tuple[Any, ...]) -> Any:
    for part in at:
        schema = contract.deref(schema)
        schema = schema.get("items", {}) if isinstance(part, int) else schema.get("properties", {}).get(part, {})
    return contract.deref(schema)


def varied(body: Any, at: tuple[Any, ...], value: Any) -> Any:
    if not at:
        return value
    body = copy.deepcopy(body)
    where = body
    for part in at[:-1]:
        where = where[part]
    where[at[-1]] = value
    return body


def vary(name: str, module: Any) -> tuple[list[str], int]:
    """Everything one value at a time against the server without fault."""
    wrong: list[str] = []
    calls = 0
    setup, bodies, auth = SETUPS[name]
    for method, template, operation in Contract(module.SPEC).operations():
        c = Client(module, None, auth)
        contract = c.contract
        key = f"{method.upper()} {template}"
        known = setup(c)
        known.update(known.get(key, {}))
        path = re.sub(r"\{([^}]+)\}", lambda m: str(known[m[1]]), template)
        content = contract.deref(operation.get("requestBody", {})).get("content", {}).get("application/json")
        body = bodies.get(key)
        params = {
            p["name"]: known.get("?" + p["name"])
            for p in operation["parameters"]
            if p["in"] == "query" and p.get("required")
        }
        if content and body is None:
            wrong.append(f"{key}: no body to start from")
            continue
        if callable(body):
            body = body(known)

        def tell(answer: httpx.Response, good: bool, what: str) -> None:
            refused = answer.status_code in (400, 415, 422)
            if good == refused and answer.status_code not in (404, 409) and answer.status_code < 500:
                wrong.append(f"{key}: {what[:200]} -> {answer.status_code}, valid: {good}")

        for who in ("none", "wrong", "expired"):
            if auth and who in module.AUTH and operation.get("security") != []:
                answer = c(method.upper(), path, body, auth=who, params=params)
                if answer.status_code != 401:
                    wrong.append(f"{key}: auth {who} -> {answer.status_code}")
        # path parameters
        for parameter in operation["parameters"]:
            if parameter["in"] == "path":
                for value in (
                    "0",
                    "-1",
                    "99999",
                    "9" * 30,
                    "abc",
                    "1.5",
                    "%20",
                    "%C3%A4",
                    "null",
                    "x" * 300,
                    "%F0%9F%98%80",
                    "%00",
                ):
                    other = {**known, parameter["name"]: value}
                    answer = c(
                        method.upper(),
                        re.sub(r"\{([^}]+)\}", lambda m: str(other[m[1]]), template),
                        body,
                        params=params,
                    )
                    if answer.status_code < 400 and contract.deref(parameter["schema"]).get("type") == "integer":
                        wrong.append(f"{key}: {parameter['name']}={value} -> {answer.status_code}")
            if parameter["in"] == "query":
                schema = parameter["schema"]
                kind = str(contract.deref(schema).get("type", [p.get("type") for p in schema.get("anyOf", [])]))
                for value in [*JUNK, *around(contract, schema)]:
                    if isinstance(value, (list, dict)) or value is None or value == "\ud800" or str(value) == "-0.0":
                        continue
                    text = json.dumps(value) if not isinstance(value, str) else value
                    real: Any = text
                    if "integer" in kind:
                        real = int(text) if re.fullmatch("-?[0-9]+", text) else text
                    if "boolean" in kind:
                        real = {"true": True, "false": False}.get(text, text)
                    if "array" in kind:
                        real = [text]
                    good = contract.wrong(schema, real) is None
                    if key + " " + parameter["name"] in LOOSE:
                        continue
                    tell(
                        c(method.upper(), path, body, params={**params, parameter["name"]: text}),
                        good,
                        f"{parameter['name']}={text!a}",
                    )
        # bodies
        if content:
            answer = c(method.upper(), path, body, params=params)
            if not answer.is_success:
                wrong.append(f"{key}: the first body {body} -> {answer.status_code} {answer.text[:100]}")
            for at in places(body):
                values = [*JUNK, *around(contract, schema_at(contract, content["schema"], at))]
                for value in values:
                    changed = varied(body, at, value)
                    good = contract.wrong(content["schema"], changed, True) is None
                    if "\ud800" in json.dumps(value, ensure_ascii=False) and good:
                        c(method.upper(), path, changed, params=params)
                        continue
                    if good and (key, at) in LOOSE:
                        continue
                    tell(c(method.upper(), path, changed, params=params), good, f"{at} = {json.dumps(value)[:80]}")
                if at and isinstance(at[-1], str):
                    less = copy.deepcopy(body)
                    where = less
                    for part in at[:-1]:
                        where = where[part]
                    del where[at[-1]]
                    good = contract.wrong(content["schema"], less, True) is None
                    tell(c(method.upper(), path, less, params=params), good, f"without {at}")
            if isinstance(body, dict):
                more = {**body, "surprise": 1}
                tell(
                    c(method.upper(), path, more, params=params),
                    contract.wrong(content["schema"], more, True) is None,
                    "extra",
                )
            good_text = json.dumps(body).encode()
            for raw in (
                b"",
                b"{",
                b"[]",
                b"null",
                b'"x"',
                b"1",
                b"\xff\xfe",
                b"[" * 100000,
                b'{"a":NaN}',
                good_text + b"x",
                b"1" * 5000,
            ):
                for kind in ("application/json", "text/plain", None):
                    headers = {"Content-Type": kind} if kind else {}
                    tell(
                        c(method.upper(), path, content=raw, headers=headers, params=params),
                        False,
                        f"raw {raw[:20]!r} {kind}",
                    )
            c(method.upper(), path, content=b'{"a":1e400}', headers={"Content-Type": "application/json"}, params=params)
            tell(
                c(method.upper(), path, content=good_text, headers={"Content-Type": "text/plain"}, params=params),
                False,
                "text/plain",
            )
            c(
                method.upper(),
                path,
                content=good_text,
                headers={"Content-Type": "application/json; charset=utf-8"},
                params=params,
            )
        elif method == "delete":
            first, second = c("DELETE", path), c("DELETE", path)
            if (first.status_code, second.status_code) != (204, 404):
                wrong.append(f"{key}: {first.status_code}, then {second.status_code}")
        else:
            answer = c(method.upper(), path, params=params)
            if not answer.is_success:
                wrong.append(f"{key}: {answer.status_code} {answer.text[:100]}")
        for other in ("PUT", "DELETE", "PATCH", "POST"):
            if contract.find(other, path) is None:
                answer = c(other, path)
                if answer.status_code != 405 or "allow" not in answer.headers:
                    wrong.append(f"{other} {path} -> {answer.status_code}, not 405 with Allow")
        if c(method.upper(), "/no-such-path").status_code != 404:
            wrong.append(f"{method} /no-such-path isn't 404")
        calls += c.calls
        wrong += c.wrong
        c.close()
    return wrong, calls


# What the SPEC says only in words, so that a valid value may be refused
LOOSE: set[Any] = {
    ("POST /bookings", ("from",)),
    ("POST /bookings", ("to",)),
    ("PUT /bookings", ("from",)),
    "GET /rooms/{room_id}/availability from",
    "GET /rooms/{room_id}/availability to",
    "GET /notes cursor",
}

ITEM = {"sku": "ABC-1234", "quantity": 2, "unit_price_cents": 150}
ORDER = {"customer_email": "ann@example.com", "items": [ITEM], "currency": "EUR", "note": "n", "priority": 2}
BOOK = {"title": "Emma", "isbn": "9780306406157", "year": 1815, "genre": "novel", "copies": 3, "subtitle": None}
TICKET = {"title": "Printer", "body": "is on fire", "severity": "high", "due": "2026-12-01"}
ROOM = {"name": "Blue", "capacity": 2, "price_per_night": 80.55, "tags": ["sea"]}
NOTE = {"title": "Milk", "text": "two litres", "pinned": False, "tags": ["home"]}


def booking(room: int, start: str = "2026-05-01", end: str = "2026-05-03") -> dict[str, Any]:
    return {"room_id": room, "guest": "Ann", "from": start, "to": end}


def setup_orders(c: Client) -> dict[str, Any]:
    return {"order_id": c.post("/orders", ORDER).json()["id"]}


def setup_library(c: Client) -> dict[str, Any]:
    book, other = c.post("/books", BOOK).json()["id"], c.post("/books", {**BOOK, "isbn": "9790000000000"}).json()["id"]
    member = c.post("/members", {"name": "Ann"}).json()["id"]
    loan = c.post("/loans", {"book_id": other, "member_id": member}).json()["id"]
    return {"book_id": book, "member_id": member, "loan_id": loan}


def setup_tickets(c: Client) -> dict[str, Any]:
    return {"ticket_id": c.post("/tickets", TICKET).json()["id"]}


def setup_bookings(c: Client) -> dict[str, Any]:
    room = c.post("/rooms", ROOM).json()["id"]
    other = c.post("/rooms", {**ROOM, "name": "Red"}).json()["id"]
    made = c.post("/bookings", booking(other)).json()["id"]
    return {"room_id": room, "booking_id": made, "?from": "2026-07-01", "?to": "2026-07-03"}


def setup_ledger(c: Client) -> dict[str, Any]:
    a = [c.post("/accounts", {"owner": o, "currency": "EUR"}).json()["id"] for o in ("Ann", "Ben", "Cy")]
    c.post(f"/accounts/{a[1]}/deposits", {"amount": 10**12})
    done = c.post("/transfers", {"sender": a[1], "receiver": a[2], "amount": 5}).json()["id"]
    return {"account_id": a[0], "transfer_id": done, "a": a}


def setup_notes(c: Client) -> dict[str, Any]:
    return {"note_id": c.post("/notes", NOTE).json()["id"], "tag": "home"}


SETUPS: dict[str, tuple[Callable[[Client], dict[str, Any]], dict[str, Any], str | None]] = {
    "orders": (
        setup_orders,
        {
            "POST /orders": ORDER,
            "PUT /orders/{order_id}": ORDER,
            "PATCH /orders/{order_id}": {"note": "x", "priority": 5},
        },
        None,
    ),
    "library": (
        setup_library,
        {
            "POST /books": {**BOOK, "isbn": "9781111111111"},
            "PUT /books/{book_id}": BOOK,
            "POST /members": {"name": "Ben", "level": "staff"},
            "POST /loans": lambda k: {"book_id": k["book_id"], "member_id": k["member_id"]},
        },
        None,
    ),
    "tickets": (
        setup_tickets,
        {
            "POST /tickets": TICKET,
            "PUT /tickets/{ticket_id}": TICKET,
            "PATCH /tickets/{ticket_id}": TICKET,
            "POST /tickets/{ticket_id}/comments": {"text": "hm"},
        },
        "alice",
    ),
    "bookings": (
        setup_bookings,
        {
            "POST /rooms": {**ROOM, "name": "Green"},
            "PUT /rooms/{room_id}": ROOM,
            "POST /bookings": lambda k: booking(k["room_id"]),
        },
        None,
    ),
    "ledger": (
        setup_ledger,
        {
            "POST /accounts": {"owner": "Di", "currency": "SEK", "memo": "m"},
            "PATCH /accounts/{account_id}": {"owner": "Ed", "memo": None},
            "POST /accounts/{account_id}/deposits": {"amount": 7},
            "POST /transfers": lambda k: {"sender": k["a"][1], "receiver": k["a"][2], "amount": 3, "reference": "rent"},
        },
        "key",
    ),
    "notes": (setup_notes, {"POST /notes": NOTE, "PUT /notes/{note_id}": NOTE, "PATCH /notes/{note_id}": NOTE}, "ann"),
}


def setup_shop(c: Client) -> dict[str, Any]:
    used, free = [c.post("/categories", {"name": n}).json()["id"] for n in ("used", "free")]
    product, lone = [c.post("/products", {**PRODUCT, "category_id": used}).json()["id"] for _ in range(2)]
    c.put(f"/products/{product}/stock", {"quantity": 1000})
    customer = c.post("/customers", {"email": "ann@example.com", "name": "Ann"}).json()["id"]
    address = c.post(f"/customers/{customer}/addresses", ADDRESS).json()["id"]
    cart = c.post("/carts", {"customer_id": customer}).json()["id"]
    c.put(f"/carts/{cart}/items/{product}", {"quantity": 1})
    order = c.post(f"/carts/{cart}/checkout", CHECKOUT).json()["id"]
    c.put(f"/carts/{cart}/items/{product}", {"quantity": 1})
    return {
        "category_id": free,
        "product_id": product,
        "customer_id": customer,
        "address_id": address,
        "cart_id": cart,
        "order_id": order,
        "used": used,
        "lone": lone,
        "DELETE /products/{product_id}": {"product_id": lone},
    }


PRODUCT = {
    "name": "Tea",
    "category_id": 1,
    "price_cents": 499,
    "tags": ["hot"],
    "attributes": {"origin": "Assam"},
    "weight_grams": 100,
}
ADDRESS = {"street": "Weg 1", "city": "Ulm", "zip": "89073", "country": "DE"}
CHECKOUT = {"payment": {"method": "card", "number": "4111111111111111"}, "comment": None}


def setup_school(c: Client) -> dict[str, Any]:
    student, lone = [c.post("/students", STUDENT).json()["id"] for _ in range(2)]
    teacher, other = [c.post("/teachers", TEACHER).json()["id"] for _ in range(2)]
    course, empty = [c.post("/courses", {**COURSE, "teacher_id": teacher}).json()["id"] for _ in range(2)]
    c.put(f"/courses/{course}/students/{student}")
    c.post(f"/courses/{course}/marks", {"student_id": student, "value": 1.5})
    return {
        "student_id": student,
        "teacher_id": teacher,
        "course_id": course,
        "DELETE /students/{student_id}": {"student_id": lone},
        "DELETE /teachers/{teacher_id}": {"teacher_id": other},
        "DELETE /courses/{course_id}": {"course_id": empty},
    }


STUDENT = {"name": "Ida", "born": "2014-03-01", "grade": 6, "guardian": "Eva", "languages": ["en"]}
TEACHER = {"name": "Mr X", "subjects": ["maths"], "hours": 12.5}
COURSE = {"title": "Maths", "teacher_id": 1, "places": 20, "room": {"house": "A", "number": 3}, "starts": "2026-09-01"}
SETUPS["shop"] = (
    setup_shop,
    {
        "POST /categories": {"name": "new", "parent_id": None},
        "PUT /categories/{category_id}": {"name": "other", "parent_id": 1},
        "POST /products": PRODUCT,
        "PUT /products/{product_id}": PRODUCT,
        "PATCH /products/{product_id}": {"name": "Coffee", "price_cents": 5, "tags": [], "weight_grams": None},
        "PUT /products/{product_id}/stock": {"quantity": 5},
        "POST /customers": {"email": "b@b.de", "name": "B", "newsletter": True},
        "POST /customers/{customer_id}/addresses": ADDRESS,
        "POST /carts": {"customer_id": 1},
        "PUT /carts/{cart_id}/items/{product_id}": {"quantity": 2},
        "POST /carts/{cart_id}/checkout": CHECKOUT,
    },
    None,
)
SETUPS["school"] = (
    setup_school,
    {
        "POST /students": STUDENT,
        "PUT /students/{student_id}": STUDENT,
        "PATCH /students/{student_id}": STUDENT,
        "POST /teachers": TEACHER,
        "PATCH /teachers/{teacher_id}": TEACHER,
        "POST /courses": COURSE,
        "PUT /courses/{course_id}": COURSE,
        "PATCH /courses/{course_id}": COURSE,
        "POST /courses/{course_id}/marks": {"student_id": 1, "value": 2, "comment": "good"},
        "POST /announcements": {"text": "Snow", "urgent": True},
    },
    "office",
)

# --- one probe for each fault: True where the server is right ---

Probe = Callable[[Client], bool]
PROBES: dict[str, dict[str, Probe]] = {s: {} for s in SERVERS}


def probe(server: str) -> Callable[[Probe], Probe]:
    def keep(function: Probe) -> Probe:
        PROBES[server][function.__name__] = function
        return function

    return keep


def new_order(c: Client, **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = c.post("/orders", {**ORDER, **changes}).json()
    return made


@probe("orders")
def create_status_200(c: Client) -> bool:
    return c.post("/orders", ORDER).status_code == 201


@probe("orders")
def total_as_string(c: Client) -> bool:
    return c.get(f"/orders/{new_order(c)['id']}").json()["total_cents"] == 300


@probe("orders")
def patch_not_saved(c: Client) -> bool:
    at = f"/orders/{new_order(c)['id']}"
    return c.patch(at, {"priority": 5}).json()["priority"] == 5 == c.get(at).json()["priority"]


@probe("orders")
def limit_ignored(c: Client) -> bool:
    ids = [new_order(c)["id"] for _ in range(3)]
    page = c.get("/orders?limit=2").json()
    return (
        [o["id"] for o in page["items"]] == ids[:2]
        and page["total"] == 3
        and page["limit"] == 2
        and page["offset"] == 0
    )


@probe("orders")
def paging_overlap(c: Client) -> bool:
    ids = [new_order(c)["id"] for _ in range(5)]
    seen = [o["id"] for at in (0, 2, 4) for o in c.get(f"/orders?limit=2&offset={at}").json()["items"]]
    return seen == ids


@probe("orders")
def default_currency_usd(c: Client) -> bool:
    made = c.post("/orders", {"customer_email": "a@b.de", "items": [ITEM]}).json()
    return (made["currency"], made["priority"], made["note"], made["status"]) == ("EUR", 3, None, "new")


@probe("orders")
def note_500_non_latin(c: Client) -> bool:
    return new_order(c, note="bitte 日本 😀").get("note") == "bitte 日本 😀"


@probe("orders")
def email_plus_refused(c: Client) -> bool:
    return c.post("/orders", {**ORDER, "customer_email": "ann+shop@example.com"}).status_code == 201


@probe("orders")
def pay_twice_accepted(c: Client) -> bool:
    at = f"/orders/{new_order(c)['id']}"
    codes = [
        c.post(at + "/pay").status_code,
        c.post(at + "/pay").status_code,
        c.post(at + "/cancel").status_code,
        c.put(at, ORDER).status_code,
    ]
    return codes == [200, 409, 409, 409] and [o["status"] for o in c.get("/orders?status=paid").json()["items"]] == [
        "paid"
    ]


@probe("orders")
def quantity_999_refused(c: Client) -> bool:
    return c.post("/orders", {**ORDER, "items": [{**ITEM, "quantity": 999}]}).status_code == 201


@probe("orders")
def extra_property_accepted(c: Client) -> bool:
    return c.post("/orders", {**ORDER, "discount": 1}).status_code == 422


@probe("orders")
def status_unlisted(c: Client) -> bool:
    return c.post(f"/orders/{new_order(c)['id']}/cancel").json()["status"] == "cancelled"


def new_loan(c: Client, copies: int = 2) -> tuple[str, str]:
    book = c.post("/books", {**BOOK, "copies": copies}).json()["id"]
    member = c.post("/members", {"name": "Ann"}).json()["id"]
    return f"/books/{book}", f"/loans/{c.post('/loans', {'book_id': book, 'member_id': member}).json()['id']}"


@probe("library")
def available_missing(c: Client) -> bool:
    return c.get(f"/books/{c.post('/books', BOOK).json()['id']}").json().get("available") == 3


@probe("library")
def due_null_after_return(c: Client) -> bool:
    loan = new_loan(c)[1]
    first, again = c.post(loan + "/return"), c.post(loan + "/return")
    return first.json()["due_on"] is not None and first.json()["returned_on"] is not None and again.status_code == 409


@probe("library")
def duplicate_isbn_accepted(c: Client) -> bool:
    return [c.post("/books", BOOK).status_code for _ in range(2)] == [201, 409]


@probe("library")
def location_wrong(c: Client) -> bool:
    made = c.post("/books", BOOK)
    return c.get(made.headers["Location"]).status_code == 200 and c.get(made.headers["Location"]).json() == made.json()


@probe("library")
def delete_does_nothing(c: Client) -> bool:
    at = c.post("/books", BOOK).json()["id"]
    return (
        c.delete(f"/books/{at}").status_code == 204
        and c.get(f"/books/{at}").status_code == 404
        and c.get("/books").json() == []
    )


@probe("library")
def missing_book_200(c: Client) -> bool:
    return c.get("/books/4711").status_code == 404


@probe("library")
def genre_unlisted(c: Client) -> bool:
    return c.post("/books", {**BOOK, "genre": "children"}).json()["genre"] == "children"


@probe("library")
def head_broken(c: Client) -> bool:
    at = c.post("/books", BOOK).json()["id"]
    return c("HEAD", f"/books/{at}").status_code == 200 and c("HEAD", "/books/4711").status_code == 404


@probe("library")
def due_date_german(c: Client) -> bool:
    loan = c.get(new_loan(c)[1]).json()
    return (date.fromisoformat(loan["due_on"]) - date.fromisoformat(loan["lent_on"])).days == 28


@probe("library")
def list_without_new(c: Client) -> bool:
    made = [c.post("/books", {**BOOK, "isbn": f"978000000000{i}", "title": f"B{i}"}).json() for i in range(3)]
    return c.get("/books").json() == made and c.get("/books?genre=novel&title=B1").json() == made[1:2]


@probe("library")
def long_title_500(c: Client) -> bool:
    return c.post("/books", {**BOOK, "title": "t" * 120}).status_code == 201


@probe("library")
def loan_keeps_available(c: Client) -> bool:
    book, loan = new_loan(c)
    before = c.get(book).json()["available"]
    refused = c.delete(book).status_code
    c.post(loan + "/return")
    return (before, refused, c.get(book).json()["available"]) == (1, 409, 2) and c.get("/loans?open=true").json() == []


@probe("library")
def location_missing(c: Client) -> bool:
    return "Location" in c.post("/members", {"name": "Ann"}).headers


@probe("library")
def year_out_of_range(c: Client) -> bool:
    return [c.post("/books", {**BOOK, "year": y}).status_code for y in (2101, 2100)] == [400, 201]


def new_ticket(c: Client, **changes: Any) -> str:
    return f"/tickets/{c.post('/tickets', {**TICKET, **changes}).json()['id']}"


@probe("tickets")
def delete_unauthenticated(c: Client) -> bool:
    at = new_ticket(c)
    return c.delete(at, auth="none").status_code == 401 and c.get(at).status_code == 200


@probe("tickets")
def expired_token_accepted(c: Client) -> bool:
    return c.get("/tickets", auth="expired").status_code == 401


@probe("tickets")
def other_user_visible(c: Client) -> bool:
    at = new_ticket(c)
    return (
        c.get(at, auth="bob").status_code == 404
        and c.get(at).status_code == 200
        and c.get("/tickets", auth="bob").json() == []
    )


@probe("tickets")
def owner_overwritten(c: Client) -> bool:
    made = c.post("/tickets", {**TICKET, "owner": "bob", "id": 99, "state": "closed"}).json()
    return (made["owner"], made["id"], made["state"]) == ("alice", 1, "open")


@probe("tickets")
def delete_twice_500(c: Client) -> bool:
    at = new_ticket(c)
    return [c.delete(at).status_code for _ in range(2)] == [204, 404]


@probe("tickets")
def comment_on_missing_201(c: Client) -> bool:
    at = new_ticket(c)
    made = c.post(at + "/comments", {"text": "hm"}).json()
    return (
        c.get(at + "/comments").json() == [made]
        and c.get(at).json()["comments"] == 1
        and c.post("/tickets/4711/comments", {"text": "hm"}).status_code == 404
    )


@probe("tickets")
def method_404(c: Client) -> bool:
    return c.put("/tickets", TICKET).status_code == 405


@probe("tickets")
def severity_filter_ignored(c: Client) -> bool:
    new_ticket(c), new_ticket(c, severity="low")
    return [t["severity"] for t in c.get("/tickets?severity=low").json()] == ["low"]


@probe("tickets")
def number_as_title_accepted(c: Client) -> bool:
    return c.post("/tickets", {"title": 12}).status_code == 400


@probe("tickets")
def no_www_authenticate(c: Client) -> bool:
    return "WWW-Authenticate" in c.get("/tickets", auth="none").headers


@probe("tickets")
def empty_body_500(c: Client) -> bool:
    return c.post("/tickets", {"title": "t", "body": ""}).status_code == 201


@probe("tickets")
def order_by_change(c: Client) -> bool:
    first, second = new_ticket(c), new_ticket(c)
    c.patch(first, {"title": "new"})
    return [f"/tickets/{t['id']}" for t in c.get("/tickets").json()] == [first, second]


@probe("tickets")
def patch_resets(c: Client) -> bool:
    at = new_ticket(c)
    before = c.get(at).json()
    c.patch(at, {"title": "new"})
    return c.get(at).json() == {**before, "title": "new"}


@probe("tickets")
def title_optional(c: Client) -> bool:
    at = new_ticket(c)
    closed = [c.post(at + "/close").status_code for _ in range(2)]
    return c.post("/tickets", {"body": "b"}).status_code == 400 and closed == [200, 409]


def new_room(c: Client, **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = c.post("/rooms", {**ROOM, **changes}).json()
    return made


@probe("bookings")
def health_html(c: Client) -> bool:
    return c.get("/health").headers["Content-Type"].startswith("text/plain")


@probe("bookings")
def put_appends_tags(c: Client) -> bool:
    at = f"/rooms/{new_room(c)['id']}"
    return (
        all(c.put(at, ROOM).json()["tags"] == ["sea"] for _ in range(2))
        and c.put(at, {**ROOM, "tags": []}).json()["tags"] == []
    )


@probe("bookings")
def price_rounded(c: Client) -> bool:
    return new_room(c)["price_per_night"] == 80.55


@probe("bookings")
def bad_date_accepted(c: Client) -> bool:
    room = new_room(c)["id"]
    return c.post("/bookings", booking(room, "2026-13-45", "2026-13-46")).status_code == 400


@probe("bookings")
def overlap_accepted(c: Client) -> bool:
    room = new_room(c)["id"]
    first, second = c.post("/bookings", booking(room)), c.post("/bookings", booking(room, "2026-05-02", "2026-05-04"))
    return first.json()["nights"] == 2 and second.status_code == 409 and c.delete(f"/rooms/{room}").status_code == 409


@probe("bookings")
def stale_room(c: Client) -> bool:
    at = f"/rooms/{new_room(c)['id']}"
    c.get(at)
    c.put(at, {**ROOM, "capacity": 9})
    return c.get(at).json()["capacity"] == 9 and len(c.get("/rooms?min_capacity=9").json()) == 1


@probe("bookings")
def slash_redirect(c: Client) -> bool:
    return c.get("/bookings").status_code == 200


@probe("bookings")
def capacity_zero_500(c: Client) -> bool:
    return c.post("/rooms", {**ROOM, "capacity": 0}).status_code == 400


@probe("bookings")
def options_500(c: Client) -> bool:
    answer = c("OPTIONS", "/rooms")
    return answer.status_code == 204 and "POST" in answer.headers.get("Allow", "")


@probe("bookings")
def latin_1_body(c: Client) -> bool:
    at = f"/rooms/{new_room(c, name='Grün')['id']}"
    try:
        return bool(json.loads(c.get(at).content.decode("utf-8"))["name"] == "Grün")
    except UnicodeDecodeError:
        return False


@probe("bookings")
def guest_optional(c: Client) -> bool:
    body = booking(new_room(c)["id"])
    del body["guest"]
    return c.post("/bookings", body).status_code == 400


@probe("bookings")
def negative_id_500(c: Client) -> bool:
    return c.get("/bookings/-1").status_code == 404


@probe("bookings")
def last_night_lost(c: Client) -> bool:
    room = new_room(c)["id"]
    c.post("/bookings", booking(room))
    at = f"/rooms/{room}/availability"
    free = [
        c.get(at, params={"from": f, "to": t}).json()["free"]
        for f, t in (("2026-05-03", "2026-05-05"), ("2026-05-02", "2026-05-05"), ("2026-04-29", "2026-05-01"))
    ]
    return free == [True, False, True]


@probe("bookings")
def room_filter_ignored(c: Client) -> bool:
    one, two = new_room(c)["id"], new_room(c, name="Red")["id"]
    c.post("/bookings", booking(one)), c.post("/bookings", booking(two))
    return [b["room_id"] for b in c.get(f"/bookings?room_id={two}").json()] == [two]


def new_account(c: Client, money: int = 0, **changes: Any) -> str:
    made: str = c.post("/accounts", {"owner": "Ann", "currency": "EUR", **changes}).json()["id"]
    if money:
        c.post(f"/accounts/{made}/deposits", {"amount": money})
    return made


@probe("ledger")
def id_without_dashes(c: Client) -> bool:
    made = new_account(c)
    return str(uuid.UUID(made)) == made


@probe("ledger")
def huge_amount_500(c: Client) -> bool:
    return c.post(f"/accounts/{new_account(c)}/deposits", {"amount": 10**12}).status_code == 200


@probe("ledger")
def negative_amount_accepted(c: Client) -> bool:
    return c.post(f"/accounts/{new_account(c, 9)}/deposits", {"amount": -5}).status_code == 400


@probe("ledger")
def default_limit_5(c: Client) -> bool:
    ids = [new_account(c) for _ in range(12)]
    return [a["id"] for a in c.get("/accounts").json()] == ids[:10]


@probe("ledger")
def sender_not_debited(c: Client) -> bool:
    a, b = new_account(c, 100), new_account(c)
    done = c.post("/transfers", {"sender": a, "receiver": b, "amount": 30})
    return c.get(f"/transfers/{done.json()['id']}").json() == done.json() and [
        c.get(f"/accounts/{x}").json()["balance"] for x in (a, b)
    ] == [70, 30]


@probe("ledger")
def overdraw_accepted(c: Client) -> bool:
    a, b, other = new_account(c, 10), new_account(c), new_account(c, currency="CHF")
    return [
        c.post("/transfers", {"sender": a, "receiver": r, "amount": n}).status_code
        for r, n in ((b, 11), (other, 1), (a, 1), (b, 10))
    ] == [409, 409, 409, 201]


@probe("ledger")
def problem_as_html(c: Client) -> bool:
    return c.get("/accounts/nobody").headers["Content-Type"].startswith("application/problem+json")


@probe("ledger")
def paging_misses(c: Client) -> bool:
    a, b = new_account(c, 100), new_account(c)
    ids = [c.post("/transfers", {"sender": a, "receiver": b, "amount": 1}).json()["id"] for _ in range(5)]
    return [t["id"] for at in (0, 2, 4) for t in c.get(f"/transfers?limit=2&offset={at}").json()] == ids


@probe("ledger")
def transfers_without_key(c: Client) -> bool:
    return c.get("/transfers", auth="none").status_code == 401 and c.get("/transfers", auth="wrong").status_code == 401


@probe("ledger")
def total_header_missing(c: Client) -> bool:
    new_account(c), new_account(c, currency="SEK")
    return (
        c.get("/accounts?limit=1").headers.get("X-Total-Count") == "2"
        and c.get("/accounts?currency=SEK").headers.get("X-Total-Count") == "1"
    )


@probe("ledger")
def balance_as_float32(c: Client) -> bool:
    return bool(c.get(f"/accounts/{new_account(c, 16777217)}").json()["balance"] == 16777217)


@probe("ledger")
def patch_clears_memo(c: Client) -> bool:
    at = f"/accounts/{new_account(c, memo='mine')}"
    return c.patch(at, {"owner": "Ben"}).json()["memo"] == "mine" and c.get(at).json()["owner"] == "Ben"


@probe("ledger")
def memo_null_refused(c: Client) -> bool:
    return c.post("/accounts", {"owner": "Ann", "currency": "EUR", "memo": None}).status_code == 201


@probe("ledger")
def created_no_zone(c: Client) -> bool:
    return datetime.fromisoformat(c.get(f"/accounts/{new_account(c)}").json()["created_at"]).tzinfo is not None


@probe("ledger")
def delete_with_balance(c: Client) -> bool:
    return [c.delete(f"/accounts/{new_account(c, m)}").status_code for m in (1, 0)] == [409, 204]


def new_note(c: Client, **changes: Any) -> str:
    return f"/notes/{c.post('/notes', {**NOTE, **changes}).json()['id']}"


def noted(answer: httpx.Response) -> list[str]:
    return [f"/notes/{n['id']}" for n in answer.json()["notes"]]


@probe("notes")
def unicode_title_refused(c: Client) -> bool:
    return c.post("/notes", {"title": "Café 日本"}).status_code == 201


@probe("notes")
def any_token_accepted(c: Client) -> bool:
    at = new_note(c)
    return c.get("/notes", auth="wrong").status_code == 401 and c.get(at, auth="ben").status_code == 404


@probe("notes")
def tag_filter_prefix(c: Client) -> bool:
    one = new_note(c)
    new_note(c, tags=["homework"])
    return noted(c.get("/notes?tag=home")) == [one]


@probe("notes")
def tag_added_twice(c: Client) -> bool:
    at = new_note(c)
    codes = [c.put(at + "/tags/new").status_code for _ in range(2)]
    tags = c.get(at).json()["tags"]
    return (
        codes == [204, 204]
        and tags == ["home", "new"]
        and [c.delete(at + "/tags/new").status_code for _ in "ab"] == [204, 404]
    )


@probe("notes")
def empty_search_500(c: Client) -> bool:
    one = new_note(c)
    return noted(c.get("/notes?q=")) == [one] == noted(c.get("/notes?q=LITRES")) and noted(c.get("/notes?q=zzz")) == []


@probe("notes")
def null_text_kept(c: Client) -> bool:
    at = new_note(c)
    return c.patch(at, {"text": None}).json()["text"] is None and c.get(at).json()["text"] is None


@probe("notes")
def paging_never_ends(c: Client) -> bool:
    made = [new_note(c) for _ in range(5)]
    seen: list[str] = []
    cursor: Any = None
    for _ in range(3):
        page = c.get("/notes", params={"limit": "2", **({"cursor": cursor} if cursor else {})})
        seen += noted(page)
        cursor = page.json()["next_cursor"]
    return seen == made and cursor is None


@probe("notes")
def delete_200_body(c: Client) -> bool:
    answer = c.delete(new_note(c))
    return answer.status_code == 204 and not answer.content


@probe("notes")
def pinned_not_first(c: Client) -> bool:
    one, two, three = new_note(c), new_note(c, pinned=True), new_note(c)
    return noted(c.get("/notes")) == [two, one, three]


@probe("notes")
def media_type_unchecked(c: Client) -> bool:
    return c.post("/notes", NOTE, headers={"Content-Type": "text/plain"}).status_code == 415


@probe("notes")
def broken_json_500(c: Client) -> bool:
    return c.post("/notes", content=b'{"title": ', headers={"Content-Type": "application/json"}).status_code == 400


@probe("notes")
def created_at_moves(c: Client) -> bool:
    at = new_note(c)
    before = c.get(at).json()
    time.sleep(0.01)
    c.patch(at, {"title": "new"})
    after = c.get(at).json()
    return after["created_at"] == before["created_at"] and after["updated_at"] > before["updated_at"]


@probe("notes")
def tag_counts_stale(c: Client) -> bool:
    new_note(c), new_note(c, tags=["a", "home"])
    third = new_note(c)
    c.delete(third)
    return c.get("/tags").json() == [{"tag": "a", "count": 1}, {"tag": "home", "count": 2}]


@probe("notes")
def put_keeps_missing(c: Client) -> bool:
    at = new_note(c)
    after = c.put(at, {"title": "new"}).json()
    return (after["title"], after["text"], after["pinned"], after["tags"]) == ("new", None, False, [])


@probe("notes")
def long_tag_refused(c: Client) -> bool:
    return c.put(new_note(c) + "/tags/" + "t" * 20).status_code == 204


@probe("notes")
def zero_limit_accepted(c: Client) -> bool:
    return c.get("/notes?limit=0").status_code == 400


# --- what the bigger servers say in words ---


def walk_shop(c: Client) -> list[str]:
    k = setup_shop(c)
    product, cart, customer = f"/products/{k['product_id']}", f"/carts/{k['cart_id']}", f"/customers/{k['customer_id']}"
    first, paid = c.get(product), c.get(f"/orders/{k['order_id']}").json()
    tag = first.headers["ETag"]
    full = {**PRODUCT, "category_id": k["used"]}
    stale, fresh = (c.put(product, full, headers={"If-Match": m}) for m in ('"99"', tag))
    claims = {
        "checkout lowers the stock": first.json()["stock"] == 999,
        "the order has the cart's lines": paid["total_cents"] == 499 and len(paid["lines"]) == 1,
        "orders of the customer": c.get("/orders", params={"customer_id": k["customer_id"]}).json() == [paid],
        "orders of another": c.get("/orders?customer_id=99").json() == [],
        "If-Match": (stale.status_code, fresh.status_code) == (412, 200) and fresh.headers["ETag"] != tag,
        "PATCH leaves the rest": c.patch(product, {"price_cents": 5}).json()["name"] == "Tea",
        "sorted": [p["price_cents"] for p in c.get("/products?sort=-price").json()["items"]] == [499, 5],
        "min_price": c.get("/products?min_price=6").json()["total"] == 1,
        "max_price": c.get("/products?max_price=4").json()["total"] == 0,
        "pages": [len(c.get(f"/products?size=1&page={n}").json()["items"]) for n in (1, 2, 3)] == [1, 1, 0],
        "all tags": [c.get(f"/products?tag=hot{m}").json()["total"] for m in ("", "&tag=cold")] == [2, 0],
        "search": [c.get(f"/products?q={q}").json()["total"] for q in ("TE", "x")] == [2, 0],
        "export": c.get("/products/export").text.splitlines()[1] == f"{k['product_id']},Tea,5,999",
        "category in use": c.delete(f"/categories/{k['used']}").status_code == 409,
        "category is its own parent": c.put(
            f"/categories/{k['used']}", {"name": "u", "parent_id": k["used"]}
        ).status_code
        == 409,
        "name of a category taken": c.post("/categories", {"name": "free"}).status_code == 409,
        "e-mail known": c.post("/customers", {"email": "ann@example.com", "name": "A"}).status_code == 409,
        "product in a cart": c.delete(product).status_code == 409,
        "the total follows the price": c.get(cart).json()["total_cents"] == 5,
        "another's address": c.post(
            f"{cart}/checkout", {"payment": {"method": "invoice", "address_id": 99}}
        ).status_code
        == 409,
        "by invoice": c.post(
            f"{cart}/checkout", {"payment": {"method": "invoice", "address_id": k["address_id"]}}
        ).status_code
        == 201,
        "empty afterwards": c.post(f"{cart}/checkout", CHECKOUT).status_code == 409
        and c.get(cart).json()["lines"] == [],
        "address gone": [c.delete(f"{customer}/addresses/{k['address_id']}").status_code for _ in "ab"] == [204, 404],
        "cart goes with the customer": c.delete(customer).status_code == 204 and c.get(cart).status_code == 404,
        "orders stay": len(c.get("/orders").json()) == 2,
    }
    return [f"not so: {text}" for text, so in claims.items() if not so]


def walk_school(c: Client) -> list[str]:
    k = setup_school(c)
    student, course = f"/students/{k['student_id']}", f"/courses/{k['course_id']}"
    small = c.post("/courses", {**COURSE, "places": 1}).json()["id"]
    made = c.post("/students", {"name": "Bo", "born": "2013-01-01", "grade": 7})
    claims = {
        "Location": c.get(made.headers["Location"]).json() == made.json(),
        "defaults": (made.json()["guardian"], made.json()["languages"]) == (None, []),
        "readers read": c.get("/students", auth="reader").status_code == 200,
        "readers don't write": [
            c("DELETE", student, auth="reader").status_code,
            c.post("/students", {}, auth="reader").status_code,
            c.put(f"{course}/students/1", auth="reader").status_code,
        ]
        == [403] * 3,
        "roles": [c.get("/me", auth=a).json()["role"] for a in ("office", "reader")] == ["office", "reader"],
        "version needs no token": c.get("/version", auth="none").status_code == 200,
        "filter grade": [s["name"] for s in c.get("/students?grade=7").json()] == ["Bo"],
        "filter name": c.get("/students?name=Id").headers["X-Total"] == "2",
        "filter subject": [c.get(f"/teachers?subject={s}").headers["X-Total"] for s in ("maths", "art")] == ["2", "0"],
        "pages": [s["id"] for n in (0, 2) for s in c.get(f"/students?limit=2&offset={n}").json()] == [1, 2, 3],
        "student in use": c.delete(student).status_code == 409,
        "teacher in use": c.delete(f"/teachers/{k['teacher_id']}").status_code == 409,
        "course in use": c.delete(course).status_code == 409,
        "enrolled once": [c.put(f"{course}/students/1").status_code for _ in "ab"] == [204, 204]
        and c.get(course).json()["taken"] == 1,
        "no place": [c.put(f"/courses/{small}/students/{s}").status_code for s in (1, 2)] == [204, 409],
        "mark of a stranger": c.post(f"{course}/marks", {"student_id": 2, "value": 1}).status_code == 409,
        "no such teacher": c.patch(course, {"teacher_id": 99}).status_code == 404,
        "report": c.post(f"{course}/marks", {"student_id": 1, "value": 2}).json()["comment"] == ""
        and c.get(f"{student}/report").json()["mean"] == 1.75,
        "report without marks": c.get("/students/2/report").json()["mean"] is None,
        "PUT resets": c.put(student, {"name": "I", "born": "2014-03-01", "grade": 6}).json()["guardian"] is None,
        "PATCH leaves the rest": c.patch(student, {"grade": 8}).json()["name"] == "I",
        "marks go": c.delete(f"{course}/students/1").status_code == 204 and c.get(f"{course}/marks").json() == [],
        "not enrolled": c.delete(f"{course}/students/1").status_code == 404
        and c.get(f"{course}/students").json() == [],
        "urgent": [c.post("/announcements", {"text": "x", "urgent": u}).status_code for u in (True, False)]
        == [201, 201]
        and [a["urgent"] for a in c.get("/announcements?urgent=true").json()] == [True],
    }
    return [f"not so: {text}" for text, so in claims.items() if not so]


WALKS = {"shop": walk_shop, "school": walk_school}

# --- the whole ---


def check(name: str) -> list[str]:
    module = importlib.import_module(f"server_{name}")
    wrong: list[str] = []
    validate_spec(module.SPEC)
    probes = PROBES.get(name, {})
    if set(probes) != set(module.FAULTS) or set(module.FAULTS) != set(module.FAULT_KINDS):
        wrong.append(f"faults without probe or kind: {set(probes) ^ set(module.FAULTS)}")
    auth = SETUPS[name][2]
    found, calls = vary(name, module)
    wrong += found
    if name in WALKS:
        c = Client(module, None, auth)
        wrong += [*WALKS[name](c), *c.wrong]
        c.close()
    for fault, right in probes.items():
        for given in (None, fault):
            c = Client(module, given, auth)
            try:
                says: Any = right(c)
            except Exception as error:
                says = f"{type(error).__name__}: {error}"
            wrong += c.wrong
            c.close()
            if given is None and says is not True:
                wrong.append(f"{fault}: the probe says {says} of the server without fault")
            if given is not None and says is True:
                wrong.append(f"{fault}: doesn't show")
    operations = len(Contract(module.SPEC).operations())
    print(
        f"{name} ({module.KIND}): {operations} operations, {calls} calls varied, "
        f"{len(probes)} faults, {len(wrong)} wrong",
        flush=True,
    )
    return wrong


def table() -> None:
    rows = ["| Server | Framework | Fault | Kind | What is wrong |", "|---|---|---|---|---|"]
    kinds: set[str] = set()
    for name in SERVERS:
        module = importlib.import_module(f"server_{name}")
        kinds |= set(module.FAULT_KINDS.values())
        rows += [
            f"| {name} | {module.KIND} | `{f}` | {module.FAULT_KINDS[f]} | {t} |" for f, t in module.FAULTS.items()
        ]
    path = HERE / "README.md"
    head = path.read_text(encoding="utf-8").split("<!-- table -->")[0]
    path.write_text(
        f"{head}<!-- table -->\n{len(rows) - 2} faults of {len(kinds)} kinds.\n\n" + "\n".join(rows) + "\n",
        encoding="utf-8",
    )


def main() -> int:
    if "--table" in sys.argv:
        table()
        return 0
    names = [a for a in sys.argv[1:] if a != "--http"] or [
        n for n in SERVERS + BIG if (HERE / f"server_{n}.py").exists()
    ]
    bad = 0
    for name in names:
        for line in (wrong := check(name))[:40]:
            print("   ", line.encode("ascii", "backslashreplace").decode())
        bad += len(wrong)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
