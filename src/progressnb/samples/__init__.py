"""A resume and a job posting to try things on, from the JSON Resume project (MIT, see LICENSE).

`resume` and `job` are read when asked for, and each access gives a fresh copy, so callers may change
what they get. The people and companies are fictional.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import JsonValue

    resume: dict[str, JsonValue]
    job: dict[str, JsonValue]
    resume_path: Path
    job_path: Path

__all__ = ["job", "job_path", "resume", "resume_path"]


def __getattr__(name: str) -> dict[str, JsonValue] | Path:
    """Read a sample, or give its path, when it is first asked for."""
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    file = files(__name__) / f"{name.removesuffix('_path')}.json"
    if name.endswith("_path"):
        return Path(str(file))
    content: dict[str, JsonValue] = json.loads(file.read_text(encoding="utf-8"))
    return content


def __dir__() -> list[str]:
    """List the samples too, for completion in a notebook."""
    return sorted([*globals(), *__all__])
