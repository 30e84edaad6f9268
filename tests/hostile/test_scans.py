"""Tools that look through modules: completers, documentation, debuggers, mocks, pickles. The face answers each.

Names are loaded when they are used. Who asks for each name that `dir()` lists does not use them: it gets what is loaded
once it is used, and loads nothing.
"""

import copy
import inspect
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

import progressnb as pnb

NAMESPACES = {"errors", "events", "interop", "testing", "web"}
LOADED = "print(*sorted({'fastapi', 'pandas', 'pydantic', 'pydantic_ai', 'sqlite3', 'starlette'} & {*sys.modules}))"


@pnb.operation
async def report(tracker: pnb.ProgressTracker, topic: str) -> str:  # noqa: ARG001
    """Write a report."""
    return topic


def python(*lines: str, home: Path) -> list[str]:
    """Run lines in a Python of its own, with warnings as errors; return what it prints, by line."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
    env = kept | {"HOME": str(home), "IPYTHONDIR": str(home), "TERM": "dumb"}
    command = [sys.executable, "-W", "error", "-c", "\n".join(lines)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_dir_shows_public_names_alone() -> None:
    """`dir` lists what users may use, sorted, and as plain text in every respect but for a scan."""
    assert dir(pnb) == sorted({*pnb.__all__, *NAMESPACES, "last_run"})
    assert dir(pnb.web) == sorted(pnb.web.__all__)
    assert dir(pnb.samples) == sorted(pnb.samples.__all__)
    assert [name for name in dir(pnb) if name.startswith("_")] == ["__version__"]
    assert pickle.loads(pickle.dumps(dir(pnb))) == dir(pnb)  # noqa: S301 - our own


@pytest.mark.parametrize(
    "scan",
    [
        (
            "import warnings; warnings.simplefilter('ignore')\n"
            "[getattr(module, name, None) for module in list(sys.modules.values()) for name in dir(module)]"
        ),
        "[hasattr(pnb, name) for name in dir(pnb)]",
        "import inspect; inspect.getmembers(pnb)",
        "import inspect; inspect.getmembers(pnb, inspect.isclass); inspect.getmembers_static(pnb)",
        "import pydoc; pydoc.render_doc(pnb)",
        "from unittest import mock; mock.create_autospec(pnb); mock.Mock(spec=pnb).track",
        "import rlcompleter; rlcompleter.Completer({'pnb': pnb}).complete('pnb.', 0)",
        "import doctest; doctest.DocTestFinder().find(pnb)",
        (
            "import pickle\ntry: pickle.dumps(type('A', (), {'__reduce__': lambda self: 'nothing'})())\n"
            "except pickle.PicklingError: pass"
        ),
        "import inspect; inspect.getmodule(inspect.stack()[0][0]); inspect.unwrap(pnb)",
        "import copy, gc, pprint; gc.get_referents(pnb); pprint.pformat(vars(pnb).keys())",
    ],
)
def test_a_scan_loads_nothing(scan: str, tmp_path: Path) -> None:
    """Whoever looks at all names, of this module or of every module, gets an answer and loads nothing."""
    assert python("import sys, progressnb as pnb", scan, LOADED, home=tmp_path) == [""]


def test_a_scan_loads_nothing_of_what_is_lazy_below(tmp_path: Path) -> None:
    """A namespace that is loaded itself keeps what it would load: no server starts to load for a debugger's view."""
    lines = ["import inspect, sys, progressnb as pnb", "pnb.web", "inspect.getmembers(pnb.web)"]
    assert python(*lines, "print('fastapi' in sys.modules, 'httpx' in sys.modules)", home=tmp_path) == ["False False"]


def test_names_that_are_used_are_found(tmp_path: Path) -> None:
    """A name that was used once is an attribute like any other; one that is written out is always there."""
    lines = [
        "import inspect, sys, progressnb as pnb",
        "before = {name for name, value in inspect.getmembers(pnb) if inspect.isfunction(value)}",
        "pnb.track, pnb.runs",
        "after = {name for name, value in inspect.getmembers(pnb) if inspect.isfunction(value)}",
        "print(*sorted(after - before))",
        "print(all(hasattr(pnb, name) for name in ('Run', 'serve', 'history'[:0] + 'web')))",
        "import operator; print(operator.attrgetter('errors.InputError')(pnb).__name__)",
        "import pydoc; print(pydoc.locate('progressnb.track') is pnb.track)",
    ]
    first, *others = python(*lines, home=tmp_path)
    assert {"runs", "track"} <= {*first.split()}
    assert others == ["True", "InputError", "True"]


def test_every_name_of_dir_is_there(tmp_path: Path) -> None:
    """Every name that `dir` lists can be asked for, and what comes can be called, read and subclassed."""
    lines = [
        "import sys, progressnb as pnb",
        "found = {name: getattr(pnb, name) for name in dir(pnb)}",
        "assert [*found] == dir(pnb) and all(hasattr(pnb, name) for name in dir(pnb))",
        LOADED,
        "print(found['Run'])",
        "print(list(found['track']([1, 2], show=False)), found['errors'].InputError.__name__)",
        "print(isinstance(pnb.last_run, found['Run']), issubclass(pnb.Run, found['Run']))",
        "class Mine(found['ProgressTracker']): pass",
        "print(Mine.__mro__[1] is pnb.ProgressTracker)",
        "print(all(getattr(pnb, name) is getattr(pnb, str(name)) for name in ('Run', 'track', 'errors')))",
    ]
    assert python(*lines, home=tmp_path) == [
        "",
        "<progressnb.Run, loaded at its first use>",
        "[1, 2] InputError",
        "True True",
        "True",
        "True",
    ]


def test_every_name_of_dir_is_there_without_extras(tmp_path: Path) -> None:
    """A name whose libraries are not installed is listed, asked for, and says what to install where it is used."""
    lines = [
        "import sys",
        "sys.modules |= dict.fromkeys(['fastapi', 'starlette', 'dask', 'duckdb', 'altair', 'vl_convert', 'openpyxl'])",
        "import progressnb as pnb",
        "found = {name: getattr(pnb, name) for name in dir(pnb)}",
        "print(len(found) == len(dir(pnb)))",
    ]
    assert python(*lines, home=tmp_path) == ["True"]


def test_help_tells_of_every_name() -> None:
    """`help(pnb)`, which loads nothing, names all that there is, by what it is for."""
    text = str(pnb.__doc__)
    missing = [name for name in dir(pnb) if f"`{name}`" not in text]
    assert missing == ["Operation", "ProgressError", "ProgressStream", "Result", "StageHandle", "__version__"]


@pytest.mark.parametrize("jedi", [True, False])
def test_ipython_completes_public_names(jedi: bool, tmp_path: Path) -> None:
    """IPython's completer, by both of its ways, offers the public names, loads nothing, and `%autoreload 2` works."""
    lines = [
        "import sys, warnings",
        "from IPython.core.interactiveshell import InteractiveShell",
        "from IPython.core.completer import provisionalcompleter",
        "shell = InteractiveShell.instance()",
        f"shell.Completer.use_jedi = {jedi}",
        "warnings.simplefilter('ignore')",
        "shell.run_cell('import progressnb as pnb')",
        "with provisionalcompleter():",
        "    found = sorted(each.text.lstrip('.') for each in shell.Completer.completions('pnb.', 4))",
        "print(*found)",
        "shell.run_line_magic('load_ext', 'autoreload'); shell.run_line_magic('autoreload', '2')",
        "assert shell.run_cell('1').success and shell.run_cell('pass').success",
        LOADED,
        "assert shell.run_cell('done = pnb.track([1, 2])').success",
    ]
    found, *rest = (line for line in python(*lines, home=tmp_path) if not line.startswith(("Out[", "\x1b")))
    assert found.split() == sorted(name for name in dir(pnb) if not name.startswith("_"))
    assert "pandas" not in rest[0]
    assert "pydantic_ai" not in rest[0]


NAMES = sorted(name for name in pnb.__all__ if callable(getattr(pnb, name)))


@pytest.mark.parametrize("name", NAMES)
def test_public_callables_are_pickled_by_name(name: str) -> None:
    """Workers in other processes get the very function, class or operation; so do copies."""
    value = getattr(pnb, name)
    assert pickle.loads(pickle.dumps(value)) is value  # noqa: S301 - our own
    assert copy.deepcopy(value) is value


def test_operations_are_pickled_by_name() -> None:
    """An operation of a module is found again by its name, and keeps what it is."""
    assert pickle.loads(pickle.dumps(report)) is report  # noqa: S301 - our own
    assert copy.copy(report) is report


@pytest.mark.parametrize("name", NAMES)
def test_a_mock_takes_the_place_of_any_name(name: str) -> None:
    """`mock.patch` with `autospec`, and monkeypatching, replace a name of the face and put it back."""
    before = getattr(pnb, name)
    with mock.patch(f"progressnb.{name}", autospec=True) as double:
        assert getattr(pnb, name) is double
    assert getattr(pnb, name) is before
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"progressnb.{name}", 3)
        assert getattr(pnb, name) == 3
    assert getattr(pnb, name) is before


def test_signatures_are_readable() -> None:
    """Every public callable has a signature and a docstring, as completers and documentation show them."""
    for name in NAMES:
        value: Any = getattr(pnb, name)
        assert inspect.getdoc(value), name
        assert inspect.signature(value) is not None, name
