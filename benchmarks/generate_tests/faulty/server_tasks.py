"""Tasks with tags, in Flask, with a specification by hand and a key for each caller."""

import itertools
from datetime import datetime
from typing import Any

from flask import Flask, Response, jsonify, request

from ._shapes import answers, body, in_path, query, ref

KIND = "Flask"
AUTH = {"key": {"X-Api-Key": "secret-key"}}
FAULTS = {
    "paging repeats": "the second page begins with the last of the first",
    "filter ignored": "the list gives tasks that are done and those that are not",
    "missing field accepted": "a task without a title is taken",
    "wrong type accepted": "a text is taken for a priority",
    "boundary refused": "the greatest priority is refused",
    "no credentials needed to delete": "DELETE takes anybody's request",
    "partial update clears": "PATCH sets what it does not name to its default",
    "wrong content type": "a task that is read is text/html",
    "default not applied": "a task without a priority has none of the default",
    "deep JSON fails": "JSON of 100 levels is a fault of the server",
}
NEW = {
    "type": "object",
    "required": ["title"],
    "additionalProperties": False,
    "properties": {
        "title": {"type": "string", "minLength": 1, "maxLength": 80},
        "done": {"type": "boolean", "default": False},
        "priority": {"type": "integer", "minimum": 1, "maximum": 5, "default": 3},
        "due": {"type": "string", "format": "date"},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 20}, "maxItems": 5},
    },
}
TASK = {**NEW, "required": ["id", "title", "done"], "properties": {"id": {"type": "integer"}, **NEW["properties"]}}
ONE = [in_path("id", {"type": "integer", "minimum": 1})]
SPEC = {
    "openapi": "3.0.3",
    "info": {"title": "Tasks", "version": "1"},
    "security": [{"apiKey": []}],
    "paths": {
        "/tasks": {
            "get": {
                "parameters": [
                    query("page", {"type": "integer", "minimum": 1, "default": 1}),
                    query("per_page", {"type": "integer", "minimum": 1, "maximum": 50, "default": 20}),
                    query("done", {"type": "boolean"}),
                ],
                "responses": answers(
                    {
                        "type": "object",
                        "required": ["items", "total"],
                        "properties": {
                            "items": {"type": "array", "items": ref("Task")},
                            "total": {"type": "integer"},
                        },
                    },
                    *("400", "401"),
                ),
            },
            "post": {
                "requestBody": body(ref("NewTask")),
                "responses": answers(ref("Task"), "400", "401", status="201"),
            },
        },
        "/tasks/{id}": {
            "parameters": ONE,
            "get": {"responses": answers(ref("Task"), "401", "404")},
            "patch": {
                "requestBody": body(ref("Change")),
                "responses": answers(ref("Task"), "400", "401", "404"),
            },
            "delete": {"responses": answers(None, "401", "404", status="204")},
        },
    },
    "components": {
        "schemas": {
            "NewTask": NEW,
            "Task": TASK,
            "Change": {key: each for key, each in NEW.items() if key != "required"},
        },
        "securitySchemes": {"apiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}},
    },
}


class Refused(Exception):  # noqa: N818
    """A body that does not fit."""


def checked(data: Any, fault: str | None, *, part: bool) -> dict[str, Any]:
    """Return a body that fits."""
    if not isinstance(data, dict) or not data.keys() <= NEW["properties"].keys():
        raise Refused
    if "title" not in data and not part:
        if fault != "missing field accepted":
            raise Refused
        data = {**data, "title": "No title"}
    title = data.get("title", "x")
    if not isinstance(title, str) or not 1 <= len(title) <= 80:
        raise Refused
    if not isinstance(data.get("done", False), bool):
        raise Refused
    priority = data.get("priority", 3)
    if isinstance(priority, str) and fault == "wrong type accepted":
        data["priority"] = priority = 3
    most = 4 if fault == "boundary refused" else 5
    if isinstance(priority, bool) or not isinstance(priority, int) or not 1 <= priority <= most:
        raise Refused
    if "due" in data:
        try:
            if datetime.strptime(data["due"], "%Y-%m-%d").strftime("%Y-%m-%d") != data["due"]:  # noqa: DTZ007
                raise Refused
        except (TypeError, ValueError):
            raise Refused from None
    tags = data.get("tags", [])
    if not isinstance(tags, list) or len(tags) > 5 or not all(isinstance(tag, str) and len(tag) <= 20 for tag in tags):
        raise Refused
    return data


def depth(data: Any) -> int:
    """Return the levels of data."""
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return 1 + max(map(depth, inner), default=0)


def app(fault: str | None = None) -> Flask:
    """Return the app, with a fault."""
    api = Flask("tasks")
    tasks: dict[int, dict[str, Any]] = {}
    numbers = itertools.count(1)

    @api.before_request
    def check_key() -> Any:
        free = request.method == "DELETE" and fault == "no credentials needed to delete"
        if request.headers.get("X-Api-Key") != AUTH["key"]["X-Api-Key"] and not free:
            return jsonify(error="No key"), 401
        return None

    @api.errorhandler(Refused)
    def refused(_: Refused) -> Any:
        return jsonify(error="It does not fit"), 400

    def sent(*, part: bool = False) -> dict[str, Any]:
        if not request.is_json:
            raise Refused
        data = request.get_json(silent=True)
        if fault == "deep JSON fails" and depth(data) > 100:
            raise RecursionError
        return checked(data, fault, part=part)

    def number(name: str, default: int, most: int) -> int:
        text = request.args.get(name, str(default))
        if not text.isascii() or not text.isdigit() or not 1 <= int(text[:30]) <= most:
            raise Refused
        return int(text)

    @api.get("/tasks")
    def listed() -> Any:
        page, size = number("page", 1, 10**30), number("per_page", 20, 50)
        done = request.args.get("done")
        if done not in (None, "true", "false"):
            raise Refused
        found = [each for each in tasks.values() if done is None or each["done"] is (done == "true")]
        found = list(tasks.values()) if fault == "filter ignored" else found
        start = (page - 1) * size
        start -= page > 1 and fault == "paging repeats"
        return jsonify(items=found[start : start + size], total=len(found))

    @api.post("/tasks")
    def create() -> Any:
        data = sent()
        defaults = {"done": False} if fault == "default not applied" else {"done": False, "priority": 3}
        if fault == "default not applied":
            defaults["priority"] = 1
        key = next(numbers)
        tasks[key] = {"id": key, **defaults, **data}
        return jsonify(tasks[key]), 201

    @api.route("/tasks/<key>", methods=["GET", "PATCH", "DELETE"])
    def one(key: str) -> Any:
        task = tasks.get(int(key[:30])) if key.isascii() and key.isdigit() else None
        if task is None:
            return jsonify(error="No such task"), 404
        if request.method == "DELETE":
            del tasks[task["id"]]
            return "", 204
        if request.method == "PATCH":
            reset = {"done": False, "priority": 3, "tags": []} if fault == "partial update clears" else {}
            task.update({**reset, **sent(part=True)})
        elif fault == "wrong content type":
            return Response(jsonify(task).data, content_type="text/html")
        return jsonify(task)

    return api
