"""The names outside of a function that its result depends on, read in its source.

A result does not depend on what only decides whether the function returns at all: `if name in broken: raise …`, an
assertion, a call whose value nobody uses (`calls.append(name)`, `await asyncio.sleep(pause)`). Nor is a name read
that the function itself writes to, as counters and caches are. Where an error is caught, it decides the result.
"""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from progressnb.history.sources import parsed
from progressnb.history.visitor import Imported, Visitor
from progressnb.history.writes import ALL, Attribute, base_of, configures, written_names

if TYPE_CHECKING:
    from types import CodeType

__all__ = ["Path", "Read", "Reads", "attributes_read", "changes_outside", "is_setter", "names_read", "writes_in"]

Path: TypeAlias = "tuple[object, ...]"
"""The constant keys, attributes and calls that follow a name."""

Read: TypeAlias = "tuple[str, tuple[Path, ...]]"
"""A name, and the paths by which alone it is read; none for all of it."""


@dataclass(frozen=True, slots=True)
class Reads:
    """The names, calls and files outside of a function that it reads.

    Attributes:
        names: What its result depends on.
        effects: The calls whose values are not used: a name, a path, and what is read for them. They count where they
            change something.
        files: Constant texts, which may name files.
        caught: The names that are called where an error is caught, so that their errors decide, too.
        changed: Names that it reads and whose values it also changes itself.
        imports: What it imports itself and reads of that.
        used: All names that it reads.
        unknown: A way of reading that leads to no name, or None.

    """

    names: tuple[Read, ...]
    effects: tuple[tuple[str, Path, tuple[Read, ...]], ...] = ()
    files: tuple[str, ...] = ()
    caught: frozenset[str] = frozenset()
    changed: tuple[Read, ...] = ()
    imports: tuple[tuple[Imported, tuple[Path, ...]], ...] = ()
    used: frozenset[str] = frozenset()
    unknown: str | None = None


@functools.lru_cache(1024)
def names_read(code: CodeType, *, caught: bool = False) -> Reads:
    """Return what a function reads from outside, sorted; with `caught` also what its errors depend on."""
    outside = _outside(code)
    node = parsed(code)
    if node is None:  # typed into a shell, or made by `exec`
        return Reads(tuple((name, ()) for name in sorted(outside)))
    written = {found for each in ast.walk(node) for found in written_names(each)}
    names = [each for each in ast.walk(node) if isinstance(each, ast.Name)]
    outside |= {each.id for each in names if getattr(each, "is_global", False)}
    visitor = Visitor(code, caught=caught)
    visitor.visit_function(node)
    outside |= visitor.named
    effects = tuple(
        (base, path, _kept(reads, outside, written)) for base, path, reads in visitor.effects if base in outside
    )
    kept = _kept(visitor.reads, outside, written)
    bound = {each.id for each in names if not isinstance(each.ctx, ast.Load)}
    changed = {name for name, key in written if key is ALL or () in visitor.reads.get(name, [])}
    others = sorted((visitor.reads.keys() & outside & changed) - {name for name, _ in kept} - bound)
    return Reads(
        kept,
        effects,
        tuple(sorted(visitor.texts)),
        frozenset(visitor.caught),
        tuple(
            (name, () if () in (read := visitor.reads[name]) else tuple(sorted({*read}, key=repr))) for name in others
        ),
        tuple(
            (each, tuple(visitor.reads[each[0]]))
            for each in sorted(visitor.imports, key=repr)
            if each[0] in visitor.reads
        ),
        frozenset(visitor.reads),
        visitor.unknown,
    )


@functools.lru_cache(1024)
def attributes_read(code: CodeType) -> tuple[frozenset[str] | None, frozenset[str]]:
    """Return the attributes of its first parameter that a method reads, None for all, and those that it writes to."""
    node = parsed(code)
    if node is None or not code.co_argcount:
        return None, frozenset()
    own = code.co_varnames[0]
    visitor = Visitor(code)
    visitor.visit_function(node)
    paths = [*visitor.reads.get(own, [])]
    for base, path, reads in visitor.effects:
        paths += [*([path] if base == own else []), *reads.get(own, [])]
    written = {key for each in ast.walk(node) for name, key in written_names(each) if name == own}
    changed = frozenset(key.name for key in written if isinstance(key, Attribute))
    first = [path[0] if path else None for path in paths]
    names = frozenset(each.name for each in first if isinstance(each, Attribute))
    return (names if all(isinstance(each, Attribute) for each in first) else None), changed


@functools.lru_cache(1024)
def changes_outside(code: CodeType, used: frozenset[str], *, of_used: bool) -> frozenset[str] | None:
    """Return those of the names to which a function writes; None where its source is not known.

    An empty text stands for the object of a method that changes it, where that is used.
    """
    node = parsed(code)
    if node is None:
        return None
    names = _outside(code) & used
    own = code.co_varnames[:1]
    found = {name for each in ast.walk(node) if (name := _configured(each)) is not None and name in names}
    for each in ast.walk(node):
        for name, key in written_names(each):
            if name in names:
                found.add(name)
            elif of_used and name in own and isinstance(key, Attribute):
                found.add("")
    return frozenset(found)


def _configured(node: ast.AST) -> str | None:
    """Return the module whose settings a call changes, as `random.seed(3)` does."""
    return base_of(node.func) if isinstance(node, ast.Call) and configures(node.func) else None


@functools.lru_cache(1024)
def is_setter(code: CodeType) -> bool:
    """Return whether a method does nothing but to assign to attributes, as `set_year(year)` does."""
    body: Any = getattr(parsed(code), "body", None)
    if not isinstance(body, list):
        return False
    kinds = ast.Assign | ast.AnnAssign | ast.If | ast.Raise | ast.Return
    statements = cast("list[ast.stmt]", body)
    return all(
        isinstance(each, kinds) or (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        for each in statements
    )


@functools.lru_cache(1024)
def writes_in(code: CodeType) -> frozenset[tuple[str, object]]:
    """Return the names that code writes to, with the key or the attribute."""
    node = parsed(code)
    return frozenset(found for each in ast.walk(node) for found in written_names(each)) if node else frozenset()


def _kept(reads: dict[str, list[Path]], outside: set[str], written: set[tuple[str, object]]) -> tuple[Read, ...]:
    found = [(name, reads[name]) for name in sorted(reads.keys() & outside)]
    return tuple((name, paths) for name, read in found if (paths := _paths(name, read, written)) is not None)


def _paths(name: str, reads: list[Path], written: set[tuple[str, object]]) -> tuple[Path, ...] | None:
    """Return the paths by which alone a name is read, none for all of it; None for one that the function writes to."""
    changed = {key for each, key in written if each == name}
    if ALL in changed or (() in reads and changed):
        return None
    if () in reads:
        return ()
    return tuple(sorted({path for path in reads if path[0] not in changed}, key=repr)) or None


def _outside(code: CodeType) -> set[str]:
    """Return the free and the global names of a function and of the functions in it."""
    found = {*code.co_freevars, *code.co_names}
    for each in code.co_consts:
        if isinstance(each, type(code)):
            found |= _outside(each) - {*code.co_cellvars}
    return found
