"""The command: what it writes where, what it refuses, and with which exit code."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from typer.testing import CliRunner

import progressnb
from progressnb import samples
from progressnb.agents import offline
from progressnb.cli import app
from progressnb.cli.outputs import print_text
from progressnb.operations.resume.reading.inputs import read_resume
from progressnb.operations.resume.sample_run import PACE
from progressnb.operations.resume.schemas import Customization

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RESULT = Customization.model_validate(
    {
        "evaluation": {"match_score": 62, "strengths": [], "gaps": [], "overall_assessment": "fair"},
        "plan": {"improvements": [{"change": "c", "section": "s", "requirement": "r", "evidence": "e"}]},
        "resume": {"markdown": "# Ädä\n", "data": {"basics": {"name": "Ädä"}}, "changes": []},
        "verification": {"unsupported": [], "summary": "fine"},
        "model": "scripted",
        "note": "rules did it",
    }
)
RESUME, JOB = str(samples.resume_path), str(samples.job_path)


def invoke(*arguments: object) -> tuple[int, str, str]:
    """Run the command in this process; return exit code, stdout, stderr."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="progressnb")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, Any]]]:
    """Put fakes in place of the work: they return the result or raise, and note their calls."""

    def make(error: BaseException | None = None) -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = []

        async def work(*paths: object, **options: Any) -> Customization:
            await asyncio.sleep(0)
            calls.append({"paths": paths, **options})
            if error is not None:
                raise error
            return RESULT

        for name in ("customize", "demo"):
            monkeypatch.setattr(progressnb, name, work, raising=False)
        return calls

    return make


# --- what it says of itself ------------------------------------------------------------------------


def test_version() -> None:
    """`--version` says the package's version."""
    assert invoke("--version") == (0, f"progressnb {progressnb.__version__}\n", "")


def test_help_names_the_commands() -> None:
    """Help lists the commands, and how a shell learns to complete them."""
    code, out, _ = invoke("--help")
    assert code == 0
    assert "demo" in out
    assert "customize" in out
    assert "--install-completion" in out


def test_help_loads_nothing_heavy() -> None:
    """`python -m progressnb --help` answers without pydantic-ai, pandas, ipywidgets and rich."""
    script = (
        "import sys; sys.argv = ['progressnb', '--help']\n"
        "import runpy\n"
        "try: runpy.run_module('progressnb', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print(sorted({'pydantic_ai', 'pandas', 'ipywidgets', 'IPython', 'rich.console'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Usage: progressnb ")
    assert done.stdout.splitlines()[-1] == "[]"


# --- demo ------------------------------------------------------------------------------------------


def test_demo_says_the_score_and_what_to_do_next(pretend: Callable[..., list[dict[str, Any]]]) -> None:
    """Without --out the demo prints the score line and how to go on with an LLM."""
    calls = pretend()
    code, out, err = invoke("demo", "--pace", 0, "--model", "offline")
    assert (code, err) == (0, "")
    assert calls == [{"paths": (), "model": "offline", "pace": 0.0}]
    assert out.startswith("Match score 62 of 100, 1 improvement, no claim without support.\nAdd -o out.md")
    assert "PROGRESSNB_MODEL=openai:gpt-5 progressnb customize" in out
    assert "README.md" in out
    assert max(map(len, out.splitlines())) < 80


def test_demo_writes_the_resume(pretend: Callable[..., list[dict[str, Any]]], tmp_path: Path) -> None:
    """--out gets the Markdown, its directories are made, and the place is said."""
    pretend()
    out = tmp_path / "new" / "deep" / "resume.md"
    code, said, _ = invoke("demo", "-o", out)
    assert code == 0
    assert out.read_text(encoding="utf-8") == "# Ädä\n"
    assert f"The customized resume is in {out}." in said


def test_demo_says_how_long_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What its help says is what its pace makes of the sample, a turn of the loop for each token counted too."""
    seconds = re.search(r"Takes about (\d+) seconds", invoke("demo", "--help")[1])
    assert seconds is not None
    streamed: list[str] = []
    tokens = offline._tokens

    def counted(text: str) -> list[str]:
        streamed.extend(tokens(text))
        return list(tokens(text))

    monkeypatch.setattr(offline, "_tokens", counted)
    progressnb.customize.using(show=False)(samples.resume, samples.job, model=offline.OfflineModel(pace=0)).wait()
    assert 0.6 * int(seconds[1]) < len(streamed) * PACE < int(seconds[1])


def test_demo_runs(tmp_path: Path) -> None:
    """The real demo, without pauses, writes a resume and reports its stages on stderr."""
    out = tmp_path / "resume.md"
    code, said, progress = invoke("demo", "--pace", 0, "-o", out)
    assert code == 0
    assert said.startswith("Match score ")
    assert "Richard Hendriks" in out.read_text(encoding="utf-8")
    assert progress.splitlines()[0] == "customize   0 %  0:00  started"
    assert "customize 100 %" in progress.splitlines()[-1]


# --- customize -------------------------------------------------------------------------------------


def test_stdout_gets_only_the_markdown() -> None:
    """Without --out the Markdown can be piped: progress is on stderr."""
    code, out, progress = invoke("customize", RESUME, JOB, "--pace", 0)
    assert code == 0
    assert out.startswith("# Richard Hendriks\n")
    assert out.endswith("\n")
    assert not out.endswith("\n\n")
    assert "Match score" not in out
    assert "Verifying every claim: finished" in progress


def test_arguments_are_files_and_options_arrive(pretend: Callable[..., list[dict[str, Any]]]) -> None:
    """The two arguments reach the operation as paths, the options as they are."""
    calls = pretend()
    invoke("customize", RESUME, JOB, "--model", "test", "--instructions", "be brief")
    assert calls == [
        {"paths": (samples.resume_path, samples.job_path), "model": "test", "instructions": "be brief"},
    ]


def test_pace_makes_an_offline_model_of_that_pace(pretend: Callable[..., list[dict[str, Any]]]) -> None:
    """--pace goes to the offline model, named or by default."""
    for options in (["--model", "offline"], []):
        calls = pretend()
        invoke("customize", RESUME, JOB, "--pace", 0.25, *options)
        assert calls[0]["model"].pace == 0.25


def test_json_out_holds_the_data(pretend: Callable[..., list[dict[str, Any]]], tmp_path: Path) -> None:
    """An --out that ends in .json gets JSON Resume, readable."""
    pretend()
    out = tmp_path / "resume.json"
    code, said, _ = invoke("customize", RESUME, JOB, "-o", out)
    assert code == 0
    assert json.loads(out.read_text(encoding="utf-8")) == RESULT.resume.data
    assert "Ädä" in out.read_text(encoding="utf-8")
    assert said.splitlines() == [
        "Match score 62 of 100, 1 improvement, no claim without support.",
        f"The customized resume is in {out}.",
        "rules did it",
    ]


@pytest.mark.parametrize("suffix", [".md", ".html", ".docx", ".JSON"])
def test_the_suffix_of_out_is_its_format(
    pretend: Callable[..., list[dict[str, Any]]], tmp_path: Path, suffix: str
) -> None:
    """Each known suffix of --out is written by the result's `save`, in directories that are made."""
    pretend()
    out, saved = tmp_path / "new" / f"out{suffix}", tmp_path / f"saved{suffix}"
    code, said, err = invoke("demo", "-o", out)
    assert (code, err) == (0, "")
    assert f"The customized resume is in {out}." in said
    RESULT.save(saved)
    if suffix == ".docx":
        assert read_resume(out).text == read_resume(saved).text == "# Ädä"
    else:
        assert out.read_bytes() == saved.read_bytes()


def test_an_out_without_a_suffix_gets_markdown(pretend: Callable[..., list[dict[str, Any]]], tmp_path: Path) -> None:
    """A pipe, a device or any name without a suffix gets the Markdown."""
    pretend()
    assert invoke("demo", "-o", tmp_path / "out")[0] == 0
    assert (tmp_path / "out").read_text(encoding="utf-8") == "# Ädä\n"


def test_a_terminal_gets_no_control_sequences(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Markdown that is printed to a terminal is cleaned; in a pipe it is left as it is."""
    print_text("# \x1b]0;title\x07Ädä")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    print_text("# \x1b]0;title\x07Ädä")
    assert capfdbinary.readouterr().out == "# \x1b]0;title\x07Ädä\n# Ädä\n".encode()


# --- what it refuses -------------------------------------------------------------------------------


def refused(*arguments: object) -> str:
    """Run what is refused: one line on stderr, nothing on stdout, exit 2."""
    code, out, err = invoke(*arguments)
    assert (code, out) == (2, ""), err
    assert err.startswith("progressnb: ")
    assert len(err.splitlines()) == 1
    return err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "does not exist"),
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 50, "binary"),
        (b"{ not json", "JSON"),
    ],
)
@pytest.mark.parametrize("which", ["resume", "job"])
def test_bad_files_are_one_line(tmp_path: Path, content: bytes | None, said: str, which: str) -> None:
    """A file that is missing, empty, binary or broken: one line, exit 2, and no bar before it."""
    bad = tmp_path / "bad.json"
    if content is not None:
        bad.write_bytes(content)
    arguments = (bad, JOB) if which == "resume" else (RESUME, bad)
    line = refused("customize", *arguments, "--pace", 0)
    assert "bad.json" in line
    assert said in line


def test_a_directory_is_no_resume(tmp_path: Path) -> None:
    """A directory as a file is said to be one."""
    assert "directory" in refused("customize", tmp_path, JOB)


@pytest.mark.parametrize("command", [("demo",), ("customize", RESUME, JOB)])
def test_bad_models_are_one_line(monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]) -> None:
    """An unknown model and a missing key: one line, exit 2."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert "'no-such-model'" in refused(*command, "--model", "no-such-model")
    assert "OPENAI_API_KEY" in refused(*command, "--model", "openai:gpt-5")


@pytest.mark.parametrize("command", [("demo",), ("customize", RESUME, JOB)])
def test_an_out_that_cannot_be_written_is_refused_first(
    pretend: Callable[..., list[dict[str, Any]]], tmp_path: Path, command: tuple[str, ...]
) -> None:
    """A directory, a file as a parent, a name too long: refused before any work, and nothing is left behind."""
    calls = pretend()
    (tmp_path / "file").touch()
    assert "directory" in refused(*command, "-o", tmp_path)
    assert "file/out.md" in refused(*command, "-o", tmp_path / "file" / "out.md")
    assert "too long" in refused(*command, "-o", tmp_path / ("x" * 300))
    assert calls == []
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_out_of_an_unknown_format_is_refused_first(
    pretend: Callable[..., list[dict[str, Any]]], tmp_path: Path
) -> None:
    """An --out that `save` can't write is refused before any work, with the formats that there are."""
    calls = pretend()
    for name in ("out.odt", "out.rtf", "out.docm"):
        assert ".md, .txt, .json, .html, .pdf or .docx" in refused("demo", "-o", tmp_path / name)
    assert (calls, list(tmp_path.iterdir())) == ([], [])


def test_a_missing_extra_is_one_line(
    pretend: Callable[..., list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without the extra, Word and PDF files are refused with the command that installs it, before any work."""
    for module in ("docx", "pypdfium2"):
        monkeypatch.setitem(sys.modules, module, None)
    calls = pretend()
    assert 'pip install "progressnb[customize]"' in refused("demo", "-o", tmp_path / "out.docx")
    assert calls == []
    monkeypatch.undo()
    for module in ("docx", "pypdfium2"):
        monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / "cv.pdf").write_bytes(b"%PDF-1.7")
    assert 'pip install "progressnb[customize]"' in refused("customize", tmp_path / "cv.pdf", JOB)


def test_what_is_read_is_not_overwritten(pretend: Callable[..., list[dict[str, Any]]], tmp_path: Path) -> None:
    """--out may not be the resume or the job, by whatever name."""
    calls = pretend()
    resume = tmp_path / "resume.md"
    resume.write_text("# Ada")
    (tmp_path / "link.md").symlink_to(resume)
    assert "read from" in refused("customize", resume, JOB, "-o", tmp_path / "link.md")
    assert resume.read_text() == "# Ada"
    assert calls == []


def test_an_existing_out_is_kept_until_the_end(pretend: Callable[..., list[dict[str, Any]]], tmp_path: Path) -> None:
    """Checking that a file can be written changes nothing; a run that fails leaves the old one, or none."""
    pretend(RuntimeError("down"))
    old, new = tmp_path / "old.md", tmp_path / "new.md"
    old.write_text("old")
    for out in (old, new):
        assert invoke("demo", "-o", out)[0] == 1
    assert old.read_text() == "old"
    assert not new.exists()


@pytest.mark.parametrize("pace", ["nan", "inf", "-1", "fast"])
def test_a_bad_pace_is_refused(pretend: Callable[..., list[dict[str, Any]]], pace: str) -> None:
    """A pace is a finite number of seconds."""
    calls = pretend()
    code, out, err = invoke("demo", "--pace", pace)
    assert (code, out, calls) == (2, "", [])
    assert "pace" in err


def test_contents_are_kept_in_a_history() -> None:
    """`serve --contents` without a file to keep them in is refused, with the option that is missing."""
    assert "--history" in refused("serve", "--contents", "--port", 0)


# --- charts ----------------------------------------------------------------------------------------


class Drawn:
    """A chart that was drawn, and a disk to save it on."""

    explanation, note, data = "Units by region.", None, pd.DataFrame({"region": ["Ä"], "units": [3]})

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    def save(self, path: Path) -> None:
        """Write something, or fail."""
        if self._error is not None:
            raise self._error
        path.write_text("drawn")


@pytest.fixture
def draws(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Put a fake in place of `chart`; it notes its questions."""

    def make(error: Exception | None = None) -> list[str]:
        asked: list[str] = []

        async def chart(question: str, _data: object, **_: object) -> Drawn:
            asked.append(question)
            return Drawn(error)

        monkeypatch.setattr(progressnb, "chart", chart, raising=False)
        return asked

    return make


def test_a_chart_that_cannot_be_written_is_refused_first(draws: Callable[..., list[str]], tmp_path: Path) -> None:
    """An unknown kind, a directory, the table itself: refused before the work, and nothing is left behind."""
    asked = draws()
    (table := tmp_path / "sales.csv").write_text("region,units\nNorth,3\n")
    for name in ("c.exe", "c", "c.svgz", ".png"):
        said = refused("chart", "units by region", table, "-o", tmp_path / name)
        assert ".svg, .png, .html, .json, .csv or .sql" in said
    (tmp_path / "d.png").mkdir()
    assert "directory" in refused("chart", "units by region", table, "-o", tmp_path / "d.png")
    assert "read from" in refused("chart", "units by region", table, "-o", table)
    assert "sales.csv/c.png" in refused("chart", "units by region", table, "-o", table / "c.png")
    assert asked == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d.png", "sales.csv"]


def test_a_chart_that_nothing_draws_is_refused_first(
    draws: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without the package that draws, a picture is refused before the work, with the command that installs it."""
    asked = draws()
    monkeypatch.setattr("progressnb.frames.picture.can_draw", lambda: False)
    assert 'pip install "progressnb[chart]"' in refused("chart", "units", samples.job_path, "-o", tmp_path / "c.PNG")
    assert asked == []
    assert invoke("chart", "units", samples.job_path, "-o", tmp_path / "c.json")[0] == 0


def test_a_charts_folder_is_made(draws: Callable[..., list[str]], tmp_path: Path) -> None:
    """The directories above a chart's file are made, as for a resume."""
    draws()
    out = tmp_path / "new" / "deep" / "c.svg"
    assert invoke("chart", "units", samples.job_path, "-o", out)[:2] == (0, f"Units by region. It is in {out}.\n")
    assert out.read_text() == "drawn"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), progressnb.errors.InputError("a drawing")])
def test_a_failed_chart_does_not_lose_its_rows(
    draws: Callable[..., list[str]], tmp_path: Path, error: Exception
) -> None:
    """Where the file can't be written at the end, the rows go to stdout as CSV, and the exit code is 1."""
    draws(error)
    code, out, err = invoke("chart", "units", samples.job_path, "-o", tmp_path / "c.png")
    assert (code, out) == (1, "region,units\nÄ,3\n")
    assert "the rows are above, on stdout" in err


# --- how it fails ----------------------------------------------------------------------------------


def test_a_run_that_fails_is_one_line_and_exit_1(pretend: Callable[..., list[dict[str, Any]]]) -> None:
    """A network or model error: its type and message, on one clean line of bounded length."""
    pretend(ConnectionError("no route\nto \x1b[31mhost\x1b]0;x\x07 " + "x" * 5000))
    code, out, err = invoke("customize", RESUME, JOB)
    assert (code, out) == (1, "")
    assert err.startswith("progressnb: ConnectionError: no route to host xxx")
    assert len(err.splitlines()) == 1
    assert len(err) < 800
    pretend(RuntimeError())
    assert invoke("demo")[2] == "progressnb: RuntimeError\n"


def test_errors_of_the_tree_have_their_codes(pretend: Callable[..., list[dict[str, Any]]]) -> None:
    """What the user gave is exit 2; a fault in the work is exit 1; a cancelled run is exit 130."""
    for error, code in (
        (progressnb.errors.InputError("a resume"), 2),
        (progressnb.errors.ModelError("a model"), 2),
        (progressnb.errors.MissingExtraError("an extra"), 2),
        (progressnb.errors.UnknownStageError("a stage"), 1),
        (progressnb.errors.RunCancelled("a run"), 130),
    ):
        pretend(error)
        assert invoke("demo")[0] == code


def test_a_failed_write_does_not_lose_the_work(
    pretend: Callable[..., list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A disk that is full at the end: the resume goes to stdout, exit 1."""
    pretend()

    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    monkeypatch.setattr("os.fsync", full)
    for name in ("out.md", "out.docx", "out"):
        code, out, err = invoke("customize", RESUME, JOB, "-o", tmp_path / name)
        assert (code, out) == (1, "# Ädä\n")
        assert "No space left on device" in err
    assert [path.name for path in tmp_path.iterdir()] in ([], ["out"])


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
def test_ctrl_c_cancels_and_exits_130() -> None:
    """SIGINT in the midst of a run: "cancelled", exit 130, no traceback."""
    command = [sys.executable, "-m", "progressnb", "demo", "--pace", "30"]
    environment = {**os.environ, "PROGRESSNB_MODEL": "offline"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stderr is not None
        while "Evaluating the match: started" not in (line := process.stderr.readline()):
            assert line
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == ""
    assert err.splitlines()[-1] == "progressnb: cancelled"
    assert "customize   0 %" in err.splitlines()[-2]
    assert re.search(r"cancelled after [\d.]+ s: interrupted$", err.splitlines()[-2])
    assert "Traceback" not in err
