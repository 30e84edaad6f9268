"""The pages of the server: the first, that of a run, that of all routes. They load nothing from other servers.

The page of a run is made of display's `view.js` and `style.css`, which draw a run wherever it is seen, and of the files
beside this one: `session.js` lets it in, `connection.js` reads the run, `page.js` has the rest, `page.css` is the look
of what is around the run. The first page and the description are made of `session.js`, `ask.js`, and one file each.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from importlib.resources import files

from starlette.responses import Response

__all__ = ["docs_response", "home_response", "page_response", "wants_page"]

_FRAMES = "frame-ancestors 'self' http://localhost:* https://localhost:* http://127.0.0.1:* https://127.0.0.1:*"
"""Notebooks of this machine may show a page in a frame; others need to be among `origins`."""

_RUN = ("display/view.js", "web.page/session.js", "web.page/connection.js", "web.page/page.js")
_ASKING = ("web.page/session.js", "web.page/ask.js")
_STYLES = ("web.page/page.css", "web.page/docs.css")
_HOME = (
    ("title", "progressnb"),
    ("noscript", "This page is the first of a server, and needs JavaScript."),
    ("parts", '<div id="home"></div>'),
)
_ROUTES = (
    ("title", "Routes"),
    ("noscript", "This page describes the routes of a server, and needs JavaScript for it."),
    ("parts", '<div id="about"></div>\n<div id="routes"></div>'),
)


@functools.cache
def _page(name: str, scripts: tuple[str, ...], styles: tuple[str, ...], *texts: tuple[str, str]) -> tuple[bytes, str]:
    """Return a page and its policy; `texts` are what stands in the place of names in it."""
    style = "".join(map(_read, styles))
    script = "".join(map(_read, scripts))  # one module in this order: each uses the names of those before it
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hash(script)}",
            f"style-src {_hash(style)}",
            "connect-src 'self'",
            "img-src data: blob:",  # the empty icon, and pictures among the files of a result
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",  # with no policy allowed: text never becomes markup
            "trusted-types 'none'",
            _FRAMES,
        )
    )
    page = _read(f"web.page/{name}")
    for key, text in (*texts, ("style", style), ("script", script)):
        page = page.replace(f"%({key})s", text)
    return page.encode(), policy


def _read(name: str) -> str:
    package, _, file = name.partition("/")
    return (files(f"progressnb.{package}") / file).read_text("utf-8")


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _response(content: bytes, policy: str, status: int = 200) -> Response:
    return Response(
        content,
        status,
        media_type="text/html; charset=utf-8",
        headers={
            "content-security-policy": policy,
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
            "cache-control": "no-cache",
        },
    )


def page_response(origins: frozenset[str] = frozenset()) -> Response:
    """Return the page of any run. Its policy allows its own script and requests to its own server, and nothing else.

    `origins` are other sites that may show it in a frame.
    """
    content, policy = _page("page.html", _RUN, ("web.page/page.css", "display/style.css"))
    return _response(content, " ".join((policy, *sorted(origins))))


def docs_response(status: int = 200) -> Response:
    """Return the description of the routes. Who has not sent the token gets it with 401: it then asks for the token."""
    return _response(*_page("asking.html", (*_ASKING, "web.page/docs.js"), _STYLES, *_ROUTES), status)


def home_response(status: int = 200) -> Response:
    """Return the first page, which has the operations and the latest runs; with 401 as `docs_response` is."""
    response = _response(*_page("asking.html", (*_ASKING, "web.page/home.js"), _STYLES, *_HOME), status)
    response.headers["vary"] = "accept"  # other clients get JSON at the same address
    return response


def wants_page(accept: str) -> bool:
    """Tell by the header `Accept` whether a browser opens an address: it names HTML, which no other client asks for."""
    return "text/html" in accept.lower()
