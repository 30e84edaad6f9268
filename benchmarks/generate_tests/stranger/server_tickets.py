"""Support tickets with users, on Django REST framework. Every user sees only the own tickets."""

import json
import re
from datetime import UTC, date, datetime
from typing import Any

import django
from django.conf import settings

if not settings.configured:
    settings.configure(
        DEBUG=False,
        SECRET_KEY="for the benchmark only",
        ALLOWED_HOSTS=["*"],
        INSTALLED_APPS=[],
        MIDDLEWARE=[],
        ROOT_URLCONF="server_tickets",
        USE_TZ=True,
        APPEND_SLASH=False,
        DATABASES={},
        LOGGING_CONFIG=None,
        REST_FRAMEWORK={"UNAUTHENTICATED_USER": None, "UNICODE_JSON": False},
    )
    django.setup()

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.urls import re_path
from rest_framework import exceptions, serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

urlpatterns: list[Any] = []
KIND = "Django REST framework"
# Who may come in: (user, end of the token's life)
TOKENS = {
    "alice-token": ("alice", "2099-01-01"),
    "bob-token": ("bob", "2099-01-01"),
    "old-token": ("alice", "2020-01-01"),
}
AUTH = {
    "alice": {"Authorization": "Bearer alice-token"},
    "bob": {"Authorization": "Bearer bob-token"},
    "expired": {"Authorization": "Bearer old-token"},
    "wrong": {"Authorization": "Bearer nobody"},
    "none": {},
}

FAULTS = {
    "delete_unauthenticated": "DELETE /tickets/{ticket_id} works without a token",
    "expired_token_accepted": "a token whose life has ended is accepted",
    "other_user_visible": "GET /tickets/{ticket_id} shows another user's ticket",
    "owner_overwritten": "the readOnly owner is taken from the request of a new ticket",
    "delete_twice_500": "deleting a deleted ticket gives 500 instead of 404",
    "comment_on_missing_201": "a comment on a ticket that doesn't exist is accepted",
    "method_404": "a method that isn't allowed gives 404 instead of the documented 405",
    "severity_filter_ignored": "GET /tickets ignores the filter severity",
    "number_as_title_accepted": "a number is accepted as a title and becomes a string",
    "no_www_authenticate": "401 lacks the required header WWW-Authenticate",
    "empty_body_500": "an empty string as the body of a ticket (allowed) gives 500",
    "order_by_change": "GET /tickets puts a changed ticket last, documented order is by id",
    "patch_resets": "PATCH resets severity to its default when it isn't sent",
    "title_optional": "a ticket without title is accepted",
}
FAULT_KINDS = {
    "delete_unauthenticated": "authentication not checked on one method",
    "expired_token_accepted": "expired token accepted",
    "other_user_visible": "another user's object visible",
    "owner_overwritten": "readOnly field overwritten by client",
    "delete_twice_500": "DELETE twice 500",
    "comment_on_missing_201": "201 instead of 404",
    "method_404": "404 instead of 405",
    "severity_filter_ignored": "filter ignored",
    "number_as_title_accepted": "validation missing (wrong type)",
    "no_www_authenticate": "required response header missing",
    "empty_body_500": "500 on empty input",
    "order_by_change": "order changes",
    "patch_resets": "partial update changes other fields",
    "title_optional": "validation missing (missing field)",
}
SEVERITIES = ["low", "normal", "high"]


def _spec() -> dict[str, Any]:
    def ref(name: str) -> dict[str, Any]:
        return {"$ref": f"#/components/schemas/{name}"}

    def body(name: str) -> dict[str, Any]:
        return {"required": True, "content": {"application/json": {"schema": ref(name)}}}

    def answer(text: str, schema: dict[str, Any]) -> dict[str, Any]:
        return {"description": text, "content": {"application/json": {"schema": schema}}}

    def errors(*codes: int) -> dict[str, Any]:
        texts = {
            400: "Invalid request",
            404: "No such ticket of this user",
            409: "Closed already",
            415: "The body isn't application/json",
        }
        return {
            "401": {"$ref": "#/components/responses/Unauthorized"},
            **{str(c): answer(texts[c], ref("Error")) for c in codes},
        }

    new = {
        "title": {"type": "string", "minLength": 1, "maxLength": 80},
        "body": {"type": "string", "maxLength": 2000, "default": ""},
        "severity": {"type": "string", "enum": SEVERITIES, "default": "normal"},
        "due": {"type": "string", "format": "date", "nullable": True, "default": None},
    }
    plain = {k: {a: b for a, b in v.items() if a != "default"} for k, v in new.items()}
    read = {
        "id": {"type": "integer", "readOnly": True},
        "owner": {"type": "string", "readOnly": True},
        "state": {"type": "string", "enum": ["open", "closed"], "readOnly": True},
        "created": {"type": "string", "format": "date-time", "readOnly": True},
        "comments": {"type": "integer", "readOnly": True, "description": "How many comments there are"},
    }
    ident = {"name": "ticket_id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Tickets",
            "version": "0.9",
            "description": "Every user has the own tickets only: those of others are 404. Lists are ordered by "
            "id, ascending. What is "
            "sent for a readOnly property is ignored. A method that a path doesn't have is 405.",
        },
        "security": [{"token": []}],
        "paths": {
            "/tickets": {
                "get": {
                    "operationId": "listTickets",
                    "parameters": [
                        {"name": "severity", "in": "query", "schema": {"type": "string", "enum": SEVERITIES}},
                        {"name": "state", "in": "query", "schema": {"type": "string", "enum": ["open", "closed"]}},
                    ],
                    "responses": {
                        "200": answer("Own tickets", {"type": "array", "items": ref("Ticket")}),
                        **errors(400),
                    },
                },
                "post": {
                    "operationId": "openTicket",
                    "requestBody": body("Ticket"),
                    "responses": {"201": answer("Opened", ref("Ticket")), **errors(400, 415)},
                },
            },
            "/tickets/{ticket_id}": {
                "parameters": [ident],
                "get": {
                    "operationId": "getTicket",
                    "responses": {"200": answer("Ticket", ref("Ticket")), **errors(404)},
                },
                "put": {
                    "operationId": "replaceTicket",
                    "requestBody": body("Ticket"),
                    "responses": {"200": answer("Replaced", ref("Ticket")), **errors(400, 404, 415)},
                    "description": "What is left out gets its default.",
                },
                "patch": {
                    "operationId": "changeTicket",
                    "requestBody": body("TicketChange"),
                    "responses": {"200": answer("Changed", ref("Ticket")), **errors(400, 404, 415)},
                    "description": "What is left out stays.",
                },
                "delete": {
                    "operationId": "deleteTicket",
                    "responses": {"204": {"description": "Deleted"}, **errors(404)},
                },
            },
            "/tickets/{ticket_id}/close": {
                "parameters": [ident],
                "post": {
                    "operationId": "closeTicket",
                    "responses": {"200": answer("Closed", ref("Ticket")), **errors(404, 409)},
                },
            },
            "/tickets/{ticket_id}/comments": {
                "parameters": [ident],
                "get": {
                    "operationId": "listComments",
                    "responses": {"200": answer("Comments", {"type": "array", "items": ref("Comment")}), **errors(404)},
                },
                "post": {
                    "operationId": "comment",
                    "requestBody": body("NewComment"),
                    "responses": {"201": answer("Added", ref("Comment")), **errors(400, 404, 415)},
                },
            },
        },
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "For trying: alice-token and bob-token; old-token has expired.",
                }
            },
            "responses": {
                "Unauthorized": {
                    **answer("No token, or one that isn't valid", ref("Error")),
                    "headers": {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}},
                }
            },
            "schemas": {
                "Ticket": {"type": "object", "required": ["title", *read], "properties": {**read, **new}},
                "TicketChange": {"type": "object", "properties": plain},
                "NewComment": {
                    "type": "object",
                    "required": ["text"],
                    "properties": {"text": {"type": "string", "minLength": 1, "maxLength": 500}},
                },
                "Comment": {
                    "type": "object",
                    "required": ["id", "author", "text", "created"],
                    "properties": {
                        "id": {"type": "integer"},
                        "author": {"type": "string"},
                        "text": {"type": "string"},
                        "created": {"type": "string", "format": "date-time"},
                    },
                },
                "Error": {"type": "object", "required": ["detail"], "properties": {"detail": {"type": "string"}}},
            },
        },
    }


SPEC: dict[str, Any] = _spec()


class Text(serializers.CharField):
    """A string as JSON Schema has it: nothing is trimmed, no number becomes one."""

    def __init__(self, lax: bool = False, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, **kwargs)
        self.lax = lax
        self.validators = [v for v in self.validators if type(v).__name__ != "ProhibitNullCharactersValidator"]

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) and not self.lax:
            self.fail("invalid")
        return super().to_internal_value(data)


class Choice(serializers.ChoiceField):
    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input="")
        return super().to_internal_value(data)


class Day(serializers.Field):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", data):
            raise serializers.ValidationError("a date, YYYY-MM-DD")
        try:
            date.fromisoformat(data)
        except ValueError:
            raise serializers.ValidationError("no such day") from None
        return data


class SafeJSON(JSONParser):
    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except RecursionError:
            raise exceptions.ParseError("nested too deeply") from None


class AlwaysJSON(BaseContentNegotiation):
    def select_parser(self, request: Any, parsers: list[Any]) -> Any:
        kind = (request.content_type or "").split(";")[0].strip().lower()
        return parsers[0] if kind == "application/json" else None

    def select_renderer(self, request: Any, renderers: list[Any], format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class User:
    def __init__(self, name: str) -> None:
        self.name = name


class Conflict(exceptions.APIException):
    status_code = 409
    default_detail = "closed already"


def app(fault: str | None = None) -> Any:
    if fault is not None and fault not in FAULTS:
        raise KeyError(fault)
    tickets: dict[int, dict[str, Any]] = {}
    comments: dict[int, list[dict[str, Any]]] = {}
    last = {"ticket": 0, "comment": 0}

    class TicketIn(serializers.Serializer):
        title = Text(
            min_length=1,
            max_length=80,
            lax=fault == "number_as_title_accepted",
            **({"default": "untitled"} if fault == "title_optional" else {}),
        )
        body = Text(max_length=2000, allow_blank=True, default="")
        severity = Choice(choices=SEVERITIES, default="normal")
        due = Day(allow_null=True, default=None)

    class CommentIn(serializers.Serializer):
        text = Text(min_length=1, max_length=500)

    class Tokens(BaseAuthentication):
        def authenticate(self, request: Any) -> Any:
            found = re.fullmatch("Bearer +([^ ]+)", request.headers.get("Authorization", ""), re.IGNORECASE)
            if not found or found[1] not in TOKENS:
                return None
            name, end = TOKENS[found[1]]
            if end <= date.today().isoformat() and fault != "expired_token_accepted":
                return None
            return User(name), None

        def authenticate_header(self, request: Any) -> str:
            return 'Bearer realm="tickets"'

    class KnownUser(BasePermission):
        def has_permission(self, request: Any, view: Any) -> bool:
            return request.user is not None

    def handler(error: Exception, context: dict[str, Any]) -> Any:
        if not isinstance(error, exceptions.APIException):
            return None
        detail = error.detail if isinstance(error.detail, str) else json.dumps(error.detail)
        made = Response({"detail": str(detail)}, status=error.status_code)
        if getattr(error, "auth_header", None) and fault != "no_www_authenticate":
            made["WWW-Authenticate"] = error.auth_header
        return made

    class View(APIView):
        authentication_classes = [Tokens]
        permission_classes = [KnownUser]
        parser_classes = [SafeJSON]
        renderer_classes = [JSONRenderer]
        content_negotiation_class = AlwaysJSON

        def get_exception_handler(self) -> Any:
            return handler

        def permission_denied(self, request: Any, message: Any = None, code: Any = None) -> None:
            raise exceptions.NotAuthenticated

        def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            if fault == "method_404":
                raise exceptions.NotFound
            return super().http_method_not_allowed(request, *args, **kwargs)

        def checked(self, request: Any, kind: Any, partial: bool = False) -> dict[str, Any]:
            if not request._request.body:
                if (request.content_type or "").split(";")[0].strip().lower() != "application/json":
                    raise exceptions.UnsupportedMediaType(request.content_type or "")
                raise exceptions.ParseError("no body")
            made = kind(data=request.data, partial=partial)
            made.is_valid(raise_exception=True)
            return dict(made.validated_data)

        def ticket(self, request: Any, key: str, strict: bool = True) -> dict[str, Any]:
            found = tickets.get(int(key)) if re.fullmatch("[0-9]{1,18}", key) else None
            if found is None or (strict and found["owner"] != request.user.name):
                raise exceptions.NotFound
            return found

    def now() -> str:
        return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def show(ticket: dict[str, Any]) -> dict[str, Any]:
        return {**ticket, "comments": len(comments[ticket["id"]])}

    def check_body(data: dict[str, Any], request: Any) -> None:
        if fault == "empty_body_500" and data.get("body") == "" and "body" in request.data:
            raise IndexError("string index out of range")

    class Tickets(View):
        def get(self, request: Any) -> Any:
            wanted = {k: request.query_params[k] for k in ("severity", "state") if k in request.query_params}
            if wanted.get("severity", "low") not in SEVERITIES or wanted.get("state", "open") not in ("open", "closed"):
                raise exceptions.ParseError("unknown value of a filter")
            if fault == "severity_filter_ignored":
                wanted.pop("severity", None)
            return Response(
                [
                    show(t)
                    for t in tickets.values()
                    if t["owner"] == request.user.name and all(t[k] == v for k, v in wanted.items())
                ]
            )

        def post(self, request: Any) -> Any:
            data = self.checked(request, TicketIn)
            check_body(data, request)
            last["ticket"] += 1
            key = last["ticket"]
            owner = request.user.name
            if fault == "owner_overwritten" and isinstance(request.data.get("owner"), str):
                owner = request.data["owner"]
            tickets[key] = {"id": key, "owner": owner, "state": "open", "created": now(), **data}
            comments[key] = []
            return Response(show(tickets[key]), status=201)

    class OneTicket(View):
        def get_permissions(self) -> Any:
            return (
                []
                if fault == "delete_unauthenticated" and self.request.method == "DELETE"
                else super().get_permissions()
            )

        def get(self, request: Any, key: str) -> Any:
            return Response(show(self.ticket(request, key, strict=fault != "other_user_visible")))

        def put(self, request: Any, key: str) -> Any:
            return self.save(request, key, False)

        def patch(self, request: Any, key: str) -> Any:
            return self.save(request, key, True)

        def save(self, request: Any, key: str, partial: bool) -> Any:
            ticket = self.ticket(request, key)
            data = self.checked(request, TicketIn, partial)
            check_body(data, request)
            if fault == "patch_resets" and partial:
                data.setdefault("severity", "normal")
            ticket.update(data)
            if fault == "order_by_change":
                tickets[ticket["id"]] = tickets.pop(ticket["id"])
            return Response(show(ticket))

        def delete(self, request: Any, key: str) -> Any:
            if (
                fault == "delete_twice_500"
                and key.isdecimal()
                and 0 < int(key) <= last["ticket"]
                and int(key) not in tickets
            ):
                raise RuntimeError("deleted already")
            ticket = self.ticket(request, key, strict=request.user is not None)
            del tickets[ticket["id"]], comments[ticket["id"]]
            return Response(status=204)

    class Close(View):
        def post(self, request: Any, key: str) -> Any:
            ticket = self.ticket(request, key)
            if ticket["state"] == "closed":
                raise Conflict
            ticket["state"] = "closed"
            return Response(show(ticket))

    class Comments(View):
        def get(self, request: Any, key: str) -> Any:
            return Response(comments[self.ticket(request, key)["id"]])

        def post(self, request: Any, key: str) -> Any:
            where: list[dict[str, Any]] = []
            if not (fault == "comment_on_missing_201" and key.isdecimal() and int(key) not in tickets):
                where = comments[self.ticket(request, key)["id"]]
            data = self.checked(request, CommentIn)
            last["comment"] += 1
            where.append({"id": last["comment"], "author": request.user.name, "created": now(), **data})
            return Response(where[-1], status=201)

    def missing(request: Any, exception: Any = None) -> HttpResponse:
        return HttpResponse('{"detail": "no such path"}', status=404, content_type="application/json")

    def failed(request: Any) -> HttpResponse:
        return HttpResponse('{"detail": "internal error"}', status=500, content_type="application/json")

    class Urls:
        urlpatterns = [
            re_path(r"^tickets\Z", Tickets.as_view()),
            re_path(r"^tickets/([^/]+)\Z", OneTicket.as_view()),
            re_path(r"^tickets/([^/]+)/close\Z", Close.as_view()),
            re_path(r"^tickets/([^/]+)/comments\Z", Comments.as_view()),
        ]
        handler404 = staticmethod(missing)
        handler500 = staticmethod(failed)

    class Handler(WSGIHandler):
        def get_response(self, request: Any) -> Any:
            request.urlconf = Urls
            return super().get_response(request)

    return Handler()
