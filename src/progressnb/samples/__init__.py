"""A resume, a job posting and an API to try things on.

`resume` and `job` are from the JSON Resume project (MIT, see LICENSE); they are read when asked for, and each
access gives a fresh copy, so callers may change what they get. The people and companies are fictional.
`openapi` is the text of the OpenAPI Initiative's petstore-expanded.yaml (Apache-2.0, see LICENSE.openapi).
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
    openapi: str
    resume_path: Path
    job_path: Path
    openapi_path: Path

__all__ = ["job", "job_path", "openapi", "openapi_path", "resume", "resume_path"]


def __getattr__(name: str) -> dict[str, JsonValue] | str | Path:
    """Read a sample, or give its path, when it is first asked for."""
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    sample = name.removesuffix("_path")
    file = files(__name__) / f"{sample}.{'yaml' if sample == 'openapi' else 'json'}"
    if name.endswith("_path"):
        return Path(str(file))
    if sample == "openapi":
        return file.read_text(encoding="utf-8")
    content: dict[str, JsonValue] = json.loads(file.read_text(encoding="utf-8"))
    return content


def __dir__() -> list[str]:
    """List the samples too, for completion in a notebook."""
    return sorted([*globals(), *__all__])
