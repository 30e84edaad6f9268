"""The other documents that a specification may refer to: by name, by folder, by host, or by the start of an address."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Allowed", "is_address", "joined"]

_PORTS = {"http": 80, "https": 443}


def is_address(document: str) -> bool:
    """Tell whether the name of a document is an address of the web."""
    return document.lower().startswith(("http://", "https://"))


def joined(home: str, document: str) -> str:
    """Return the name of a document that another one, `home`, refers to. The specification itself has no name."""
    if is_address(document):
        return document
    if is_address(home):
        return urljoin(home, document)
    if "://" in document:
        return document
    return posixpath.normpath(posixpath.join(posixpath.dirname(home), unquote(document)))


class Allowed:
    """A check of the names of documents.

    Args:
        entries: What the caller allows. A document's own name as it is written; a folder, which stands for all files
            in it and below; a host, which stands for all of its documents; an address that ends in `/`, which stands
            for all that begin with it.
        directory: The directory of the specification, where relative names begin.

    """

    def __init__(self, entries: Collection[str], directory: Path | None) -> None:
        self._entries = tuple(entries)
        self._directory = directory

    def takes(self, document: str, written: str) -> bool:
        """Tell whether a document may be read, by its name and as it is written in the reference."""
        if "\0" in document:
            return False
        if any(entry in (document, written) or joined("", entry) == document for entry in self._entries):
            return True
        if is_address(document):
            return any(_is_below(document, entry) for entry in self._entries)
        if "://" in document or self._directory is None:
            return False
        real = Path(self._directory, document).resolve()  # a link may lead out of an allowed folder
        folders = [Path(self._directory, entry) for entry in self._entries if "://" not in entry and "\0" not in entry]
        return any(folder.is_dir() and real.is_relative_to(folder.resolve()) for folder in folders)


def _is_below(address: str, entry: str) -> bool:
    """Tell whether an address is one of an allowed host, or below an allowed address."""
    try:
        asked = urlsplit(address)
        port = asked.port or _PORTS.get(asked.scheme)
        allowed = urlsplit(entry if "://" in entry else f"{asked.scheme}://{entry}")
        same = (allowed.scheme, allowed.hostname, allowed.port or _PORTS.get(allowed.scheme))
    except ValueError:
        return False
    parts = unquote(asked.path).replace("\\", "/").split("/")
    if (asked.scheme, asked.hostname, port) != same or "@" in asked.netloc or ".." in parts:
        return False
    if "://" not in entry:
        return entry.rstrip("/") == allowed.netloc
    return allowed.path in ("", "/") or (allowed.path.endswith("/") and asked.path.startswith(allowed.path))
