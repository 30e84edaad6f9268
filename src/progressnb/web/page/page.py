"""The page that shows a run: one document, the same for every run, which loads nothing from other servers.

It is made of display's `view.js` and `style.css`, which draw a run wherever it is seen, and of the files beside this
one: `connection.js` reads the run, `page.js` has the rest, `page.css` is the look of what is around the run.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from importlib.resources import files

from starlette.responses import Response

__all__ = ["page_response"]


@functools.cache
def _page() -> tuple[bytes, str]:
    style = _read("web.page", "page.css") + _read("display", "style.css")
    # One module in this order: each uses the names of those before it.
    script = _read("display", "view.js") + _read("web.page", "connection.js") + _read("web.page", "page.js")
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hash(script)}",
            f"style-src {_hash(style)}",
            "connect-src 'self'",
            "img-src data: blob:",  # the empty icon, and pictures among the files of a result
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
            "require-trusted-types-for 'script'",  # with no policy allowed: text never becomes markup
            "trusted-types 'none'",
        )
    )
    page = _read("web.page", "page.html")
    return page.replace("%(style)s", style).replace("%(script)s", script).encode(), policy


def _read(package: str, name: str) -> str:
    return (files(f"progressnb.{package}") / name).read_text("utf-8")


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def page_response() -> Response:
    """Return the page. Its policy allows its own script and requests to its own server, and nothing else."""
    content, policy = _page()
    return Response(
        content,
        media_type="text/html; charset=utf-8",
        headers={
            "content-security-policy": policy,
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
            "cache-control": "no-cache",
        },
    )
