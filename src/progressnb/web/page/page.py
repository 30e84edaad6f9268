"""The page that shows a run: one static file, the same for every run, which loads nothing from other servers."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from importlib.resources import files

from starlette.responses import Response

__all__ = ["page_response"]


@functools.cache
def _page() -> tuple[bytes, str]:
    content = (files("progressnb.web.page") / "view.html").read_bytes()
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hashes(content, b'script')}",
            f"style-src {_hashes(content, b'style')}",
            "connect-src 'self'",
            "img-src data: blob:",  # the empty icon, and pictures among the files of a result
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
            "require-trusted-types-for 'script'",  # with no policy allowed: text never becomes markup
            "trusted-types 'none'",
        )
    )
    return content, policy


def _hashes(content: bytes, tag: bytes) -> str:
    found = re.findall(rb"<" + tag + rb">(.*?)</" + tag + rb">", content, re.DOTALL)
    return " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(each).digest()).decode()}'" for each in found)


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
