"""Short words for the specifications of the servers here."""

from typing import Any


def ref(name: str) -> dict[str, Any]:
    """Return a reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def body(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a body that is required."""
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def answers(schema: dict[str, Any] | None, *others: str, status: str = "200", **more: Any) -> dict[str, Any]:
    """Return the answers of an operation: a good one, and others without a schema."""
    content = {} if schema is None else {"content": {"application/json": {"schema": schema}}}
    good = {status: {"description": "Fine", **content, **more}}
    return good | {each: {"description": "It already exists" if each == "409" else "No"} for each in others}


def query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a query parameter."""
    return {"name": name, "in": "query", "schema": schema}


def in_path(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a path parameter."""
    return {"name": name, "in": "path", "required": True, "schema": schema}
