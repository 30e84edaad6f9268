"""Laboratory samples, their measurements and the decision on them (Flask, OpenAPI 3.0.3). app(fault) is a fresh server."""

import math
import re
import threading
import uuid
from datetime import date, datetime, timezone

from flask import Flask, g, jsonify, request

KIND = "Flask"
KEYS = {
    "lk-ines-0917": ("ines", "technician"),
    "lk-omar-4420": ("omar", "technician"),
    "lk-reva-8801": ("reva", "reviewer"),
}
HEADERS = {who: {"X-Lab-Key": k} for k, (who, _) in KEYS.items()}
FAULTS = {
    "put_keeps_comment": "PUT /samples/{sampleId} without comment keeps the old comment (documented: it becomes null)",
    "collected_to_excludes_day": "GET /samples?collected_to=D leaves out the samples collected on day D itself",
    "descending_ignored": "GET /samples?sort=-collected_on is answered oldest first (documented: latest first)",
    "total_of_page": "total in GET /samples is the number of samples on the page instead of all that match",
    "mean_whole": "mean in the summary is cut off to a whole number (documented: rounded to 3 decimals)",
    "technician_may_decide": "POST /samples/{sampleId}/decision works for technicians (should be 403)",
    "reject_without_reason": "a sample is rejected without a reason (should be 400)",
    "measured_after_decision": "measurements are taken for samples that are approved or rejected (should be 409)",
    "empty_summary_500": "the summary of an analyte without measurements gives 500 (should be count 0 and nulls)",
    "code_longer_ok": "the code's pattern is not checked to the end: AB-12345 is accepted (should be 400)",
}
MATERIALS, PRIORITIES, ANALYTES = ["water", "soil", "food"], ["normal", "urgent"], ["lead", "nitrate", "ph"]
STATES = ["registered", "measuring", "approved", "rejected"]


def _ref(n):
    return {"$ref": f"#/components/schemas/{n}"}


def _answer(text, schema, headers=None, example=None):
    r = {"description": text, "content": {"application/json": {"schema": schema}}}
    if example:
        r["content"]["application/json"]["example"] = example
    if headers:
        r["headers"] = headers
    return r


def _body(name, example):
    return {"required": True, "content": {"application/json": {"schema": _ref(name), "example": example}}}


def _errors(*codes):
    return {
        str(c): {
            "$ref": "#/components/responses/"
            + {400: "Invalid", 401: "NoKey", 403: "NotAllowed", 404: "NotFound", 409: "Conflict"}[c]
        }
        for c in codes
    }


def _q(name, text, schema, required=False):
    return {"name": name, "in": "query", "required": required, "description": text, "schema": schema}


_ID = {
    "name": "sampleId",
    "in": "path",
    "required": True,
    "description": "The id the laboratory gave the sample. Any other text gives 404.",
    "schema": {"type": "string"},
    "example": "0b9c1d52-6f0e-4f3a-9a55-1f6a3c3d7e10",
}
_IN = {
    "code": {
        "type": "string",
        "pattern": "^[A-Z]{2}-[0-9]{4}$",
        "description": "The code on the bottle: two capital letters, a hyphen, four digits. No two samples share one.",
        "example": "WB-0412",
    },
    "material": {"type": "string", "enum": MATERIALS},
    "collected_on": {"type": "string", "format": "date", "example": "2026-03-14"},
    "priority": {"type": "string", "enum": PRIORITIES, "default": "normal"},
    "comment": {
        "type": "string",
        "nullable": True,
        "maxLength": 200,
        "description": "null if left out.",
        "example": "Taken at the north inlet",
    },
}
_EX_IN = {"code": "WB-0412", "material": "water", "collected_on": "2026-03-14", "comment": "Taken at the north inlet"}
_EX = {
    **_EX_IN,
    "id": "0b9c1d52-6f0e-4f3a-9a55-1f6a3c3d7e10",
    "priority": "normal",
    "state": "registered",
    "technician": "ines",
    "registered_at": "2026-03-14T09:30:00Z",
    "decided_by": None,
    "reason": None,
}

SPEC = {
    "openapi": "3.0.3",
    "info": {
        "title": "Sample desk",
        "version": "1.4",
        "description": "Samples come in, are measured by the technician who registered them, and are approved or rejected by a reviewer.\n\n"
        "A sample goes from `registered` to `measuring` with its first measurement, and from `measuring` to `approved` or `rejected` by the decision; "
        "that is final.\n\nEvery request needs a key in the header `X-Lab-Key`. On the training desk these keys work: `lk-ines-0917` (technician ines), `lk-omar-4420` "
        "(technician omar), `lk-reva-8801` (reviewer reva). Everyone with a key may read everything.\n\n"
        "A request with several mistakes gets the first of these answers: 401 key, 404 sample, 403 rights, 400 input, 409 state. "
        "A request that is refused changes nothing.",
    },
    "security": [{"labKey": []}],
    "tags": [{"name": "samples"}, {"name": "measurements"}, {"name": "decision"}],
    "paths": {
        "/samples": {
            "post": {
                "operationId": "registerSample",
                "tags": ["samples"],
                "summary": "Register a sample",
                "description": "Technicians only (403 for reviewers). The sample belongs to the technician who registers it and starts as `registered`. 409 if another sample has the code.",
                "requestBody": _body("SampleInput", _EX_IN),
                "responses": {
                    "201": _answer(
                        "The new sample.",
                        _ref("Sample"),
                        {
                            "Location": {
                                "required": True,
                                "description": "Path of the new sample.",
                                "schema": {"type": "string"},
                            }
                        },
                        _EX,
                    ),
                    **_errors(400, 401, 403, 409),
                },
            },
            "get": {
                "operationId": "listSamples",
                "tags": ["samples"],
                "summary": "List samples",
                "description": "The samples of all technicians. A sample must match all filters that are given.",
                "parameters": [
                    _q("state", "Only samples in this state.", {"type": "string", "enum": STATES}),
                    _q("material", "Only samples of this material.", {"type": "string", "enum": MATERIALS}),
                    _q(
                        "collected_from",
                        "Only samples collected on this day or later.",
                        {"type": "string", "format": "date"},
                    ),
                    _q(
                        "collected_to",
                        "Only samples collected on this day or earlier.",
                        {"type": "string", "format": "date"},
                    ),
                    _q(
                        "sort",
                        "`collected_on`: earliest day first; `-collected_on`: latest day first. Samples of the same day are ordered by code, A to Z, either way.",
                        {"type": "string", "enum": ["collected_on", "-collected_on"], "default": "collected_on"},
                    ),
                    _q(
                        "limit",
                        "Most samples to return.",
                        {"type": "integer", "minimum": 1, "maximum": 50, "default": 20},
                    ),
                    _q(
                        "offset",
                        "How many of the matching samples to skip.",
                        {"type": "integer", "minimum": 0, "default": 0},
                    ),
                ],
                "responses": {
                    "200": _answer("The matching samples.", _ref("SampleList"), None, {"samples": [_EX], "total": 1}),
                    **_errors(400, 401),
                },
            },
        },
        "/samples/{sampleId}": {
            "parameters": [_ID],
            "get": {
                "operationId": "getSample",
                "tags": ["samples"],
                "summary": "Read a sample",
                "responses": {"200": _answer("The sample.", _ref("Sample"), None, _EX), **_errors(401, 404)},
            },
            "put": {
                "operationId": "replaceSample",
                "tags": ["samples"],
                "summary": "Correct a sample",
                "description": "Replaces all that was given at registration: what is left out gets its default (`priority` normal, `comment` null). Only the sample's technician may do this (403), "
                "and only while it is `registered` (409). 409 also if another sample has the code.",
                "requestBody": _body("SampleInput", {**_EX_IN, "priority": "urgent"}),
                "responses": {
                    "200": _answer("The sample after the change.", _ref("Sample")),
                    **_errors(400, 401, 403, 404, 409),
                },
            },
            "delete": {
                "operationId": "deleteSample",
                "tags": ["samples"],
                "summary": "Delete a sample",
                "description": "Only the sample's technician may do this (403), and only while it is `registered` (409). Its code is free again afterwards.",
                "responses": {"204": {"description": "The sample is gone."}, **_errors(401, 403, 404, 409)},
            },
        },
        "/samples/{sampleId}/measurements": {
            "parameters": [_ID],
            "post": {
                "operationId": "addMeasurement",
                "tags": ["measurements"],
                "summary": "Enter a measurement",
                "description": "Only the sample's technician may do this (403). The first measurement takes the sample from `registered` to `measuring`. 409 once the sample is approved or rejected.",
                "requestBody": _body("MeasurementInput", {"analyte": "lead", "value": 4.25}),
                "responses": {
                    "201": _answer(
                        "The measurement.",
                        _ref("Measurement"),
                        None,
                        {"analyte": "lead", "value": 4.25, "measured_at": "2026-03-15T11:02:41Z"},
                    ),
                    **_errors(400, 401, 403, 404, 409),
                },
            },
            "get": {
                "operationId": "listMeasurements",
                "tags": ["measurements"],
                "summary": "List the measurements of a sample",
                "description": "In the order in which they were entered.",
                "parameters": [
                    _q("analyte", "Only measurements of this analyte.", {"type": "string", "enum": ANALYTES})
                ],
                "responses": {
                    "200": _answer(
                        "The measurements; an empty list if there are none.",
                        {"type": "array", "items": _ref("Measurement")},
                    ),
                    **_errors(400, 401, 404),
                },
            },
        },
        "/samples/{sampleId}/summary": {
            "parameters": [_ID],
            "get": {
                "operationId": "summarize",
                "tags": ["measurements"],
                "summary": "Sum up the measurements of one analyte",
                "description": "Without any measurement of the analyte, `count` is 0 and `min`, `max` and `mean` are null.",
                "parameters": [_q("analyte", "The analyte to sum up.", {"type": "string", "enum": ANALYTES}, True)],
                "responses": {
                    "200": _answer(
                        "The summary.",
                        _ref("Summary"),
                        None,
                        {"analyte": "lead", "count": 3, "min": 4, "max": 4.25, "mean": 4.167},
                    ),
                    **_errors(400, 401, 404),
                },
            },
        },
        "/samples/{sampleId}/decision": {
            "parameters": [_ID],
            "post": {
                "operationId": "decide",
                "tags": ["decision"],
                "summary": "Approve or reject a sample",
                "description": "Reviewers only (403 for technicians). The sample must be `measuring` (409). A rejection needs a `reason` (400 without); with an approval it may be left out.",
                "requestBody": _body("Decision", {"verdict": "reject", "reason": "Bottle was open on arrival"}),
                "responses": {
                    "200": _answer("The sample with its new state.", _ref("Sample")),
                    **_errors(400, 401, 403, 404, 409),
                },
            },
        },
    },
    "components": {
        "securitySchemes": {"labKey": {"type": "apiKey", "in": "header", "name": "X-Lab-Key"}},
        "responses": {
            "Invalid": _answer(
                "Body or query parameter is not as described.",
                _ref("Error"),
                None,
                {"error": "material: not one of water, soil, food"},
            ),
            "NoKey": _answer("Key missing or unknown.", _ref("Error")),
            "NotAllowed": _answer("Your key does not allow this.", _ref("Error")),
            "NotFound": _answer("There is no such sample.", _ref("Error")),
            "Conflict": _answer("The sample's state does not allow this, or the code is in use.", _ref("Error")),
        },
        "schemas": {
            "SampleInput": {
                "type": "object",
                "required": ["code", "material", "collected_on"],
                "additionalProperties": False,
                "properties": _IN,
            },
            "Sample": {
                "type": "object",
                "required": ["id", *_IN, "state", "technician", "registered_at", "decided_by", "reason"],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    **_IN,
                    "state": {"type": "string", "enum": STATES},
                    "technician": {"type": "string", "description": "Who registered the sample.", "example": "ines"},
                    "registered_at": {"type": "string", "format": "date-time"},
                    "decided_by": {
                        "type": "string",
                        "nullable": True,
                        "description": "The reviewer; null until the decision.",
                        "example": "reva",
                    },
                    "reason": {
                        "type": "string",
                        "nullable": True,
                        "description": "The reason given with the decision; null if there is none.",
                    },
                },
            },
            "SampleList": {
                "type": "object",
                "required": ["samples", "total"],
                "properties": {
                    "samples": {"type": "array", "maxItems": 50, "items": _ref("Sample")},
                    "total": {
                        "type": "integer",
                        "minimum": 0,
                        "description": "How many samples match the filters, whatever limit and offset are.",
                    },
                },
            },
            "MeasurementInput": {
                "type": "object",
                "required": ["analyte", "value"],
                "additionalProperties": False,
                "properties": {
                    "analyte": {"type": "string", "enum": ANALYTES},
                    "value": {
                        "type": "number",
                        "minimum": 0,
                        "maximum": 1000000,
                        "description": "µg/l for lead, mg/l for nitrate; ph has no unit.",
                        "example": 4.25,
                    },
                },
            },
            "Measurement": {
                "type": "object",
                "required": ["analyte", "value", "measured_at"],
                "properties": {
                    "analyte": {"type": "string", "enum": ANALYTES},
                    "value": {"type": "number"},
                    "measured_at": {"type": "string", "format": "date-time"},
                },
            },
            "Summary": {
                "type": "object",
                "required": ["analyte", "count", "min", "max", "mean"],
                "properties": {
                    "analyte": {"type": "string", "enum": ANALYTES},
                    "count": {"type": "integer", "minimum": 0},
                    "min": {"type": "number", "nullable": True},
                    "max": {"type": "number", "nullable": True},
                    "mean": {
                        "type": "number",
                        "nullable": True,
                        "description": "Arithmetic mean, rounded to 3 decimals.",
                    },
                },
            },
            "Decision": {
                "type": "object",
                "required": ["verdict"],
                "additionalProperties": False,
                "properties": {
                    "verdict": {"type": "string", "enum": ["approve", "reject"]},
                    "reason": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 200,
                        "description": "Required if the verdict is reject.",
                    },
                },
            },
            "Error": {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}},
        },
    },
}


class Refused(Exception):
    def __init__(self, status, text):
        self.status, self.text = status, text


def is_date(v):
    if not isinstance(v, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", v):
        return False
    try:
        date.fromisoformat(v)
    except ValueError:
        return False
    return True


def one_of(allowed):
    return lambda v: isinstance(v, str) and v in allowed


def is_value(v):
    return isinstance(v, (int, float)) and not isinstance(v, bool) and 0 <= v <= 1_000_000  # False for NaN


def app(fault=None):
    web = Flask(__name__)
    samples, lock = {}, threading.Lock()
    code_ok = lambda v: (
        isinstance(v, str) and bool((re.match if fault == "code_longer_ok" else re.fullmatch)(r"[A-Z]{2}-[0-9]{4}", v))
    )  # noqa: E731
    sample_fields = {
        "code": code_ok,
        "material": one_of(MATERIALS),
        "collected_on": is_date,
        "priority": one_of(PRIORITIES),
        "comment": lambda v: v is None or (isinstance(v, str) and len(v) <= 200),
    }
    measurement_fields = {"analyte": one_of(ANALYTES), "value": is_value}
    decision_fields = {
        "verdict": one_of(["approve", "reject"]),
        "reason": lambda v: isinstance(v, str) and 1 <= len(v) <= 200,
    }
    stamp = lambda: datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: E731

    @web.errorhandler(Refused)
    def refused(e):
        return jsonify(error=e.text), e.status

    @web.errorhandler(404)
    @web.errorhandler(405)
    def nowhere(e):
        return jsonify(error=e.name), e.code, {"Allow": ", ".join(sorted(e.valid_methods))} if e.code == 405 else {}

    @web.before_request
    def enter():
        lock.acquire()
        g.locked = True
        if (caller := KEYS.get(request.headers.get("X-Lab-Key", ""))) is None:
            raise Refused(401, "key missing or unknown")
        g.who, g.role = caller

    @web.teardown_request
    def leave(_):
        if g.pop("locked", False):
            lock.release()

    def role(wanted):
        if g.role != wanted:
            raise Refused(403, f"for a {wanted} only")

    def the_sample(sid, mine=False):
        if sid not in samples:
            raise Refused(404, "no such sample")
        if mine and samples[sid]["technician"] != g.who:
            raise Refused(403, "this is another technician's sample")
        return samples[sid]

    def body(fields, required):
        try:
            data = request.get_json()
        except Exception:  # noqa: BLE001
            raise Refused(400, "the body is not JSON") from None
        if not isinstance(data, dict):
            raise Refused(400, "the body is not an object")
        for k in required:
            if k not in data:
                raise Refused(400, f"{k}: missing")
        for k, v in data.items():
            if k not in fields or not fields[k](v):
                raise Refused(400, f"{k}: not as described")
        return data

    def query(name, good, default=None):
        v = request.args.get(name)
        if v is None:
            return default
        if not good(v):
            raise Refused(400, f"{name}: not as described")
        return v

    def whole(low, high):
        return lambda v: re.fullmatch("-?[0-9]{1,4000}", v) and low <= int(v) <= high

    def code_free(code, but=None):
        if any(s["code"] == code and k != but for k, s in samples.items()):
            raise Refused(409, "this code is in use")

    def out(s):
        return {k: v for k, v in s.items() if k != "measurements"}

    @web.post("/samples")
    def register():
        role("technician")
        data = body(sample_fields, ["code", "material", "collected_on"])
        code_free(data["code"])
        s = {
            "id": str(uuid.uuid4()),
            "priority": "normal",
            "comment": None,
            **data,
            "state": "registered",
            "technician": g.who,
            "registered_at": stamp(),
            "decided_by": None,
            "reason": None,
            "measurements": [],
        }
        samples[s["id"]] = s
        return jsonify(out(s)), 201, {"Location": f"/samples/{s['id']}"}

    @web.get("/samples")
    def list_():
        state, material = query("state", one_of(STATES)), query("material", one_of(MATERIALS))
        since, until = query("collected_from", is_date), query("collected_to", is_date)
        sort = query("sort", one_of(["collected_on", "-collected_on"]), "collected_on")
        limit, offset = int(query("limit", whole(1, 50), "20")), int(query("offset", whole(0, math.inf), "0"))
        found = [
            s
            for s in samples.values()
            if state in (None, s["state"])
            and material in (None, s["material"])
            and (since is None or s["collected_on"] >= since)
            and (
                until is None
                or (s["collected_on"] < until if fault == "collected_to_excludes_day" else s["collected_on"] <= until)
            )
        ]
        found.sort(key=lambda s: s["code"])
        found.sort(key=lambda s: s["collected_on"], reverse=sort[0] == "-" and fault != "descending_ignored")
        page = found[offset : offset + limit]
        return jsonify(samples=[out(s) for s in page], total=len(page if fault == "total_of_page" else found))

    @web.get("/samples/<sid>")
    def read(sid):
        return jsonify(out(the_sample(sid)))

    @web.put("/samples/<sid>")
    def replace(sid):
        s = the_sample(sid, mine=True)
        data = body(sample_fields, ["code", "material", "collected_on"])
        if s["state"] != "registered":
            raise Refused(409, "measured already")
        code_free(data["code"], but=sid)
        s.update({"priority": "normal", **({} if fault == "put_keeps_comment" else {"comment": None}), **data})
        return jsonify(out(s))

    @web.delete("/samples/<sid>")
    def delete(sid):
        s = the_sample(sid, mine=True)
        if s["state"] != "registered":
            raise Refused(409, "measured already")
        del samples[sid]
        return "", 204

    @web.post("/samples/<sid>/measurements")
    def measure(sid):
        s = the_sample(sid, mine=True)
        data = body(measurement_fields, ["analyte", "value"])
        if s["state"] in ("approved", "rejected") and fault != "measured_after_decision":
            raise Refused(409, "decided already")
        if s["state"] == "registered":
            s["state"] = "measuring"
        m = {**data, "measured_at": stamp()}
        s["measurements"].append(m)
        return jsonify(m), 201

    @web.get("/samples/<sid>/measurements")
    def measurements(sid):
        s, analyte = the_sample(sid), query("analyte", one_of(ANALYTES))
        return jsonify([m for m in s["measurements"] if analyte in (None, m["analyte"])])

    @web.get("/samples/<sid>/summary")
    def summary(sid):
        s, analyte = the_sample(sid), query("analyte", one_of(ANALYTES))
        if analyte is None:
            raise Refused(400, "analyte: missing")
        values = [m["value"] for m in s["measurements"] if m["analyte"] == analyte]
        if not values and fault != "empty_summary_500":
            return jsonify(analyte=analyte, count=0, min=None, max=None, mean=None)
        mean = math.fsum(values) / len(values)
        return jsonify(
            analyte=analyte,
            count=len(values),
            min=min(values),
            max=max(values),
            mean=int(mean) if fault == "mean_whole" else round(mean, 3),
        )

    @web.post("/samples/<sid>/decision")
    def decide(sid):
        s = the_sample(sid)
        if fault != "technician_may_decide":
            role("reviewer")
        data = body(decision_fields, ["verdict"])
        if data["verdict"] == "reject" and "reason" not in data and fault != "reject_without_reason":
            raise Refused(400, "reason: missing")
        if s["state"] != "measuring":
            raise Refused(409, f"the sample is {s['state']}")
        s.update(
            state={"approve": "approved", "reject": "rejected"}[data["verdict"]],
            decided_by=g.who,
            reason=data.get("reason"),
        )
        return jsonify(out(s))

    return web
