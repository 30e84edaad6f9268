"""A drawing against the JSON schema of Vega-Lite that Altair has: every fault, in the schema's own words."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from progressnb.frames import load_altair
from progressnb.wire import grammar_later

__all__ = ["schema_faults"]

_KINDS = {
    "layer": "TopLevelLayerSpec",
    "facet": "TopLevelFacetSpec",
    "repeat": "TopLevelRepeatSpec",
    "concat": "TopLevelConcatSpec",
    "hconcat": "TopLevelHConcatSpec",
    "vconcat": "TopLevelVConcatSpec",
}
_LIMIT = 400
"""Characters of the schema's words for a fault."""

_FAULTS = 8


def schema_faults(spec: dict[str, Any]) -> list[str]:
    """Return what Vega-Lite's schema says against a drawing without data: the place and the words of each fault."""
    kind = next((name for key, name in _KINDS.items() if key in spec), "TopLevelUnitSpec")
    found: dict[str, list[str]] = {}
    for error in _validator(kind).iter_errors({**spec, "data": {"values": []}}):
        for leaf in _leaves(error):
            found.setdefault(_place(leaf), []).append(_message(leaf))
    return [f"{place}: {_words(messages)}" for place, messages in list(found.items())[:_FAULTS]]


@lru_cache(maxsize=8)
def _validator(kind: str) -> Any:  # noqa: ANN401 - jsonschema ships no types
    alt: Any = load_altair("chart")
    with grammar_later():
        import jsonschema  # comes with Altair
    definitions: Any = alt.core.load_schema()["definitions"]
    return jsonschema.Draft7Validator({"$ref": f"#/definitions/{kind}", "definitions": definitions})


def _leaves(error: Any) -> list[Any]:  # noqa: ANN401 - jsonschema ships no types
    """Return the faults below an error: of several forms that it may have, those of the one that it comes nearest."""
    if not error.context:
        return [error]
    if not isinstance(error.instance, dict | list):  # a word or a number that is none of several
        return [error]
    forms: dict[Any, list[Any]] = {}
    for each in error.context:
        forms.setdefault(each.schema_path[0], []).extend(_leaves(each))
    return min(forms.values(), key=lambda leaves: _distance(leaves, len(error.absolute_path)))


def _distance(leaves: list[Any], depth: int) -> tuple[int, int, int]:
    """Return how far a value is from a form: another type first, then faults of its own, then faults below."""
    here = [each for each in leaves if len(each.absolute_path) == depth]
    other = sum(each.validator in ("type", "enum", "const") for each in here)
    return (other, len(here), len(leaves))


def _message(error: Any) -> str:  # noqa: ANN401 - jsonschema ships no types
    if not error.context:
        return str(error.message)
    allowed = [str(value) for leaf in _ends(error) if leaf.validator in ("enum", "const") for value in _allowed(leaf)]
    kinds = sorted({str(leaf.validator_value) for leaf in _ends(error) if leaf.validator == "type"})
    listed = ", ".join(dict.fromkeys([*allowed, *kinds])) or "another value"
    return f"{error.instance!r} is none of {listed}"


def _ends(error: Any) -> list[Any]:  # noqa: ANN401 - jsonschema ships no types
    return [end for each in error.context for end in _ends(each)] if error.context else [error]


def _allowed(error: Any) -> list[Any]:  # noqa: ANN401 - jsonschema ships no types
    return list(error.validator_value) if error.validator == "enum" else [error.validator_value]


def _place(error: Any) -> str:  # noqa: ANN401 - jsonschema ships no types
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path]
    return "".join(parts).lstrip(".") or "the drawing"


def _words(messages: list[str]) -> str:
    return "; ".join(dict.fromkeys(each if len(each) <= _LIMIT else f"{each[:_LIMIT]}…" for each in messages))
