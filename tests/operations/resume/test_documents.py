"""Documents: texts, files and objects that are read or refused, without the loss of a word."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import MappingProxyType

import pytest

from progressnb import samples
from progressnb.errors import InputError
from progressnb.operations.resume.reading.inputs import MAX_CHARACTERS, read_job, read_resume
from tests.operations.resume.texts import MARKDOWN, PLAIN


def test_files_are_read_by_suffix(tmp_path: Path) -> None:
    """A path, or a one-line str with a known suffix, is a file; the suffix says what is in it."""
    (tmp_path / "cv.md").write_text(MARKDOWN, "utf-8")
    (tmp_path / "cv.txt").write_text(PLAIN, "utf-8")
    (tmp_path / "cv.json").write_text(json.dumps(samples.resume), "utf-8")
    (tmp_path / "cv").write_text(PLAIN, "utf-8")
    assert read_resume(tmp_path / "cv.md").format == "markdown"
    assert read_resume(f"  {tmp_path / 'cv.txt'}\n").format == "text"
    assert read_resume(str(tmp_path / "cv.json")).data.to_data() == samples.resume
    assert read_resume(tmp_path / "cv").format == "text"
    assert read_resume(tmp_path / "cv.md").name == str(tmp_path / "cv.md")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_with_a_mark_are_understood(tmp_path: Path, encoding: str) -> None:
    """UTF-16 and UTF-8 with a byte order mark are read, as Windows editors save them."""
    path = tmp_path / "cv.txt"
    path.write_bytes("Zoë Müller\nKöchin\n".encode(encoding))
    assert read_resume(path).text == "Zoë Müller\nKöchin\n"


def _file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n\t\n", "empty"),
        ("a.json", b"  ", "empty"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "binary"),
        ("a.txt", bytes(range(1, 32)) * 10 + b"\xff\xfe", "binary"),
        ("a.txt", "Köchin".encode("latin-1"), "UTF-8"),
        ("a.txt", b"\xff\xfea", "UTF-8"),
        ("a.txt", b"x" * (4 * MAX_CHARACTERS + 5), "200,000 characters"),
        ("a.txt", b"x" * (MAX_CHARACTERS + 1), "200,000 characters"),
        ("a.json", b'{"basics": ', "line 1, column"),
        ("a.json", b"[1, 2]", "JSON array"),
        ("a.json", b'"text"', "JSON string"),
        ("a.json", b"null", "JSON null"),
        ("a.json", b'{"basics": NaN}', "NaN, which JSON does not have"),
        ("a.json", b"1" * 5000, "to be JSON"),
        ("a.json", b'{"basics":' + b"[" * 100_000, "nested"),
        ("a.json", b'{"a":' * 60 + b"1" + b"}" * 60, "nested"),
        ("a.json", b'{"work": "ten years"}', "work in .*a.json to be a list, got str 'ten years'"),
        ("a.json", b'{"work": [{"highlights": {"a": 1}}]}', "work\\[0\\].highlights in .* to be a list"),
        ("a.json", b'{"basics": ["Ada"]}', "basics in .*a.json to be an object"),
        ("a.json", b'{"basics": {"name": {"first": "Ada"}}}', "basics.name in .* to be text"),
        ("a.json", b"{}", "at least one of"),
        ("a.json", b'{"foo": 1}', "got an object with foo"),
        ("a.json", b'{"basics": {"name": " "}}', "at least one of"),
        ("a.json", b'{"title": "Cook", "qualifications": ["x"]}', "swapped"),
        ("a.doc", b"\xd0\xcf\x11\xe0", "as .docx, .pdf"),
        ("a.odt", b"PK", "as .docx, .pdf"),
    ],
)
def test_bad_files_are_refused_in_one_clear_line(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    """Each kind of wrong file has its own message, of one line, that names the file."""
    path = _file(tmp_path, name, content)
    for source in (path, str(path)):
        with pytest.raises(InputError, match=message) as caught:
            read_resume(source)
        assert "\n" not in str(caught.value)
        assert name in str(caught.value) or "nested" in message


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A missing file, a directory, a pipe, an impossible name and a URL each have their own message."""
    os.mkfifo(tmp_path / "pipe.txt")
    table: list[tuple[str | Path, str]] = [
        (tmp_path / "missing.json", "missing.json, which does not exist"),
        ("no such resume.txt", "no such resume.txt, which does not exist"),
        (tmp_path, "the directory"),
        (tmp_path / "pipe.txt", "no regular file"),
        ("x" * 5000 + ".txt", "a readable resume file"),
        (Path("a\0b.txt"), "a readable resume file|does not exist"),
        (Path("a\nb\ud800.txt"), "does not exist|readable"),
        ("https://example.com/resume.md", "Nothing is fetched"),
        ("http://example.com/jobs/1", "Nothing is fetched"),
    ]
    for source, message in table:
        with pytest.raises(InputError, match=message) as caught:
            read_resume(source)
        assert "\n" not in str(caught.value)
        str(caught.value).encode()


def test_unreadable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without permission, the message says so."""
    path = _file(tmp_path, "a.txt", b"text")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    # Root may read everything, so a mode would not do where tests run as root.
    monkeypatch.setattr("progressnb.wire.files.os.open", refuse)
    with pytest.raises(InputError, match=r"a.txt \(Permission denied\)"):
        read_resume(path)


@pytest.mark.parametrize("source", [None, 3, b"text", ["text"], object()])
def test_other_types_are_refused(source: object) -> None:
    """A value that is not a text, path or object is an InputError that names its type."""
    for read in (read_resume, read_job):
        with pytest.raises(InputError, match=type(source).__name__):
            read(source)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def test_hostile_objects_are_refused() -> None:
    """Objects that hold themselves or share a part a million times, and values that JSON lacks, are refused."""
    loop: dict[object, object] = {}
    loop["basics"] = loop
    bomb: list[object] = ["x" * 100]
    for _ in range(40):
        bomb = [bomb, bomb]
    table: list[tuple[dict[object, object], str]] = [
        (loop, "nested"),
        ({"work": bomb}, "200,000 characters"),
        ({1: "x"}, "keys"),
        ({"basics": {"name": b"Ada"}}, "JSON values"),
        ({"basics": {"name": float("nan")}}, "JSON values"),
        ({"basics": {"name": {1, 2}}}, "JSON values"),
    ]
    for source, message in table:
        with pytest.raises(InputError, match=message):
            read_resume(source)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def test_any_mapping_is_an_object() -> None:
    """A read-only mapping is read like a dict."""
    assert read_resume(MappingProxyType({"basics": {"name": "Ada"}})).data.to_data() == {"basics": {"name": "Ada"}}


def test_control_characters_and_surrogates_are_cleaned() -> None:
    """Control characters and lone surrogates are replaced, also within JSON."""
    text = read_resume("Ada\x1b[31m Lovelace\r\n\u202eevil\ud800 and some more words").text
    assert text == "Ada [31m Lovelace\n evil\ufffd and some more words"
    data = read_resume({"basics": {"name": "A\ud800\x07", "k\ud800": "v"}}).data.to_data()
    assert data == {"basics": {"name": "A\ufffd ", "k\ufffd": "v"}}


def test_text_is_never_a_path_when_files_are_off(tmp_path: Path) -> None:
    """A text from a network is never taken for the name of a file."""
    path = _file(tmp_path, "secret.txt", b"a secret")
    assert read_resume(str(path), files=False).text == str(path)
    with pytest.raises(InputError, match="a text or a JSON object"):
        read_resume(path, files=False)


def test_text_of_several_lines_is_never_a_path() -> None:
    """Only one line can be a path, even if the last one looks like a file."""
    assert read_resume("Ada\nsee portfolio.txt").text == "Ada\nsee portfolio.txt"


def test_json_text_is_parsed() -> None:
    """A text that begins with a brace is JSON, and a document is taken as it is."""
    document = read_resume(" \n" + json.dumps(samples.resume))
    assert document.format == "json"
    assert read_resume(document) is document
    job = read_job(json.dumps(samples.job))
    assert job.title == "Web Developer"
    assert read_job(job) is job
