"""The files of items that the command reads, and what it says of those that it can't work on."""

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

import progressnb as pnb
from progressnb.cli import app
from progressnb.cli.batch import read_items
from progressnb.errors import InputError


@pnb.operation
async def write(tracker: pnb.ProgressTracker, topic: str, words: int = 3) -> str:  # noqa: ARG001 - the first of an operation
    """Write some words."""
    if topic == "bad":
        raise ValueError("no such topic")
    return " ".join([topic] * words)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("in.csv", "topic,words,topic\na,1,b\n", "each column of .*in.csv once, got 'topic' several times"),
        ("in.jsonl", '{"topic": "a"}\n{"topic": "a", "topic": "b"}\n', "each name .* once, got 'topic' .*, line 2"),
        ("in.json", '[{"topic": "a", "words": 1, "words": 2}]', "each name of an object once, got 'words'"),
        ("in.jsonl", '"a"\n\n"b"\n"c"\n{"topic": \n', "items as JSON, got .*line 5 "),
        ("in.json", '["a",\n"b",\nc]', r"in.json \(Expecting value, line 3\)"),
        ("in.csv", "topic,words\na,1\nb,many\n", "words to fit, got 'many' in row 2"),
        ("in.csv", "topic,words\na,1\nb\n", "a cell a column, got others in row 2"),
    ],
)
def test_errors_name_the_place(tmp_path: Path, name: str, text: str, says: str) -> None:
    """Nothing of a file is dropped in silence, and an error names the line or the row."""
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError, match=says):
        read_items(write, path)


@pytest.mark.parametrize(
    "text",
    [
        "\ufefftopic,words\r\na\u2028b,1\r\n",
        "topic;words\na\u2028b;1\n",
        'topic\twords\n"a\u2028b"\t1\n',
        "\n\n topic , words\n\na\u2028b,1\n\n",
        '"topic";"words"\n"a\u2028b";"1"',
    ],
)
def test_tables_as_spreadsheets_write_them(tmp_path: Path, text: str) -> None:
    """A mark at the begin, other delimiters and empty lines are no data, and only a line break ends a row."""
    path = tmp_path / "in.csv"
    path.write_bytes(text.encode())
    assert read_items(write, path) == [{"topic": "a\u2028b", "words": 1}]


def test_a_long_cell(tmp_path: Path) -> None:
    """A cell may be a whole document, and the limit of other code that reads CSV stays as it was."""
    path, before = tmp_path / "in.csv", csv.field_size_limit()
    path.write_text(f"topic\n{'x' * 1_000_000}\n")
    assert read_items(write, path) == [{"topic": "x" * 1_000_000}]
    assert csv.field_size_limit() == before


def test_breaks_of_lines_within_texts(tmp_path: Path) -> None:
    """A line separator within a text of JSON Lines is of the text."""
    path = tmp_path / "in.jsonl"
    path.write_text('"a\u2028b"\r\n"c"\r\n')
    assert read_items(write, path) == ["a\u2028b", "c"]


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (("--given", "words=1", "--given", "words=2"), 2, "'words' several times"),
        (("--max-failures", "5.5"), 2, "max_failures"),
        (("--budget", "-1"), 2, "got"),
        (("--given", "subject=1"), 2, "given as arguments"),
        ((), 1, "Write --out results.jsonl"),
        (("-o", "out.jsonl"), 1, "The same line with --reuse"),
    ],
)
def test_remedies_are_those_of_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], code: int, says: str
) -> None:
    """An error of the command says what to write there, not in Python."""
    monkeypatch.setattr("progressnb.cli.batch.load_operation", {"write": write}.get)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text("topic\na\nbad\n")
    done = CliRunner().invoke(app, ["batch", "write", "in.csv", *options], prog_name="progressnb")
    last = done.stderr.splitlines()[-1]
    assert done.exit_code == code, done.stderr
    assert says in last
    for python in ("batch.results", "max_failures=", "pnb.", "reuse=True", "given="):
        assert python not in last
