"""Lost property office: found items, claims for them, decisions, handover. Flask, hand-written OpenAPI 3.0.3."""

import re
from datetime import date, datetime, timezone
from functools import wraps
from itertools import count

import jsonschema
from flask import Flask, g, jsonify, request

KIND = "Flask"
USERS = {"lp-desk-0419": ("desk", "staff"), "lp-nora-8832": ("nora", "citizen"), "lp-piet-5570": ("piet", "citizen")}
HEADERS = {name: {"X-Api-Key": k} for k, (name, _) in USERS.items()}
FAULTS = {
    "shelf_leaked": "GET /items/{code} shows shelf to citizens too (documented: staff only)",
    "second_category_dropped": "GET /items?category=a&category=b regards the first category only",
    "status_from_body": "POST /items takes over a status sent along (documented: ignored, new items are stored)",
    "stale_version_wins": "PUT /items/{code} with an outdated version overwrites the item (should be 409)",
    "others_stay_pending": "accepting a claim leaves the other pending claims for the item pending (documented: rejected)",
    "reject_without_reason": "a claim can be rejected without a reason (should be 400)",
    "total_unfiltered": "X-Total-Count counts all items, whatever the filters",
    "minus_sort_ignored": "sort=-found_on sorts ascending",
    "code_reused": "after the newest item is deleted the next item gets its code again (documented: never twice)",
    "impossible_date_500": "a found_on like 2026-02-30 gives 500 instead of 400",
    "handover_unreserved": "an item that is not reserved can be handed over (should be 409)",
}
CATEGORIES = ["bag", "clothing", "electronics", "jewellery", "keys", "umbrella", "other"]
STATUS = ["stored", "reserved", "returned"]


def _ref(n):
    return {"$ref": f"#/components/schemas/{n}"}


def _json(schema, example=None):
    return {"application/json": {"schema": schema, **({"example": example} if example else {})}}


def _bad(*codes):
    return {
        str(c): {"$ref": f"#/components/responses/{n}"}
        for c, n in {400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Conflict"}.items()
        if c in codes
    }


CODE = {"name": "code", "in": "path", "required": True, "schema": {"type": "string"}, "example": "LF-000017"}
CLAIM_ID = {"name": "claim_id", "in": "path", "required": True, "schema": {"type": "integer"}, "example": 5}
NEW = {
    "category": {"type": "string", "enum": CATEGORIES},
    "description": {"type": "string", "minLength": 3, "maxLength": 300},
    "place": {"type": "string", "minLength": 1, "maxLength": 100, "description": "Where it was found."},
    "found_on": {"type": "string", "format": "date"},
    "shelf": {"type": "string", "nullable": True, "maxLength": 10, "description": "Where it is kept. For staff only."},
}
EX_NEW = {
    "category": "umbrella",
    "description": "Black umbrella, wooden handle",
    "place": "Tram 4",
    "found_on": "2026-03-02",
    "shelf": "B12",
}
EX_ITEM = {**EX_NEW, "code": "LF-000017", "status": "stored", "version": 1, "created_at": "2026-03-02T16:20:05Z"}
EX_CLAIM = {
    "id": 5,
    "item_code": "LF-000017",
    "claimant": "nora",
    "proof": "My initials N.K. are on the handle",
    "status": "pending",
    "reason": None,
    "created_at": "2026-03-03T09:00:00Z",
}
SPEC = {
    "openapi": "3.0.3",
    "info": {
        "title": "Lost Property Office",
        "version": "1.4",
        "description": "What was found in the city, and who claims it.\n\n"
        "An item is `stored` first. When the desk accepts a claim for it, it becomes `reserved`, and when it is handed over, `returned`.\n\n"
        "Every request carries an `X-Api-Key`. Demo keys: `lp-desk-0419` (the desk, staff), `lp-nora-8832` (nora, a citizen), "
        "`lp-piet-5570` (piet, a citizen). Without a known key every request is answered with 401.",
    },
    "security": [{"key": []}],
    "paths": {
        "/items": {
            "get": {
                "operationId": "listItems",
                "summary": "Find items",
                "description": "Items that match all filters. The field `shelf` is left out for citizens.",
                "parameters": [
                    {
                        "name": "category",
                        "in": "query",
                        "explode": True,
                        "style": "form",
                        "schema": {"type": "array", "items": {"type": "string", "enum": CATEGORIES}},
                        "description": "May be repeated: items of any of these categories.",
                        "example": ["bag", "keys"],
                    },
                    {"name": "status", "in": "query", "schema": {"type": "string", "enum": STATUS}},
                    {
                        "name": "found_from",
                        "in": "query",
                        "schema": {"type": "string", "format": "date"},
                        "description": "Found on this day or later.",
                    },
                    {
                        "name": "found_to",
                        "in": "query",
                        "schema": {"type": "string", "format": "date"},
                        "description": "Found on this day or earlier.",
                    },
                    {
                        "name": "sort",
                        "in": "query",
                        "schema": {"type": "string", "enum": ["found_on", "-found_on"], "default": "found_on"},
                        "description": "By day, earliest first, or with a minus latest first. Items of the same day come by ascending code.",
                    },
                    {
                        "name": "limit",
                        "in": "query",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 50, "default": 20},
                    },
                    {"name": "offset", "in": "query", "schema": {"type": "integer", "minimum": 0, "default": 0}},
                ],
                "responses": {
                    "200": {
                        "description": "A page of items.",
                        "content": _json({"type": "array", "items": _ref("Item")}, [EX_ITEM]),
                        "headers": {
                            "X-Total-Count": {
                                "required": True,
                                "schema": {"type": "integer"},
                                "description": "Number of items that match the filters, on all pages together.",
                            }
                        },
                    },
                    **_bad(400, 401),
                },
            },
            "post": {
                "operationId": "createItem",
                "summary": "Take in an item (staff)",
                "description": "The item is `stored` and has version 1. The office sets code, status, version and created_at itself; "
                "if such fields are sent along they are ignored. Codes ascend, and no code is given twice, not even after an item has been deleted.",
                "requestBody": {"required": True, "content": _json(_ref("ItemNew"), EX_NEW)},
                "responses": {
                    "201": {
                        "description": "Taken in.",
                        "content": _json(_ref("Item"), EX_ITEM),
                        "headers": {
                            "Location": {
                                "required": True,
                                "schema": {"type": "string"},
                                "description": "Path of the item, /items/{code}.",
                            }
                        },
                    },
                    **_bad(400, 401, 403),
                },
            },
        },
        "/items/{code}": {
            "parameters": [CODE],
            "get": {
                "operationId": "getItem",
                "summary": "One item",
                "description": "The field `shelf` is left out for citizens.",
                "responses": {
                    "200": {"description": "The item.", "content": _json(_ref("Item"), EX_ITEM)},
                    **_bad(401, 404),
                },
            },
            "put": {
                "operationId": "replaceItem",
                "summary": "Replace what is known about an item (staff)",
                "description": "Replaces all fields of the body; a shelf left out becomes null. `version` must be the item's current version, so that nobody "
                "overwrites the change of a colleague unseen: if it is another one, nothing is changed and the answer is 409. "
                "Each replacement raises the version by 1. Status, code and created_at stay.",
                "requestBody": {
                    "required": True,
                    "content": _json(_ref("ItemUpdate"), {**EX_NEW, "shelf": "C1", "version": 1}),
                },
                "responses": {
                    "200": {
                        "description": "The item with its new version.",
                        "content": _json(_ref("Item"), {**EX_ITEM, "shelf": "C1", "version": 2}),
                    },
                    **_bad(400, 401, 403, 404, 409),
                },
            },
            "delete": {
                "operationId": "deleteItem",
                "summary": "Remove an item (staff)",
                "description": "Not possible (409) while it is reserved or a claim for it is pending. Its decided claims are removed with it.",
                "responses": {"204": {"description": "Removed."}, **_bad(401, 403, 404, 409)},
            },
        },
        "/items/{code}/claims": {
            "parameters": [CODE],
            "post": {
                "operationId": "claimItem",
                "summary": "Claim an item (citizens)",
                "description": "Only for stored items (otherwise 409). A citizen may have one pending claim for an item (a second one: 409); "
                "several citizens may claim the same item. Staff cannot claim (403).",
                "requestBody": {
                    "required": True,
                    "content": _json(_ref("ClaimNew"), {"proof": "My initials N.K. are on the handle"}),
                },
                "responses": {
                    "201": {"description": "The pending claim.", "content": _json(_ref("Claim"), EX_CLAIM)},
                    **_bad(400, 401, 403, 404, 409),
                },
            },
        },
        "/items/{code}/handover": {
            "parameters": [CODE],
            "post": {
                "operationId": "handOver",
                "summary": "Hand a reserved item over (staff)",
                "description": "Needs no body. The item becomes `returned`. An item that is not reserved cannot be handed over (409).",
                "responses": {
                    "200": {
                        "description": "The returned item.",
                        "content": _json(_ref("Item"), {**EX_ITEM, "status": "returned"}),
                    },
                    **_bad(401, 403, 404, 409),
                },
            },
        },
        "/claims": {
            "get": {
                "operationId": "listClaims",
                "summary": "Claims",
                "description": "Citizens get their own claims, staff all claims. Oldest first.",
                "parameters": [
                    {
                        "name": "status",
                        "in": "query",
                        "schema": {"type": "string", "enum": ["pending", "accepted", "rejected"]},
                    }
                ],
                "responses": {
                    "200": {
                        "description": "The claims.",
                        "content": _json({"type": "array", "items": _ref("Claim")}, [EX_CLAIM]),
                    },
                    **_bad(400, 401),
                },
            }
        },
        "/claims/{claim_id}": {
            "parameters": [CLAIM_ID],
            "delete": {
                "operationId": "withdrawClaim",
                "summary": "Withdraw an own claim",
                "description": "Only by the claimant (others: 403) and while it is pending (otherwise 409). The claim is gone then, and the item may be claimed again.",
                "responses": {"204": {"description": "Withdrawn."}, **_bad(401, 403, 404, 409)},
            },
        },
        "/claims/{claim_id}/decision": {
            "parameters": [CLAIM_ID],
            "post": {
                "operationId": "decideClaim",
                "summary": "Accept or reject a claim (staff)",
                "description": "Accepting reserves the item and rejects all other pending claims for it. Rejecting needs a `reason` (400 without). "
                "A claim that is not pending any more cannot be decided (409).",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": _ref("Decision"),
                            "examples": {
                                "accept": {"value": {"accept": True}},
                                "reject": {"value": {"accept": False, "reason": "The description does not fit"}},
                            },
                        }
                    },
                },
                "responses": {
                    "200": {
                        "description": "The decided claim.",
                        "content": _json(_ref("Claim"), {**EX_CLAIM, "status": "accepted"}),
                    },
                    **_bad(400, 401, 403, 404, 409),
                },
            },
        },
    },
    "components": {
        "securitySchemes": {
            "key": {
                "type": "apiKey",
                "in": "header",
                "name": "X-Api-Key",
                "description": "e.g. `lp-desk-0419` for the desk, `lp-nora-8832` for nora",
            }
        },
        "responses": {
            n: {"description": d, "content": _json(_ref("Error"))}
            for n, d in {
                "BadRequest": "Body or query do not fit.",
                "Unauthorized": "X-Api-Key is missing or unknown.",
                "Forbidden": "Not allowed for this caller.",
                "NotFound": "There is no such thing.",
                "Conflict": "Not possible in the present state.",
            }.items()
        },
        "schemas": {
            "Error": {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}},
            "ItemNew": {
                "type": "object",
                "required": ["category", "description", "place", "found_on"],
                "properties": NEW,
            },
            "ItemUpdate": {
                "type": "object",
                "required": ["category", "description", "place", "found_on", "version"],
                "properties": {
                    **NEW,
                    "version": {"type": "integer", "minimum": 1, "description": "The version that was read."},
                },
            },
            "Item": {
                "type": "object",
                "required": ["code", "category", "description", "place", "found_on", "status", "version", "created_at"],
                "properties": {
                    "code": {"type": "string", "pattern": "^LF-[0-9]{6}$"},
                    **NEW,
                    "status": {"type": "string", "enum": STATUS},
                    "version": {"type": "integer", "minimum": 1},
                    "created_at": {"type": "string", "format": "date-time"},
                },
            },
            "ClaimNew": {
                "type": "object",
                "required": ["proof"],
                "properties": {
                    "proof": {
                        "type": "string",
                        "minLength": 10,
                        "maxLength": 1000,
                        "description": "How one knows that it is yours.",
                    }
                },
            },
            "Claim": {
                "type": "object",
                "required": ["id", "item_code", "claimant", "proof", "status", "reason", "created_at"],
                "properties": {
                    "id": {"type": "integer"},
                    "item_code": {"type": "string"},
                    "claimant": {"type": "string"},
                    "proof": {"type": "string"},
                    "status": {"type": "string", "enum": ["pending", "accepted", "rejected"]},
                    "reason": {
                        "type": "string",
                        "nullable": True,
                        "description": "Why it was rejected; otherwise null.",
                    },
                    "created_at": {"type": "string", "format": "date-time"},
                },
            },
            "Decision": {
                "type": "object",
                "required": ["accept"],
                "properties": {
                    "accept": {"type": "boolean"},
                    "reason": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 500,
                        "description": "Required if accept is false.",
                    },
                },
            },
        },
    },
}


class Problem(Exception):
    def __init__(self, code, text):
        self.code, self.text = code, text


def _rules(s):
    """The schema of the document for jsonschema."""
    if isinstance(s, list):
        return [_rules(x) for x in s]
    if not isinstance(s, dict):
        return s
    s = {k: _rules(v) for k, v in s.items()}
    if s.pop("nullable", None) is True:
        s["type"] = [s["type"], "null"]
    return s


CHECK = {
    n: jsonschema.Draft202012Validator(_rules(SPEC["components"]["schemas"][n]))
    for n in ("ItemNew", "ItemUpdate", "ClaimNew", "Decision")
}


def day(text, what, careless=False):
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise Problem(400, f"{what} is no date")
    try:
        return date.fromisoformat(text)
    except ValueError:
        if careless:
            raise
        raise Problem(400, f"{what} is no date") from None


def now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def app(fault=None):
    web = Flask("lostfound")
    web.json.sort_keys = False
    items, claims, codes, claim_ids = {}, {}, count(1), count(1)

    @web.errorhandler(Problem)
    def problem(e):
        return jsonify(error=e.text), e.code

    @web.errorhandler(404)
    def nothing(e):
        return jsonify(error="not found"), 404

    @web.errorhandler(405)
    def no_method(e):
        return jsonify(error="method not allowed"), 405, {"Allow": ", ".join(sorted(e.valid_methods or []))}

    @web.errorhandler(500)
    def broken(e):
        return jsonify(error="internal error"), 500

    @web.before_request
    def who():
        user = USERS.get(request.headers.get("X-Api-Key", ""))
        if user is None:
            raise Problem(401, "unknown or missing X-Api-Key")
        g.name, g.role = user

    def only(role):
        def deco(f):
            @wraps(f)
            def inner(**kw):
                if g.role != role:
                    raise Problem(403, f"only for {role}")
                return f(**kw)

            return inner

        return deco

    def body(name):
        try:
            data = request.get_json(force=True)
        except Exception:
            raise Problem(400, "the body is no JSON") from None
        for e in CHECK[name].iter_errors(data):
            raise Problem(400, f"{e.json_path[2:] or 'body'}: {e.message[:150]}".encode("ascii", "replace").decode())
        if "found_on" in data:
            day(data["found_on"], "found_on", fault == "impossible_date_500")
        return data

    def item(code):
        if code not in items:
            raise Problem(404, "no such item")
        return items[code]

    def claim(claim_id):
        c = claims.get(int(claim_id)) if re.fullmatch(r"[0-9]{1,18}", claim_id) else None
        if c is None:
            raise Problem(404, "no such claim")
        return c

    def view(i, leak=False):
        return i if g.role == "staff" or leak else {k: v for k, v in i.items() if k != "shelf"}

    def one_of(name, allowed, default=None):
        v = request.args.get(name)
        if v is not None and v not in allowed:
            raise Problem(400, f"{name}: one of {', '.join(allowed)}")
        return default if v is None else v

    def whole(name, default, low, high=None):
        v = request.args.get(name)
        if v is None:
            return default
        if not re.fullmatch(r"-?[0-9]{1,4000}", v) or int(v) < low or (high is not None and int(v) > high):
            raise Problem(400, f"{name}: a number from {low}")
        return int(v)

    def fields(d):
        return {
            "category": d["category"],
            "description": d["description"],
            "place": d["place"],
            "found_on": d["found_on"],
            "shelf": d.get("shelf"),
        }

    @web.get("/items")
    def list_items():
        cats = request.args.getlist("category")
        if any(c not in CATEGORIES for c in cats):
            raise Problem(400, "unknown category")
        if fault == "second_category_dropped":
            cats = cats[:1]
        status, sort = one_of("status", STATUS), one_of("sort", ["found_on", "-found_on"], "found_on")
        since, until = (
            (day(request.args[n], n).isoformat() if n in request.args else None) for n in ("found_from", "found_to")
        )
        limit, offset = whole("limit", 20, 1, 50), whole("offset", 0, 0)
        found = [
            i
            for i in items.values()
            if (not cats or i["category"] in cats)
            and (status is None or i["status"] == status)
            and (since is None or i["found_on"] >= since)
            and (until is None or i["found_on"] <= until)
        ]
        found.sort(key=lambda i: i["code"])
        found.sort(key=lambda i: i["found_on"], reverse=sort[0] == "-" and fault != "minus_sort_ignored")
        total = len(items) if fault == "total_unfiltered" else len(found)
        return jsonify([view(i) for i in found[offset : offset + limit]]), 200, {"X-Total-Count": str(total)}

    @web.post("/items")
    @only("staff")
    def create_item():
        d = body("ItemNew")
        n = max((int(c[3:]) for c in items), default=0) + 1 if fault == "code_reused" else next(codes)
        i = {"code": f"LF-{n:06}", **fields(d), "status": "stored", "version": 1, "created_at": now()}
        if fault == "status_from_body" and d.get("status") in STATUS:
            i["status"] = d["status"]
        items[i["code"]] = i
        return jsonify(i), 201, {"Location": f"/items/{i['code']}"}

    @web.get("/items/<code>")
    def get_item(code):
        return jsonify(view(item(code), fault == "shelf_leaked"))

    @web.put("/items/<code>")
    @only("staff")
    def replace_item(code):
        i, d = item(code), body("ItemUpdate")
        if d["version"] != i["version"] and fault != "stale_version_wins":
            raise Problem(409, f"the current version is {i['version']}")
        i.update(fields(d), version=i["version"] + 1)
        return jsonify(i)

    @web.delete("/items/<code>")
    @only("staff")
    def delete_item(code):
        i = item(code)
        own = [c for c in claims.values() if c["item_code"] == code]
        if i["status"] == "reserved" or any(c["status"] == "pending" for c in own):
            raise Problem(409, "reserved or claimed")
        for c in own:
            del claims[c["id"]]
        del items[code]
        return "", 204

    @web.post("/items/<code>/claims")
    @only("citizen")
    def claim_item(code):
        i, d = item(code), body("ClaimNew")
        if i["status"] != "stored":
            raise Problem(409, f"the item is {i['status']}")
        if any(
            c["item_code"] == code and c["claimant"] == g.name and c["status"] == "pending" for c in claims.values()
        ):
            raise Problem(409, "claimed by you already")
        c = {
            "id": next(claim_ids),
            "item_code": code,
            "claimant": g.name,
            "proof": d["proof"],
            "status": "pending",
            "reason": None,
            "created_at": now(),
        }
        claims[c["id"]] = c
        return jsonify(c), 201

    @web.post("/items/<code>/handover")
    @only("staff")
    def hand_over(code):
        i = item(code)
        if i["status"] != "reserved" and not (fault == "handover_unreserved" and i["status"] == "stored"):
            raise Problem(409, f"the item is {i['status']}")
        i["status"] = "returned"
        return jsonify(i)

    @web.get("/claims")
    def list_claims():
        status = one_of("status", ["pending", "accepted", "rejected"])
        return jsonify(
            [
                c
                for c in claims.values()
                if (g.role == "staff" or c["claimant"] == g.name) and (status is None or c["status"] == status)
            ]
        )

    @web.delete("/claims/<claim_id>")
    def withdraw(claim_id):
        c = claim(claim_id)
        if c["claimant"] != g.name:
            raise Problem(403, "not your claim")
        if c["status"] != "pending":
            raise Problem(409, "decided already")
        del claims[c["id"]]
        return "", 204

    @web.post("/claims/<claim_id>/decision")
    @only("staff")
    def decide(claim_id):
        c, d = claim(claim_id), body("Decision")
        if not d["accept"] and "reason" not in d and fault != "reject_without_reason":
            raise Problem(400, "a reason is needed")
        if c["status"] != "pending":
            raise Problem(409, "decided already")
        if d["accept"]:
            c["status"] = "accepted"
            items[c["item_code"]]["status"] = "reserved"
            for o in claims.values():
                if o["item_code"] == c["item_code"] and o["status"] == "pending" and fault != "others_stay_pending":
                    o.update(status="rejected", reason="Another claim was accepted")
        else:
            c.update(status="rejected", reason=d.get("reason"))
        return jsonify(c)

    return web
