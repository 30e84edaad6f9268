"""Requests: from a case's data to what is sent, and to a curl line that sends it again."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from .plain import listed, parts

__all__ = [
    "MORE",
    "OF_REQUEST",
    "Message",
    "NoCredentialsError",
    "NoMoreCredentialsError",
    "curl",
    "has_secret",
    "marked",
    "message",
]

NOBODYS = {"wrong": "bm9ib2R5Ondyb25n", "odd": 'n0body\'s "%00" {0} ../;--' + "x" * 500}
"""Credentials that nobody has, and such that no server makes."""

FILE_NAMES = {
    "application/octet-stream": "upload.bin",
    "image/png": "upload.png",
    "image/jpeg": "upload.jpg",
    "image/gif": "upload.gif",
    "image/webp": "upload.webp",
    "application/pdf": "upload.pdf",
    "application/zip": "upload.zip",
    "text/csv": "upload.csv",
    "text/plain": "upload.txt",
    "application/json": "upload.json",
    "application/xml": "upload.xml",
    "audio/mpeg": "upload.mp3",
    "video/mp4": "upload.mp4",
}
_SPACE, _TILDE = 32, 126
"""The first and the last character of ASCII that is printed."""

_LONGEST = 4_000
"""Characters of a body in a curl line."""

NEAR = {"letters": "printf %s \"${}\" | tr 'A-Za-z' 'a-zA-Z'", "cut": 'printf %s "${{{}%?}}"'}
"""Credentials that are nearly right, as the shell writes them."""

MORE = {
    "other": "credentials of another user",
    "expired": "credentials that have expired",
    "reader": "credentials of one who may only read",
}
"""Other credentials than those of the tests, in words. The names of their variables end in these keys."""

OF_REQUEST = "="
"""The beginning of a pointer to a value that the sender of a request chose, and that its answer need not repeat."""

_MARK = re.compile(r'"shellvariable0number0(\w+?)0elbairav"|shellvariable0(text|secret|letters|cut)0(\w+?)0elbairav')


class NoCredentialsError(Exception):
    """A secret that the environment does not have; the message says which."""


class NoMoreCredentialsError(NoCredentialsError):
    """A secret that a team need not have: that of another user, or one that has expired."""


@dataclass
class Message:
    """A request as it is sent."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict[str, str])
    content: bytes | None = None
    parts: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list[tuple[str, tuple[Any, ...]]])


def message(request: dict[str, Any], base: str, schemes: dict[str, Any], credential: Any) -> Message:  # noqa: ANN401
    """Return a request as it is sent. `credential` gives the secret of an environment variable."""
    path = request["path"]
    for name, value in request.get("path_values", {}).items():
        # A part of dots alone would be removed from the address as `.` or `..`.
        quoted = quote(value, safe="") if value.strip(".") else value.replace(".", "%2E")
        path = path.replace("{" + name + "}", quoted)
    headers = dict(request.get("headers", {}))
    query = [(name, each) for name, value in request.get("query", {}).items() for each in listed(value)]
    cookies = dict(request.get("cookies", {}))
    if request.get("auth", "valid") != "missing":
        _authorize(request, schemes, credential, headers, query, cookies)
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={quote(value)}" for name, value in cookies.items())
    # Line breaks and other characters that an address can't have are quoted.
    path = "".join(char if char.isascii() and char.isprintable() else quote(char) for char in path)
    asked = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query)
    made = Message(request["method"], base.rstrip("/") + path + (f"?{asked}" if asked else ""), headers)
    _add_body(request, made)
    return made


def _authorize(  # noqa: PLR0917 - parts of one request
    request: dict[str, Any],
    schemes: dict[str, Any],
    credential: Any,  # noqa: ANN401
    headers: dict[str, str],
    query: list[tuple[str, Any]],
    cookies: dict[str, str],
) -> None:
    """Add the credentials that the endpoint asks for, or wrong ones."""
    for scheme in (schemes[name] for name in request.get("security", [])):
        secret, valid = NOBODYS.get(request.get("auth", "valid"), ""), request.get("auth") not in NOBODYS
        if valid:
            secret = _near(_secret(scheme, request.get("auth", "valid"), credential), request.get("auth", "valid"))
        elif scheme["kind"] == "header":
            # What stands before a key, such as "Token ", is no secret, and a key without it is no key of anybody.
            word, space, _ = str(credential(scheme["variable"]) or "").partition(" ")
            secret = f"{word}{space}{secret}" if space else secret
        if scheme["kind"] == "bearer":
            headers["Authorization"] = f"Bearer {secret}"
        elif scheme["kind"] == "basic":
            pair = secret if valid else "nobody:wrong"
            encoded = pair if _MARK.match(pair) else base64.b64encode(pair.encode()).decode()
            headers["Authorization"] = f"Basic {encoded}"
        elif scheme["kind"] == "header":
            headers[scheme["parameter"]] = secret
        elif scheme["kind"] == "query":
            query.append((scheme["parameter"], secret))
        else:
            cookies[scheme["parameter"]] = secret


def _near(secret: str, way: str) -> str:
    """Return a secret with other letters, or cut, where that is wanted; a user's name stays."""
    if way not in NEAR:
        return secret
    if _MARK.fullmatch(secret):
        return secret.replace("0secret0", f"0{way}0", 1)
    user, colon, password = secret.rpartition(":")
    if way == "letters" and re.fullmatch(r"[0-9A-Fa-f-]*", password):
        raise NoMoreCredentialsError("the secret is a number: it has no letters that could be others")
    return f"{user}{colon}{password.swapcase() if way == 'letters' else password[:-1]}"


def _secret(scheme: dict[str, Any], whose: str, credential: Any) -> str:  # noqa: ANN401
    """Return the secret of a scheme: that of the tests, of another user, or one that has expired."""
    words = MORE.get(whose)
    variable = f"{scheme['variable']}_{whose.upper()}" if words else scheme["variable"]
    secret = credential(variable)
    if not secret:
        error = NoMoreCredentialsError if words else NoCredentialsError
        raise error(f"set {variable}: {scheme['kind']} {words or 'credentials'} for {scheme['name']!r}")
    return str(secret)


def _add_body(request: dict[str, Any], made: Message) -> None:
    """Write the body in the form of its kind."""
    kind: str | None = request.get("body_kind")
    body: Any = request.get("body")
    if kind is None:
        return
    if kind == "multipart":
        files = request.get("files", {})
        for name, value in body.items():
            made.parts += [(name, _part(each, files.get(name))) for each in listed(value)]
        return  # the client writes the boundary
    if kind == "form":
        pairs = [(name, each) for name, value in body.items() for each in listed(value)]
        made.content = "&".join(f"{quote(name, safe='')}={quote(each, safe='')}" for name, each in pairs).encode()
    elif kind == "json":
        made.content = json.dumps(body, ensure_ascii=False).encode()
    else:
        made.content = base64.b64decode(body) if kind == "bytes" else body.encode()
    made.headers["Content-Type"] = request["media_type"]


def _part(value: str, file: str | None) -> tuple[Any, ...]:
    """Return a part of a form: a field, or a file of a content type with a fixed name."""
    if file is None:
        return None, value.encode()
    kind = file if file in FILE_NAMES else "application/octet-stream"
    return FILE_NAMES[kind], value.encode(), kind


def marked(name: str, kind: str = "text") -> str:
    """Return a text that stands for a variable of the shell, a `text`, `number` or `secret`, until `curl` writes it."""
    return f"shellvariable0{kind}0{_shell_name(name)}0elbairav"


def has_secret(text: str) -> bool:
    """Tell whether a secret is marked in a text."""
    return any(mark[2] in ("secret", *NEAR) for mark in _MARK.finditer(text))


def curl(sent: Message, saved: dict[str, str], *, last: bool) -> str:
    """Return a command that sends a request; the values that it saves become variables of the shell."""
    saved = {name: pointer for name, pointer in saved.items() if not pointer.startswith(OF_REQUEST)}
    words = [] if sent.method == "GET" else ["-X", sent.method]
    words.append(_quoted(sent.url))
    for name, value in sent.headers.items():
        words += ["-H", _quoted(f"{name}: {value}")]
    for name, (file, content, *kind) in sent.parts:
        more = f";filename={file};type={kind[0]}" if file else ""
        words += ["-F" if file else "--form-string", _quoted(f"{name}={content.decode(errors='replace')}{more}")]
    if sent.content is not None:
        words += ["--data-raw", _content(sent.content)]
    line = " ".join(words)
    if last or not saved:
        return f"curl -i {line}" if last else f"curl -s {line} > /dev/null"
    if len(saved) == 1:
        ((name, pointer),) = saved.items()
        return f"{_shell_name(name)}=$(curl -s{'i' * pointer.startswith('@')} {line} | {_taken(pointer)})"
    with_headers = any(pointer.startswith("@") for pointer in saved.values())
    lines = [f"answer=$(curl -s{'i' * with_headers} {line})"]
    for name, pointer in saved.items():
        body = " | sed '1,/^\\r*$/d'" if with_headers and not pointer.startswith("@") else ""
        lines.append(f"{_shell_name(name)}=$(printf '%s\\n' \"$answer\"{body} | {_taken(pointer)})")
    return "\n".join(lines)


def _taken(pointer: str) -> str:
    """Return the command that takes a value from a body, or from an answer with its headers."""
    if not pointer.startswith("@"):
        return f"jq -r {_quoted(_jq(pointer))}"
    last = "; s|[?#].*||; s|/*$||; s|.*/||" if pointer.casefold() == "@location" else ""
    return f"tr -d '\\r' | grep -i {_quoted(f'^{pointer[1:]}:')} | sed {_quoted(f's/^[^:]*: *//{last}')}"


def _content(content: bytes) -> str:
    """Return a body as a word of the shell; one that is long is cut, and can't be sent again from here."""
    note = "" if len(content) <= _LONGEST else " … the rest is in cases.json"
    try:
        return _quoted(content.decode()[:_LONGEST] + note)
    except UnicodeDecodeError:
        escaped = "".join(
            chr(byte) if _SPACE <= byte <= _TILDE and byte not in b"\\'" else f"\\x{byte:02x}" for byte in content
        )
        return f"$'{escaped[:_LONGEST]}{note}'"


def _shell_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]", "_", name)


def _jq(pointer: str) -> str:
    """Return a JSON Pointer as a path of jq."""
    place, _, way = pointer.partition("|")
    path = "." + "".join(f"[{json.dumps(int(key) if key.isdigit() else key)}]" for key in parts(place))
    return path + {"upper": " | ascii_upcase", "part": " | .[1:-1]"}.get(way, "")


def _quoted(text: str) -> str:
    """Return a word of the shell. Marks in it become variables, all else is plain text."""
    words: list[str] = []
    at = 0
    for mark in _MARK.finditer(text):
        words.append(_plain(text[at : mark.start()]))
        name = mark[1] or mark[3]
        basic = mark[2] in ("secret", *NEAR) and text[: mark.start()].endswith("Basic ")
        said = NEAR.get(mark[2], 'printf %s "${}"').format(name)
        words.append(f'"$({said} | base64)"' if basic else f'"$({said})"' if mark[2] in NEAR else f'"${name}"')
        at = mark.end()
    return "".join([*words, _plain(text[at:])]) or "''"


def _plain(text: str) -> str:
    safe = re.fullmatch(r"[A-Za-z0-9@%+=:,./_-]*", text)
    return text if safe else "'" + text.replace("'", "'\"'\"'") + "'"
