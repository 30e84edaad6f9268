"""The names that code writes to: by assignments, by methods that change their object, by files opened for writing."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ALL", "MUTATORS", "Attribute", "Called", "base_of", "configures", "opened_for", "written_names"]

ALL = object()
"""The key of a name that is written to as a whole."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute by which an object is read."""

    name: str


@dataclass(frozen=True, slots=True)
class Called:
    """A call with a constant as its first argument, such as `.get("year")`."""

    argument: object


MUTATORS: frozenset[str] = frozenset(
    [
        "add",
        "append",
        "appendleft",
        "clear",
        "discard",
        "extend",
        "extendleft",
        "insert",
        "pop",
        "popitem",
        "popleft",
        "put",
        "put_nowait",
        "remove",
        "setdefault",
        "sort",
        "reverse",
        "update",
        "write",
        "write_bytes",
        "write_text",
        "mkdir",
        "touch",
        "unlink",
        "writelines",
        "increment",
        "inc",
        "set",
        "send",
        "subtract",
    ]
)


_SETTING = ("seed", "set", "use", "chdir", "config", "register", "enable", "disable", "select", "load", "basicConfig")


def written_names(node: ast.AST) -> Iterator[tuple[str, object]]:
    """Give the names that a statement or a call writes to, with the constant key or the attribute where it is below."""
    target: ast.AST | None = None
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        target = node
    elif isinstance(node, ast.AugAssign):
        target = node.target
    elif isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
            target = node.func.value
            keys = _keys_given(node)
            if keys is not None and isinstance(target, ast.Name):
                yield from ((target.id, key) for key in keys)
                return
        elif (opened := opened_for(node)) is not None and not {*opened[1]}.isdisjoint("wax+"):
            target = opened[0]
    if target is not None and (base := base_of(target)) is not None:
        yield base, _first_key(target)


def configures(called: object) -> bool:
    """Return whether what is called is named like one that changes settings, such as `seed` or `set_option`."""
    name = called if isinstance(called, str) else getattr(called, "attr", "")
    return name.startswith(_SETTING) or name.endswith("seed")


def opened_for(call: ast.Call) -> tuple[ast.AST, str] | None:
    """Return the file that a call opens, and the mode, or None for another call."""
    values = [*call.args, *(each.value for each in call.keywords if each.arg == "mode")]
    if isinstance(call.func, ast.Attribute) and call.func.attr == "open" and base_of(call.func) != "io":
        file, modes = cast("ast.AST", call.func.value), values[:1] or []
    elif isinstance(call.func, ast.Name | ast.Attribute) and getattr(call.func, "id", "open") == "open" and call.args:
        if isinstance(call.func, ast.Attribute) and call.func.attr != "open":
            return None
        file, modes = call.args[0], values[1:2]
    else:
        return None
    mode = modes[0].value if modes and isinstance(modes[0], ast.Constant) else "r"
    return file, mode if isinstance(mode, str) else "r"


def _keys_given(call: ast.Call) -> list[object] | None:
    """Return the keys of `update(a=…)`, `pop("a")` and `setdefault("a", …)`; None where they aren't known."""
    name = cast("ast.Attribute", call.func).attr
    if name == "update" and not call.args and all(each.arg for each in call.keywords):
        return [each.arg for each in call.keywords]
    if name in ("pop", "setdefault") and call.args and isinstance(call.args[0], ast.Constant):
        return [call.args[0].value]
    return None


def _first_key(node: ast.AST) -> object:
    """Return the key or the attribute that follows the name in which an expression begins; `ALL` for any other."""
    found: object = ALL
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        if isinstance(node, ast.Attribute):
            found = Attribute(node.attr)
        elif isinstance(node, ast.Subscript):
            found = node.slice.value if isinstance(node.slice, ast.Constant) else ALL
        node = node.func if isinstance(node, ast.Call) else node.value
    return found


def base_of(node: ast.AST) -> str | None:
    """Return the name in which an expression begins, or None."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None
