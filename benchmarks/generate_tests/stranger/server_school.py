"""A bigger server without faults: a school, on Flask, with two roles (the office may write, readers may only read)."""

import json
import re
from datetime import UTC, date, datetime
from typing import Any

from flask import Flask, Response, request
from jsonschema import Draft202012Validator, FormatChecker
from werkzeug.exceptions import HTTPException

KIND = "Flask"
FAULTS: dict[str, str] = {}
FAULT_KINDS: dict[str, str] = {}
TOKENS = {"office-token": "office", "reader-token": "reader"}
AUTH = {
    "office": {"Authorization": "Bearer office-token"},
    "reader": {"Authorization": "Bearer reader-token"},
    "wrong": {"Authorization": "Bearer guess"},
    "none": {},
}

TEXT = {"type": "string", "minLength": 1, "maxLength": 80}
DAY = {"type": "string", "format": "date"}
FIELDS: dict[str, dict[str, Any]] = {
    "Student": {
        "name": TEXT,
        "born": DAY,
        "grade": {"type": "integer", "minimum": 1, "maximum": 13},
        "guardian": {"type": ["string", "null"], "maxLength": 80, "default": None},
        "languages": {
            "type": "array",
            "maxItems": 5,
            "default": [],
            "items": {"type": "string", "enum": ["en", "fr", "es", "la"]},
        },
    },
    "Teacher": {
        "name": TEXT,
        "subjects": {"type": "array", "minItems": 1, "maxItems": 6, "items": TEXT},
        "hours": {"type": "number", "minimum": 0, "maximum": 40, "default": 25.5},
    },
    "Course": {
        "title": TEXT,
        "teacher_id": {"type": "integer", "minimum": 1},
        "places": {"type": "integer", "minimum": 1, "maximum": 40, "default": 20},
        "room": {
            "type": "object",
            "required": ["house", "number"],
            "additionalProperties": False,
            "properties": {
                "house": {"type": "string", "enum": ["A", "B", "C"]},
                "number": {"type": "integer", "minimum": 0},
            },
        },
        "starts": DAY,
    },
    "Mark": {
        "student_id": {"type": "integer", "minimum": 1},
        "value": {"type": "number", "minimum": 1, "maximum": 6},
        "comment": {"type": "string", "maxLength": 300, "default": ""},
    },
    "Announcement": {
        "text": {"type": "string", "minLength": 1, "maxLength": 1000},
        "urgent": {"type": "boolean", "default": False},
    },
}
REQUIRED = {
    "Student": ["name", "born", "grade"],
    "Teacher": ["name", "subjects"],
    "Course": ["title", "teacher_id", "starts"],
    "Mark": ["student_id", "value"],
    "Announcement": ["text"],
}
GIVEN: dict[str, dict[str, Any]] = {
    "Student": {},
    "Teacher": {},
    "Course": {"taken": {"type": "integer", "minimum": 0}},
    "Mark": {"course_id": {"type": "integer"}},
    "Announcement": {"sent_at": {"type": "string", "format": "date-time"}},
}
OPTIONAL = {"room"}  # may be missing in what is read, too


def _spec() -> dict[str, Any]:
    def ref(name: str) -> dict[str, Any]:
        return {"$ref": f"#/components/schemas/{name}"}

    def answer(text: str, schema: dict[str, Any]) -> dict[str, Any]:
        return {"description": text, "content": {"application/json": {"schema": schema}}}

    def body(name: str) -> dict[str, Any]:
        return {"required": True, "content": {"application/json": {"schema": ref(name)}}}

    def errors(*codes: int) -> dict[str, Any]:
        return {str(c): {"$ref": f"#/components/responses/E{c}"} for c in (401, *codes)}

    def ident(name: str) -> dict[str, Any]:
        return {"name": name, "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}

    def query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
        return {"name": name, "in": "query", "schema": schema}

    paging = [
        query("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 25}),
        query("offset", {"type": "integer", "minimum": 0, "default": 0}),
    ]

    def collection(kind: str, filters: list[Any], more: tuple[int, ...] = ()) -> dict[str, Any]:
        return {
            "get": {
                "operationId": f"list{kind}s",
                "parameters": [*filters, *paging],
                "responses": {
                    "200": {
                        **answer("A page", {"type": "array", "items": ref(kind)}),
                        "headers": {"X-Total": {"required": True, "schema": {"type": "integer"}}},
                    },
                    **errors(400),
                },
            },
            "post": {
                "operationId": f"add{kind}",
                "requestBody": body(f"New{kind}"),
                "responses": {
                    "201": {
                        **answer("Added", ref(kind)),
                        "headers": {
                            "Location": {"required": True, "schema": {"type": "string", "format": "uri-reference"}}
                        },
                    },
                    **errors(400, 403, 415, *more),
                },
            },
        }

    def single(kind: str, key: str, put: bool, more: tuple[int, ...] = ()) -> dict[str, Any]:
        made: dict[str, Any] = {
            "parameters": [ident(key)],
            "get": {"operationId": f"get{kind}", "responses": {"200": answer("Found", ref(kind)), **errors(404)}},
            "patch": {
                "operationId": f"change{kind}",
                "description": "What is left out stays.",
                "requestBody": body(f"{kind}Change"),
                "responses": {"200": answer("Changed", ref(kind)), **errors(400, 403, 404, 415, *more)},
            },
            "delete": {
                "operationId": f"delete{kind}",
                "description": "409 while it is in use.",
                "responses": {"204": {"description": "Deleted"}, **errors(403, 404, 409)},
            },
        }
        if put:
            made["put"] = {
                "operationId": f"replace{kind}",
                "description": "What is left out gets its default or goes.",
                "requestBody": body(f"New{kind}"),
                "responses": {"200": answer("Replaced", ref(kind)), **errors(400, 403, 404, 415, *more)},
            }
        return made

    schemas: dict[str, Any] = {
        "Error": {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
    }
    for kind, fields in FIELDS.items():
        plain = {k: {a: b for a, b in v.items() if a != "default"} for k, v in fields.items()}
        schemas[f"New{kind}"] = {
            "type": "object",
            "required": REQUIRED[kind],
            "additionalProperties": False,
            "properties": fields,
        }
        schemas[f"{kind}Change"] = {"type": "object", "additionalProperties": False, "properties": plain}
        schemas[kind] = {
            "type": "object",
            "required": ["id", *(f for f in fields if f not in OPTIONAL), *GIVEN[kind]],
            "properties": {"id": {"type": "integer"}, **plain, **GIVEN[kind]},
        }
    for kind in ("Mark", "Announcement"):
        del schemas[f"{kind}Change"]
    codes = {
        400: "Invalid request",
        401: "No valid token",
        403: "Only the office may do this",
        404: "No such thing",
        409: "Conflict",
        415: "The body isn't application/json",
    }
    student_in_course = [ident("course_id"), ident("student_id")]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "School",
            "version": "2026.1",
            "description": "Lists are ordered by id, ascending. Everybody with a token may read, only the "
            "office may write: 403 comes "
            "before 400, 404, 409 and 415.",
        },
        "security": [{"bearer": []}],
        "paths": {
            "/version": {
                "get": {
                    "operationId": "version",
                    "security": [],
                    "responses": {
                        "200": answer(
                            "Version",
                            {
                                "type": "object",
                                "required": ["version"],
                                "properties": {"version": {"type": "string", "const": "2026.1"}},
                            },
                        )
                    },
                }
            },
            "/me": {
                "get": {
                    "operationId": "me",
                    "responses": {
                        "200": answer(
                            "Role",
                            {
                                "type": "object",
                                "required": ["role"],
                                "properties": {"role": {"type": "string", "enum": ["office", "reader"]}},
                            },
                        ),
                        **errors(),
                    },
                }
            },
            "/students": collection(
                "Student", [query("grade", FIELDS["Student"]["grade"]), query("name", {"type": "string"})]
            ),
            "/students/{student_id}": single("Student", "student_id", True),
            "/students/{student_id}/report": {
                "parameters": [ident("student_id")],
                "get": {
                    "operationId": "report",
                    "responses": {
                        "200": answer(
                            "Marks of the student",
                            {
                                "type": "object",
                                "required": ["student_id", "marks", "mean"],
                                "properties": {
                                    "student_id": {"type": "integer"},
                                    "marks": {"type": "array", "items": ref("Mark")},
                                    "mean": {"type": ["number", "null"], "description": "null without marks"},
                                },
                            },
                        ),
                        **errors(404),
                    },
                },
            },
            "/teachers": collection("Teacher", [query("subject", {"type": "string"})]),
            "/teachers/{teacher_id}": single("Teacher", "teacher_id", False),
            "/courses": collection("Course", [query("teacher_id", {"type": "integer", "minimum": 1})], (404,)),
            "/courses/{course_id}": single("Course", "course_id", True, (409,)),
            "/courses/{course_id}/students": {
                "parameters": [ident("course_id")],
                "get": {
                    "operationId": "listCourseStudents",
                    "responses": {
                        "200": answer("Its students", {"type": "array", "items": ref("Student")}),
                        **errors(404),
                    },
                },
            },
            "/courses/{course_id}/students/{student_id}": {
                "parameters": student_in_course,
                "put": {
                    "operationId": "enrol",
                    "description": "Does nothing if enrolled. 409 if there is no place.",
                    "responses": {"204": {"description": "Enrolled"}, **errors(403, 404, 409)},
                },
                "delete": {
                    "operationId": "unenrol",
                    "description": "404 if not enrolled. Marks go, too.",
                    "responses": {"204": {"description": "Not enrolled any more"}, **errors(403, 404)},
                },
            },
            "/courses/{course_id}/marks": {
                "parameters": [ident("course_id")],
                "get": {
                    "operationId": "listMarks",
                    "responses": {"200": answer("Marks", {"type": "array", "items": ref("Mark")}), **errors(404)},
                },
                "post": {
                    "operationId": "addMark",
                    "description": "409 if the student isn't enrolled.",
                    "requestBody": body("NewMark"),
                    "responses": {"201": answer("Added", ref("Mark")), **errors(400, 403, 404, 409, 415)},
                },
            },
            "/announcements": collection("Announcement", [query("urgent", {"type": "boolean"})]),
        },
        "components": {
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "For trying: office-token and reader-token",
                }
            },
            "responses": {
                f"E{c}": {
                    **answer(t, ref("Error")),
                    **(
                        {"headers": {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}}
                        if c == 401
                        else {}
                    ),
                }
                for c, t in codes.items()
            },
            "schemas": schemas,
        },
    }


SPEC: dict[str, Any] = _spec()
CHECKER = FormatChecker(formats=())


@CHECKER.checks("date")
def _is_day(value: Any) -> bool:
    if not isinstance(value, str):
        return True
    try:
        return bool(re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value) and date.fromisoformat(value))
    except ValueError:
        return False


class Refused(Exception):
    def __init__(self, status: int, text: str) -> None:
        self.status, self.text = status, text


def app(fault: str | None = None) -> Flask:
    if fault is not None:
        raise KeyError(fault)
    flask = Flask("school", static_folder=None)
    stores: dict[str, dict[int, dict[str, Any]]] = {k: {} for k in FIELDS}
    students, teachers, courses, marks = (stores[k] for k in ("Student", "Teacher", "Course", "Mark"))
    enrolled: dict[int, list[int]] = {}
    last = dict.fromkeys(FIELDS, 0)
    checks = {
        name: Draft202012Validator(schema, format_checker=CHECKER)
        for name, schema in SPEC["components"]["schemas"].items()
    }

    def give(value: Any, status: int = 200, **headers: Any) -> Response:
        made = Response(json.dumps(value), status, mimetype="application/json")
        made.autocorrect_location_header = False
        for name, header in headers.items():
            made.headers[name.replace("_", "-")] = str(header)
        return made

    @flask.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return give(
            {"error": error.text}, error.status, **({"WWW_Authenticate": "Bearer"} if error.status == 401 else {})
        )

    @flask.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        made = give({"error": error.name}, error.code or 500)
        if getattr(error, "valid_methods", None):
            made.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return made

    @flask.before_request
    def guard() -> None:
        if request.routing_exception is not None or request.path == "/version":
            return
        found = re.fullmatch("bearer +([^ ]+)", request.headers.get("Authorization", ""), re.IGNORECASE)
        role = TOKENS.get(found[1]) if found else None
        if role is None:
            raise Refused(401, "no valid token")
        if role != "office" and request.method not in ("GET", "HEAD", "OPTIONS"):
            raise Refused(403, "only the office may do this")

    def load(name: str) -> dict[str, Any]:
        if request.mimetype != "application/json":
            raise Refused(415, "send application/json")

        def constant(text: str) -> None:
            raise ValueError(text)

        try:
            data = json.loads(request.get_data().decode("utf-8"), parse_constant=constant)
            wrong = next(iter(checks[name].iter_errors(data)), None)
        except (ValueError, RecursionError, OverflowError):
            raise Refused(400, "not JSON") from None
        if wrong is not None:
            raise Refused(400, wrong.message[:200])
        made: dict[str, Any] = data
        for key, schema in SPEC["components"]["schemas"][name]["properties"].items():
            if schema.get("type") == "integer" and key in made:
                made[key] = int(made[key])
        return made

    def filled(kind: str) -> dict[str, Any]:
        return {**{k: v["default"] for k, v in FIELDS[kind].items() if "default" in v}, **load(f"New{kind}")}

    def number(name: str, low: int, high: float, default: int | None) -> int | None:
        if name not in request.args:
            return default
        text = request.args[name]
        if not re.fullmatch("-?[0-9]{1,4000}", text) or not low <= int(text) <= high:
            raise Refused(400, f"{name}: a whole number from {low}")
        return int(text)

    def find(kind: str, key: str) -> dict[str, Any]:
        found = stores[kind].get(int(key)) if re.fullmatch("[0-9]{1,18}", key) else None
        if found is None:
            raise Refused(404, f"no such {kind.lower()}")
        return found

    def show(kind: str, thing: dict[str, Any]) -> dict[str, Any]:
        return {**thing, "taken": len(enrolled[thing["id"]])} if kind == "Course" else thing

    def page(kind: str, found: list[dict[str, Any]]) -> Response:
        limit, offset = number("limit", 1, 100, 25), number("offset", 0, float("inf"), 0)
        assert limit is not None and offset is not None
        return give([show(kind, x) for x in found[offset : offset + limit]], X_Total=len(found))

    def add(kind: str, data: dict[str, Any]) -> dict[str, Any]:
        last[kind] += 1
        made = {"id": last[kind], **data}
        if kind == "Course":
            enrolled[made["id"]] = []
        stores[kind][made["id"]] = made
        return made

    def in_use(kind: str, key: int) -> bool:
        if kind == "Student":
            return any(key in s for s in enrolled.values())
        if kind == "Teacher":
            return any(c["teacher_id"] == key for c in courses.values())
        return bool(enrolled[key])

    def check_course(data: dict[str, Any], key: int | None = None) -> None:
        if "teacher_id" in data and data["teacher_id"] not in teachers:
            raise Refused(404, "no such teacher")
        if key is not None and data.get("places", 40) < len(enrolled[key]):
            raise Refused(409, "more are enrolled")

    def resource(kind: str, path: str, put: bool) -> None:
        def added() -> Response:
            data = filled(kind)
            if kind == "Course":
                check_course(data)
            if kind == "Announcement":
                data["sent_at"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            made = add(kind, data)
            return give(show(kind, made), 201, Location=f"{path}/{made['id']}")

        def got(key: str) -> Response:
            return give(show(kind, find(kind, key)))

        def changed(key: str) -> Response:
            thing = find(kind, key)
            data = load(f"{kind}Change")
            if kind == "Course":
                check_course(data, thing["id"])
            thing.update(data)
            return give(show(kind, thing))

        def replaced(key: str) -> Response:
            thing = find(kind, key)
            data = filled(kind)
            if kind == "Course":
                check_course(data, thing["id"])
            ident = thing["id"]
            thing.clear()
            thing.update(id=ident, **data)
            return give(show(kind, thing))

        def deleted(key: str) -> Response:
            thing = find(kind, key)
            if in_use(kind, thing["id"]):
                raise Refused(409, "in use")
            del stores[kind][thing["id"]]
            if kind == "Course":
                del enrolled[thing["id"]]
            return Response(status=204)

        flask.add_url_rule(path, f"add{kind}", added, methods=["POST"])
        if kind != "Announcement":
            one = f"{path}/<key>"
            flask.add_url_rule(one, f"get{kind}", got, methods=["GET"])
            flask.add_url_rule(one, f"change{kind}", changed, methods=["PATCH"])
            flask.add_url_rule(one, f"delete{kind}", deleted, methods=["DELETE"])
            if put:
                flask.add_url_rule(one, f"replace{kind}", replaced, methods=["PUT"])

    resource("Student", "/students", True)
    resource("Teacher", "/teachers", False)
    resource("Course", "/courses", True)
    resource("Announcement", "/announcements", False)

    @flask.get("/version")
    def version() -> Response:
        return give({"version": "2026.1"})

    @flask.get("/me")
    def me() -> Response:
        return give({"role": TOKENS[request.headers["Authorization"].split()[1]]})

    @flask.get("/students")
    def list_students() -> Response:
        grade, name = number("grade", 1, 13, None), request.args.get("name", "")
        return page("Student", [s for s in students.values() if grade in (None, s["grade"]) and name in s["name"]])

    @flask.get("/teachers")
    def list_teachers() -> Response:
        subject = request.args.get("subject")
        return page("Teacher", [t for t in teachers.values() if subject is None or subject in t["subjects"]])

    @flask.get("/courses")
    def list_courses() -> Response:
        teacher = number("teacher_id", 1, float("inf"), None)
        return page("Course", [c for c in courses.values() if teacher in (None, c["teacher_id"])])

    @flask.get("/announcements")
    def list_announcements() -> Response:
        urgent = request.args.get("urgent")
        if urgent not in (None, "true", "false"):
            raise Refused(400, "urgent: true or false")
        return page(
            "Announcement",
            [a for a in stores["Announcement"].values() if urgent is None or a["urgent"] == (urgent == "true")],
        )

    @flask.get("/students/<key>/report")
    def report(key: str) -> Response:
        student = find("Student", key)
        found = [m for m in marks.values() if m["student_id"] == student["id"]]
        mean = round(sum(m["value"] for m in found) / len(found), 2) if found else None
        return give({"student_id": student["id"], "marks": found, "mean": mean})

    @flask.get("/courses/<key>/students")
    def course_students(key: str) -> Response:
        return give([students[s] for s in sorted(enrolled[find("Course", key)["id"]])])

    @flask.put("/courses/<key>/students/<student>")
    def enrol(key: str, student: str) -> Response:
        course, who = find("Course", key), find("Student", student)["id"]
        if who not in enrolled[course["id"]]:
            if len(enrolled[course["id"]]) >= course["places"]:
                raise Refused(409, "no place")
            enrolled[course["id"]].append(who)
        return Response(status=204)

    @flask.delete("/courses/<key>/students/<student>")
    def unenrol(key: str, student: str) -> Response:
        course, who = find("Course", key)["id"], find("Student", student)["id"]
        if who not in enrolled[course]:
            raise Refused(404, "not enrolled")
        enrolled[course].remove(who)
        for mark in [m["id"] for m in marks.values() if (m["course_id"], m["student_id"]) == (course, who)]:
            del marks[mark]
        return Response(status=204)

    @flask.get("/courses/<key>/marks")
    def list_marks(key: str) -> Response:
        course = find("Course", key)["id"]
        return give([m for m in marks.values() if m["course_id"] == course])

    @flask.post("/courses/<key>/marks")
    def add_mark(key: str) -> Response:
        course = find("Course", key)["id"]
        data = filled("Mark")
        if data["student_id"] not in enrolled[course]:
            raise Refused(409, "not enrolled")
        return give(add("Mark", {**data, "course_id": course}), 201)

    return flask
