"""Weather stations and their readings (aiohttp).

Two API keys: one may write, one may only read; see HEADERS.
app(fault) is an aiohttp Application; serve(fault, port) runs one (blocking)."""

from __future__ import annotations

import copy
import datetime as dt
import json
import re
from typing import Any

from aiohttp import web

KIND = "aiohttp"
KEYS = {"key-writer-51aa": "writer", "key-reader-9d0c": "reader"}
HEADERS = {role: {"X-Api-Key": key} for key, role in KEYS.items()}

FAULTS: dict[str, str] = {
    "reader_may_delete": "DELETE /stations/{code} is allowed for the read-only key (should be 403)",
    "any_key": "any non-empty X-Api-Key is taken for the writer's",
    "summary_stale": "the summary is cached at its first call and not renewed after further readings",
    "temp_unchecked": "readings with a temp_c outside -80..60 are accepted",
    "delete_keeps_readings": "readings survive DELETE of the station and show up when the code is used again",
    "per_page_default_10": "without per_page pages have 10 items instead of the documented 25",
    "if_match_ignored": "PUT ignores If-Match and overwrites (should be 412)",
    "version_stuck": "PUT does not raise version and ETag",
    "humidity_zero_null": "a humidity of 0 is stored as null",
    "put_unknown_500": "PUT of an unknown station gives 500 instead of 404",
    "no_etag": "GET /stations/{code} lacks the ETag header",
}

# ------------------------------------------------------------------ SPEC
_ref = lambda n: {"$ref": f"#/components/schemas/{n}"}  # noqa: E731
_json = lambda n, d, **h: {
    "description": d,
    "content": {"application/json": {"schema": _ref(n)}},
    **({"headers": h} if h else {}),
}  # noqa: E731
_body = lambda n: {"required": True, "content": {"application/json": {"schema": _ref(n)}}}  # noqa: E731
_r = lambda n: {"$ref": f"#/components/responses/{n}"}  # noqa: E731
_ETAG = {"description": 'The version in quotes, e.g. "3"', "required": True, "schema": {"type": "string"}}
_CODE = {
    "name": "code",
    "in": "path",
    "required": True,
    "description": "Three capital letters and two digits",
    "schema": {"type": "string", "pattern": "^[A-Z]{3}[0-9]{2}$", "minLength": 5, "maxLength": 5},
    "example": "OSL01",
}
_PAGE = {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 1}}
_PER = {"name": "per_page", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 25}}
_AUTH = {"401": _r("Unauthorized")}
_WRITE = {"401": _r("Unauthorized"), "403": _r("Forbidden")}
_ALT = {"type": "integer", "minimum": -450, "maximum": 9000}
_LABEL = {"type": "string", "minLength": 1, "maxLength": 60}
_TEMP = {"type": "number", "minimum": -80, "maximum": 60}
_HUM = {"type": "integer", "minimum": 0, "maximum": 100, "nullable": True}
_CODE_S = {"type": "string", "pattern": "^[A-Z]{3}[0-9]{2}$"}

SPEC: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {
        "title": "Weather stations",
        "version": "2.0.1",
        "description": "Stations are listed by code, readings by number, both ascending.",
    },
    "security": [{"key": []}],
    "paths": {
        "/stations": {
            "get": {
                "operationId": "stations",
                "parameters": [_PAGE, _PER],
                "responses": {
                    "200": _json("StationPage", "A page of stations; may be empty"),
                    "400": _r("Bad"),
                    **_AUTH,
                },
            },
            "post": {
                "operationId": "addStation",
                "requestBody": _body("NewStation"),
                "responses": {
                    "201": _json(
                        "Station",
                        "Added",
                        ETag=_ETAG,
                        Location={"description": "Path of the station", "required": True, "schema": {"type": "string"}},
                    ),
                    "400": _r("Bad"),
                    "409": _r("Conflict"),
                    **_WRITE,
                },
            },
        },
        "/stations/{code}": {
            "parameters": [_CODE],
            "get": {
                "operationId": "station",
                "responses": {"200": _json("Station", "The station", ETag=_ETAG), "404": _r("NotFound"), **_AUTH},
            },
            "put": {
                "operationId": "setStation",
                "description": "Replaces label and altitude. Raises version by one. With If-Match only if the version is still that one.",
                "parameters": [
                    {
                        "name": "If-Match",
                        "in": "header",
                        "required": False,
                        "schema": {"type": "string"},
                        "example": '"1"',
                    }
                ],
                "requestBody": _body("StationData"),
                "responses": {
                    "200": _json("Station", "As stored", ETag=_ETAG),
                    "400": _r("Bad"),
                    "404": _r("NotFound"),
                    "412": _r("Stale"),
                    **_WRITE,
                },
            },
            "delete": {
                "operationId": "dropStation",
                "description": "Drops the station and all its readings.",
                "responses": {"204": {"description": "Dropped"}, "404": _r("NotFound"), **_WRITE},
            },
        },
        "/stations/{code}/readings": {
            "parameters": [_CODE],
            "get": {
                "operationId": "readings",
                "parameters": [
                    {
                        "name": "min_temp",
                        "in": "query",
                        "description": "Only readings at least this warm",
                        "schema": {"type": "number", "minimum": -80, "maximum": 60},
                    },
                    _PAGE,
                    _PER,
                ],
                "responses": {
                    "200": _json("ReadingPage", "A page of readings"),
                    "400": _r("Bad"),
                    "404": _r("NotFound"),
                    **_AUTH,
                },
            },
            "post": {
                "operationId": "addReading",
                "requestBody": _body("NewReading"),
                "responses": {"201": _json("Reading", "Stored"), "400": _r("Bad"), "404": _r("NotFound"), **_WRITE},
            },
        },
        "/stations/{code}/summary": {
            "parameters": [_CODE],
            "get": {
                "operationId": "summary",
                "responses": {
                    "200": _json("Summary", "Over all readings of the station"),
                    "404": _r("NotFound"),
                    **_AUTH,
                },
            },
        },
    },
    "components": {
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}},
        "responses": {
            n: {"description": d, "content": {"application/json": {"schema": _ref("Problem")}}}
            for n, d in {
                "Bad": "Body or parameter is not valid",
                "Unauthorized": "X-Api-Key missing or unknown",
                "Forbidden": "This key may only read",
                "NotFound": "No such station",
                "Conflict": "The code is taken",
                "Stale": "If-Match does not fit the current version",
            }.items()
        },
        "schemas": {
            "Problem": {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}},
            "StationData": {
                "type": "object",
                "additionalProperties": False,
                "required": ["label", "altitude_m"],
                "properties": {"label": _LABEL, "altitude_m": _ALT},
                "example": {"label": "Blindern roof", "altitude_m": 97},
            },
            "NewStation": {
                "type": "object",
                "additionalProperties": False,
                "required": ["code", "label", "altitude_m"],
                "properties": {"code": _CODE_S, "label": _LABEL, "altitude_m": _ALT},
                "example": {"code": "OSL01", "label": "Blindern", "altitude_m": 94},
            },
            "Station": {
                "type": "object",
                "additionalProperties": False,
                "required": ["code", "label", "altitude_m", "version"],
                "properties": {
                    "code": _CODE_S,
                    "label": _LABEL,
                    "altitude_m": _ALT,
                    "version": {"type": "integer", "minimum": 1},
                },
            },
            "StationPage": {
                "type": "object",
                "required": ["page", "per_page", "total", "items"],
                "properties": {
                    "page": {"type": "integer", "minimum": 1},
                    "per_page": {"type": "integer", "minimum": 1, "maximum": 100},
                    "total": {"type": "integer", "minimum": 0},
                    "items": {"type": "array", "maxItems": 100, "items": _ref("Station")},
                },
            },
            "NewReading": {
                "type": "object",
                "additionalProperties": False,
                "required": ["temp_c"],
                "properties": {"temp_c": _TEMP, "humidity": {**_HUM, "default": None}},
                "example": {"temp_c": -3.5, "humidity": 81},
            },
            "Reading": {
                "type": "object",
                "additionalProperties": False,
                "required": ["number", "at", "temp_c", "humidity"],
                "properties": {
                    "number": {"type": "integer", "minimum": 1},
                    "at": {"type": "string", "format": "date-time"},
                    "temp_c": _TEMP,
                    "humidity": _HUM,
                },
            },
            "ReadingPage": {
                "type": "object",
                "required": ["page", "per_page", "total", "items"],
                "properties": {
                    "page": {"type": "integer", "minimum": 1},
                    "per_page": {"type": "integer", "minimum": 1, "maximum": 100},
                    "total": {"type": "integer", "minimum": 0},
                    "items": {"type": "array", "maxItems": 100, "items": _ref("Reading")},
                },
            },
            "Summary": {
                "type": "object",
                "additionalProperties": False,
                "required": ["count", "min_c", "max_c"],
                "properties": {
                    "count": {"type": "integer", "minimum": 0},
                    "min_c": {"type": "number", "nullable": True},
                    "max_c": {"type": "number", "nullable": True},
                },
            },
        },
    },
}


# ------------------------------------------------------------------ validation by SPEC
def wrong(schema: dict, v: Any, where: str = "body") -> str | None:
    """First thing wrong with v, or None. Only what SPEC uses."""
    if "$ref" in schema:
        schema = SPEC["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if v is None:
        return None if schema.get("nullable") else f"{where} must not be null"
    kind = schema["type"]
    if kind == "object":
        if not isinstance(v, dict):
            return f"{where} must be an object"
        for k in schema.get("required", ()):
            if k not in v:
                return f"{where}.{k} is missing"
        for k, x in v.items():
            if k not in schema["properties"]:
                return f"{where} has an unknown field"
            if bad := wrong(schema["properties"][k], x, f"{where}.{k}"):
                return bad
        return None
    if kind == "string":
        if not isinstance(v, str):
            return f"{where} must be a string"
        if not schema.get("minLength", 0) <= len(v) <= schema.get("maxLength", len(v)):
            return f"{where} has a wrong length"
        if "pattern" in schema and not re.fullmatch(schema["pattern"].strip("^$"), v):
            return f"{where} does not match {schema['pattern']}"
        return None
    if isinstance(v, bool) or not isinstance(v, (int, float)) or (kind == "integer" and v != int(v)):
        return f"{where} must be {'an integer' if kind == 'integer' else 'a number'}"
    if not schema.get("minimum", v) <= v <= schema.get("maximum", v):
        return f"{where} is out of range"
    return None


def _no_constant(name: str) -> None:
    raise ValueError(name)


def problem(status: int, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status)


class Stop(Exception):
    def __init__(self, status: int, text: str) -> None:
        self.response = problem(status, text)


async def read(request: web.Request, schema: dict) -> dict:
    if request.content_type != "application/json":
        raise Stop(400, "send application/json")
    try:
        data = json.loads(await request.read(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Stop(400, "not JSON") from None
    try:
        bad = wrong(schema, data)
    except OverflowError:
        bad = "number too large"
    if bad:
        raise Stop(400, bad)
    return data


def query_number(request: web.Request, p: dict, whole: bool = True) -> Any:
    text = request.query.get(p["name"])
    if text is None:
        return p["schema"].get("default")
    if not re.fullmatch(
        r"-?[0-9]{1,15}" if whole else r"[+-]?[0-9]{1,15}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?", text
    ):
        raise Stop(400, f"{p['name']} is not a number")
    v = int(text) if whole else float(text)
    if bad := wrong(p["schema"], v, p["name"]):
        raise Stop(400, bad)
    return v


# ------------------------------------------------------------------ the server
def app(fault: str | None = None) -> web.Application:
    assert fault is None or fault in FAULTS, fault
    stations: dict[str, dict] = {}
    readings: dict[str, list[dict]] = {}
    cache: dict[str, dict] = {}
    routes = web.RouteTableDef()

    @web.middleware
    async def guard(request: web.Request, handler):
        try:
            if request.match_info.http_exception is None:
                key = request.headers.get("X-Api-Key", "")
                role = KEYS.get(key) or ("writer" if fault == "any_key" and key else None)
                if role is None:
                    raise Stop(401, "X-Api-Key missing or unknown")
                free = fault == "reader_may_delete" and request.method == "DELETE"
                if role != "writer" and request.method not in ("GET", "HEAD") and not free:
                    raise Stop(403, "this key may only read")
            return await handler(request)
        except Stop as s:
            return s.response
        except web.HTTPException as e:
            out = problem(e.status, e.reason)
            if "Allow" in e.headers:
                out.headers["Allow"] = e.headers["Allow"]
            return out

    def find(request: web.Request) -> dict:
        s = stations.get(request.match_info["code"])
        if s is None:
            raise Stop(404, "no such station")
        return s

    def tag(s: dict) -> dict:
        return {"ETag": f'"{s["version"]}"'}

    def page_of(request: web.Request, rows: list) -> dict:
        page, per = query_number(request, _PAGE), query_number(request, _PER)
        if fault == "per_page_default_10" and "per_page" not in request.query:
            per = 10
        return {"page": page, "per_page": per, "total": len(rows), "items": rows[(page - 1) * per : page * per]}

    @routes.get("/stations")
    async def list_stations(request):
        return web.json_response(page_of(request, [stations[c] for c in sorted(stations)]))

    @routes.post("/stations")
    async def add(request):
        data = await read(request, _ref("NewStation"))
        if data["code"] in stations:
            raise Stop(409, "the code is taken")
        s = {"code": data["code"], "label": data["label"], "altitude_m": int(data["altitude_m"]), "version": 1}
        stations[s["code"]] = s
        readings.setdefault(s["code"], [])
        return web.json_response(s, status=201, headers={**tag(s), "Location": f"/stations/{s['code']}"})

    @routes.get("/stations/{code}")
    async def one(request):
        s = find(request)
        return web.json_response(s, headers={} if fault == "no_etag" else tag(s))

    @routes.put("/stations/{code}")
    async def put(request):
        if fault == "put_unknown_500" and request.match_info["code"] not in stations:
            return web.Response(status=500, text="500 Internal Server Error\n\nServer got itself in trouble")
        s = find(request)
        data = await read(request, _ref("StationData"))
        wanted = request.headers.get("If-Match")
        fits = wanted is None or any(w.strip() in ("*", tag(s)["ETag"]) for w in wanted.split(","))
        if not fits and fault != "if_match_ignored":
            raise Stop(412, "the station was changed meanwhile")
        s.update(label=data["label"], altitude_m=int(data["altitude_m"]))
        if fault != "version_stuck":
            s["version"] += 1
        return web.json_response(s, headers=tag(s))

    @routes.delete("/stations/{code}")
    async def drop(request):
        s = find(request)
        del stations[s["code"]]
        cache.pop(s["code"], None)
        if fault != "delete_keeps_readings":
            del readings[s["code"]]
        return web.Response(status=204)

    @routes.get("/stations/{code}/readings")
    async def list_readings(request):
        s = find(request)
        p = SPEC["paths"]["/stations/{code}/readings"]["get"]["parameters"][0]
        low = query_number(request, p, whole=False)
        return web.json_response(
            page_of(request, [r for r in readings[s["code"]] if low is None or r["temp_c"] >= low])
        )

    @routes.post("/stations/{code}/readings")
    async def add_reading(request):
        s = find(request)
        schema = SPEC["components"]["schemas"]["NewReading"]
        if fault == "temp_unchecked":
            schema = copy.deepcopy(schema)
            schema["properties"]["temp_c"] = {"type": "number", "minimum": -1e9, "maximum": 1e9}
        data = await read(request, schema)
        hum = data.get("humidity")
        hum = None if hum is None or (fault == "humidity_zero_null" and hum == 0) else int(hum)
        rows = readings[s["code"]]
        at = dt.datetime.now(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        rows.append({"number": len(rows) + 1, "at": at, "temp_c": data["temp_c"], "humidity": hum})
        return web.json_response(rows[-1], status=201)

    @routes.get("/stations/{code}/summary")
    async def summary(request):
        s = find(request)
        temps = [r["temp_c"] for r in readings[s["code"]]]
        out = {"count": len(temps), "min_c": min(temps, default=None), "max_c": max(temps, default=None)}
        if fault == "summary_stale":
            out = cache.setdefault(s["code"], out)
        return web.json_response(out)

    server = web.Application(middlewares=[guard])
    server.add_routes(routes)
    return server


def serve(fault: str | None, port: int) -> None:
    web.run_app(app(fault), host="127.0.0.1", port=port, print=None, handle_signals=False)
