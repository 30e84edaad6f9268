"""The names outside of a function that its result depends on, read in its source.

A result does not depend on what only decides whether the function returns at all: `if name in broken: raise …`, an
assertion, a call whose value nobody uses (`calls.append(name)`, `await asyncio.sleep(pause)`). Nor is a name read
that the function itself writes to, as counters and caches are.
"""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

__all__ = ["Attribute", "Read", "attributes_read", "names_read"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute by which an object is read."""

    name: str


Read: TypeAlias = "tuple[str, tuple[object, ...]]"
"""A name, and the constant keys and the attributes by which alone it is read; none for all of it."""

_MUTATORS = frozenset(
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
        "writelines",
        "increment",
        "inc",
        "set",
        "send",
        "subtract",
    ]
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@functools.lru_cache(1024)
def names_read(code: CodeType) -> tuple[Read, ...]:
    """Return the names that a function reads from outside and that its result depends on, sorted."""
    outside = _outside(code)
    node = _parsed(code)
    if node is None:  # typed into a shell, or made by `exec`
        return tuple((name, ()) for name in sorted(outside))
    written = {found for each in ast.walk(node) for found in _written(each)}
    visitor = _Visitor(code)
    visitor.visit_function(node)
    reads = [(name, visitor.reads[name]) for name in sorted(visitor.reads.keys() & outside)]
    return tuple((name, keys) for name, read in reads if (keys := _keys(name, read, written)) is not None)


@functools.lru_cache(1024)
def attributes_read(code: CodeType) -> tuple[frozenset[str] | None, frozenset[str]]:
    """Return the attributes of its first parameter that a method reads, None for all, and those that it writes to."""
    node = _parsed(code)
    if node is None or not code.co_argcount:
        return None, frozenset()
    own = code.co_varnames[0]
    visitor = _Visitor(code)
    visitor.visit_function(node)
    reads = visitor.reads.get(own, [])
    written = {key for each in ast.walk(node) for name, key in _written(each) if name == own}
    changed = frozenset(key.name for key in written if isinstance(key, Attribute))
    names = frozenset(each.name for each in reads if isinstance(each, Attribute))
    return (names if all(isinstance(each, Attribute) for each in reads) else None), changed


def _keys(name: str, reads: list[object], written: set[tuple[str, object]]) -> tuple[object, ...] | None:
    """Return the keys by which alone a name is read, none for all of it; None for one that the function writes to."""
    changed = {key for each, key in written if each == name}
    if _ALL in changed or (_ALL in reads and changed):
        return None
    if _ALL in reads:
        return ()
    return tuple(sorted({*reads} - changed, key=repr)) or None


_ALL = object()


def _outside(code: CodeType) -> set[str]:
    """Return the free and the global names of a function and of the functions in it, without builtins."""
    found = {*code.co_freevars, *code.co_names}
    for each in code.co_consts:
        if isinstance(each, type(code)):
            found |= _outside(each) - {*code.co_cellvars}
    return {name for name in found if not hasattr(builtins, name)}


def _parsed(code: CodeType) -> ast.AST | None:
    """Return the node of a function, or None where its source is not known."""
    try:
        tree = ast.parse(_source(code))
    except (OSError, SyntaxError, TypeError, ValueError, IndexError):
        return None
    nodes = [each for each in ast.walk(tree) if isinstance(each, _FUNCTIONS) and _is_of(each, code)]
    return nodes[0] if len(nodes) == 1 else None


def _source(code: CodeType) -> str:
    text = textwrap.dedent(inspect.getsource(code))
    if code.co_name != "<lambda>":
        return text
    for end in range(len(text), 0, -1) if len(text) < 2_000 else ():  # noqa: PLR2004 - a line of a call, which may be cut anywhere
        for start in (text.find("lambda"), 0):
            try:
                ast.parse(piece := text[max(start, 0) : end].strip())
            except SyntaxError:
                continue
            if "lambda" in piece:
                return piece
    return text


def _is_of(node: ast.AST, code: CodeType) -> bool:
    if getattr(node, "name", "<lambda>") != code.co_name:
        return False
    arguments: ast.arguments = cast("ast.Lambda", node).args
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    return tuple(names) == code.co_varnames[: len(names)] and len(names) == code.co_argcount + code.co_kwonlyargcount


def _written(node: ast.AST) -> Iterator[tuple[str, object]]:
    """Give the name that a statement or a call writes to, with the constant key or the attribute where it is below."""
    target: ast.AST | None = None
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        target = node
    elif isinstance(node, ast.AugAssign):
        target = node.target
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _MUTATORS:
        target = node.func.value
    if target is not None and (base := _base(target)) is not None:
        yield base, _first_key(target)


def _first_key(node: ast.AST) -> object:
    """Return the key or the attribute that follows the name in which an expression begins; `_ALL` for any other."""
    found: object = _ALL
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        if isinstance(node, ast.Attribute):
            found = Attribute(node.attr)
        elif isinstance(node, ast.Subscript):
            found = node.slice.value if isinstance(node.slice, ast.Constant) else _ALL
        node = node.func if isinstance(node, ast.Call) else node.value
    return found


def _base(node: ast.AST) -> str | None:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


class _Visitor(ast.NodeVisitor):
    """Collect the names that a function's result depends on, with the keys by which they are read."""

    def __init__(self, code: CodeType) -> None:
        self.reads: dict[str, list[object]] = {}
        self._parameters = {*code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]}
        self._made = {*code.co_varnames, *code.co_cellvars} - self._parameters

    def visit_function(self, node: ast.AST) -> None:
        """Read a function's body and the defaults of its parameters; annotations and decorators are not its body."""
        body: Any = cast("Any", node).body
        for each in cast("list[ast.AST]", body if isinstance(body, list) else [body]):
            self.visit(each)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Read a function inside the function."""
        self.visit_function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        """Read a function inside the function."""
        self.visit_function(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Read the value, not the annotation."""
        if node.value is not None:
            self.visit(node.value)

    def visit_Expr(self, node: ast.Expr) -> None:
        """Read a call only where it may change what the function made."""
        if self._has_effect(node):
            self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> None:
        """Read nothing: an assertion decides whether there is a result."""

    def visit_Raise(self, node: ast.Raise) -> None:
        """Read nothing: an error is no result."""

    def visit_If(self, node: ast.If) -> None:
        """Read the condition only where a branch may change the result."""
        if any(map(self._has_effect, (*node.body, *node.orelse))):
            self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        """Read it as a condition."""
        if any(map(self._has_effect, (*node.body, *node.orelse))):
            self.generic_visit(node)

    def visit_withitem(self, node: ast.withitem) -> None:
        """Read a context that is given a name."""
        if node.optional_vars is not None:
            self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """Take note of a constant key."""
        if isinstance(node.value, ast.Name) and isinstance(node.slice, ast.Constant):
            self.reads.setdefault(node.value.id, []).append(node.slice.value)
        else:
            self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Take note of an attribute."""
        if isinstance(node.value, ast.Name):
            self.reads.setdefault(node.value.id, []).append(Attribute(node.attr))
        else:
            self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        """Take note of a name that is read as a whole."""
        self.reads.setdefault(node.id, []).append(_ALL)

    def _has_effect(self, statement: ast.stmt) -> bool:
        """Return whether a statement may change what the function returns."""
        if isinstance(statement, ast.Raise | ast.Pass | ast.Assert | ast.Global | ast.Nonlocal):
            return False
        if isinstance(statement, ast.If | ast.While):
            return any(map(self._has_effect, (*statement.body, *statement.orelse)))
        if not isinstance(statement, ast.Expr):
            return True
        value = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
        if not isinstance(value, ast.Call):
            return not isinstance(value, ast.Constant)
        passed = [*value.args, *(each.value for each in value.keywords)]
        made = any(isinstance(each, ast.Name) and each.id in self._made for each in passed)
        is_own = isinstance(value.func, ast.Attribute) and _base(value.func) in self._made | self._parameters
        return made or is_own
