"""Expense reports: lines, submission, review. Django REST framework with data in memory, hand-written OpenAPI 3.0.3."""

import re
from datetime import date, datetime, timezone
from decimal import Decimal
from itertools import count
from types import SimpleNamespace
from urllib.parse import urlencode

import django
from django.conf import settings

if not settings.configured:
    settings.configure(
        SECRET_KEY="only-for-tests",
        ALLOWED_HOSTS=["*"],
        DEBUG=False,
        ROOT_URLCONF=__name__,
        USE_TZ=True,
        MIDDLEWARE=[],
        LOGGING_CONFIG=None,
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework"],
        REST_FRAMEWORK={
            "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
            "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
            "DEFAULT_AUTHENTICATION_CLASSES": [],
            "DEFAULT_PERMISSION_CLASSES": [],
            "UNAUTHENTICATED_USER": None,
        },
    )
    django.setup()

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.core.validators import ProhibitNullCharactersValidator  # noqa: E402
from django.http import JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import exceptions, serializers  # noqa: E402
from rest_framework.authentication import BaseAuthentication  # noqa: E402
from rest_framework.parsers import JSONParser  # noqa: E402
from rest_framework.renderers import JSONRenderer  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

KIND = "Django REST"
TOKENS = {
    "9c1e-emma": SimpleNamespace(name="emma", approver=False),
    "44b0-farid": SimpleNamespace(name="farid", approver=False),
    "e7d2-rosa": SimpleNamespace(name="rosa", approver=True),
}
HEADERS = {u.name: {"Authorization": f"Token {t}"} for t, u in TOKENS.items()}
FAULTS = {
    "total_not_lowered": "total of a report stays the same when a line is removed",
    "next_drops_filter": "the link next of a filtered list lacks the filter (documented: keeps all parameters)",
    "submit_empty_ok": "a report without lines can be submitted (should be 400)",
    "self_approval": "an approver can review an own report (should be 403)",
    "line_after_submit": "a submitted report takes further lines (should be 409)",
    "ordering_as_text": "ordering=total compares totals as text, so that 100.00 comes before 9.00",
    "mileage_without_distance": "mileage lines without distance_km are accepted and count 0.00 (should be 400)",
    "negative_amount_ok": "amounts of zero and below are accepted (should be 400)",
    "comment_not_saved": "the review's comment is answered, but GET /api/reports/{id}/ shows review_comment null afterwards",
    "line_of_other_report": "DELETE /api/reports/{id}/lines/{line_id}/ also removes lines of another report (should be 404)",
    "unknown_status_ignored": "GET /api/reports/?status= with an unknown status lists everything (should be 400)",
}
STATUS = ["draft", "submitted", "approved", "rejected"]
CATEGORIES = ["lodging", "meal", "mileage", "travel", "other"]
ORDERING = ["created", "-created", "total", "-total"]


def _ref(n):
    return {"$ref": f"#/components/schemas/{n}"}


def _json(schema, example=None):
    return {"application/json": {"schema": schema, **({"example": example} if example else {})}}


def _errors(**texts):
    return {
        k[1:]: {"description": t, "content": _json(_ref("ValidationError" if k == "_400" else "Detail"))}
        for k, t in texts.items()
    } | {
        "401": {
            "description": "The token is missing or unknown.",
            "content": _json(_ref("Detail")),
            "headers": {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}, "example": "Token"}},
        }
    }


ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}, "example": 12}
NOT_FOUND, NOT_OWN = "There is no such report, or the caller may not see it.", "The report belongs to somebody else."
MEDIA = "The body is not application/json."
AMOUNT = {"type": "string", "format": "decimal", "pattern": r"^[0-9]{1,8}\.[0-9]{2}$", "example": "42.50"}
EX_LINE = {"id": 31, "category": "meal", "date": "2026-04-20", "amount": "18.40", "distance_km": None, "note": ""}
EX = {
    "id": 12,
    "title": "Trade fair Basel",
    "purpose": "Stand duty",
    "currency": "CHF",
    "status": "draft",
    "owner": "emma",
    "total": "18.40",
    "lines": [EX_LINE],
    "review_comment": None,
    "created": "2026-04-21T07:30:00Z",
    "submitted_at": None,
}
EX_SUB = {**EX, "status": "submitted", "submitted_at": "2026-04-22T08:00:00Z"}
TITLE = {"type": "string", "minLength": 1, "maxLength": 100}
PURPOSE = {"type": "string", "maxLength": 500}
SPEC = {
    "openapi": "3.0.3",
    "info": {
        "title": "Expense Reports API",
        "version": "3.0.0",
        "description": "Employees collect expenses in reports, submit them, and approvers review them.\n\n"
        "**Life of a report:** `draft` → (submit) → `submitted` → (review) → `approved` or `rejected`. A rejected report can be changed and submitted "
        "again like a draft. Submitted and approved reports can no longer be changed or deleted: the owner gets 409.\n\n"
        "**Who sees what:** everybody sees the own reports. Approvers see the reports of others too, except drafts. What one cannot see gives 404. "
        "Only the owner changes, submits or deletes a report; who sees it without owning it gets 403.\n\n"
        "**Authentication:** header `Authorization: Token <token>`. Sandbox: `9c1e-emma` and `44b0-farid` are employees, `e7d2-rosa` is an approver (and may have reports of her own).",
    },
    "security": [{"tokenAuth": []}],
    "tags": [{"name": "reports"}, {"name": "me"}],
    "paths": {
        "/api/me/": {
            "get": {
                "operationId": "me_retrieve",
                "tags": ["me"],
                "summary": "The caller",
                "responses": {
                    "200": {
                        "description": "The caller and counts of the own reports.",
                        "content": _json(
                            _ref("Me"),
                            {"username": "emma", "is_approver": False, "open_reports": 2, "approved_reports": 0},
                        ),
                    },
                    **_errors(),
                },
            }
        },
        "/api/reports/": {
            "get": {
                "operationId": "reports_list",
                "tags": ["reports"],
                "summary": "Visible reports, in pages",
                "parameters": [
                    {
                        "name": "status",
                        "in": "query",
                        "schema": {"type": "string", "enum": STATUS},
                        "description": "Only reports of this status. Another value gives 400.",
                    },
                    {
                        "name": "ordering",
                        "in": "query",
                        "schema": {"type": "string", "enum": ORDERING, "default": "-created"},
                        "description": "By time of creation or by total (numerically, whatever the currency); with a minus descending. Equal totals: the older report first.",
                    },
                    {
                        "name": "page",
                        "in": "query",
                        "schema": {"type": "integer", "minimum": 1, "default": 1},
                        "description": "A page after the last one gives 404; page 1 is always there.",
                    },
                    {
                        "name": "page_size",
                        "in": "query",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 50, "default": 10},
                    },
                ],
                "responses": {
                    "200": {
                        "description": "A page of reports.",
                        "content": _json(
                            _ref("ReportPage"), {"count": 1, "next": None, "previous": None, "results": [EX]}
                        ),
                    },
                    **_errors(_400="A parameter does not fit.", _404="There is no such page."),
                },
            },
            "post": {
                "operationId": "reports_create",
                "tags": ["reports"],
                "summary": "A new draft",
                "description": "The caller becomes the owner.",
                "requestBody": {
                    "required": True,
                    "content": _json(
                        _ref("ReportCreate"), {"title": "Trade fair Basel", "purpose": "Stand duty", "currency": "CHF"}
                    ),
                },
                "responses": {
                    "201": {
                        "description": "The draft.",
                        "content": _json(_ref("Report"), {**EX, "lines": [], "total": "0.00"}),
                    },
                    **_errors(_400="The body does not fit.", _415=MEDIA),
                },
            },
        },
        "/api/reports/{id}/": {
            "parameters": [ID],
            "get": {
                "operationId": "reports_retrieve",
                "tags": ["reports"],
                "summary": "One report with its lines",
                "responses": {
                    "200": {"description": "The report.", "content": _json(_ref("Report"), EX)},
                    **_errors(_404=NOT_FOUND),
                },
            },
            "patch": {
                "operationId": "reports_partial_update",
                "tags": ["reports"],
                "summary": "Change title or purpose",
                "description": "Only while draft or rejected.",
                "requestBody": {
                    "required": True,
                    "content": _json(_ref("ReportPatch"), {"title": "Trade fair Basel 2026"}),
                },
                "responses": {
                    "200": {
                        "description": "The changed report.",
                        "content": _json(_ref("Report"), {**EX, "title": "Trade fair Basel 2026"}),
                    },
                    **_errors(
                        _400="The body does not fit.",
                        _403=NOT_OWN,
                        _404=NOT_FOUND,
                        _409="It is submitted or approved.",
                        _415=MEDIA,
                    ),
                },
            },
            "delete": {
                "operationId": "reports_destroy",
                "tags": ["reports"],
                "summary": "Delete a report",
                "description": "Only while draft or rejected.",
                "responses": {
                    "204": {"description": "Deleted."},
                    **_errors(_403=NOT_OWN, _404=NOT_FOUND, _409="It is submitted or approved."),
                },
            },
        },
        "/api/reports/{id}/lines/": {
            "parameters": [ID],
            "post": {
                "operationId": "lines_create",
                "tags": ["reports"],
                "summary": "Add a line",
                "description": "Only while draft or rejected; otherwise 409. The total of the report grows by the amount.\n\n"
                "- `mileage`: `distance_km` is required (400 without), and the server computes the amount as 0.30 per kilometre; an amount sent along is ignored.\n"
                "- all other categories: `amount` is required (400 without) and must be greater than 0.00 (otherwise 400); a distance sent along is ignored, the line has none.",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": _ref("LineCreate"),
                            "examples": {
                                "meal": {
                                    "value": {
                                        "category": "meal",
                                        "date": "2026-04-20",
                                        "amount": "18.40",
                                        "note": "Dinner",
                                    }
                                },
                                "mileage": {"value": {"category": "mileage", "date": "2026-04-20", "distance_km": 120}},
                            },
                        }
                    },
                },
                "responses": {
                    "201": {"description": "The line.", "content": _json(_ref("Line"), EX_LINE)},
                    **_errors(
                        _400="The body does not fit.",
                        _403=NOT_OWN,
                        _404=NOT_FOUND,
                        _409="It is submitted or approved.",
                        _415=MEDIA,
                    ),
                },
            },
        },
        "/api/reports/{id}/lines/{line_id}/": {
            "parameters": [
                ID,
                {"name": "line_id", "in": "path", "required": True, "schema": {"type": "integer"}, "example": 31},
            ],
            "delete": {
                "operationId": "lines_destroy",
                "tags": ["reports"],
                "summary": "Remove a line",
                "description": "Only while draft or rejected. The total of the report falls by the amount. A line that is not a line of this report gives 404, and nothing is removed.",
                "responses": {
                    "204": {"description": "Removed."},
                    **_errors(
                        _403=NOT_OWN,
                        _404=NOT_FOUND + " Or the report has no such line.",
                        _409="It is submitted or approved.",
                    ),
                },
            },
        },
        "/api/reports/{id}/submit/": {
            "parameters": [ID],
            "post": {
                "operationId": "reports_submit",
                "tags": ["reports"],
                "summary": "Submit a report",
                "description": "Needs no body. A report without lines cannot be submitted (400). Sets submitted_at, and review_comment to null.",
                "responses": {
                    "200": {"description": "The submitted report.", "content": _json(_ref("Report"), EX_SUB)},
                    **_errors(
                        _400="The report has no lines.",
                        _403=NOT_OWN,
                        _404=NOT_FOUND,
                        _409="It is submitted or approved already.",
                    ),
                },
            },
        },
        "/api/reports/{id}/review/": {
            "parameters": [ID],
            "post": {
                "operationId": "reports_review",
                "tags": ["reports"],
                "summary": "Approve or reject (approvers)",
                "description": "Only approvers, and not for reports of their own (403). Only while submitted (otherwise 409). The comment is kept as review_comment of the report; without one it is null.",
                "requestBody": {
                    "required": True,
                    "content": _json(
                        _ref("Review"), {"decision": "reject", "comment": "The receipt of the hotel is missing"}
                    ),
                },
                "responses": {
                    "200": {
                        "description": "The reviewed report.",
                        "content": _json(
                            _ref("Report"),
                            {**EX_SUB, "status": "rejected", "review_comment": "The receipt of the hotel is missing"},
                        ),
                    },
                    **_errors(
                        _400="The body does not fit.",
                        _403="The caller is not an approver, or owns the report.",
                        _404=NOT_FOUND,
                        _409="It is not submitted.",
                        _415=MEDIA,
                    ),
                },
            },
        },
    },
    "components": {
        "securitySchemes": {
            "tokenAuth": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "`Token <token>`, e.g. `Token 9c1e-emma`",
            }
        },
        "schemas": {
            "Detail": {"type": "object", "required": ["detail"], "properties": {"detail": {"type": "string"}}},
            "ValidationError": {
                "type": "object",
                "description": "Messages by field.",
                "example": {"title": ["This field is required."]},
                "additionalProperties": {"oneOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]},
            },
            "Me": {
                "type": "object",
                "required": ["username", "is_approver", "open_reports", "approved_reports"],
                "properties": {
                    "username": {"type": "string"},
                    "is_approver": {"type": "boolean"},
                    "open_reports": {"type": "integer", "description": "Own reports that are not approved."},
                    "approved_reports": {"type": "integer"},
                },
            },
            "ReportCreate": {
                "type": "object",
                "required": ["title"],
                "properties": {
                    "title": TITLE,
                    "purpose": {**PURPOSE, "default": ""},
                    "currency": {"type": "string", "enum": ["EUR", "CHF", "GBP"], "default": "EUR"},
                },
            },
            "ReportPatch": {"type": "object", "properties": {"title": TITLE, "purpose": PURPOSE}},
            "Report": {
                "type": "object",
                "required": [
                    "id",
                    "title",
                    "purpose",
                    "currency",
                    "status",
                    "owner",
                    "total",
                    "lines",
                    "review_comment",
                    "created",
                    "submitted_at",
                ],
                "properties": {
                    "id": {"type": "integer"},
                    "title": TITLE,
                    "purpose": PURPOSE,
                    "currency": {"type": "string", "enum": ["EUR", "CHF", "GBP"]},
                    "status": {"type": "string", "enum": STATUS},
                    "owner": {"type": "string"},
                    "total": {**AMOUNT, "description": "Sum of the lines; 0.00 without lines."},
                    "lines": {"type": "array", "items": _ref("Line"), "description": "In the order they were added."},
                    "review_comment": {
                        "type": "string",
                        "nullable": True,
                        "description": "Comment of the latest review.",
                    },
                    "created": {"type": "string", "format": "date-time"},
                    "submitted_at": {
                        "type": "string",
                        "format": "date-time",
                        "nullable": True,
                        "description": "When it was last submitted; null before.",
                    },
                },
            },
            "ReportPage": {
                "type": "object",
                "required": ["count", "next", "previous", "results"],
                "properties": {
                    "count": {"type": "integer", "description": "Number of reports that match, on all pages together."},
                    "next": {
                        "type": "string",
                        "format": "uri",
                        "nullable": True,
                        "description": "Address of the next page with all other parameters of the request kept; null on the last page.",
                    },
                    "previous": {
                        "type": "string",
                        "format": "uri",
                        "nullable": True,
                        "description": "The same for the page before; null on the first page.",
                    },
                    "results": {"type": "array", "items": _ref("Report")},
                },
            },
            "LineCreate": {
                "type": "object",
                "required": ["category", "date"],
                "properties": {
                    "category": {"type": "string", "enum": CATEGORIES},
                    "date": {"type": "string", "format": "date"},
                    "amount": {
                        "type": "string",
                        "format": "decimal",
                        "pattern": r"^[0-9]{1,5}\.[0-9]{2}$",
                        "description": "Greater than 0.00. Required unless the category is mileage.",
                        "example": "18.40",
                    },
                    "distance_km": {
                        "type": "integer",
                        "minimum": 1,
                        "maximum": 5000,
                        "description": "Required if the category is mileage.",
                    },
                    "note": {"type": "string", "maxLength": 200, "default": ""},
                },
            },
            "Line": {
                "type": "object",
                "required": ["id", "category", "date", "amount", "distance_km", "note"],
                "properties": {
                    "id": {"type": "integer"},
                    "category": {"type": "string", "enum": CATEGORIES},
                    "date": {"type": "string", "format": "date"},
                    "amount": AMOUNT,
                    "distance_km": {
                        "type": "integer",
                        "nullable": True,
                        "description": "Null unless the category is mileage.",
                    },
                    "note": {"type": "string"},
                },
            },
            "Review": {
                "type": "object",
                "required": ["decision"],
                "properties": {
                    "decision": {"type": "string", "enum": ["approve", "reject"]},
                    "comment": {"type": "string", "minLength": 1, "maxLength": 500},
                },
            },
        },
    },
}


class Text(serializers.CharField):
    def __init__(self, **kw):
        super().__init__(trim_whitespace=False, **kw)
        self.validators = [v for v in self.validators if not isinstance(v, ProhibitNullCharactersValidator)]

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        return data


class Choice(serializers.ChoiceField):
    def to_internal_value(self, data):
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", input=repr(data)[:50].encode("ascii", "replace").decode())
        return data


class Day(serializers.Field):
    def to_internal_value(self, data):
        try:
            if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", data):
                raise ValueError
            return date.fromisoformat(data)
        except (ValueError, TypeError):
            raise serializers.ValidationError("Date has wrong format. Use YYYY-MM-DD.") from None

    def to_representation(self, value):
        return value.isoformat()


class Whole(serializers.Field):
    def to_internal_value(self, data):
        if isinstance(data, bool) or not (isinstance(data, int) or (isinstance(data, float) and data.is_integer())):
            raise serializers.ValidationError("A valid integer is required.")
        if not 1 <= data <= 5000:
            raise serializers.ValidationError("Ensure this value is from 1 to 5000.")
        return int(data)


class Money(serializers.Field):
    def __init__(self, free=False, **kw):
        self.free = free
        super().__init__(**kw)

    def to_internal_value(self, data):
        if not isinstance(data, str) or not re.fullmatch(
            r"-?[0-9]{1,5}\.[0-9]{2}" if self.free else r"[0-9]{1,5}\.[0-9]{2}", data
        ):
            raise serializers.ValidationError("Write the amount like 18.40.")
        return Decimal(data)


class ReportCreate(serializers.Serializer):
    title = Text(max_length=100)
    purpose = Text(max_length=500, allow_blank=True, default="")
    currency = Choice(["EUR", "CHF", "GBP"], default="EUR")


class ReportPatch(serializers.Serializer):
    title = Text(max_length=100, required=False)
    purpose = Text(max_length=500, allow_blank=True, required=False)


class Review(serializers.Serializer):
    decision = Choice(["approve", "reject"])
    comment = Text(max_length=500, required=False)


class TokenAuth(BaseAuthentication):
    def authenticate(self, request):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Token" or token not in TOKENS:
            raise exceptions.AuthenticationFailed("Unknown or missing token.")
        return TOKENS[token], token

    def authenticate_header(self, request):
        return "Token"


class Conflict(exceptions.APIException):
    status_code = 409
    default_detail = "Not possible in this status."


def stamp(t):
    return t and t.isoformat().replace("+00:00", "Z")


class Handler(WSGIHandler):
    """Django's application with routes of its own for each app()."""

    def __init__(self, routes):
        super().__init__()
        self.routes = routes

    def get_response(self, request):
        request.urlconf = self.routes
        return super().get_response(request)


urlpatterns = []


def app(fault=None):
    reports, report_ids, line_ids = {}, count(1), count(1)

    class LineCreate(serializers.Serializer):
        category = Choice(CATEGORIES)
        date = Day()
        amount = Money(free=fault == "negative_amount_ok", required=False)
        distance_km = Whole(required=False)
        note = Text(max_length=200, allow_blank=True, default="")

        def validate(self, d):
            if d["category"] == "mileage":
                if "distance_km" not in d and fault != "mileage_without_distance":
                    raise serializers.ValidationError({"distance_km": ["This field is required for mileage."]})
                d["amount"] = (Decimal("0.30") * d.get("distance_km", 0)).quantize(Decimal("0.01"))
            elif "amount" not in d:
                raise serializers.ValidationError({"amount": ["This field is required."]})
            elif d["amount"] <= 0 and fault != "negative_amount_ok":
                raise serializers.ValidationError({"amount": ["Ensure this value is greater than 0.00."]})
            if d["category"] != "mileage":
                d["distance_km"] = None
            return d

    def line(x):
        return {
            "id": x["id"],
            "category": x["category"],
            "date": x["date"].isoformat(),
            "amount": f"{x['amount']:.2f}",
            "distance_km": x.get("distance_km"),
            "note": x["note"],
        }

    def show(r):
        return {
            **{k: r[k] for k in ("id", "title", "purpose", "currency", "status", "owner")},
            "total": f"{r['total']:.2f}",
            "lines": [line(x) for x in r["lines"]],
            "review_comment": r["review_comment"],
            "created": stamp(r["created"]),
            "submitted_at": stamp(r["submitted_at"]),
        }

    def visible(r, user):
        return r["owner"] == user.name or (user.approver and r["status"] != "draft")

    class View(APIView):
        authentication_classes = [TokenAuth]
        permission_classes, renderer_classes, parser_classes = [], [JSONRenderer], [JSONParser]

        def find(self, id):
            r = reports.get(int(id)) if re.fullmatch(r"[0-9]{1,18}", id) else None
            if r is None or not visible(r, self.request.user):
                raise exceptions.NotFound()
            return r

        def own(self, id):
            r = self.find(id)
            if r["owner"] != self.request.user.name:
                raise exceptions.PermissionDenied()
            return r

        def open(self, r):
            if r["status"] not in ("draft", "rejected"):
                raise Conflict

        def body(self, serializer):
            if not self.request._request.body:
                raise serializers.ValidationError({"non_field_errors": ["A body is required."]})
            s = serializer(data=self.request.data)
            s.is_valid(raise_exception=True)
            return s.validated_data

    class Me(View):
        def get(self, request):
            own = [r for r in reports.values() if r["owner"] == request.user.name]
            done = sum(r["status"] == "approved" for r in own)
            return Response(
                {
                    "username": request.user.name,
                    "is_approver": request.user.approver,
                    "open_reports": len(own) - done,
                    "approved_reports": done,
                }
            )

    class Reports(View):
        def get(self, request):
            q = request.query_params

            def number(name, default, high=None):
                v = q.get(name, str(default))
                if not re.fullmatch(r"[0-9]{1,4000}", v) or int(v) < 1 or (high and int(v) > high):
                    raise serializers.ValidationError({name: ["Not a valid number."]})
                return int(v)

            status, ordering, page, size = (
                q.get("status"),
                q.get("ordering", "-created"),
                number("page", 1),
                number("page_size", 10, 50),
            )
            if status is not None and status not in STATUS:
                if fault != "unknown_status_ignored":
                    raise serializers.ValidationError({"status": ["Select a valid choice."]})
                status = None
            if ordering not in ORDERING:
                raise serializers.ValidationError({"ordering": ["Select a valid choice."]})
            found = sorted(
                (r for r in reports.values() if visible(r, request.user) and status in (None, r["status"])),
                key=lambda r: r["id"],
            )
            field = ordering.lstrip("-")
            found.sort(
                key=lambda r: (
                    r["id"] if field == "created" else str(r["total"]) if fault == "ordering_as_text" else r["total"]
                ),
                reverse=ordering[0] == "-",
            )
            if page > 1 and (page - 1) * size >= len(found):
                raise exceptions.NotFound("Invalid page.")

            def link(n):
                keep = [
                    (k, v)
                    for k, vs in q.lists()
                    for v in vs
                    if k != "page" and not (fault == "next_drops_filter" and k == "status")
                ]
                return request.build_absolute_uri(request.path) + "?" + urlencode(keep + [("page", n)])

            return Response(
                {
                    "count": len(found),
                    "next": link(page + 1) if page * size < len(found) else None,
                    "previous": link(page - 1) if page > 1 else None,
                    "results": [show(r) for r in found[(page - 1) * size : page * size]],
                }
            )

        def post(self, request):
            d = self.body(ReportCreate)
            r = {
                "id": next(report_ids),
                **d,
                "status": "draft",
                "owner": request.user.name,
                "total": Decimal("0.00"),
                "lines": [],
                "review_comment": None,
                "created": datetime.now(timezone.utc),
                "submitted_at": None,
            }
            reports[r["id"]] = r
            return Response(show(r), 201)

    class Report(View):
        def get(self, request, id):
            return Response(show(self.find(id)))

        def patch(self, request, id):
            r, d = self.own(id), self.body(ReportPatch)
            self.open(r)
            r.update(d)
            return Response(show(r))

        def delete(self, request, id):
            r = self.own(id)
            self.open(r)
            del reports[r["id"]]
            return Response(status=204)

    class Lines(View):
        def post(self, request, id):
            r, d = self.own(id), self.body(LineCreate)
            if not (fault == "line_after_submit" and r["status"] == "submitted"):
                self.open(r)
            x = {"id": next(line_ids), **d}
            r["lines"].append(x)
            r["total"] += x["amount"]
            return Response(line(x), 201)

    class Line(View):
        def delete(self, request, id, line_id):
            r = self.own(id)
            self.open(r)
            n = int(line_id) if re.fullmatch(r"[0-9]{1,18}", line_id) else 0
            for holder in reports.values() if fault == "line_of_other_report" else [r]:
                for x in holder["lines"]:
                    if x["id"] == n:
                        holder["lines"].remove(x)
                        if fault != "total_not_lowered":
                            holder["total"] -= x["amount"]
                        return Response(status=204)
            raise exceptions.NotFound()

    class Submit(View):
        def post(self, request, id):
            r = self.own(id)
            self.open(r)
            if not r["lines"] and fault != "submit_empty_ok":
                raise serializers.ValidationError({"lines": ["A report needs at least one line."]})
            r.update(status="submitted", submitted_at=datetime.now(timezone.utc), review_comment=None)
            return Response(show(r))

    class ReviewView(View):
        def post(self, request, id):
            r = self.find(id)
            if not request.user.approver or (r["owner"] == request.user.name and fault != "self_approval"):
                raise exceptions.PermissionDenied()
            d = self.body(Review)
            if r["status"] != "submitted":
                raise Conflict
            r.update(status="approved" if d["decision"] == "approve" else "rejected", review_comment=d.get("comment"))
            answer = show(r)
            if fault == "comment_not_saved":
                r["review_comment"] = None
            return Response(answer)

    def nothing(request, exception=None):
        return JsonResponse({"detail": "Not found."}, status=404)

    class Routes:
        urlpatterns = [
            path("api/me/", Me.as_view()),
            path("api/reports/", Reports.as_view()),
            path("api/reports/<str:id>/", Report.as_view()),
            path("api/reports/<str:id>/lines/", Lines.as_view()),
            path("api/reports/<str:id>/lines/<str:line_id>/", Line.as_view()),
            path("api/reports/<str:id>/submit/", Submit.as_view()),
            path("api/reports/<str:id>/review/", ReviewView.as_view()),
        ]
        handler404 = staticmethod(nothing)

    return Handler(Routes)
