"""Samples to try the operations on: a resume, a job posting and an API.

`resume` and `job` are dictionaries from the JSON Resume project (MIT, see LICENSE); the people and companies are
fictional. Each access reads the file and returns a new copy, which callers may change. `openapi` is the text of the
OpenAPI Initiative's petstore-expanded.yaml (Apache-2.0, see LICENSE.openapi). `resume_path`, `job_path` and
`openapi_path` are the paths of the files.

::

    await pnb.customize(pnb.samples.resume, pnb.samples.job)
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
    """Return a sample, or the path of its file."""
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
    """List the samples, for completion in a notebook."""
    return sorted(__all__)
