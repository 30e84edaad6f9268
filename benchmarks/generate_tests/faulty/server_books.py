"""Books in Django REST framework, with a specification by hand."""

import itertools
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.urls import path

if not settings.configured:
    settings.configure(
        SECRET_KEY="of a test server",  # noqa: S106
        ROOT_URLCONF=__name__,
        ALLOWED_HOSTS=["*"],
        INSTALLED_APPS=["rest_framework"],
        REST_FRAMEWORK={
            "DEFAULT_AUTHENTICATION_CLASSES": [],
            "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
            "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
            "UNAUTHENTICATED_USER": None,
        },
        APPEND_SLASH=False,
    )
    django.setup()

from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from ._shapes import answers, body, in_path, query, ref

KIND = "Django REST framework"
FAULTS = {
    "duplicate accepted": "a second book of the same ISBN is created, where 409 is documented",
    "readOnly overwritten": "the id that a caller sends is taken",
    "PUT is not idempotent": "each PUT adds the copies to those there are",
    "delete twice fails": "the second DELETE is a fault of the server",
    "wrong Location": "Location leads to another book",
    "wrong date": "the date is written with the day first",
}
ISBN = {"type": "string", "pattern": "^[0-9]{13}$"}
FIELDS = {
    "title": {"type": "string", "minLength": 1, "maxLength": 200},
    "isbn": ISBN,
    "copies": {"type": "integer", "minimum": 0, "maximum": 100000},
    "published": {"type": "string", "format": "date"},
}
NEW = {"type": "object", "required": ["title", "isbn"], "properties": FIELDS}
BOOK = {
    "type": "object",
    "required": ["id", "title", "isbn", "copies"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        **FIELDS,
        "published": {"type": "string", "format": "date", "nullable": True},
    },
}
WHERE = {"headers": {"Location": {"required": True, "schema": {"type": "string"}}}}
SPEC = {
    "openapi": "3.0.3",
    "info": {"title": "Books", "version": "1"},
    "paths": {
        "/books/": {
            "get": {
                "parameters": [query("limit", {"type": "integer", "minimum": 1, "maximum": 100})],
                "responses": answers({"type": "array", "items": ref("Book")}, "400"),
            },
            "post": {
                "requestBody": body(ref("Book")),
                "responses": answers(ref("Book"), "400", "409", "415", status="201", **WHERE),
            },
        },
        "/books/{book_id}/": {
            "parameters": [in_path("book_id", {"type": "integer"})],
            "get": {"responses": answers(ref("Book"), "404")},
            "put": {"requestBody": body(ref("Book")), "responses": answers(ref("Book"), "400", "404", "409", "415")},
            "delete": {"responses": answers(None, "404", status="204")},
        },
    },
    "components": {"schemas": {"Book": {**BOOK, "required": ["title", "isbn"]}}},
}
STATE: dict[str, Any] = {}


class StrictInteger(serializers.IntegerField):
    """An integer that is no text."""

    def to_internal_value(self, data: Any) -> int:
        """Refuse texts."""
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return data


class StrictText(serializers.CharField):
    """A text that is no number."""

    def to_internal_value(self, data: Any) -> str:
        """Refuse numbers."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class BookSerializer(serializers.Serializer):
    """The fields that a caller sends."""

    title = StrictText(max_length=200, trim_whitespace=False)
    isbn = serializers.RegexField(r"^[0-9]{13}\Z")
    copies = StrictInteger(min_value=0, max_value=100000, default=0)
    published = serializers.DateField(required=False, allow_null=True)

    def to_internal_value(self, data: Any) -> Any:
        """Refuse an ISBN that is a number."""
        if isinstance(data, dict) and not isinstance(data.get("isbn", ""), str):
            raise serializers.ValidationError({"isbn": "no text"})
        return super().to_internal_value(data)


def sent(request: Any, but: int | None = None) -> tuple[dict[str, Any] | None, Response | None]:
    """Return what was sent, or the refusal."""
    serializer = BookSerializer(data=request.data)
    if not serializer.is_valid():
        return None, Response(serializer.errors, 400)
    data = dict(serializer.validated_data)
    if data.get("published") is not None:
        form = "%d/%m/%Y" if STATE["fault"] == "wrong date" else "%Y-%m-%d"
        data["published"] = data["published"].strftime(form)
    there = any(book["isbn"] == data["isbn"] and key != but for key, book in STATE["books"].items())
    if there and STATE["fault"] != "duplicate accepted":
        return None, Response({"detail": "There is such a book"}, 409)
    if STATE["fault"] == "readOnly overwritten" and isinstance(request.data.get("id"), int):
        data["id"] = request.data["id"]
    return data, None


class Books(APIView):
    """All books."""

    def get(self, request: Any) -> Response:
        """List."""
        limit = request.query_params.get("limit", "100")
        if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit[:9]) <= 100:
            return Response({"detail": "limit"}, 400)
        return Response(list(STATE["books"].values())[: int(limit)])

    def post(self, request: Any) -> Response:
        """Create."""
        data, refusal = sent(request)
        if refusal is not None:
            return refusal
        key = next(STATE["numbers"])
        STATE["books"][key] = {"id": key, "published": None, **data}
        there = key + 1 if STATE["fault"] == "wrong Location" else key
        return Response(STATE["books"][key], 201, headers={"Location": f"/books/{there}/"})


class Book(APIView):
    """One book."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Look for it, whatever the method."""
        return super().dispatch(request, *args, **kwargs)

    def get(self, _: Any, key: str) -> Response:
        """Read."""
        book = STATE["books"].get(number(key))
        return Response({"detail": "No such book"}, 404) if book is None else Response(book)

    def put(self, request: Any, key: str) -> Response:
        """Replace."""
        book = STATE["books"].get(number(key))
        if book is None:
            return Response({"detail": "No such book"}, 404)
        data, refusal = sent(request, number(key))
        if refusal is not None:
            return refusal
        if STATE["fault"] == "PUT is not idempotent":
            data["copies"] += book["copies"]
        STATE["books"][number(key)] = {"id": number(key), "published": None, **data}
        return Response(STATE["books"][number(key)])

    def delete(self, _: Any, key: str) -> Response:
        """Remove."""
        if number(key) in STATE["gone"] and STATE["fault"] == "delete twice fails":
            return Response({"detail": "KeyError"}, 500)
        if STATE["books"].pop(number(key), None) is None:
            return Response({"detail": "No such book"}, 404)
        STATE["gone"].add(number(key))
        return Response(status=204)


def number(key: str) -> int | None:
    """Return an id."""
    return int(key[:30]) if key.isascii() and key.isdigit() else None


urlpatterns = [path("books/", Books.as_view()), path("books/<key>/", Book.as_view())]


def app(fault: str | None = None) -> WSGIHandler:
    """Return the app, with a fault."""
    STATE.update(books={}, numbers=itertools.count(1), gone=set(), fault=fault)
    return WSGIHandler()
