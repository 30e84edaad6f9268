"""Changes of what a stage's function reads: a resumed run gives the new value, an unchanged program its kept one."""

from __future__ import annotations

import importlib
import inspect
import itertools
import linecache
import os
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from progressnb import History, Run, resume_run, use_history
from tests.execution.interrupted import failing, given, interrupted, work

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

_TABLE = (Path(__file__).parents[1] / "data" / "changes.toml").read_text()
TABLE: dict[str, list[dict[str, Any]]] = tomllib.loads(_TABLE)
CASES, SAME = TABLE["case"], TABLE["same"]
_names = itertools.count()


@pytest.fixture(autouse=True)
def history(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[History]:
    """Record with contents, from nothing; the folder's modules can be imported, and are forgotten afterwards."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(str(tmp_path))
    loaded, environment = {*sys.modules}, {**os.environ}
    with History(contents=True) as used:
        use_history(used)
        yield used
        use_history(None)
    for name in {*sys.modules} - loaded:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]
    os.environ.clear()
    os.environ.update(environment)


def load(name: str) -> ModuleType:
    """Import a module as a new process would."""
    sys.modules.pop(name, None)
    importlib.invalidate_caches()
    linecache.checkcache()
    return importlib.import_module(name)


async def outcome(value: Any) -> str:
    """Return what a call or a run gives, as text, or the error that it raises."""
    try:
        return repr(await value if inspect.isawaitable(value) else value)
    except Exception as error:  # noqa: BLE001 - whatever the case raises
        return repr(error)


async def told(run_id: str) -> str | None:
    """Take a run up again until it fails at its end once more; return what is said of its stage `load`."""
    failing["on"] = True
    again = resume_run(run_id, show=False)
    with pytest.raises(ConnectionError):
        await again
    failing["on"] = False
    return reason(again)


def reason(run: Run[Any]) -> str | None:
    """Return "reused", or why the stage `load` was run again, as its events say."""
    stage = run.state.find("load")
    assert stage is not None
    return "reused" if stage.data.get("source") == "restored" else stage.data.get("rerun")


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
async def test_what_changed_is_read_anew(case: dict[str, Any], tmp_path: Path) -> None:
    """An unchanged program reuses a result, in the same process and in a new one; a changed one gives the new value."""
    name = f"changed_{next(_names)}"
    source, code = tmp_path / f"{name}.py", case["code"].replace("$DIR", str(tmp_path))
    source.write_text(code)
    if "file" in case:
        (file := tmp_path / case["file"]).parent.mkdir(exist_ok=True)
        file.write_text(case["was"])
    module = load(name)
    run = await interrupted(module.f, *getattr(module, "ARGS", ()))
    if case.get("unknown"):
        assert "can't be compared" in (await told(run.id) or "")
        return
    assert await told(run.id) == "reused"
    module = load(name)
    work[:], given[:] = [module.f], getattr(module, "ARGS", ())
    assert await told(run.id) == "reused"
    if "edit" in case:
        source.write_text(code.replace(*case["edit"]))
        module = load(name)
    elif "change" in case:
        exec(case["change"], vars(module))  # noqa: S102 - of the table
    else:
        file = tmp_path / case.get("beside", case["file"])
        file.write_text(case["is"])
        if file.suffix == ".py":
            load(file.stem)
            module = load(name)
    work[:], given[:] = [module.f], getattr(module, "ARGS", ())
    again = resume_run(run.id)
    assert await outcome(again) == case["gives"]
    assert reason(again) != "reused"


@pytest.mark.parametrize("case", SAME, ids=[case["name"] for case in SAME])
async def test_a_program_that_is_the_same_reuses(case: dict[str, Any], tmp_path: Path) -> None:
    """Counters, caches, locks, clients and logs change no result, in the same process and in a new one."""
    name = f"changed_{next(_names)}"
    (tmp_path / f"{name}.py").write_text(case["code"].replace("$DIR", str(tmp_path)))
    module = load(name)
    run = await interrupted(module.f, *getattr(module, "ARGS", ()))
    if "then" in case:
        exec(case["then"], vars(module))  # noqa: S102 - of the table
    assert await told(run.id) == "reused"
    module = load(name)
    work[:], given[:] = [module.f], getattr(module, "ARGS", ())
    assert await told(run.id) == "reused"
