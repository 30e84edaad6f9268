"""The files beside the runner: cases.json, and those of the team, which no new version overwrites."""

from __future__ import annotations

import json
import os
import re
import tomllib
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from .plain import cut, is_list, is_object

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Suite", "Trouble"]

KNOWN = "known_failures.txt"
_KEYS = {"id", "name", "endpoint", "steps"}
_REQUEST = {"endpoint", "method", "path"}


class Trouble(Exception):  # noqa: N818 - what a team reads
    """A file of the team that can't be used; the message says where and why."""


class Suite:
    """The cases of one API, those that the team added, and what the team said about them."""

    def __init__(self, data: dict[str, Any], folder: Path | None = None) -> None:
        """Take the content of cases.json, and what is in the folder beside it."""
        self.folder = folder
        self.data = data
        both = [*self.data["endpoints"], *self.data["helpers"]]
        self.endpoints: dict[str, Any] = {each["name"]: each for each in both}
        self.schemes: dict[str, Any] = {scheme["id"]: scheme for scheme in self.data["schemes"]}
        self.cases: list[dict[str, Any]] = [*self.data["cases"], *self._own()]
        self.known = self._known()
        self.marks: dict[str, dict[str, str]] = self._marks()

    def base(self, endpoint: str, given: str) -> str:
        """Return where the paths of an endpoint begin: below `given`, but for one that has a server of its own.

        A server of another path has that path at the given address. One of another host may have a variable.
        """
        own, main, ours = map(
            urlsplit, (self.endpoints[endpoint].get("server", ""), self.data.get("server", ""), given)
        )
        path = ours.path.rstrip("/")
        if not any(own) or not path.endswith(main.path):
            return given
        other = own.netloc and own.netloc != main.netloc
        variable = f"API_BASE_URL_{re.sub(r'[^A-Z0-9]', '_', own.netloc.upper())}"
        there = f"{ours.scheme}://{ours.netloc}{path.removesuffix(main.path)}{own.path}"
        return (os.environ.get(variable) if other else None) or there

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the files of a folder."""
        return cls(json.loads((folder / "cases.json").read_text(encoding="utf-8")), folder)

    def marked(self, case: str) -> tuple[str, str] | None:
        """Return the mark of a case, `skip` or `xfail`, and its reason."""
        for mark in ("skip", "xfail"):
            for pattern, reason in self.marks.get(mark, {}).items():
                if fnmatchcase(case, pattern):
                    return mark, reason
        return ("xfail", f"known: it is in {KNOWN}") if case in self.known else None

    def write_known(self, failed: list[str]) -> None:
        """Write the failures that are known from now on."""
        if self.folder is not None:
            head = "# Cases that fail, and are known to. Written by API_BASELINE=write; edit it as you like.\n"
            text = head + "".join(f"{case}\n" for case in sorted(failed))
            (self.folder / KNOWN).write_text(text, encoding="utf-8")

    def _text(self, name: str) -> str | None:
        path = None if self.folder is None else self.folder / name
        return path.read_text(encoding="utf-8") if path is not None and path.exists() else None

    def _known(self) -> set[str]:
        text = self._text(KNOWN)
        if text is None or os.environ.get("API_BASELINE") == "write":
            return set()
        lines = (line.strip() for line in text.splitlines())
        return {line for line in lines if line and not line.startswith("#")}

    def _marks(self) -> dict[str, dict[str, str]]:
        text = self._text("marks.toml")
        if text is None:
            return {}
        try:
            marks = tomllib.loads(text)
        except ValueError as error:
            raise Trouble(f"marks.toml: {error}") from None
        for mark, cases in marks.items():
            if mark not in ("skip", "xfail") or not is_object(cases):
                raise Trouble(f"marks.toml: expected the tables [skip] and [xfail], got {mark!r}")
            for case, reason in cases.items():
                if not isinstance(reason, str) or not reason.strip():
                    raise Trouble(f"marks.toml: expected a reason for {case!r} in [{mark}], as text, got {reason!r}")
        return marks

    def _own(self) -> list[dict[str, Any]]:
        text = self._text("own_cases.json")
        if text is None:
            return []
        try:
            cases: Any = json.loads(text)
        except ValueError as error:
            raise Trouble(f"own_cases.json: {error}") from None
        if not is_list(cases):
            raise Trouble(f"own_cases.json: expected a list of cases, got {cut(text, 60)}")
        taken = {case["id"] for case in self.data["cases"]}
        for number, case in enumerate(cases):
            self._check_own(case, f"own_cases.json[{number}]", taken)
            taken.add(case["id"])
            case.setdefault("why", "The team says so.")
            case.setdefault("category", "own")
        return cases

    def _check_own(self, case: object, where: str, taken: set[str]) -> None:
        """Raise `Trouble` for a case that can't be run."""
        if not is_object(case) or not case.keys() >= _KEYS or not is_list(case["steps"]) or not case["steps"]:
            raise Trouble(f"{where}: expected a case with {', '.join(sorted(_KEYS))}, got {cut(json.dumps(case), 60)}")
        for step in case["steps"]:
            request = step.get("request") if is_object(step) else None
            if not is_object(request) or not request.keys() >= _REQUEST or not is_list(step.get("expected")):
                raise Trouble(f"{where}: expected steps with expected and a request with {', '.join(sorted(_REQUEST))}")
            if request["endpoint"] not in self.endpoints:
                raise Trouble(f"{where}: {request['endpoint']!r} is no endpoint of this version")
        if case["id"] in taken:
            raise Trouble(f"{where}: expected an id of its own, got {case['id']!r} again")
