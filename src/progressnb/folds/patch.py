"""Patches of a view: the few operations that turn one tree of plain data into the next.

An operation is plain JSON. A path is a list of keys and indices, each of which counts in the tree as the operations
before it left it.

| operation | meaning |
| --- | --- |
| `["=", path, value]` | set or replace what is at the path |
| `["-", path]` | delete a key of a dict |
| `["+", path, text]` | append text to the string at the path |
| `["~", path, index, remove, items]` | in the list at the path, put items in place of so many from an index on |
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

from progressnb.folds.shapes import is_dict, is_list

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Op", "apply", "diff"]

Op: TypeAlias = list[Any]
Path: TypeAlias = list[str | int]


def diff(old: Any, new: Any) -> list[Op]:  # noqa: ANN401 - plain JSON data
    """Return the operations that turn one tree into another.

    Items of lists are found again by their `key`, where each item is a dict with a `key` of its own; else by position.

    Example:
        ::

            diff({"text": "to"}, {"text": "token"})  # [["+", ["text"], "ken"]]

    """
    ops: list[Op] = []
    _diff(old, new, [], ops)
    if len(ops) > _MANY and len(json.dumps(ops)) > len(json.dumps(new)):
        return [["=", [], new]]
    return ops


def apply(tree: Any, ops: Sequence[Op]) -> Any:  # noqa: ANN401 - plain JSON data
    """Return the tree with the operations done, in order; the tree that was given stays as it is.

    Raises:
        ValueError: An operation does not fit the tree.

    """
    for op in ops:
        try:
            tree = _APPLIED[op[0]](tree, op)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise ValueError(f"an operation that does not fit the tree: {str(op)[:200]}") from error
    return tree


_LEAVES = frozenset({str, int, float, bool})
_MANY = 8  # operations, below which nobody asks whether the whole tree were shorter


def _same(old: object, new: object) -> bool:
    """Tell whether two values are the same JSON: 1, 1.0 and true are three values."""
    if old is new:
        return True
    if type(old) is not type(new):
        return False
    if is_dict(old) and is_dict(new):
        return old.keys() == new.keys() and all(_same(value, new[key]) for key, value in old.items())
    if is_list(old) and is_list(new):
        return len(old) == len(new) and all(map(_same, old, new))
    return old == new


def _diff(old: object, new: object, path: Path, ops: list[Op]) -> None:
    if old is new or (type(old) is type(new) and not old and not new):
        return
    if is_dict(old) and is_dict(new):
        _diff_dicts(old, new, path, ops)
    elif is_list(old) and is_list(new):
        before, after = _by_key(old), _by_key(new)
        if before is not None and after is not None:
            _diff_keyed(before, after, path, ops)
        else:
            _diff_lists(old, new, path, ops)
    elif type(old) is type(new) and old == new:
        return
    elif isinstance(old, str) and isinstance(new, str) and old and new.startswith(old):
        ops.append(["+", path, new[len(old) :]])
    else:
        ops.append(["=", path, new])


def _diff_dicts(old: dict[str, Any], new: dict[str, Any], path: Path, ops: list[Op]) -> None:
    ops += [["-", [*path, key]] for key in old if key not in new]
    for key, value in new.items():
        if key not in old:
            ops.append(["=", [*path, key], value])
            continue
        before = old[key]
        if before is value or (type(before) is type(value) and type(value) in _LEAVES and before == value):
            continue  # without a call: most of a tree is as it was
        _diff(before, value, [*path, key], ops)


def _by_key(items: list[Any]) -> dict[str, Any] | None:
    """Return the items of a list by their key, or None where they have none or two have the same."""
    found: dict[str, Any] = {}
    for item in items:
        key = item.get("key") if is_dict(item) else None
        if not isinstance(key, str) or key in found:
            return None
        found[key] = item
    return found


def _diff_keyed(old: dict[str, Any], new: dict[str, Any], path: Path, ops: list[Op]) -> None:
    kept = [key for key in old if key in new]
    if kept != [key for key in new if key in old]:  # the order of those that stay has changed
        ops.append(["~", path, 0, len(old), [*new.values()]])
        return
    keys = [*old]
    # From the end, so that the indices before it still count.
    for end in range(len(keys), 0, -1) if len(kept) < len(keys) else ():
        start = end
        if keys[end - 1] in new or (end < len(keys) and keys[end] not in new):
            continue
        while start > 0 and keys[start - 1] not in new:
            start -= 1
        ops.append(["~", path, start, end - start, []])
    added: list[Any] = []
    for index, (key, item) in enumerate([*new.items(), ("", None)]):
        is_new = key not in old and index < len(new)
        if is_new:
            added.append(item)
        elif added:
            ops.append(["~", path, index - len(added), 0, added])
            added = []
    for index, (key, item) in enumerate(new.items()):
        if key in old:
            _diff(old[key], item, [*path, index], ops)


def _diff_lists(old: list[Any], new: list[Any], path: Path, ops: list[Op]) -> None:
    shorter = min(len(old), len(new))
    start = next((index for index in range(shorter) if not _same(old[index], new[index])), shorter)
    end = 0
    while end < shorter - start and _same(old[-1 - end], new[-1 - end]):
        end += 1
    paired = start
    while paired < shorter - end and _alike(old[paired], new[paired]):
        _diff(old[paired], new[paired], [*path, paired], ops)
        paired += 1
    if paired < len(old) - end or paired < len(new) - end:
        ops.append(["~", path, paired, len(old) - end - paired, new[paired : len(new) - end]])


def _alike(old: object, new: object) -> bool:
    """Tell whether one item is the other one, changed, and not another in its place."""
    if is_list(old) and is_list(new):
        return bool(old) and bool(new) and _same(old[0], new[0])
    return (isinstance(old, str) and isinstance(new, str)) or (is_dict(old) and is_dict(new))


def _change(tree: Any, path: Path, change: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - plain JSON data
    """Return a tree in which what is at a path has changed; all beside the path is shared."""
    if not path:
        return change(tree)
    step, rest = path[0], path[1:]
    if is_dict(tree) and isinstance(step, str):
        return {**tree, step: _change(tree[step], rest, change)}
    _check(is_list(tree) and isinstance(step, int) and 0 <= step < len(tree))
    copy: list[Any] = [*tree]
    copy[int(step)] = _change(copy[int(step)], rest, change)
    return copy


def _check(fits: bool) -> None:  # noqa: FBT001 - the one thing that it takes
    if not fits:
        raise IndexError


def _set(tree: Any, op: Op) -> Any:  # noqa: ANN401 - plain JSON data
    _, path, value = op
    if not path:
        return value
    *above, step = path

    def change(node: Any) -> Any:  # noqa: ANN401 - plain JSON data
        if is_dict(node):
            _check(isinstance(step, str))
            return {**node, step: value}
        _check(is_list(node) and isinstance(step, int) and 0 <= step < len(node))
        return [*node[:step], value, *node[step + 1 :]]

    return _change(tree, above, change)


def _delete(tree: Any, op: Op) -> Any:  # noqa: ANN401 - plain JSON data
    *above, step = op[1]

    def change(node: Any) -> Any:  # noqa: ANN401 - plain JSON data
        if not is_dict(node):
            raise TypeError
        rest = {**node}
        del rest[step]
        return rest

    return _change(tree, above, change)


def _append(tree: Any, op: Op) -> Any:  # noqa: ANN401 - plain JSON data
    _, path, text = op

    def change(node: Any) -> Any:  # noqa: ANN401 - plain JSON data
        _check(isinstance(node, str) and isinstance(text, str))
        return node + text

    return _change(tree, path, change)


def _splice(tree: Any, op: Op) -> Any:  # noqa: ANN401 - plain JSON data
    _, path, index, remove, items = op

    def change(node: Any) -> Any:  # noqa: ANN401 - plain JSON data
        _check(is_list(node) and is_list(items) and 0 <= index <= index + remove <= len(node))
        return [*node[:index], *items, *node[index + remove :]]

    return _change(tree, path, change)


_APPLIED: dict[str, Callable[[Any, Op], Any]] = {"=": _set, "-": _delete, "+": _append, "~": _splice}
