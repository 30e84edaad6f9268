"""Tables in files: regular ones alone, up to a size."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from progressnb.errors import InputError
from progressnb.operations.chart import files
from progressnb.operations.chart.tables import read_tables


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("kind", ["pipe", "link to a device", "link to a pipe", "folder", "missing", "link to nothing"])
async def test_what_is_no_file(kind: str, suffix: str, tmp_path: Path) -> None:
    """A pipe, a device, a folder or nothing, also behind a link, is refused at once in one line."""
    path, target = tmp_path / f"table{suffix}", tmp_path / "target"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind.startswith("link"):
        if kind == "link to a pipe":
            os.mkfifo(target)
        path.symlink_to("/dev/zero" if kind == "link to a device" else target)
    for given in (path, str(path)):
        with pytest.raises(InputError, match=f"a table in 'table{suffix}'"):
            await asyncio.wait_for(asyncio.to_thread(read_tables, given), 60)


def test_files_of_every_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is larger than a table may be is refused before it is read."""
    path = tmp_path / "table.csv"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # a hole
    with pytest.raises(InputError, match=r"larger than 4,000,000,000 bytes"):
        read_tables(path)
    path.write_text("\ufeffregion,sales\nnorth,1\n", encoding="utf-8")
    assert read_tables(path)["table"].to_dict("list") == {"region": ["north"], "sales": [1]}
    monkeypatch.setattr(files, "BYTES", 5)
    with pytest.raises(InputError, match=r"larger than 5 bytes"):
        read_tables(str(path))


def test_a_link_to_a_file(tmp_path: Path) -> None:
    """A link to a regular file is that file."""
    target = tmp_path / "target"
    pd.DataFrame({"a": [1]}).to_csv(target, index=False)
    link = tmp_path / "table.csv"
    link.symlink_to(target)
    assert read_tables(link)["table"]["a"].tolist() == [1]


@pytest.mark.integration
def test_the_process_exits(tmp_path: Path) -> None:
    """A chart of a pipe that nobody writes to fails, and its process exits."""
    os.mkfifo(tmp_path / "table.csv")
    program = (
        "import asyncio, sys, progressnb as pnb\n"
        "async def main():\n    await pnb.chart.using(show=False)('total a', sys.argv[1])\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "table.csv")],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=dict(os.environ, PROGRESSNB_MODEL="offline"),
    )
    assert "no regular file" in done.stderr
    assert done.returncode == 1
