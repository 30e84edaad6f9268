"""The visitor of a function's source, which collects what its result depends on."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from progressnb.history.writes import MUTATORS, Attribute, Called, base_of, opened_for

if TYPE_CHECKING:
    from types import CodeType

__all__ = ["Imported", "Visitor"]

_Reads = dict[str, list[tuple[object, ...]]]
Imported: TypeAlias = "tuple[str, int, str, str | None]"


class Visitor(ast.NodeVisitor):
    """Collect the names that a function's result depends on, with the paths by which they are read.

    Attributes:
        reads: The paths by name; the empty path is that of the whole value.
        effects: The calls whose values are not used: the name and the path of what is called, and what is read for it.
        texts: Constant texts.
        caught: The names that are read where an error is caught.
        imports: The modules that are imported inside, as (name under which it is known, level, module, name in it).
        named: Names in a text that is evaluated.
        unknown: A way of reading that leads to no name, such as `globals()[key]`, or None.

    """

    def __init__(self, code: CodeType, *, caught: bool = False) -> None:
        self.reads: _Reads = {}
        self.effects: list[tuple[str, tuple[object, ...], _Reads]] = []
        self.texts: set[str] = set()
        self.caught: set[str] = set()
        self.imports: set[Imported] = set()
        self.unknown: str | None = None
        self.named: set[str] = set()
        self._parameters = {*code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]}
        self._made = {*code.co_varnames, *code.co_cellvars} - self._parameters
        self._caught = caught  # whether an error decides the result

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
        """Read a call only where it may change what the function made; others are effects, of which callers decide."""
        if self._has_effect(node):
            self.generic_visit(node)
            return
        call = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(call, ast.Call):
            base, path, _ = _chain(call.func)
            if base is not None:
                kept, self.reads = self.reads, {}
                for each in (*call.args, *call.keywords):
                    self.visit(each)
                self.reads, given = kept, self.reads
                self.effects.append((base, path, given))

    def visit_Assert(self, node: ast.Assert) -> None:
        """Read nothing: an assertion decides whether there is a result."""
        if self._caught:
            self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        """Read an error only where it is caught: else it is no result."""
        if self._caught:
            self.generic_visit(node)

    def visit_If(self, node: ast.If) -> None:
        """Read the condition only where a branch may change the result."""
        if any(map(self._has_effect, (*node.body, *node.orelse))):
            self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        """Read it as a condition."""
        if any(map(self._has_effect, (*node.body, *node.orelse))):
            self.generic_visit(node)

    def visit_Try(self, node: ast.Try | ast.TryStar) -> None:
        """Read errors as conditions where a handler goes on without them."""
        before = self._caught
        goes_on = any(any(map(self._has_effect, handler.body)) or not _raises(handler) for handler in node.handlers)
        self._caught = before or goes_on
        for each in (*node.body, *node.orelse):
            self.visit(each)
        self._caught = before
        for other in (*node.handlers, *node.finalbody):
            self.visit(other)

    def visit_TryStar(self, node: ast.TryStar) -> None:
        """Read it as one without a star."""
        self.visit_Try(node)

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        """Read a context; one of `suppress` catches errors."""
        before = self._caught
        for item in node.items:
            self.visit(item.context_expr)
            called = item.context_expr.func if isinstance(item.context_expr, ast.Call) else None
            self._caught |= (getattr(called, "attr", None) or getattr(called, "id", None)) in ("suppress", "raises")
        for each in node.body:
            self.visit(each)
        self._caught = before

    def visit_AsyncWith(self, node: ast.AsyncWith) -> None:
        """Read it as a context."""
        self.visit_With(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Take note of a text, which may name a file."""
        if isinstance(node.value, str):
            self.texts.add(node.value)

    def visit_Import(self, node: ast.Import) -> None:
        """Take note of a module, by the name that it has in the function."""
        for each in node.names:
            name, _, rest = each.name.partition(".")
            self.imports.add((each.asname or name, 0, each.name if each.asname or not rest else name, None))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Take note of a name of a module."""
        for each in node.names:
            self.imports.add((each.asname or each.name, node.level, node.module or "", each.name))

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Read what is added; what it is added to is read only where it is used later."""
        self._visit_keys(node.target)
        self.visit(node.value)

    def _visit_keys(self, node: ast.AST) -> None:
        """Read the keys of what is assigned to, and what stands in the place of a name."""
        while isinstance(node, ast.Attribute | ast.Subscript):
            if isinstance(node, ast.Subscript):
                self.visit(node.slice)
            node = node.value
        if not isinstance(node, ast.Name):
            self.visit(node)

    def _note_dynamic(self, node: ast.Call) -> None:
        """Take note of a module that is imported by a call, and of reading that leads to no name."""
        name = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
        first = node.args[0] if node.args else None
        text = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
        if name in ("import_module", "__import__"):
            if text is None:
                self.unknown = f"what {name}() gives"
            else:
                self.imports.add((f"import {text}", 0, text, None))
                self.reads.setdefault(f"import {text}", []).append(())
        elif isinstance(node.func, ast.Name) and name == "globals":
            self.unknown = "globals()"
        elif isinstance(node.func, ast.Name) and name in ("eval", "exec") and len(node.args) == 1:
            try:
                inner = ast.parse(text or "?")
                self.named |= {each.id for each in ast.walk(inner) if isinstance(each, ast.Name)}
                self.visit(inner)
            except SyntaxError:
                self.unknown = f"what {name}() reads"

    def visit_Call(self, node: ast.Call) -> None:
        """Read what is called and given; a file that is opened for writing is no input."""
        opened = opened_for(node)
        if opened is not None and isinstance(opened[0], ast.Constant) and not {*opened[1]}.isdisjoint("wax"):
            return
        self._visit_chain(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """Take note of a constant key; what is assigned to is not read."""
        if isinstance(node.ctx, ast.Load):
            self._visit_chain(node)
        else:
            self._visit_keys(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Take note of an attribute; what is assigned to is not read."""
        if isinstance(node.ctx, ast.Load):
            self._visit_chain(node)
        else:
            self._visit_keys(node)

    def visit_Name(self, node: ast.Name) -> None:
        """Take note of a name that is read as a whole."""
        if isinstance(node.ctx, ast.Load):
            self._visit_chain(node)

    def _visit_chain(self, node: ast.expr) -> None:
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute | ast.Subscript | ast.Call):
            if isinstance(inner, ast.Call):
                self._note_dynamic(inner)
            inner = inner.func if isinstance(inner, ast.Call) else inner.value
        base, path, others = _chain(node)
        if base is not None:
            self.reads.setdefault(base, []).append(path)
            if self._caught:
                self.caught.add(base)
        for each in others:
            self.visit(each)

    def _has_effect(self, statement: ast.stmt) -> bool:
        """Return whether a statement may change what the function returns."""
        if self._caught and not _mutates(statement):
            return True
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
        is_own = isinstance(value.func, ast.Attribute) and base_of(value.func) in self._made | self._parameters
        return made or is_own


def _mutates(statement: ast.stmt) -> bool:
    """Return whether a statement is a call such as `calls.append(name)`, which raises nothing that decides."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in MUTATORS


def _raises(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(each, ast.Raise) for each in handler.body)


def _chain(node: ast.AST) -> tuple[str | None, tuple[object, ...], list[ast.AST]]:
    """Return the name in which an expression begins, the path that follows it, and what else is in the expression."""
    steps: list[object] = []
    others: list[ast.AST] = []
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            steps.append(Attribute(node.attr))
            node = node.value
        elif isinstance(node, ast.Subscript):
            if isinstance(node.slice, ast.Constant):
                steps.append(node.slice.value)
            else:
                steps.clear()
                others.append(node.slice)
            node = node.value
        elif isinstance(node, ast.Call):
            first = node.args[0] if node.args else None
            steps[:] = [Called(first.value)] if isinstance(first, ast.Constant) else []
            others += [*node.args, *node.keywords]
            node = node.func
        else:
            return None, (), [*others, node]
    return node.id, tuple(reversed(steps)), others
