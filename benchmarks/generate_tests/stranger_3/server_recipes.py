"""A shared recipe box (Flask). HTTP Basic; reading one recipe needs no login. See HEADERS."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
import uuid
from typing import Any

from flask import Flask, Response, abort, request
from werkzeug.exceptions import HTTPException

KIND = "Flask"
PASSWORDS = {"lena": "Sourdough!", "marco": "Ragu-4ever"}
HEADERS = {
    u: {"Authorization": "Basic " + base64.b64encode(f"{u}:{p}".encode()).decode()} for u, p in PASSWORDS.items()
}

FAULTS: dict[str, str] = {
    "servings_default_2": "without servings a recipe gets 2 (documented default 4)",
    "tag_matches_part": "GET /recipes?tag=egg also finds recipes tagged veggie",
    "sort_ignored": "GET /recipes?sort=title is answered in the order of creation",
    "others_may_replace": "PUT /recipes/{id} works for users who do not own the recipe (should be 403)",
    "favourite_twice_409": "PUT of a favourite that is one already gives an undocumented 409 instead of 204",
    "no_ratings_zero": "average_stars is 0 instead of null while nobody has rated",
    "created_unix_time": "created is a number of seconds instead of a date-time",
    "same_title_twice": "one user may create two recipes of the same title (should be 409)",
    "password_any_case": "the password is compared without regard to upper and lower case",
    "empty_steps_ok": "recipes without a single step are accepted",
    "no_location": "POST /recipes lacks the Location header",
    "favourites_after_delete_500": "GET /me/favourites gives 500 once a favourite recipe has been deleted",
    "missing_is_200": "GET /recipes/{id} of an unknown recipe answers 200 with null",
}


def _r(name: str) -> dict:
    return {"$ref": f"#/components/schemas/{name}"}


def _out(text: str, schema: dict | None = None, headers: dict | None = None) -> dict:
    d: dict[str, Any] = {"description": text}
    if schema:
        d["content"] = {"application/json": {"schema": schema}}
    if headers:
        d["headers"] = headers
    return d


def _in(name: str) -> dict:
    return {"required": True, "content": {"application/json": {"schema": _r(name)}}}


_BAD, _NOAUTH = (
    _out("Not valid", _r("Oops")),
    _out("Login missing or wrong", _r("Oops"), {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}),
)
_NOTYOURS, _GONE = _out("Not allowed", _r("Oops")), _out("No such recipe", _r("Oops"))
_TAKEN, _MEDIA = _out("You have a recipe of this title", _r("Oops")), _out("Not application/json", _r("Oops"))
_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
_SORT = {"type": "string", "enum": ["newest", "title", "minutes"], "default": "newest"}
_TAG = {"type": "string", "minLength": 2, "maxLength": 20, "pattern": "^[a-z-]+$"}
_FIELDS: dict[str, dict] = {
    "title": {"type": "string", "minLength": 1, "maxLength": 100},
    "minutes": {"type": "integer", "minimum": 1, "maximum": 1440},
    "servings": {"type": "integer", "minimum": 1, "maximum": 50},
    "tags": {"type": "array", "items": _TAG, "maxItems": 8, "uniqueItems": True},
    "steps": {
        "type": "array",
        "items": {"type": "string", "minLength": 1, "maxLength": 500},
        "minItems": 1,
        "maxItems": 40,
    },
}

SPEC: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Recipe box", "version": "3.2.0"},
    "security": [{"login": []}],
    "paths": {
        "/recipes": {
            "get": {
                "operationId": "findRecipes",
                "description": "Recipes of everybody. newest: latest first; title: by title, ignoring case; minutes: quickest first. Ties: newest first.",
                "parameters": [
                    {"name": "tag", "in": "query", "description": "Only recipes with exactly this tag", "schema": _TAG},
                    {
                        "name": "max_minutes",
                        "in": "query",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 1440},
                    },
                    {"name": "sort", "in": "query", "schema": _SORT},
                    {
                        "name": "offset",
                        "in": "query",
                        "schema": {"type": "integer", "minimum": 0, "maximum": 1000000, "default": 0},
                    },
                    {
                        "name": "limit",
                        "in": "query",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 30, "default": 10},
                    },
                ],
                "responses": {"200": _out("Some recipes", _r("RecipeList")), "400": _BAD, "401": _NOAUTH},
            },
            "post": {
                "operationId": "addRecipe",
                "requestBody": _in("RecipeData"),
                "responses": {
                    "201": _out(
                        "Added",
                        _r("Recipe"),
                        {
                            "Location": {
                                "required": True,
                                "description": "Path of the recipe",
                                "schema": {"type": "string"},
                            }
                        },
                    ),
                    "400": _BAD,
                    "401": _NOAUTH,
                    "409": _TAKEN,
                    "415": _MEDIA,
                },
            },
        },
        "/recipes/{id}": {
            "parameters": [_ID],
            "get": {
                "operationId": "getRecipe",
                "security": [],
                "description": "Needs no login.",
                "responses": {"200": _out("The recipe", _r("Recipe")), "404": _GONE},
            },
            "put": {
                "operationId": "replaceRecipe",
                "description": "By the owner only. Fields left out get their defaults.",
                "requestBody": _in("RecipeData"),
                "responses": {
                    "200": _out("As stored", _r("Recipe")),
                    "400": _BAD,
                    "401": _NOAUTH,
                    "403": _NOTYOURS,
                    "404": _GONE,
                    "409": _TAKEN,
                    "415": _MEDIA,
                },
            },
            "delete": {
                "operationId": "dropRecipe",
                "description": "By the owner only. It also leaves everybody's favourites.",
                "responses": {"204": _out("Dropped"), "401": _NOAUTH, "403": _NOTYOURS, "404": _GONE},
            },
        },
        "/recipes/{id}/favourite": {
            "parameters": [_ID],
            "put": {
                "operationId": "markFavourite",
                "description": "May be repeated.",
                "responses": {"204": _out("It is a favourite now"), "401": _NOAUTH, "404": _GONE},
            },
            "delete": {
                "operationId": "unmarkFavourite",
                "description": "May be repeated.",
                "responses": {"204": _out("It is none now"), "401": _NOAUTH, "404": _GONE},
            },
        },
        "/recipes/{id}/rating": {
            "parameters": [_ID],
            "put": {
                "operationId": "rate",
                "description": "One rating for each user, a later one replaces it. Nobody rates their own recipe.",
                "requestBody": _in("Rating"),
                "responses": {
                    "200": _out("The recipe", _r("Recipe")),
                    "400": _BAD,
                    "401": _NOAUTH,
                    "403": _NOTYOURS,
                    "404": _GONE,
                    "415": _MEDIA,
                },
            },
        },
        "/me/favourites": {
            "get": {
                "operationId": "favourites",
                "description": "In the order in which they were marked.",
                "responses": {"200": _out("Own favourites", {"type": "array", "items": _r("Recipe")}), "401": _NOAUTH},
            },
        },
    },
    "components": {
        "securitySchemes": {"login": {"type": "http", "scheme": "basic"}},
        "schemas": {
            "Oops": {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}},
            "RecipeData": {
                "type": "object",
                "additionalProperties": False,
                "required": ["title", "minutes", "steps"],
                "properties": {
                    **_FIELDS,
                    "servings": {**_FIELDS["servings"], "default": 4},
                    "tags": {**_FIELDS["tags"], "default": []},
                },
                "example": {
                    "title": "Shakshuka",
                    "minutes": 35,
                    "servings": 2,
                    "tags": ["egg", "one-pan"],
                    "steps": ["Fry onions.", "Add tomatoes.", "Poach the eggs in it."],
                },
            },
            "Recipe": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id", "owner", "created", "updated", "average_stars", *_FIELDS],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "owner": {"type": "string"},
                    "created": {"type": "string", "format": "date-time"},
                    "updated": {
                        "type": "string",
                        "format": "date-time",
                        "nullable": True,
                        "description": "null until first replaced",
                    },
                    "average_stars": {
                        "type": "number",
                        "minimum": 1,
                        "maximum": 5,
                        "nullable": True,
                        "description": "null without ratings",
                    },
                    **_FIELDS,
                },
            },
            "RecipeList": {
                "type": "object",
                "additionalProperties": False,
                "required": ["recipes", "more"],
                "properties": {
                    "recipes": {"type": "array", "maxItems": 30, "items": _r("Recipe")},
                    "more": {"type": "boolean", "description": "Whether further ones follow"},
                },
            },
            "Rating": {
                "type": "object",
                "additionalProperties": False,
                "required": ["stars"],
                "properties": {"stars": {"type": "integer", "minimum": 1, "maximum": 5}},
                "example": {"stars": 4},
            },
        },
    },
}


def complain(s: dict, v: Any, at: str) -> None:
    """abort(400) where v does not fit the schema s."""
    t = s["type"]
    if t == "object":
        if not isinstance(v, dict) or set(v) - set(s["properties"]) or set(s["required"]) - set(v):
            abort(400, f"{at}: fields missing or unknown")
        for k, x in v.items():
            complain(s["properties"][k], x, k)
    elif t == "array":
        if not isinstance(v, list) or not s.get("minItems", 0) <= len(v) <= s["maxItems"]:
            abort(400, f"{at}: wrong number of entries")
        for x in v:
            complain(s["items"], x, at)
        if s.get("uniqueItems") and len(set(v)) < len(v):
            abort(400, f"{at}: entries repeat")
    elif t == "string":
        if not isinstance(v, str) or not s["minLength"] <= len(v) <= s["maxLength"]:
            abort(400, f"{at}: not a string of fitting length")
        if "pattern" in s and not re.fullmatch(s["pattern"].strip("^$"), v):
            abort(400, f"{at}: wrong form")
    elif isinstance(v, bool) or not isinstance(v, (int, float)) or not s["minimum"] <= v <= s["maximum"] or v != int(v):
        abort(400, f"{at}: not an integer in range")


def _nan(_: str) -> None:
    raise ValueError("no JSON")


def app(fault: str | None = None) -> Flask:
    assert fault is None or fault in FAULTS, fault
    web = Flask("recipes")
    web.url_map.strict_slashes = True
    web.url_map.redirect_defaults = False
    web.url_map.merge_slashes = False
    recipes: dict[str, dict] = {}
    ratings: dict[str, dict[str, int]] = {}
    favourites: dict[str, list[str]] = {u: [] for u in PASSWORDS}

    def reply(data: Any, status: int = 200, headers: dict | None = None) -> Response:
        return Response(json.dumps(data), status, headers, mimetype="application/json")

    @web.errorhandler(HTTPException)
    def oops(e: HTTPException):
        headers = {k: v for k, v in e.get_headers() if k in ("Allow", "WWW-Authenticate")}
        if e.code == 401:
            headers["WWW-Authenticate"] = 'Basic realm="recipes"'
        return reply({"message": e.description or e.name}, e.code or 500, headers)

    def me() -> str:
        a = request.authorization
        if a is None or a.type != "basic" or a.username not in PASSWORDS:
            abort(401, "log in")
        same = (lambda s: s.lower()) if fault == "password_any_case" else (lambda s: s)
        if same(a.password or "") != same(PASSWORDS[a.username]):
            abort(401, "log in")
        return a.username

    def body(name: str) -> dict:
        if request.mimetype != "application/json":
            abort(415, "send application/json")
        try:
            data = json.loads(request.get_data(), parse_constant=_nan)
        except (ValueError, RecursionError):
            abort(400, "not JSON")
        schema = SPEC["components"]["schemas"][name]
        if fault == "empty_steps_ok" and name == "RecipeData" and isinstance(data, dict) and data.get("steps") == []:
            complain(schema, {**data, "steps": ["-"]}, "body")
        else:
            complain(schema, data, "body")
        for k, p in schema["properties"].items():
            if p["type"] == "integer" and k in data:
                data[k] = int(data[k])
            if "default" in p:
                default = 2 if fault == "servings_default_2" and k == "servings" else p["default"]
                data.setdefault(k, list(default) if isinstance(default, list) else default)
        return data

    def param(i: int) -> Any:
        p = SPEC["paths"]["/recipes"]["get"]["parameters"][i]
        text, s = request.args.get(p["name"]), p["schema"]
        if text is None:
            return s.get("default")
        if s["type"] == "integer":
            if not re.fullmatch(r"-?[0-9]{1,15}", text):
                abort(400, f"{p['name']}: not an integer")
            complain(s, int(text), p["name"])
            return int(text)
        if "enum" in s:
            if text not in s["enum"]:
                abort(400, f"{p['name']}: not one of the choices")
        else:
            complain(s, text, p["name"])
        return text

    def find(id: str) -> dict:
        try:
            key = str(uuid.UUID(id)) if re.fullmatch(r"[0-9A-Fa-f-]{36}", id) else ""
        except ValueError:
            key = ""
        if key not in recipes:
            abort(404, "no such recipe")
        return recipes[key]

    def show(r: dict) -> dict:
        stars = list(ratings[r["id"]].values())
        out = {**r, "average_stars": sum(stars) / len(stars) if stars else (0 if fault == "no_ratings_zero" else None)}
        if fault == "created_unix_time":
            out["created"] = int(dt.datetime.fromisoformat(r["created"].replace("Z", "+00:00")).timestamp())
        return out

    def now() -> str:
        return dt.datetime.now(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def taken(user: str, title: str, but: str | None = None) -> None:
        if fault != "same_title_twice" and any(
            r["owner"] == user and r["title"] == title and r["id"] != but for r in recipes.values()
        ):
            abort(409, "you have a recipe of this title")

    @web.get("/recipes")
    def find_recipes():
        me()
        tag, most, sort, offset, limit = (param(i) for i in range(5))
        rows = list(reversed(recipes.values()))
        if tag is not None:
            rows = [r for r in rows if tag in (",".join(r["tags"]) if fault == "tag_matches_part" else r["tags"])]
        if most is not None:
            rows = [r for r in rows if r["minutes"] <= most]
        if fault == "sort_ignored" and sort == "title":
            rows.reverse()
        elif sort != "newest":
            rows.sort(key=lambda r: r["title"].casefold() if sort == "title" else r["minutes"])
        return reply({"recipes": [show(r) for r in rows[offset : offset + limit]], "more": len(rows) > offset + limit})

    @web.post("/recipes")
    def add_recipe():
        user = me()
        data = body("RecipeData")
        taken(user, data["title"])
        r = {"id": str(uuid.uuid4()), "owner": user, "created": now(), "updated": None, **data}
        recipes[r["id"]], ratings[r["id"]] = r, {}
        return reply(show(r), 201, {} if fault == "no_location" else {"Location": f"/recipes/{r['id']}"})

    @web.get("/recipes/<id>")
    def get_recipe(id):
        if fault == "missing_is_200" and id not in recipes:
            return reply(None)
        return reply(show(find(id)))

    @web.put("/recipes/<id>")
    def replace_recipe(id):
        user, r = me(), find(id)
        if r["owner"] != user and fault != "others_may_replace":
            abort(403, "not your recipe")
        data = body("RecipeData")
        taken(r["owner"], data["title"], r["id"])
        r.update(data, updated=now())
        return reply(show(r))

    @web.delete("/recipes/<id>")
    def drop_recipe(id):
        user, r = me(), find(id)
        if r["owner"] != user:
            abort(403, "not your recipe")
        del recipes[r["id"]], ratings[r["id"]]
        if fault != "favourites_after_delete_500":
            for f in favourites.values():
                if r["id"] in f:
                    f.remove(r["id"])
        return Response(status=204)

    @web.put("/recipes/<id>/favourite")
    def mark(id):
        user, r = me(), find(id)
        if r["id"] not in favourites[user]:
            favourites[user].append(r["id"])
        elif fault == "favourite_twice_409":
            abort(409, "a favourite already")
        return Response(status=204)

    @web.delete("/recipes/<id>/favourite")
    def unmark(id):
        user, r = me(), find(id)
        if r["id"] in favourites[user]:
            favourites[user].remove(r["id"])
        return Response(status=204)

    @web.put("/recipes/<id>/rating")
    def rate(id):
        user, r = me(), find(id)
        if r["owner"] == user:
            abort(403, "your own recipe")
        ratings[r["id"]][user] = body("Rating")["stars"]
        return reply(show(r))

    @web.get("/me/favourites")
    def my_favourites():
        user = me()
        if any(i not in recipes for i in favourites[user]):
            return Response("<h1>Internal Server Error</h1>", 500, mimetype="text/html")
        return reply([show(recipes[i]) for i in favourites[user]])

    return web
