"""The files beside the runner: cases.json, and those of the team, which no new version overwrites."""

from __future__ import annotations

import json
import os
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

__all__ = ["Suite", "Trouble"]

KNOWN = "known_failures.txt"
_KEYS = {"id", "name", "endpoint", "steps"}


class Trouble(Exception):  # noqa: N818 - what a team reads
    """A file of the team that can't be used; the message says where and why."""


class Suite:
    """The cases of one API, those that the team added, and what the team said about them."""

    def __init__(self, folder: Path) -> None:
        """Read the files of a folder."""
        self.folder = folder
        self.data: dict[str, Any] = json.loads((folder / "cases.json").read_text(encoding="utf-8"))
        both = [*self.data["endpoints"], *self.data["helpers"]]
        self.endpoints: dict[str, Any] = {each["name"]: each for each in both}
        self.schemes: dict[str, Any] = {scheme["id"]: scheme for scheme in self.data["schemes"]}
        self.cases: list[dict[str, Any]] = [*self.data["cases"], *self._own()]
        self.known = self._known()
        self.marks: dict[str, dict[str, str]] = self._marks()

    def marked(self, case: str) -> tuple[str, str] | None:
        """Return the mark of a case, `skip` or `xfail`, and its reason."""
        for mark in ("skip", "xfail"):
            for pattern, reason in self.marks.get(mark, {}).items():
                if fnmatchcase(case, pattern):
                    return mark, reason
        return ("xfail", f"known: it is in {KNOWN}") if case in self.known else None

    def write_known(self, failed: list[str]) -> Path:
        """Write the failures that are known from now on, and return the file."""
        path = self.folder / KNOWN
        head = "# Cases that fail, and are known to. Written by API_BASELINE=write; edit it as you like.\n"
        path.write_text(head + "".join(f"{case}\n" for case in sorted(failed)), encoding="utf-8")
        return path

    def _known(self) -> set[str]:
        path = self.folder / KNOWN
        if not path.exists() or os.environ.get("API_BASELINE") == "write":
            return set()
        lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
        return {line for line in lines if line and not line.startswith("#")}

    def _marks(self) -> dict[str, dict[str, str]]:
        path = self.folder / "marks.toml"
        if not path.exists():
            return {}
        try:
            marks = tomllib.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise Trouble(f"marks.toml: {error}") from None
        for mark, cases in marks.items():
            if mark not in ("skip", "xfail") or not isinstance(cases, dict):
                raise Trouble(f"marks.toml: expected the tables [skip] and [xfail], got {mark!r}")
            for case, reason in cases.items():
                if not isinstance(reason, str) or not reason.strip():
                    raise Trouble(f"marks.toml: expected a reason for {case!r} in [{mark}], as text, got {reason!r}")
        return marks

    def _own(self) -> list[dict[str, Any]]:
        path = self.folder / "own_cases.json"
        if not path.exists():
            return []
        try:
            cases = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise Trouble(f"own_cases.json: {error}") from None
        taken = {case["id"] for case in self.data["cases"]}
        for number, case in enumerate(cases if isinstance(cases, list) else [None]):
            if not isinstance(case, dict) or not case.keys() >= _KEYS or not case["steps"]:
                raise Trouble(f"own_cases.json: expected a list of cases with {', '.join(sorted(_KEYS))}; see [{number}]")
            unknown = [step["request"]["endpoint"] for step in case["steps"] if step["request"]["endpoint"] not in self.endpoints]
            if unknown:
                raise Trouble(f"own_cases.json: {case['id']}: {unknown[0]!r} is no endpoint of this version")
            if case["id"] in taken:
                raise Trouble(f"own_cases.json: expected an id of its own, got {case['id']!r} again")
            taken.add(case["id"])
            case.setdefault("why", "The team says so.")
            case.setdefault("category", "own")
        return cases
