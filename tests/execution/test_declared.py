"""Files among the inputs: declared paths alone are files, which are read in a thread, under the run's timeout."""

import asyncio
import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest

import progressnb as pnb
from progressnb import History, use_history
from progressnb.execution.declared import path_parameters
from progressnb.history import files
from progressnb.history import inputs as module


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    """Keep runs with their contents."""
    with use_history(tmp_path / "runs.db", contents=True) as history:
        yield history
    use_history(None)


@pnb.operation
async def shout(tracker: pnb.ProgressTracker, text: str) -> str:
    """Shout a text."""
    tracker.stage("shout").skip()
    return text.upper()


@pnb.operation
async def count(tracker: pnb.ProgressTracker, file: str | Path) -> int:
    """Count the characters of a file."""
    async with tracker.stage("count"):
        return len(str(file))


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/stdin", "{}/pipe", "{}/notes.txt", "{}/link", "notes.txt"])
async def test_a_text_is_no_file(name: str, history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that is the name of a file, a pipe or a device is a text: nothing looks at what it names."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("tides")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    given = name.format(tmp_path)
    opened: list[object] = []
    monkeypatch.setattr(module, "file_digest", opened.append)
    run = shout.using(show=False)(given)
    assert await run == given.upper()
    assert history.inputs(run.id) == {"text": {"value": given}}
    assert opened == []


@pytest.mark.parametrize("as_path", [True, False])
async def test_a_declared_path_is_a_file(as_path: bool, history: History, tmp_path: Path) -> None:
    """A path, and a text where a path is declared, is known again by its content; the loop does not read it."""
    file = tmp_path / "notes.txt"
    file.write_text("tides")
    readers: list[int] = []
    digest = files.file_digest

    def noted(path: str) -> str | None:
        readers.append(threading.get_ident())
        return digest(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "file_digest", noted)
        run = count.using(show=False)(file if as_path else str(file))
        await run
    kept = history.inputs(run.id)
    assert kept is not None
    assert kept["file"]["digest"] == hashlib.sha256(b"tides").hexdigest()
    assert len(readers) == 1
    assert threading.get_ident() not in readers


@pytest.mark.parametrize("kind", ["pipe", "device", "link", "folder", "missing", "large"])
async def test_what_is_no_regular_file_is_not_read(kind: str, history: History, tmp_path: Path) -> None:
    """A pipe, a device, a folder and a file that is too large have no digest, and keep nobody waiting."""
    path = tmp_path / "it"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind in ("device", "link"):
        path.symlink_to("/dev/zero") if kind == "link" else None
        path = path if kind == "link" else Path("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    elif kind == "large":
        with path.open("wb") as file:
            file.truncate(1 << 40)  # a hole
    run = count.using(show=False)(path)
    await run
    kept = history.inputs(run.id)
    assert kept is not None
    assert len(kept["file"].get("digest", "")) != hashlib.sha256().digest_size * 2


async def test_reading_is_part_of_the_run(history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that takes long to read, as on a network, is under the timeout of the run; others go on meanwhile."""
    ended = threading.Event()
    began = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(_: str) -> None:
        loop.call_soon_threadsafe(began.set)
        ended.wait()

    monkeypatch.setattr(module, "file_digest", slow)
    try:
        run = count.using(show=False, timeout=0.05)(tmp_path / "it")
        await began.wait()
        with pytest.raises(TimeoutError):
            await run
    finally:
        ended.set()
    assert history.runs()["status"].tolist() == ["failed"]


def test_path_parameters() -> None:
    """Paths are found in unions, annotations and behind names for type checkers alone; other types are none."""

    def function(
        a: Path, b: "str | os.PathLike[str]", c: Annotated[Path | None, "x"], d: list[Path], e: str
    ) -> None: ...

    def others(f: Any, g: "Unknown", h=None) -> Path: ...  # type: ignore[no-untyped-def,name-defined,empty-body]  # noqa: ANN001, F821

    assert path_parameters(function) == {"a", "b", "c", "d"}
    assert not path_parameters(others)
    assert {"data"} <= path_parameters(pnb.chart.function)
    assert {"resume"} <= path_parameters(pnb.customize.function)
