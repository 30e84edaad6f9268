"""A vet's practice: pets and visits (Django REST framework, no database).

Owners only ever see their own pets. Token in the Authorization header, see HEADERS.
app(fault) is a WSGI callable; the state hangs in the WSGI environ, so that several apps may live side by side."""

from __future__ import annotations

import datetime as dt
import logging
import re
import types
from typing import Any

import django
from django.conf import settings

if not settings.configured:
    settings.configure(
        SECRET_KEY="only-a-test",
        DEBUG=False,
        ALLOWED_HOSTS=["*"],
        APPEND_SLASH=False,
        USE_TZ=True,
        INSTALLED_APPS=["rest_framework"],
        MIDDLEWARE=[],
        DATABASES={},
        LOGGING_CONFIG=None,
        REST_FRAMEWORK={"UNAUTHENTICATED_USER": None},
    )
    django.setup()

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest  # noqa: E402
from django.http import JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import authentication, exceptions, negotiation, parsers, renderers, serializers  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

KIND = "Django REST"
TOKENS = {"f00dcafe01": "olga", "f00dcafe02": "pim"}
HEADERS = {who: {"Authorization": f"Token {tok}"} for tok, who in TOKENS.items()}

FAULTS: dict[str, str] = {
    "put_loses_chip": "PUT /pets/{id} always sets chip to null",
    "search_case": "GET /pets?q= compares upper and lower case (documented: it does not)",
    "page_size_unbounded": "GET /pets accepts page_size above 50 (should be 400)",
    "foreign_pet_readable": "GET /pets/{id} shows pets of other owners instead of 404",
    "born_german_date": "pets are returned with born as DD.MM.YYYY",
    "done_reopens": "PATCH /visits/{id} lets a done or cancelled visit be booked again (should be 409)",
    "next_never_null": "the last page of GET /pets has a next page number instead of null",
    "zero_weight": "a weight_kg of 0 is accepted",
    "strange_token_500": "a token with characters other than hex digits gives 500 instead of 401",
    "delete_does_nothing": "DELETE /pets/{id} answers 204 but the pet stays",
    "visit_note_too_strict": "visit notes of more than 100 characters are refused (documented: up to 300)",
}

# ------------------------------------------------------------------ SPEC
_ref = lambda n: {"$ref": f"#/components/schemas/{n}"}  # noqa: E731
_ok = lambda n, d: {"description": d, "content": {"application/json": {"schema": _ref(n)}}}  # noqa: E731
_in = lambda n: {"required": True, "content": {"application/json": {"schema": _ref(n)}}}  # noqa: E731
_E = {
    s: {"$ref": f"#/components/responses/{n}"}
    for s, n in {"400": "Invalid", "401": "NoToken", "404": "Unknown", "409": "Closed", "415": "MediaType"}.items()
}
_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1, "maximum": 2147483647}}
_pick = lambda *codes: {c: _E[c] for c in codes}  # noqa: E731
_NAME = {"type": "string", "minLength": 1, "maxLength": 40}
_SPECIES = {"type": "string", "enum": ["cat", "dog", "rabbit", "bird", "other"]}
_BORN = {"type": "string", "format": "date", "nullable": True}
_WEIGHT = {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": 150}
_CHIP = {"type": "string", "pattern": "^[0-9]{15}$", "nullable": True}
_PETF = {"name": _NAME, "species": _SPECIES, "born": _BORN, "weight_kg": _WEIGHT, "chip": _CHIP}

SPEC: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {
        "title": "Vet practice",
        "version": "0.9.2",
        "description": "Owners manage their pets and visits. Lists are ordered by id.",
    },
    "security": [{"token": []}],
    "paths": {
        "/pets": {
            "get": {
                "operationId": "pets_list",
                "summary": "Own pets",
                "parameters": [
                    {
                        "name": "q",
                        "in": "query",
                        "description": "Part of the name; upper and lower case do not matter",
                        "schema": {"type": "string", "maxLength": 40},
                    },
                    {"name": "species", "in": "query", "schema": _SPECIES},
                    {
                        "name": "page",
                        "in": "query",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 100000, "default": 1},
                    },
                    {
                        "name": "page_size",
                        "in": "query",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 50, "default": 20},
                    },
                ],
                "responses": {"200": _ok("PetPage", "A page; beyond the last page it is empty"), **_pick("400", "401")},
            },
            "post": {
                "operationId": "pets_create",
                "requestBody": _in("PetIn"),
                "responses": {"201": _ok("Pet", "Created"), **_pick("400", "401", "415")},
            },
        },
        "/pets/{id}": {
            "parameters": [_ID],
            "get": {"operationId": "pets_get", "responses": {"200": _ok("Pet", "The pet"), **_pick("401", "404")}},
            "put": {
                "operationId": "pets_replace",
                "description": "Fields left out get their defaults.",
                "requestBody": _in("PetIn"),
                "responses": {"200": _ok("Pet", "As stored"), **_pick("400", "401", "404", "415")},
            },
            "delete": {
                "operationId": "pets_delete",
                "description": "Deletes the pet and its visits.",
                "responses": {"204": {"description": "Deleted"}, **_pick("401", "404")},
            },
        },
        "/pets/{id}/visits": {
            "parameters": [_ID],
            "get": {
                "operationId": "visits_list",
                "parameters": [
                    {
                        "name": "since",
                        "in": "query",
                        "description": "Only visits on or after this day",
                        "schema": {"type": "string", "format": "date"},
                    },
                    {
                        "name": "status",
                        "in": "query",
                        "schema": {"type": "string", "enum": ["booked", "done", "cancelled"]},
                    },
                ],
                "responses": {
                    "200": {
                        "description": "Visits",
                        "content": {"application/json": {"schema": {"type": "array", "items": _ref("Visit")}}},
                    },
                    **_pick("400", "401", "404"),
                },
            },
            "post": {
                "operationId": "visits_create",
                "requestBody": _in("VisitIn"),
                "responses": {"201": _ok("Visit", "Booked"), **_pick("400", "401", "404", "415")},
            },
        },
        "/visits/{id}": {
            "parameters": [_ID],
            "get": {
                "operationId": "visits_get",
                "responses": {"200": _ok("Visit", "The visit"), **_pick("401", "404")},
            },
            "patch": {
                "operationId": "visits_change",
                "description": "A booked visit becomes done or cancelled. Nothing else can change, and only once.",
                "requestBody": _in("VisitPatch"),
                "responses": {"200": _ok("Visit", "As stored"), **_pick("400", "401", "404", "409", "415")},
            },
        },
    },
    "components": {
        "securitySchemes": {
            "token": {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token <hex>"}
        },
        "responses": {
            n: {"description": d, "content": {"application/json": {"schema": _ref(s)}}}
            for n, d, s in [
                ("Invalid", "Invalid fields or parameters", "Invalid"),
                ("NoToken", "Token missing or unknown", "Detail"),
                ("Unknown", "Not there, or of another owner", "Detail"),
                ("Closed", "The visit is done or cancelled already", "Detail"),
                ("MediaType", "Not application/json", "Detail"),
            ]
        },
        "schemas": {
            "Detail": {"type": "object", "required": ["detail"], "properties": {"detail": {"type": "string"}}},
            "Invalid": {
                "type": "object",
                "description": "Field name to list of messages, or detail",
                "additionalProperties": {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
            },
            "PetIn": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name", "species", "weight_kg"],
                "properties": {**_PETF, "born": {**_BORN, "default": None}, "chip": {**_CHIP, "default": None}},
                "example": {
                    "name": "Mitzi",
                    "species": "cat",
                    "born": "2021-05-30",
                    "weight_kg": 3.9,
                    "chip": "276098104455123",
                },
            },
            "Pet": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id", *_PETF],
                "properties": {"id": {"type": "integer", "minimum": 1}, **_PETF},
            },
            "PetPage": {
                "type": "object",
                "additionalProperties": False,
                "required": ["count", "next", "previous", "results"],
                "properties": {
                    "count": {"type": "integer", "minimum": 0},
                    "next": {
                        "type": "integer",
                        "nullable": True,
                        "description": "Number of the next page, null on the last",
                    },
                    "previous": {
                        "type": "integer",
                        "nullable": True,
                        "description": "Number of the page before, null on the first",
                    },
                    "results": {"type": "array", "maxItems": 50, "items": _ref("Pet")},
                },
            },
            "VisitIn": {
                "type": "object",
                "additionalProperties": False,
                "required": ["day"],
                "properties": {
                    "day": {"type": "string", "format": "date"},
                    "note": {"type": "string", "maxLength": 300, "default": ""},
                },
                "example": {"day": "2027-01-18", "note": "limps"},
            },
            "VisitPatch": {
                "type": "object",
                "additionalProperties": False,
                "required": ["status"],
                "properties": {"status": {"type": "string", "enum": ["done", "cancelled"]}},
            },
            "Visit": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id", "pet", "day", "note", "status"],
                "properties": {
                    "id": {"type": "integer", "minimum": 1},
                    "pet": {"type": "integer", "minimum": 1},
                    "day": {"type": "string", "format": "date"},
                    "note": {"type": "string", "maxLength": 300},
                    "status": {"type": "string", "enum": ["booked", "done", "cancelled"]},
                },
            },
        },
    },
}


# ------------------------------------------------------------------ fields: DRF's own are too generous
class Text(serializers.Field):
    def __init__(self, low=0, high=None, pattern=None, choices=None, **kw):
        super().__init__(**kw)
        self.low, self.high, self.pattern, self.choices = low, high, pattern, choices

    def to_internal_value(self, v):
        if not isinstance(v, str):
            raise serializers.ValidationError("Not a string.")
        if len(v) < self.low or (self.high is not None and len(v) > self.high):
            raise serializers.ValidationError("Wrong length.")
        if self.pattern and not re.fullmatch(self.pattern, v):
            raise serializers.ValidationError("Wrong form.")
        if self.choices and v not in self.choices:
            raise serializers.ValidationError("Not one of the choices.")
        return v

    def to_representation(self, v):
        return v


class Day(Text):
    def to_internal_value(self, v):
        v = super().to_internal_value(v)
        try:
            if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", v):
                raise ValueError
            dt.date.fromisoformat(v)
        except ValueError:
            raise serializers.ValidationError("Use YYYY-MM-DD.") from None
        return v


class Weight(serializers.Field):
    def to_internal_value(self, v):
        if isinstance(v, bool) or not isinstance(v, (int, float)):
            raise serializers.ValidationError("Not a number.")
        low_ok = v > 0 or (self.context["fault"] == "zero_weight" and v == 0)
        if not (low_ok and v <= 150):
            raise serializers.ValidationError("Out of range.")
        return v

    def to_representation(self, v):
        return v


class Closed(serializers.Serializer):
    """Refuses unknown fields and lone surrogates in names of fields."""

    def to_internal_value(self, data):
        if isinstance(data, dict) and set(data) - set(self.fields):
            raise serializers.ValidationError({"detail": ["Unknown field."]})
        return super().to_internal_value(data)


SPECIES = ("cat", "dog", "rabbit", "bird", "other")


class PetIn(Closed):
    name = Text(1, 40)
    species = Text(choices=SPECIES)
    born = Day(allow_null=True, default=None)
    weight_kg = Weight()
    chip = Text(pattern="[0-9]{15}", allow_null=True, default=None)


class VisitIn(Closed):
    day = Day()
    note = Text(0, 300, default="")

    def validate_note(self, v):
        if self.context["fault"] == "visit_note_too_strict" and len(v) > 100:
            raise serializers.ValidationError("Too long.")
        return v


class VisitPatch(Closed):
    status = Text(choices=("done", "cancelled"))


# ------------------------------------------------------------------ views
class Owner:
    is_authenticated = True

    def __init__(self, name):
        self.name = name


class HexToken(authentication.BaseAuthentication):
    def authenticate(self, request):
        word, _, token = request.headers.get("Authorization", "").partition(" ")
        if request.META["vet.fault"] == "strange_token_500" and token:
            int(token, 16)
        if word.lower() != "token" or token not in TOKENS:
            raise exceptions.AuthenticationFailed("Token missing or unknown.")
        return Owner(TOKENS[token]), token

    def authenticate_header(self, request):
        return "Token"


class Conflict(exceptions.APIException):
    status_code = 409


class Plain(renderers.JSONRenderer):
    ensure_ascii = True


class AlwaysJson(negotiation.BaseContentNegotiation):
    def select_parser(self, request, all_parsers):
        return negotiation.DefaultContentNegotiation().select_parser(request, all_parsers)

    def select_renderer(self, request, all_renderers, format_suffix=None):
        return all_renderers[0], all_renderers[0].media_type


class Base(APIView):
    authentication_classes = [HexToken]
    permission_classes = []
    throttle_classes = []
    renderer_classes = [Plain]
    parser_classes = [parsers.JSONParser]
    content_negotiation_class = AlwaysJson

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        self.db, self.fault, self.me = request.META["vet.state"], request.META["vet.fault"], request.user.name

    def data(self, cls):
        try:
            raw = self.request.data
        except (RecursionError, UnicodeError):
            raise exceptions.ParseError("Not JSON.") from None
        s = cls(data=raw, context={"fault": self.fault})
        s.is_valid(raise_exception=True)
        return dict(s.validated_data)

    def number(self, name, low, high, default):
        text = self.request.query_params.get(name)
        if text is None:
            return default
        if not re.fullmatch(r"-?[0-9]{1,12}", text) or not low <= int(text) <= high:
            raise exceptions.ValidationError({name: ["Out of range."]})
        return int(text)

    def choice(self, name, choices):
        v = self.request.query_params.get(name)
        if v is not None and v not in choices:
            raise exceptions.ValidationError({name: ["Not one of the choices."]})
        return v

    def pet(self, id, free=False):
        p = self.db["pets"].get(id)
        if p is None or (p["owner"] != self.me and not free):
            raise exceptions.NotFound("No such pet.")
        return p

    def show(self, p):
        out = {k: v for k, v in p.items() if k != "owner"}
        if self.fault == "born_german_date" and out["born"]:
            out["born"] = ".".join(reversed(out["born"].split("-")))
        return out


class Pets(Base):
    def get(self, request):
        q = request.query_params.get("q", "")
        if len(q) > 40:
            raise exceptions.ValidationError({"q": ["Too long."]})
        fold = (lambda s: s) if self.fault == "search_case" else (lambda s: s.casefold())
        species = self.choice("species", SPECIES)
        page = self.number("page", 1, 100000, 1)
        size = self.number("page_size", 1, 10**9 if self.fault == "page_size_unbounded" else 50, 20)
        rows = [
            p
            for p in self.db["pets"].values()
            if p["owner"] == self.me and fold(q) in fold(p["name"]) and species in (None, p["species"])
        ]
        more = page * size < len(rows) or self.fault == "next_never_null"
        return Response(
            {
                "count": len(rows),
                "next": page + 1 if more else None,
                "previous": page - 1 if page > 1 else None,
                "results": [self.show(p) for p in rows[(page - 1) * size : page * size]],
            }
        )

    def post(self, request):
        data = self.data(PetIn)
        self.db["last_pet"] += 1
        p = {"id": self.db["last_pet"], **data, "owner": self.me}
        self.db["pets"][p["id"]] = p
        return Response(self.show(p), 201)


class OnePet(Base):
    def get(self, request, id):
        return Response(self.show(self.pet(id, free=self.fault == "foreign_pet_readable")))

    def put(self, request, id):
        p = self.pet(id)
        p.update(self.data(PetIn))
        if self.fault == "put_loses_chip":
            p["chip"] = None
        return Response(self.show(p))

    def delete(self, request, id):
        self.pet(id)
        if self.fault != "delete_does_nothing":
            del self.db["pets"][id]
            self.db["visits"] = {k: v for k, v in self.db["visits"].items() if v["pet"] != id}
        return Response(status=204)


class Visits(Base):
    def get(self, request, id):
        self.pet(id)
        since = request.query_params.get("since")
        if since is not None:
            try:
                since = Day().to_internal_value(since)
            except serializers.ValidationError as e:
                raise exceptions.ValidationError({"since": e.detail}) from None
        status = self.choice("status", ("booked", "done", "cancelled"))
        return Response(
            [
                v
                for v in self.db["visits"].values()
                if v["pet"] == id and (since is None or v["day"] >= since) and status in (None, v["status"])
            ]
        )

    def post(self, request, id):
        self.pet(id)
        data = self.data(VisitIn)
        self.db["last_visit"] += 1
        v = {"id": self.db["last_visit"], "pet": id, "day": data["day"], "note": data["note"], "status": "booked"}
        self.db["visits"][v["id"]] = v
        return Response(v, 201)


class OneVisit(Base):
    def visit(self, id):
        v = self.db["visits"].get(id)
        if v is None or self.db["pets"][v["pet"]]["owner"] != self.me:
            raise exceptions.NotFound("No such visit.")
        return v

    def get(self, request, id):
        return Response(self.visit(id))

    def patch(self, request, id):
        v = self.visit(id)
        data = self.data(VisitPatch)
        if v["status"] != "booked" and self.fault != "done_reopens":
            raise Conflict("The visit is closed.")
        v["status"] = data["status"]
        return Response(v)


def handler404(request, exception=None):
    return JsonResponse({"detail": "Not found."}, status=404)


def handler500(request):
    return JsonResponse({"detail": "Server error."}, status=500)


urls = types.ModuleType("vet_urls")
urls.urlpatterns = [
    path("pets", Pets.as_view()),
    path("pets/<int:id>", OnePet.as_view()),
    path("pets/<int:id>/visits", Visits.as_view()),
    path("visits/<int:id>", OneVisit.as_view()),
]
urls.handler404, urls.handler500 = handler404, handler500
settings.ROOT_URLCONF = getattr(settings, "ROOT_URLCONF", None) or urls
logging.getLogger("django.request").setLevel(logging.CRITICAL)


class VetRequest(WSGIRequest):
    urlconf = urls


class VetHandler(WSGIHandler):
    request_class = VetRequest


def app(fault: str | None = None):
    assert fault is None or fault in FAULTS, fault
    state = {"pets": {}, "visits": {}, "last_pet": 0, "last_visit": 0}
    inner = VetHandler()

    def wsgi(environ, start_response):
        environ["vet.state"], environ["vet.fault"] = state, fault
        return inner(environ, start_response)

    return wsgi
