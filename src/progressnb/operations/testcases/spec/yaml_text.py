"""The parser of YAML text, which gives the same plain data as JSON would, in a bounded size.

PyYAML only parses. Values are built here, since PyYAML's own constructors follow YAML 1.1: they read some texts as
dates and some times as numbers. They also keep the last of two equal keys without a word, and write out merges without
a bound.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from progressnb.errors import InputError
from progressnb.operations.testcases.spec.budget import MAX_DEPTH, Budget
from progressnb.operations.testcases.spec.plain import is_object, twice
from progressnb.wire import clean_text

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["parse_yaml"]

_STRING = "tag:yaml.org,2002:str"
_KINDS = ("str", "int", "float", "bool", "null", "map", "seq", "timestamp", "merge", "value")
_TAGS = {"!", *(f"tag:yaml.org,2002:{kind}" for kind in _KINDS)}
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]{1,400}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


def parse_yaml(text: str, name: str) -> Any:  # noqa: ANN401 - plain data
    """Return the data of one YAML document. Raises `InputError` for any other text."""
    import yaml

    # The parser in C gives the same as the one in Python, ten times as fast.
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        # Composing recurses in C without a limit of its own, so the depth is checked before.
        depth = 0
        for event in yaml.parse(text, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                Budget(name).spend(depth)
        root = yaml.compose(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or str(error)
        raise InputError(f"{name} as YAML or JSON", f"{problem}{where}", "Check the text there.") from None
    if root is None:
        raise InputError(f"an OpenAPI specification in {name}", "nothing", "Check that the right file was given.")
    return _Builder(name).build(root, 0)


class _Builder:
    """Build plain data of PyYAML's nodes."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._budget = Budget(name)
        self._open: set[int] = set()

    def build(self, node: Any, depth: int) -> Any:  # noqa: ANN401 - PyYAML's nodes
        self._budget.spend(depth)
        if node.tag not in _TAGS:
            raise self._wrong(node, f"the tag {node.tag[:80]!r}", "Tags are not supported: write plain values.")
        if node.id == "scalar":
            return self._scalar(node)
        if id(node) in self._open:
            raise self._wrong(
                node, "an alias of a value that contains it", "Use $ref for a value that contains itself."
            )
        self._open.add(id(node))
        try:
            if node.id == "sequence":
                return [self.build(each, depth + 1) for each in node.value]
            found: dict[str, Any] = {}
            merged: dict[str, Any] = {}
            for key, value in node.value:
                if key.tag == "tag:yaml.org,2002:merge":
                    for one in self._merged(value, depth):
                        merged = {**one, **merged}
                    continue
                text = self._key(key)
                built = self.build(value, depth + 1)
                found[text] = built if text not in found else twice(f" at line {key.start_mark.line + 1}")
            return {**merged, **found}
        finally:
            self._open.discard(id(node))

    def _merged(self, node: Any, depth: int) -> Iterator[dict[str, Any]]:  # noqa: ANN401
        for each in node.value if node.id == "sequence" else [node]:
            value = self.build(each, depth + 1)
            if not is_object(value):
                raise self._wrong(
                    each, "a merge of something other than a mapping", "Write an alias of a mapping after <<."
                )
            yield value

    def _key(self, node: Any) -> str:  # noqa: ANN401
        if node.id != "scalar":
            raise self._wrong(node, "a key that is not a text", "Keys are names.")
        return clean_text(node.value)  # 200: and "200": are the same status

    def _scalar(self, node: Any) -> Any:  # noqa: ANN401
        text = clean_text(node.value)
        if node.style or node.tag == "!" or (node.tag == _STRING and not _is_plain_number(text)):
            return text
        if text in _NULL:
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        if _INTEGER.fullmatch(text):
            return self._budget.integer(int(text))
        if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
            return float(text)
        return text

    def _wrong(self, node: Any, got: str, remedy: str) -> InputError:  # noqa: ANN401
        mark = node.start_mark
        return InputError(f"plain YAML in {self._name}", f"{got} at line {mark.line + 1}", remedy)


def _is_plain_number(text: str) -> bool:
    # YAML 1.1 reads 1e3 as a text, YAML 1.2 and JSON as a number.
    return _FLOAT.fullmatch(text) is not None
