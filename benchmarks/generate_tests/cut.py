"""Cut a specification to some of its operations, with all that they refer to: a public one may be too large to keep.

    python -m benchmarks.generate_tests.cut openapi.yaml small.yaml "POST /files" "/models"

Each argument after the files is an operation, or a path with all of its operations. What stays is as it was, without
the texts that describe it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
TEXTS = {"description", "x-codeSamples", "x-code-samples", "x-oaiMeta", "externalDocs", "summary"}


def texts_removed(value: Any, names: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 - plain data
    """Return data without the texts that describe it; with `names` the keys are names, and all stay."""
    if isinstance(value, list):
        return [texts_removed(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {
        key: each for key, each in value.items() if names or key not in TEXTS or not isinstance(each, str | list | dict)
    }
    free = {"properties", "patternProperties", "schemas", "parameters", "responses", "examples", "example", "mapping"}
    return {
        key: texts_removed(each, isinstance(each, dict) and key in free and not names) for key, each in kept.items()
    }


def references(value: Any) -> set[str]:  # noqa: ANN401 - plain data
    """Return the references in some data, and those of discriminators."""
    if isinstance(value, list):
        return set().union(*map(references, value)) if value else set()
    if not isinstance(value, dict):
        return {value} if isinstance(value, str) and value.startswith("#/") else set()
    return set().union(*map(references, value.values())) if value else set()


def cut(document: dict[str, Any], wanted: set[str]) -> dict[str, Any]:
    """Return a document with the wanted operations and the components that they need."""
    paths: dict[str, Any] = {}
    for path, item in document["paths"].items():
        kept = {
            key: each for key, each in item.items() if key not in METHODS or {path, f"{key.upper()} {path}"} & wanted
        }
        if METHODS & kept.keys():
            paths[path] = kept
    old = document.get("components", {})
    components: dict[str, Any] = {"securitySchemes": old["securitySchemes"]} if "securitySchemes" in old else {}
    waiting = list(references(paths))
    while waiting:
        kind, name = waiting.pop().split("/")[2:4]
        name = name.replace("~1", "/").replace("~0", "~")
        if name not in components.setdefault(kind, {}):
            components[kind][name] = old[kind][name]
            waiting += references(old[kind][name])
    rest = {key: each for key, each in document.items() if key in ("openapi", "info", "servers", "security")}
    return {**rest, "paths": paths, "components": components}


def main(source: str, out: str, *wanted: str) -> None:
    """Cut one file."""
    text = Path(source).read_text(encoding="utf-8")
    document = json.loads(text) if source.endswith(".json") else yaml.safe_load(text)
    small = texts_removed(cut(document, set(wanted)))
    small["info"] = {"title": document["info"]["title"], "version": str(document["info"]["version"])}
    Path(out).write_text(yaml.safe_dump(small, sort_keys=False, allow_unicode=True, width=120), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
