"""Neighbourhood tool library (FastAPI). Members lend tools to each other.

Callers are known by bearer token, see HEADERS."""

import datetime as dt
import re
from typing import Annotated, Any, Literal, Optional

from fastapi import Depends, FastAPI, Header, HTTPException, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictStr

KIND = "FastAPI"
TOKENS = {"tok-anna-7c1": "anna", "tok-ben-29e": "ben"}
HEADERS = {who: {"Authorization": f"Bearer {tok}"} for tok, who in TOKENS.items()}

FAULTS: dict[str, str] = {
    "create_status_200": "POST /tools answers 200 instead of the documented 201",
    "patch_not_saved": "PATCH /tools/{tool_id} answers with the new values but stores nothing",
    "kind_filter_ignored": "GET /tools ignores the filter `kind`",
    "page_overlap": "GET /tools with offset > 0 starts one item too early, so pages repeat an item",
    "foreign_loan_visible": "GET /loans/{loan_id} shows loans of other members instead of 404",
    "delete_lent_tool": "DELETE /tools/{tool_id} removes a tool that is lent out instead of 409",
    "deposit_as_text": "tools are returned with deposit_cents as a string",
    "created_at_no_zone": "loan created_at has a blank instead of T and no time zone",
    "patch_without_token": "PATCH /tools/{tool_id} works without any token",
    "long_name_500": "POST /tools with a name of more than 60 characters gives 500",
}

_err = {"description": "Error", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}


def _e(text: str) -> dict:
    return {**_err, "description": text}


def _json(ref: str, text: str, headers: dict | None = None) -> dict:
    out = {"description": text, "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{ref}"}}}}
    if headers:
        out["headers"] = headers
    return out


def _body(ref: str) -> dict:
    return {"required": True, "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{ref}"}}}}


_TOOL_ID = {"name": "tool_id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}
_LOAN_ID = {"name": "loan_id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}
_LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 50, "default": 20}}
_OFFSET = {
    "name": "offset",
    "in": "query",
    "schema": {"type": "integer", "minimum": 0, "maximum": 100000, "default": 0},
}
_COMMON = {"401": _e("Token missing or unknown"), "422": _e("Invalid parameter or body")}
_UNREAD = {"400": _e("The body cannot be read")}
_NAME = {"type": "string", "minLength": 1, "maxLength": 80}
_KIND = {"type": "string", "enum": ["hand", "power", "garden"]}
_DEPOSIT = {"type": "integer", "minimum": 0, "maximum": 50000}
_NOTE = {"type": ["string", "null"], "maxLength": 200}

SPEC: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Tool library",
        "version": "1.4.0",
        "description": "Members register tools and lend them. Lists are ordered by id, ascending.",
    },
    "security": [{"bearer": []}],
    "paths": {
        "/tools": {
            "get": {
                "operationId": "listTools",
                "summary": "All tools, of all members",
                "parameters": [
                    _LIMIT,
                    _OFFSET,
                    {"name": "kind", "in": "query", "description": "Only tools of this kind", "schema": _KIND},
                ],
                "responses": {
                    "200": _json(
                        "ToolPage",
                        "One page",
                        {
                            "X-Total-Count": {
                                "description": "Number of all matching tools",
                                "required": True,
                                "schema": {"type": "integer", "minimum": 0},
                            }
                        },
                    ),
                    **_COMMON,
                },
            },
            "post": {
                "operationId": "createTool",
                "requestBody": _body("NewTool"),
                "responses": {
                    "201": _json(
                        "Tool",
                        "Created",
                        {
                            "Location": {
                                "description": "Path of the tool",
                                "required": True,
                                "schema": {"type": "string"},
                            }
                        },
                    ),
                    **_UNREAD,
                    **_COMMON,
                },
            },
        },
        "/tools/{tool_id}": {
            "parameters": [_TOOL_ID],
            "get": {
                "operationId": "getTool",
                "responses": {"200": _json("Tool", "The tool"), "404": _e("No such tool"), **_COMMON},
            },
            "patch": {
                "operationId": "changeTool",
                "description": "Changes the given fields only. Every member may do this.",
                "requestBody": _body("ToolPatch"),
                "responses": {
                    "200": _json("Tool", "The tool as it is now"),
                    "404": _e("No such tool"),
                    **_UNREAD,
                    **_COMMON,
                },
            },
            "delete": {
                "operationId": "deleteTool",
                "responses": {
                    "204": {"description": "Gone"},
                    "404": _e("No such tool"),
                    "409": _e("The tool is lent out"),
                    **_COMMON,
                },
            },
        },
        "/loans": {
            "get": {
                "operationId": "listLoans",
                "summary": "The caller's own loans",
                "parameters": [
                    {
                        "name": "open",
                        "in": "query",
                        "description": "true: only loans not yet returned; false: only returned ones",
                        "schema": {"type": "boolean"},
                    }
                ],
                "responses": {
                    "200": {
                        "description": "Own loans by id",
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Loan"}}
                            }
                        },
                    },
                    **_COMMON,
                },
            },
            "post": {
                "operationId": "createLoan",
                "requestBody": _body("NewLoan"),
                "responses": {
                    "201": _json(
                        "Loan",
                        "Lent",
                        {
                            "Location": {
                                "description": "Path of the loan",
                                "required": True,
                                "schema": {"type": "string"},
                            }
                        },
                    ),
                    "404": _e("No such tool"),
                    "409": _e("The tool is lent out already"),
                    **_UNREAD,
                    **_COMMON,
                },
            },
        },
        "/loans/{loan_id}": {
            "parameters": [_LOAN_ID],
            "get": {
                "operationId": "getLoan",
                "responses": {
                    "200": _json("Loan", "Own loan"),
                    "404": _e("No such loan, or of another member"),
                    **_COMMON,
                },
            },
        },
        "/loans/{loan_id}/return": {
            "parameters": [_LOAN_ID],
            "post": {
                "operationId": "returnLoan",
                "responses": {
                    "200": _json("Loan", "Returned now"),
                    "404": _e("No such loan, or of another member"),
                    "409": _e("Returned before"),
                    **_COMMON,
                },
            },
        },
    },
    "components": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "Error": {"type": "object", "required": ["detail"], "properties": {"detail": {"type": "string"}}},
            "NewTool": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name", "kind"],
                "properties": {
                    "name": _NAME,
                    "kind": _KIND,
                    "deposit_cents": {**_DEPOSIT, "default": 0},
                    "note": {**_NOTE, "default": None},
                },
                "examples": [{"name": "Belt sander", "kind": "power", "deposit_cents": 2500}],
            },
            "ToolPatch": {
                "type": "object",
                "additionalProperties": False,
                "minProperties": 1,
                "properties": {"name": _NAME, "kind": _KIND, "deposit_cents": _DEPOSIT, "note": _NOTE},
                "examples": [{"note": "handle is loose"}],
            },
            "Tool": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id", "name", "kind", "deposit_cents", "note", "lent_out"],
                "properties": {
                    "id": {"type": "integer", "minimum": 1},
                    "name": _NAME,
                    "kind": _KIND,
                    "deposit_cents": _DEPOSIT,
                    "note": _NOTE,
                    "lent_out": {"type": "boolean"},
                },
            },
            "ToolPage": {
                "type": "object",
                "required": ["items", "total", "limit", "offset"],
                "properties": {
                    "items": {"type": "array", "maxItems": 50, "items": {"$ref": "#/components/schemas/Tool"}},
                    "total": {"type": "integer", "minimum": 0},
                    "limit": {"type": "integer"},
                    "offset": {"type": "integer"},
                },
            },
            "NewLoan": {
                "type": "object",
                "additionalProperties": False,
                "required": ["tool_id", "due"],
                "properties": {
                    "tool_id": {"type": "integer", "minimum": 1},
                    "due": {"type": "string", "format": "date"},
                },
                "examples": [{"tool_id": 1, "due": "2027-03-31"}],
            },
            "Loan": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id", "tool_id", "member", "due", "created_at", "returned_at"],
                "properties": {
                    "id": {"type": "integer", "minimum": 1},
                    "tool_id": {"type": "integer"},
                    "member": {"type": "string"},
                    "due": {"type": "string", "format": "date"},
                    "created_at": {"type": "string", "format": "date-time"},
                    "returned_at": {"type": ["string", "null"], "format": "date-time"},
                },
            },
        },
    },
}


def _whole(v: Any) -> int:
    if isinstance(v, float) and v.is_integer():
        v = int(v)
    if isinstance(v, bool) or not isinstance(v, int):
        raise ValueError("must be an integer")
    return v


def _number_text(v: Any) -> int:
    if not isinstance(v, str) or not re.fullmatch(r"-?[0-9]{1,18}", v):
        raise ValueError("must be an integer")
    return int(v)


def _day(v: str) -> str:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", v):
        raise ValueError("must be YYYY-MM-DD")
    dt.date.fromisoformat(v)
    return v


def _flag(v: Any) -> bool:
    if v not in ("true", "false"):
        raise ValueError("must be true or false")
    return v == "true"


Whole = Annotated[int, BeforeValidator(_whole)]
Name = Annotated[StrictStr, Field(min_length=1, max_length=80)]
Kind = Literal["hand", "power", "garden"]
Deposit = Annotated[Whole, Field(ge=0, le=50000)]
Note = Optional[Annotated[StrictStr, Field(max_length=200)]]


class NewTool(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Name
    kind: Kind
    deposit_cents: Deposit = 0
    note: Note = None


class ToolPatch(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Name = ""
    kind: Kind = "hand"
    deposit_cents: Deposit = 0
    note: Note = None


class NewLoan(BaseModel):
    model_config = ConfigDict(extra="forbid")
    tool_id: Annotated[Whole, Field(ge=1)]
    due: Annotated[StrictStr, AfterValidator(_day)]


def app(fault: str | None = None) -> FastAPI:
    assert fault is None or fault in FAULTS, fault
    api = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    tools: dict[int, dict] = {}
    loans: dict[int, dict] = {}
    last = {"tool": 0, "loan": 0}

    @api.exception_handler(RequestValidationError)
    async def invalid(request: Request, exc: RequestValidationError):
        first = exc.errors()[0]
        where = ".".join(str(x) for x in first["loc"]).encode("ascii", "replace").decode()
        return JSONResponse({"detail": f"{where}: {first['msg']}"}, 422)

    @api.exception_handler(405)
    async def wrong_method(request: Request, exc: Exception):
        path = request.url.path
        allowed = {
            m for r in api.routes if getattr(r, "path_regex", None) and r.path_regex.match(path) for m in r.methods
        }
        return JSONResponse({"detail": "method not allowed"}, 405, {"Allow": ", ".join(sorted(allowed))})

    def member(authorization: Annotated[Optional[str], Header()] = None) -> str:
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or token.strip() not in TOKENS:
            raise HTTPException(401, "token missing or unknown", {"WWW-Authenticate": "Bearer"})
        return TOKENS[token.strip()]

    def member_or_not(authorization: Annotated[Optional[str], Header()] = None) -> str:
        return "anna" if fault == "patch_without_token" else member(authorization)

    Me = Annotated[str, Depends(member)]
    Id = Annotated[int, BeforeValidator(_number_text), Path(ge=1)]

    def lent(tool_id: int) -> bool:
        return any(x["tool_id"] == tool_id and x["returned_at"] is None for x in loans.values())

    def show(t: dict) -> dict:
        out = {**t, "lent_out": lent(t["id"])}
        if fault == "deposit_as_text":
            out["deposit_cents"] = str(out["deposit_cents"])
        return out

    def now() -> str:
        t = dt.datetime.now(dt.timezone.utc).replace(microsecond=0)
        return t.strftime("%Y-%m-%d %H:%M:%S") if fault == "created_at_no_zone" else t.strftime("%Y-%m-%dT%H:%M:%SZ")

    def tool(tool_id: int) -> dict:
        if tool_id not in tools:
            raise HTTPException(404, "no such tool")
        return tools[tool_id]

    def loan(loan_id: int, me: str, strict: bool = True) -> dict:
        x = loans.get(loan_id)
        if x is None or (strict and x["member"] != me):
            raise HTTPException(404, "no such loan")
        return x

    @api.get("/tools")
    async def list_tools(
        me: Me,
        response: Response,
        limit: Annotated[int, BeforeValidator(_number_text), Query(ge=1, le=50)] = 20,
        offset: Annotated[int, BeforeValidator(_number_text), Query(ge=0, le=100000)] = 0,
        kind: Annotated[Optional[Kind], Query()] = None,
    ):
        found = [t for t in tools.values() if kind is None or t["kind"] == kind or fault == "kind_filter_ignored"]
        response.headers["X-Total-Count"] = str(len(found))
        start = offset - 1 if fault == "page_overlap" and offset else offset
        return {
            "items": [show(t) for t in found[start : start + limit]],
            "total": len(found),
            "limit": limit,
            "offset": offset,
        }

    @api.post("/tools", status_code=200 if fault == "create_status_200" else 201)
    async def create_tool(me: Me, body: NewTool, response: Response):
        if fault == "long_name_500" and len(body.name) > 60:
            return Response("Internal Server Error", 500, media_type="text/plain")
        last["tool"] += 1
        tools[last["tool"]] = {"id": last["tool"], **body.model_dump()}
        response.headers["Location"] = f"/tools/{last['tool']}"
        return show(tools[last["tool"]])

    @api.get("/tools/{tool_id}")
    async def get_tool(me: Me, tool_id: Id):
        return show(tool(tool_id))

    @api.patch("/tools/{tool_id}")
    async def change_tool(me: Annotated[str, Depends(member_or_not)], tool_id: Id, body: ToolPatch):
        given = body.model_dump(exclude_unset=True)
        if not given:
            raise HTTPException(422, "nothing to change")
        t = tool(tool_id)
        if fault == "patch_not_saved":
            return show({**t, **given})
        t.update(given)
        return show(t)

    @api.delete("/tools/{tool_id}", status_code=204)
    async def delete_tool(me: Me, tool_id: Id):
        tool(tool_id)
        if lent(tool_id) and fault != "delete_lent_tool":
            raise HTTPException(409, "the tool is lent out")
        del tools[tool_id]
        return Response(status_code=204)

    @api.get("/loans")
    async def list_loans(me: Me, open: Annotated[Optional[Annotated[bool, BeforeValidator(_flag)]], Query()] = None):
        return [x for x in loans.values() if x["member"] == me and (open is None or open == (x["returned_at"] is None))]

    @api.post("/loans", status_code=201)
    async def create_loan(me: Me, body: NewLoan, response: Response):
        tool(body.tool_id)
        if lent(body.tool_id):
            raise HTTPException(409, "the tool is lent out already")
        last["loan"] += 1
        x = {
            "id": last["loan"],
            "tool_id": body.tool_id,
            "member": me,
            "due": body.due,
            "created_at": now(),
            "returned_at": None,
        }
        loans[x["id"]] = x
        response.headers["Location"] = f"/loans/{x['id']}"
        return x

    @api.get("/loans/{loan_id}")
    async def get_loan(me: Me, loan_id: Id):
        return loan(loan_id, me, strict=fault != "foreign_loan_visible")

    @api.post("/loans/{loan_id}/return")
    async def return_loan(me: Me, loan_id: Id):
        x = loan(loan_id, me)
        if x["returned_at"] is not None:
            raise HTTPException(409, "returned before")
        x["returned_at"] = now()
        return x

    return api
