"""The files that an operation's own code names and reads, such as `Path("prompt.txt").read_text()`.

Only what is certain counts: a text, a path, or a variable outside that holds one, which is read where it is named. A
file that the code also writes is no input: its own log would make each item another one.
"""

from __future__ import annotations

import ast
import os
from functools import partial
from pathlib import Path, PurePath
from types import CodeType, FunctionType
from typing import Any, cast

from progressnb.history.codes import is_own
from progressnb.history.outside import Outside
from progressnb.history.reads import names_read
from progressnb.history.sources import parsed

__all__ = ["files_read"]

_READS = ("read", "load", "open", "from_file")
_WRITES = ("write", "save", "dump", "to_", "touch", "unlink", "rename", "replace", "remove", "mkdir", "append")
_WRITING = frozenset("wax+")
_MOST = 200
"""Functions that are read."""


def files_read(function: object) -> list[str]:
    """Return the names of the files that a function, and functions of the user that it calls, name and only read."""
    read, written, seen, left = set[str](), set[str](), set[CodeType](), [function]
    while left and len(seen) < _MOST:
        each: Any = left.pop()
        while isinstance(each, partial):
            each = cast("Any", each).func
        each = getattr(each, "__wrapped__", each)
        each = getattr(each, "__func__", each)
        if not isinstance(each, FunctionType) or each.__code__ in seen or not is_own(each.__code__.co_filename):
            continue
        seen.add(each.__code__)
        outside, node = Outside(each), parsed(each.__code__)
        left += [outside[name] for name, _ in names_read(each.__code__).names if name in outside]
        if node is not None:
            reader = _Reader(outside)
            reader.visit(node)
            read |= reader.read
            written |= reader.written
    return sorted(read - written)


class _Reader(ast.NodeVisitor):
    """The names of files in the code of one function: those that it reads, and those that it writes."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._local: dict[str, ast.expr | None] = {}
        self.read: set[str] = set()
        self.written: set[str] = set()

    def visit_Assign(self, node: ast.Assign) -> None:
        """Take note of a variable that is assigned once."""
        for target in node.targets:
            if isinstance(target, ast.Name):
                self._local[target.id] = None if target.id in self._local else node.value
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Take note of the file that a call reads or writes: its object, or its first argument."""
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
        of_object = self._path(called.value) if isinstance(called, ast.Attribute) else None
        paths = [of_object, *(self._path(each) for each in node.args)]
        for path in filter(None, paths):
            if name.startswith(_WRITES) or (name == "open" and _is_written(node, 0 if of_object else 1)):
                self.written.add(path)
            elif name.startswith(_READS) or name.endswith("open"):
                self.read.add(path)
        self.generic_visit(node)

    def _path(self, node: ast.expr) -> str | None:
        try:
            value = self._value(node, 0)
        except Exception:  # noqa: BLE001 - values of the user's may raise anything
            return None
        return os.fspath(value) if isinstance(value, str | PurePath) else None

    def _value(self, node: ast.expr, depth: int) -> object:  # noqa: PLR0911 - each kind of expression has its answer
        """Return the text or the path that an expression is, or None."""
        if depth > 20:  # noqa: PLR2004 - names of names
            return None
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            if (local := self._local.get(node.id)) is not None:
                return self._value(local, depth + 1)
            return self._outside[node.id] if node.id not in self._local and node.id in self._outside else None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            folder, name = self._value(node.left, depth + 1), self._value(node.right, depth + 1)
            return folder / name if isinstance(folder, PurePath) and isinstance(name, str | PurePath) else None
        if isinstance(node, ast.Attribute) and node.attr == "parent":
            below = self._value(node.value, depth + 1)
            return below.parent if isinstance(below, PurePath) else None
        if isinstance(node, ast.Call):
            return self._made(node, depth)
        return None

    def _made(self, node: ast.Call, depth: int) -> object:
        """Return the path that a call of `Path` makes, or that a method such as `resolve` gives."""
        called: Any = node.func
        if isinstance(called, ast.Attribute) and called.attr in ("resolve", "absolute") and not node.args:
            whole = self._value(called.value, depth + 1)
            return getattr(whole, called.attr)() if isinstance(whole, Path) else None
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        parts = [self._value(each, depth + 1) for each in node.args]
        is_path = name in ("Path", "PurePath", "PosixPath") and all(isinstance(each, str | PurePath) for each in parts)
        return Path(*cast("list[str]", parts)) if is_path and parts else None


def _is_written(node: ast.Call, at: int) -> bool:
    """Return whether a call of `open` opens for writing; a mode that nobody knows may be any."""
    modes = [*node.args[at : at + 1], *(each.value for each in node.keywords if each.arg == "mode")]
    if not modes:
        return False
    mode = modes[0].value if isinstance(modes[0], ast.Constant) else "+"
    return not isinstance(mode, str) or not _WRITING.isdisjoint(mode)
