"""The difference between two versions of a suite, for people who keep one in a repository."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from progressnb.operations.testcases.schemas import Step
from progressnb.operations.testcases.spec.plain import is_object, list_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from progressnb.operations.testcases.schemas import SuiteData

__all__ = ["changes"]

_MOST = 200
"""Cases of a list."""


def changes(earlier: Mapping[str, Any], suite: SuiteData) -> str:
    """Return what is new, gone or other than in an earlier `cases.json`, as Markdown."""
    old, new = _endpoints(earlier), {each.name for each in suite.endpoints}
    before = {str(case.get("id")): case for case in list_at(dict(earlier), "cases") if is_object(case)}
    now = {case.id: case for case in suite.cases}
    other = [name for name, case in now.items() if name in before and _told(case.steps) != _told(_steps(before[name]))]
    head = f"# What changed\n\n{_plain(str(earlier.get('version', '?')))} → {_plain(suite.version)}\n"
    parts = [
        _listed("New endpoints", sorted(new - old)),
        _listed("Endpoints that are gone", sorted(old - new)),
        _listed("New cases", [name for name in now if name not in before]),
        _listed("Cases that are gone", [name for name in before if name not in now]),
        _listed("Cases that send or expect something else", other),
    ]
    return head + ("".join(parts) or "\nNothing.\n")


def _endpoints(earlier: Mapping[str, Any]) -> set[str]:
    return {str(each.get("name")) for each in list_at(dict(earlier), "endpoints") if is_object(each)}


def _steps(case: Mapping[str, Any]) -> list[Step]:
    """Return the steps of an earlier case, or none where they can't be read."""
    try:
        return [Step.model_validate(step) for step in case["steps"]]
    except (KeyError, TypeError, ValidationError):
        return []


def _told(steps: Iterable[Step]) -> list[tuple[Any, ...]]:
    """Return what a case sends and expects, without its words."""
    return [(step.request, step.expected, step.save, step.use, step.checks) for step in steps]


def _listed(title: str, names: Iterable[str]) -> str:
    every = list(names)
    if not every:
        return ""
    shown: Iterator[str] = (f"- `{_plain(name)}`" for name in every[:_MOST])
    more = f"\n- … and {len(every) - _MOST} more" if len(every) > _MOST else ""
    return f"\n## {title}: {len(every)}\n\n" + "\n".join(shown) + more + "\n"


def _plain(text: str) -> str:
    return re.sub(r"[`\r\n]", "_", text)[:200]
