"""Words of models, files and servers that a command prints: they can't write to the clipboard, the title or a link."""

import ast
import logging
import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from progressnb.cli import batch, chart, generated, outputs, resume, serve, testcases
from progressnb.events import ErrorEvent
from progressnb.execution.outcome import log_unawaited

HOSTILE = (
    "ok\x1b]52;c;aGVsbG8=\x07 \x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\ \u202egnp.exe\u2066 \x9b31m \x1b[2J"
    "\x1bP1$r\x1b\\ "
    "\x1b]0;title\x07\r\x08\u200b\ufeff\U000e0041\ud800 end"
)
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b\ufeff\U000e0041]")


def assert_clean(text: str) -> None:
    """Assert that nothing in a text is more than a character to read, and that its words are there."""
    assert not CONTROLS.search(text), repr(text)
    assert "ok" in text
    assert "end" in text
    assert "aGVsbG8" not in text


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Name a file that has hostile words in its name, as far as a file may."""
    return tmp_path / f"{HOSTILE.replace('/', '').replace(chr(0xD800), '')}.csv"


def test_a_chart(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], out: Path) -> None:
    """The explanation and the note of a chart are a model's."""
    made = SimpleNamespace(data=pd.DataFrame({"a": [1]}), explanation=HOSTILE, note=HOSTILE, save=lambda _: None)
    monkeypatch.setattr(chart, "run", lambda _: made)
    chart.chart("total a", Path("a.csv"), out=out)
    assert_clean(capsys.readouterr().out)


def test_a_suite(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], out: Path) -> None:
    """So is the note of a suite, which names endpoints of a specification."""
    made = SimpleNamespace(cases=[1], endpoints=[1], without_cases={}, note=HOSTILE)
    monkeypatch.setattr(testcases, "run", lambda _: made)
    testcases.make_tests(Path("api.yaml"), out=out)
    assert_clean(capsys.readouterr().out)


def test_a_resume(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], out: Path) -> None:
    """So is the note of a resume."""
    made: Any = SimpleNamespace(
        plan=SimpleNamespace(improvements=[]),
        verification=SimpleNamespace(unsupported=[]),
        evaluation=SimpleNamespace(match_score=5),
        resume=SimpleNamespace(markdown="# A"),
        note=HOSTILE,
    )
    monkeypatch.setattr(resume, "run", lambda _: made)
    monkeypatch.setattr(resume, "_write", lambda *_: None)
    monkeypatch.setattr(resume, "check_out", lambda *_, **__: None)
    resume.customize(Path("a.md"), Path("b.md"), out=out)
    assert_clean(capsys.readouterr().out)


def test_what_is_not_utf_8(capsys: pytest.CaptureFixture[str]) -> None:
    """Words that the terminal's encoding lacks end no command."""
    outputs.say(HOSTILE)
    outputs.say(f"{HOSTILE} \u2603", err=True)
    captured = capsys.readouterr()
    assert_clean(captured.out)
    assert_clean(captured.err)


def test_one_door() -> None:
    """No command prints words of others past the door: it echoes constants alone."""
    for module in (batch, chart, generated, resume, serve, testcases):
        assert module.__file__ is not None
        for call in ast.walk(ast.parse(Path(module.__file__).read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in ("typer.echo", "print", "click.echo"):
                assert isinstance(call.args[0], ast.Constant), f"{module.__name__}:{call.lineno}"


def test_events_and_logs(caplog: pytest.LogCaptureFixture) -> None:
    """`on_event=print`, and the log of a run that nobody awaits, show what hides as signs."""
    event = ErrorEvent(
        run_id="r",
        seq=0,
        timestamp=datetime(2026, 1, 1, tzinfo=UTC),
        elapsed=0,
        operation="op",
        message="ok\x1b]52;c;aGVs\x07 \u202eend",
        error_type="ValueError",
    )
    assert not CONTROLS.search(str(event))
    with caplog.at_level(logging.INFO):
        log_unawaited("op\x1b[2J", ValueError("ok\x1b]52;c;aGVs\x07 \u202eend"), shown=False)
    assert not CONTROLS.search(caplog.messages[-1])
    assert "␛]52" in caplog.messages[-1]
