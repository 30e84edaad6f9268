"""The house: what lies where, who knows whom, what is public, and what loads when. import-linter holds the rest."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import progressnb

PACKAGE = Path(progressnb.__file__).parent
NAMESPACES = ["errors", "events", "interop", "samples", "testing", "web"]
# Code of its own world, which goes into a ZIP.
APART = ("operations/testcases/suite/",)
SOURCES = [path for path in sorted(PACKAGE.rglob("*.py")) if not any(part in path.as_posix() for part in APART)]
OWNERS = {
    "IPython": ["display"],
    "anywidget": ["display"],
    "fastapi": ["web"],
    "httpx": ["web"],
    "ipywidgets": ["display"],
    "langchain_core": ["interop"],
    "opentelemetry": ["interop"],
    "pandas": ["frames", "operations"],
    "pydantic_ai": ["agents", "operations", "testing"],
    "rich": ["display"],
    "sqlite3": ["history"],
    "starlette": ["web"],
    "uvicorn": ["web"],
}


def room_of(path: Path) -> str:
    """Return the package, or the module at the root, that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def module_of(path: Path) -> str:
    """Return a file's module name."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports_of(path: Path, *, typing: bool = True) -> list[tuple[str, str | None]]:
    """List what a file imports: a module, and the name that is taken from it, or None."""

    def visit(node: ast.AST) -> Iterator[tuple[str, str | None]]:
        for child in ast.iter_child_nodes(node):
            if not typing and isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
                continue
            if isinstance(child, ast.Import):
                yield from ((alias.name, None) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                module = child.module or ""
                if child.level:
                    here = module_of(path).split(".")
                    base = here if path.name == "__init__.py" else here[:-1]
                    above = base[: len(base) - child.level + 1]
                    module = ".".join([*above, *([module] if module else [])])
                yield from ((module, alias.name) for alias in child.names)
            else:
                yield from visit(child)

    return list(visit(ast.parse(path.read_text(encoding="utf-8"))))


def python(code: str) -> str:
    """Run code in a Python of its own and return what it prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_root_holds_packages() -> None:
    """At the root lie the face, errors, tracebacks, the way of imports, the helpers for tests, and packages."""
    files = {path.name for path in PACKAGE.iterdir() if path.is_file()}
    assert files == {"__init__.py", "__main__.py", "errors.py", "imports.py", "py.typed", "testing.py", "tracebacks.py"}


def test_no_package_bears_the_name_of_a_public_name() -> None:
    """Importing a submodule never hides a name of the face."""
    packages = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert packages & {*progressnb.__all__} == {"samples"}  # which is both


def test_every_public_name_is_there_whatever_was_imported() -> None:
    """After every submodule was imported, each name of `__all__` is what it is."""
    code = """
import importlib, pkgutil, types, progressnb
for module in pkgutil.walk_packages(progressnb.__path__, "progressnb."):
    if not any(part in module.name for part in ("__main__", "testcases.suite")):
        importlib.import_module(module.name)
print(*(name for name in progressnb.__all__ if isinstance(getattr(progressnb, name), types.ModuleType)))
"""
    assert python(code).split() == ["samples"]


def test_all_is_exact() -> None:
    """`__all__` is sorted, and it and the namespaces are all that the face gives."""
    assert progressnb.__all__ == sorted(progressnb.__all__)
    assert {*dir(progressnb)} >= {*progressnb.__all__, *NAMESPACES}
    table = {*progressnb._TABLE}
    assert table == {*progressnb.__all__, *NAMESPACES} - {"__version__"}
    for name in table:
        assert getattr(progressnb, name) is not None
    for name, home in {"InputError": "errors", "DoneEvent": "events", "to_agui": "interop", "Limits": "web"}.items():
        with pytest.raises(AttributeError, match=f"no attribute {name!r}: it is in pnb.{home}"):
            getattr(progressnb, name)
    with pytest.raises(AttributeError, match=r"no attribute 'nothing'$"):
        _ = progressnb.nothing


def test_importing_costs_nothing() -> None:
    """`import progressnb` loads no other package, and of Python's own nothing that takes time."""
    code = """
import sys
before = {*sys.modules}
import progressnb
print(*sorted({name.partition(".")[0] for name in {*sys.modules} - before}))
"""
    assert not {*python(code).split()} & {"asyncio", "logging", "pydantic", "typing_extensions"}
    asked = code.replace(
        "import progressnb\n", "import progressnb\nhasattr(progressnb, '_repr_html_'), hasattr(progressnb, 'x')\n"
    )
    assert not {*python(asked).split()} & {"asyncio", "pydantic", "starlette"}
    assert "progressnb" in python(code).split()


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("progressnb.tracking", "pandas IPython rich pydantic_ai sqlite3"),
        (
            "progressnb.execution",
            "pandas IPython rich pydantic_ai fastapi progressnb.wire.batch progressnb.folds.batches",
        ),
        ("progressnb.history", "pandas IPython rich pydantic_ai"),
        ("progressnb.tools", "pandas IPython rich pydantic_ai"),
        ("progressnb.batching", "pandas IPython rich pydantic_ai fastapi dask distributed cloudpickle"),
        ("progressnb.interop", "langchain_core opentelemetry pydantic_ai pandas"),
        ("progressnb.display", "pandas ipywidgets rich pydantic_ai"),
        ("progressnb.frames", "altair IPython pydantic_ai"),
        ("progressnb.web", "fastapi uvicorn httpx pydantic_ai"),
        ("progressnb.cli", "pydantic_ai pandas fastapi"),
    ],
)
def test_heavy_packages_load_at_first_use(module: str, heavy: str) -> None:
    """Importing a package loads nothing heavy that it may not need."""
    loaded = python(f"import sys, {module}; print(*({{*{heavy.split()}}} & {{*sys.modules}}))")
    assert loaded.split() == []


@pytest.mark.parametrize("library", OWNERS)
def test_each_library_has_its_place(library: str) -> None:
    """A library is imported by the packages that it belongs to, and by no other."""
    users = {
        room_of(path)
        for path in SOURCES
        for module, _ in imports_of(path, typing=False)
        if module.partition(".")[0] == library
    }
    assert users <= {*OWNERS[library]}


@pytest.mark.parametrize(
    ("library", "home"),
    [("langchain_core", "interop/langchain/"), ("opentelemetry", "interop/otel/"), ("langgraph", "nowhere")],
)
def test_a_library_that_may_be_missing_has_one_home(library: str, home: str) -> None:
    """What bridges a library that may not be installed is imported only where that library is."""
    homes = {
        path.relative_to(PACKAGE).as_posix()
        for path in SOURCES
        for module, _ in imports_of(path)
        if module.partition(".")[0] == library
    }
    assert all(each.startswith(home) for each in homes)


def test_no_private_name_crosses_packages() -> None:
    """A name with an underscore stays in its package."""
    crossing = [
        f"{module_of(path)} imports {module}.{name}"
        for path in SOURCES
        for module, name in imports_of(path)
        if module.startswith("progressnb.") and name is not None
        if name.startswith("_") and not name.startswith("__") and module.split(".")[1] != room_of(path)
    ]
    assert crossing == []


def test_names_that_cross_packages_are_documented() -> None:
    """What one package imports of another is in that module's `__all__`, or is a module."""
    missing: list[str] = []
    for path in SOURCES:
        for module, name in imports_of(path):
            if not module.startswith("progressnb.") or name is None or module.split(".")[1] == room_of(path):
                continue
            there = importlib.import_module(module)
            if name not in getattr(there, "__all__", ()) and not hasattr(there, "__path__"):
                missing.append(f"{module_of(path)} imports {module}.{name}")
    assert missing == []


def test_operations_use_the_doors_that_users_have() -> None:
    """Shipped operations import other packages by name, never from their inside, and only what those export."""
    inside: list[str] = []
    for path in SOURCES:
        if room_of(path) != "operations":
            continue
        for module, name in imports_of(path):
            parts = module.split(".")
            if parts[0] != "progressnb" or parts[1:2] == ["operations"]:
                continue
            exported = getattr(importlib.import_module(module), "__all__", ())
            if len(parts) > 2 or (name not in exported and name not in NAMESPACES):
                inside.append(f"{module_of(path)} imports {module}.{name}")
    assert inside == []


def test_every_module_says_what_it_is() -> None:
    """A module's docstring begins with a noun phrase or an imperative, and not with a question word."""
    headless = [
        module_of(path)
        for path in SOURCES
        if (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "What").split()[0]
        in ("How", "What", "When", "Where", "Which", "Who", "Why")
    ]
    assert headless == []


def code_lines(path: Path) -> int:
    """Count the lines of a file without docstrings, comments and empty lines."""
    text = path.read_text(encoding="utf-8")
    documented: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        first = node.body[0] if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            documented |= {*range(first.lineno, (first.end_lineno or first.lineno) + 1)}
    lines = enumerate(text.splitlines(), 1)
    return sum(number not in documented and line.strip()[:1] not in ("", "#") for number, line in lines)


def test_files_stay_readable() -> None:
    """One idea a file: none has more than 250 lines of code."""
    assert {module_of(path): count for path in SOURCES if (count := code_lines(path)) > 250} == {}


def test_every_package_is_walked() -> None:
    """The checks above see all modules of the package."""
    names = {module.name for module in pkgutil.walk_packages(progressnb.__path__, "progressnb.")}
    apart = {name for name in names if "testcases.suite" in name}
    assert {module_of(path) for path in SOURCES} - {"progressnb"} == names - apart
