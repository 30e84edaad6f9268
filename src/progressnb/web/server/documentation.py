"""OpenAPI descriptions that the signatures of the routes don't give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from progressnb.web.server.service import Service

__all__ = ["AFTER", "DESCRIPTION", "EVENTS", "described"]

DESCRIPTION = """Long AI work as runs: begin one, watch it, cancel it, fetch what came out.

Every event is one JSON object: `type` (`started`, `progress`, `content`, `done`, `error`, `cancelled`), `run_id`, `seq`
(from 0, without gaps), `timestamp`, `elapsed`, `operation`, `stage`, and what its type carries. `done`, a fatal `error`
or `cancelled` is the last event.

**WebSocket** `/runs/{run_id}/ws?after=` sends the same objects as text frames and takes `{"type": "cancel"}`. Where a
token is asked for and no header can be sent, the first frame is `{"token": "…"}`, within 5 seconds, or the address has
`?ticket=` (`POST /tickets`). It closes with 1000
after the last event, 1008 without the token, 1012 when the server stops, 1013 with too many clients, 4400 for a bad
`after`, 4404 where there is no such run.

**POST** `/tickets` returns `ticket`, which lets in for 60 seconds as `?ticket=` where no header can be sent, and
`session`, which lets in for 12 hours as the token does.

A lost connection does not cancel a run.
"""

EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events: `id:` is the seq, `event:` the type (`problem` for an `error`), "
        "`data:` the event's JSON. Comments keep the connection; `retry:` is the pause before connecting again.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
    204: {"description": "The run has ended and the client has its last event: don't connect again."},
    404: {"description": "There is no such run."},
    409: {"description": "`after` is a seq that the run has not reached."},
    503: {"description": "Too many clients: connect again later."},
}


# The stream itself reads these, so that they mean the same in other apps' routes.
AFTER: dict[str, Any] = {
    "parameters": [
        {
            "name": "after",
            "in": "query",
            "description": "The seq of the last event that the client has. Ignored where `Last-Event-ID` is sent.",
            "schema": {"type": "integer", "minimum": -1, "default": -1},
        },
        {
            "name": "Last-Event-ID",
            "in": "header",
            "description": "As `after`. Browsers send it when they connect again.",
            "schema": {"type": "integer", "minimum": -1},
        },
    ]
}


def described(schema: dict[str, Any], service: Service, *, token: bool) -> dict[str, Any]:
    """Add to an OpenAPI schema the inputs of each operation, and the token."""
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {})["Begin"] = {
        "oneOf": [
            {
                "type": "object",
                "title": name,
                "description": (operation.__doc__ or "").strip().partition("\n")[0],
                "properties": {"operation": {"const": name}, "inputs": inputs.schema()},
                "required": ["operation"],
                "additionalProperties": False,
            }
            for name, (operation, inputs) in service.operations.items()
        ]
        or [{"type": "object"}]
    }
    if token:
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        schema["security"] = [{"token": []}]
    return schema
