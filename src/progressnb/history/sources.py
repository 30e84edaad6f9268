"""The source of compiled code, as a syntax tree."""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from types import CodeType

__all__ = ["parsed"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def parsed(code: CodeType) -> ast.AST | None:
    """Return the node of a function, or None where its source is not known."""
    try:
        tree = ast.parse(_source(code))
    except (OSError, SyntaxError, TypeError, ValueError, IndexError):
        return None
    tree = _Names().visit(tree)
    nodes = [each for each in ast.walk(tree) if isinstance(each, _FUNCTIONS) and _is_of(each, code)]
    return nodes[0] if len(nodes) == 1 else None


class _Names(ast.NodeTransformer):
    """The names for which `globals()["name"]` and `sys.modules["name"]` stand."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """Replace the constant key of all globals by its name, that of all modules by an import."""
        self.generic_visit(node)
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        owner, is_read = ast.unparse(node.value), isinstance(node.ctx, ast.Load)
        if owner == "globals()" and isinstance(key, str):
            made = ast.Name(key, node.ctx)
            made.is_global = True  # type: ignore[attr-defined]
            return ast.copy_location(made, node)
        if owner == "sys.modules" and is_read:
            return ast.copy_location(ast.Call(ast.Name("import_module", ast.Load()), [node.slice], []), node)
        return node


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
