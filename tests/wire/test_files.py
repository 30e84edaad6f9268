"""Files that are written whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from progressnb.errors import HistoryError
from progressnb.history.foreign import check_regular
from progressnb.wire import open_regular, write_atomically


def test_a_file_is_written(tmp_path: Path) -> None:
    """The content is there, and nothing else is left in the directory."""
    write_atomically(tmp_path / "a.txt", b"new")
    assert (tmp_path / "a.txt").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk is full, the old content stays and no part is left."""
    target = tmp_path / "a.txt"
    target.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_pieces(tmp_path: Path) -> None:
    """Content that comes in pieces is written whole, or not at all if a piece can't be had."""
    target = tmp_path / "a.txt"
    write_atomically(target, (piece for piece in [b"o", b"ld"]))
    with pytest.raises(ZeroDivisionError):
        write_atomically(target, (bytes(1 // left) for left in [1, 0]))
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_the_error_names_the_target(tmp_path: Path) -> None:
    """A directory that is missing is an error about the file that was to be written."""
    with pytest.raises(FileNotFoundError) as caught:
        write_atomically(tmp_path / "none" / "a.txt", b"new")
    assert caught.value.filename == str(tmp_path / "none" / "a.txt")


@pytest.mark.skipif(os.name != "posix", reason="permissions and pipes are POSIX")
def test_a_link_stays(tmp_path: Path) -> None:
    """A symbolic link is followed and stays a link."""
    (tmp_path / "a.txt").write_bytes(b"old")
    (tmp_path / "link").symlink_to("a.txt")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "a.txt").read_bytes() == b"new"


@pytest.mark.skipif(os.name != "posix", reason="permissions and pipes are POSIX")
def test_permissions_stay(tmp_path: Path) -> None:
    """A file that is replaced keeps its permissions."""
    target = tmp_path / "a.txt"
    target.write_bytes(b"old")
    target.chmod(0o600)
    write_atomically(target, b"new")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="permissions and pipes are POSIX")
def test_a_device_is_written_to() -> None:
    """A device is not replaced by a file."""
    write_atomically(Path(os.devnull), b"new")
    assert not Path(os.devnull).is_file()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="files of Linux's kernel")
@pytest.mark.parametrize("name", ["/proc/self/environ", "/proc/kmsg", "/proc/self/pagemap", "/proc/self/mem"])
def test_files_of_the_kernel_are_no_regular_files(name: str, tmp_path: Path) -> None:
    """A file that says that it is empty, and waits or never ends, is refused, also behind a link; a history too."""
    link = tmp_path / "table.csv"
    link.symlink_to(name)
    for path in (name, link):
        with pytest.raises(OSError, match=r"no regular file|[Pp]ermi"):
            open_regular(path)
        with pytest.raises(HistoryError, match="no regular file"):
            check_regular(Path(path))


def test_an_empty_file_is_a_regular_one(tmp_path: Path) -> None:
    """A file that is empty is read as one, and may become a history."""
    path = tmp_path / "empty"
    path.touch()
    with open_regular(path, most=10) as file:
        assert file.read() == b""
    check_regular(path)
