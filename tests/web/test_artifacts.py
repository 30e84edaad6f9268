"""The files of a result, and its state as JSON, whatever a result is."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

import progressnb as pnb
from progressnb.web.server.artifacts import artifact, artifact_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.web.conftest import Serve


class Files:
    """A result with files."""

    def __init__(self, files: Mapping[Any, Any]) -> None:
        self._files = files

    def artifacts(self) -> Mapping[Any, Any]:
        """Return the files."""
        return self._files


class Broken:
    """A result that can't say what its files are."""

    def artifacts(self) -> dict[str, bytes]:
        """Fail, with words that are nobody's business."""
        raise ValueError("the secret of the operation")


def fail() -> bytes:
    """Fail, with words that are nobody's business."""
    raise ValueError("the secret of the operation")


def giving(result: object) -> pnb.Operation[..., Any]:
    """Return an operation with this result."""

    @pnb.operation
    async def give(tracker: pnb.ProgressTracker) -> Any:
        assert tracker.id
        return result

    return give


@pytest.mark.parametrize(
    "name",
    [
        "../a.txt",
        "a/b.txt",
        "a\\b.txt",
        "",
        ".",
        ".hidden",
        'a".txt',
        "a\r\nx: y",
        "a.txt\n",
        "ä.txt",
        "all.zip",
        7,
        "a" * 65,
        "a b.txt",
        "a.b.c.d.e",
        "\x00",
        "%2e%2e",
    ],
)
def test_names_that_are_not_ours_are_left_out(name: object) -> None:
    """A name has letters, digits, `-`, `_` and a suffix: it can't break out of a header, an address or an archive."""
    result = Files({name: b"x", "good.txt": b"y"})
    assert artifact_names(result) == ["good.txt"]
    if isinstance(name, str):
        assert artifact(result, name) is None


def test_the_archive_is_the_same_whenever_it_is_asked_for() -> None:
    """`all.zip` holds every file, has no time in it, and is there only if there are several files."""
    result = Files({"a.txt": b"a", "b.json": lambda: b"{}"})
    assert artifact_names(result) == ["a.txt", "b.json", "all.zip"]
    packed = artifact(result, "all.zip")
    assert packed is not None
    assert packed == artifact(result, "all.zip")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert {each.filename: archive.read(each) for each in archive.infolist()} == {"a.txt": b"a", "b.json": b"{}"}
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert artifact_names(Files({"a.txt": b"a"})) == ["a.txt"]
    assert artifact(Files({"a.txt": b"a"}), "all.zip") is None


@pytest.mark.parametrize("result", [None, 1, "x", {"artifacts": 1}, Files])
def test_other_results_have_no_files(result: object) -> None:
    """A result without `artifacts()` has no files, and neither has a class."""
    assert artifact_names(result) == []
    assert artifact(result, "a.txt") is None


async def test_a_file_is_saved_and_never_run(serve: Serve) -> None:
    """A download is an attachment that no browser guesses the type of or runs, whatever is in it."""
    served = await serve(giving(Files({"a.html": b"<script>alert(1)</script>", "b.exe": b"MZ"})))
    run_id = await served.begin("give")
    await served.ended(run_id)
    for name, kind in (("a.html", "text/html; charset=utf-8"), ("b.exe", "application/octet-stream")):
        answer = await served.client.get(f"/runs/{run_id}/artifacts/{name}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == kind
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("sandbox")
    assert (await served.client.get(f"/runs/{run_id}/artifacts/c.txt")).status_code == 404


@pytest.mark.parametrize(
    "result",
    [Broken(), Files({"a.txt": fail}), Files({"a.txt": "text"}), Files({"a.txt": lambda: "text"})],
    ids=["can't list", "can't make", "no bytes", "makes no bytes"],
)
async def test_files_that_fail(serve: Serve, result: object) -> None:
    """A file that can't be made is a 500 in words that say nothing of why; the run itself can be read."""
    served = await serve(giving(result))
    run_id = await served.begin("give")
    await served.ended(run_id)
    assert (await served.client.get(f"/runs/{run_id}")).json()["status"] == "finished"
    answer = await served.client.get(f"/runs/{run_id}/artifacts/a.txt")
    assert answer.status_code == 500
    assert "can't be" in answer.json()["detail"]
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


async def test_a_run_of_the_history_has_no_files(serve: Serve, tmp_path: Path) -> None:
    """A history keeps a result as plain data: what it is after a restart has no files, which is a 404."""
    history = pnb.History(tmp_path / "history")
    served = await serve(giving(Files({"a.txt": b"a"})), history=history)
    run_id = await served.begin("give")
    await served.ended(run_id)
    assert (await served.client.get(f"/runs/{run_id}/artifacts/a.txt")).status_code == 200
    await served.server.service.close()  # what is still to be recorded is recorded
    again = await serve(giving(None), history=history)
    assert (await again.client.get(f"/runs/{run_id}")).json()["artifacts"] == {}
    assert (await again.client.get(f"/runs/{run_id}/artifacts/a.txt")).status_code == 404


def nested(depth: int) -> list[Any]:
    """Return lists within lists."""
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


@pytest.mark.parametrize(
    "result",
    [
        float("nan"),
        [float("inf")],
        b"\xff\x00",
        {1, (2, 3)},
        object(),
        "�",
        10**5000,
        {(1, 2): 1, None: 2},
        {"�": 1},
        nested(5000),
        iter([1]),
        Files,
    ],
    ids=lambda value: type(value).__name__,  # how some are shown has no end
)
async def test_any_result_is_json(serve: Serve, result: object) -> None:
    """A run can be read as strict JSON whatever its result is, also with `?wait=1`."""
    served = await serve(giving(result))
    waited = await served.client.post("/runs?wait=1", json={"operation": "give"})
    assert waited.status_code == 200
    said = json.loads(waited.content, parse_constant=pytest.fail)
    read = await served.client.get(said["links"]["self"])
    assert json.loads(read.content, parse_constant=pytest.fail)["result"] == said["result"]


async def test_a_table_with_a_column_of_that_name(serve: Serve) -> None:
    """A table whose column is called `artifacts` is a result without files."""
    import pandas as pd

    served = await serve(giving(pd.DataFrame({"artifacts": [1.0, float("nan")]})))
    answer = await served.client.post("/runs?wait=1", json={"operation": "give"})
    assert (answer.status_code, answer.json()["artifacts"]) == (200, {})
