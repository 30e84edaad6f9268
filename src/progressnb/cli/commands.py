"""The command `progressnb`: watch the demo, fit a resume to a job, make test cases, draw a chart.

Progress goes to stderr, results to stdout. Exit codes: 0, 1 for a run that failed, 2 for what could
not be worked on, 130 for Ctrl-C.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, Optional, TypeVar

import typer

import progressnb
from progressnb.errors import needs_extra

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator
    from types import FrameType

    from pydantic_ai.models import Model

    from progressnb.operations.chart import ChartResult
    from progressnb.operations.resume import Customization
    from progressnb.operations.testcases import ApiTestSuite

__all__ = ["app", "main"]

FAILED, REFUSED, INTERRUPTED = 1, 2, 130

_LINE_LIMIT = 700  # characters; what a provider says of an error may be a page

T = TypeVar("T")

app = typer.Typer(
    name="progressnb",
    help="Watch AI work as it happens: fit a resume to a job, here in the terminal.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# Typer reads these at run time, so they are written out in full.
_Model = Annotated[
    Optional[str],  # noqa: UP045 - an alias that is evaluated
    typer.Option(
        help="A pydantic-ai model such as openai:gpt-5. Default: $PROGRESSNB_MODEL, else offline: rules, no LLM."
    ),
]
_Pace = Annotated[
    Optional[float],  # noqa: UP045
    typer.Option(min=0.0, help="Seconds from one token of the offline model to the next; 0 is at once."),
]
_Out = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option(
        "--out",
        "-o",
        help="Write the resume there: .md, .json (JSON Resume), .html (to print) or .docx; else Markdown.",
    ),
]


def main() -> None:
    """Run the command."""
    app(prog_name="progressnb")


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer's callback
    if wanted:
        typer.echo(f"progressnb {progressnb.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    _ = version  # its callback has done it


@app.command()
def demo(*, out: _Out = None, model: _Model = None, pace: _Pace = None) -> None:
    """Fit the sample resume to the sample job. Takes about 20 seconds, no key and no network."""
    _check_pace(pace)
    _check_out(out)
    result = _run(lambda: progressnb.demo(model=model, pace=pace))
    if out is not None:
        _write(result, out)
    typer.echo(_score(result))
    typer.echo(f"The customized resume is in {out}." if out is not None else "Add -o out.md to keep the resume.")
    typer.echo("")
    if result.note:
        typer.echo("Rules did this. To let an LLM do it with your own files, set its key, then:")
        typer.echo("  PROGRESSNB_MODEL=openai:gpt-5 progressnb customize resume.md job.md -o out.md")
    else:
        typer.echo("On your own files:")
        typer.echo("  progressnb customize resume.md job.md -o out.md")
    typer.echo("In a notebook: import progressnb as pnb; await pnb.demo(). More in README.md.")


@app.command()
def customize(
    resume: Annotated[Path, typer.Argument(help="The resume: .md, .txt, .pdf, .docx or JSON Resume.")],
    job: Annotated[Path, typer.Argument(help="The job posting: .md, .txt, .pdf, .docx or JSON.")],
    *,
    out: _Out = None,
    model: _Model = None,
    instructions: Annotated[str, typer.Option(help="What the owner wishes, for an LLM.")] = "",
    pace: _Pace = None,
) -> None:
    """Fit a resume to a job. Without --out the Markdown goes to stdout and nothing else does."""
    _check_pace(pace)
    _check_out(out, resume, job)

    async def work() -> Customization:
        return await progressnb.customize(resume, job, model=_paced(model, pace), instructions=instructions)

    result = _run(work)
    if out is None:
        _print(result.resume.markdown)
        return
    _write(result, out)
    typer.echo(_score(result))
    typer.echo(f"The customized resume is in {out}.")
    if result.note:
        typer.echo(result.note)


@app.command("tests")
def make_tests(
    spec: Annotated[Path, typer.Argument(help="The OpenAPI 3.0 or 3.1 specification: .yaml, .yml or .json.")],
    *,
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--out", "-o", help="Write the pytest suite there, as a .zip."),
    ] = None,
    model: _Model = None,
    endpoint: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(help='Only this one, such as "POST /pets", or "/pets"; may be repeated.'),
    ] = None,
    allow_ref: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(help="Read this other document that the specification refers to; may be repeated."),
    ] = None,
    pace: _Pace = None,
) -> None:
    """Make test cases from an OpenAPI specification. Without --out they go to stdout as CSV."""
    _check_pace(pace)

    async def work() -> ApiTestSuite:
        return await progressnb.generate_tests(
            spec, model=_paced(model, pace), out=out, endpoints=endpoint or None, allow_refs=allow_ref or ()
        )

    suite = _run(work)
    if out is None:
        _print(suite.artifacts()["cases.csv"].decode())
        return
    typer.echo(f"{len(suite.cases)} cases for {len(suite.endpoints)} endpoints are in {out}.")
    if suite.without_cases:
        typer.echo(f"For {len(suite.without_cases)} of them no case could be made: its cases.json says why.")
    if suite.note:
        typer.echo(suite.note)


@app.command()
def chart(
    question: Annotated[str, typer.Argument(help='What the chart is to show, such as "total revenue by region".')],
    data: Annotated[Path, typer.Argument(help="The table: .csv or .parquet.")],
    *,
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--out", "-o", help="Write it there: .png, .svg, .html, .json, .csv (its rows) or .sql."),
    ] = None,
    model: _Model = None,
    pace: _Pace = None,
) -> None:
    """Draw a chart from a question. Without --out its rows go to stdout as CSV."""
    _check_pace(pace)
    if out is not None:
        from progressnb.operations.chart.schemas import check_target

        _check_out(out, data, check=check_target)

    async def work() -> ChartResult:
        return await progressnb.chart(question, data, model=_paced(model, pace))

    result = _run(work)
    if out is None:
        _print(result.data.to_csv(index=False))
        return
    try:
        result.save(out)
    except (OSError, ValueError) as error:
        _print(result.data.to_csv(index=False))
        _stop(f"{out} could not be written ({_reason(error)}); the rows are above, on stdout.", FAILED)
    typer.echo(f"{result.explanation} It is in {out}.")
    if result.note:
        typer.echo(result.note)


@app.command()
def serve(
    operations: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Argument(help="What to serve, such as package.module:report or chart. Default: all that are shipped."),
    ] = None,
    *,
    host: Annotated[str, typer.Option(help="Where to listen. Others than this machine need a token.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 is a free one.")] = 8000,
    model: _Model = None,
    history: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Keep what runs did in this SQLite file, also beyond a restart."),
    ] = None,
    contents: Annotated[bool, typer.Option("--contents", help="Keep inputs, outputs and results there too.")] = False,
) -> None:
    """Serve operations over HTTP. $PROGRESSNB_TOKEN is what clients send; without it only this machine is answered."""
    if contents and history is None:
        _stop("expected --history with --contents, got none. Add a file for it: --history runs.db --contents.", REFUSED)

    async def work() -> None:
        with needs_extra("web", "FastAPI and uvicorn to serve runs"):
            from progressnb.web.server.command import serve_until_stopped

        def say(line: str) -> None:
            typer.echo(line, err=True)

        await serve_until_stopped(
            operations or [], host=host, port=port, model=model, history=history, contents=contents, say=say
        )

    _run(work)


def _run(work: Callable[[], Awaitable[T]]) -> T:
    """Run to the end; what goes wrong becomes one line and an exit code."""

    async def run() -> T:
        with _told_of_interrupts():
            return await work()

    # Pydantic-ai greets a terminal with a banner of ten lines, in the midst of the bars.
    os.environ.setdefault("PYDANTIC_AI_NO_BANNER", "1")

    try:
        return asyncio.run(run())
    except (KeyboardInterrupt, progressnb.errors.RunCancelled):
        _stop("cancelled", INTERRUPTED)
    except (
        progressnb.errors.InputError,
        progressnb.errors.ModelError,
        progressnb.errors.MissingExtraError,
        progressnb.errors.OperationError,
        progressnb.errors.ServeError,
    ) as error:
        _stop(str(error), REFUSED)
    except Exception as error:  # noqa: BLE001 - whatever a provider or a rule raises
        _stop(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__, FAILED)


@contextlib.contextmanager
def _told_of_interrupts() -> Generator[None]:
    """Let runs hear that it was Ctrl-C: asyncio only cancels the task that awaits them."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    loop, pass_on = asyncio.get_running_loop(), before

    def interrupted(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(progressnb.cancel_all, "interrupted")
        pass_on(number, frame)

    signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _stop(message: str, code: int) -> NoReturn:
    from progressnb.display.terminal import clean_for_terminal

    line = " ".join(clean_for_terminal(message[: 2 * _LINE_LIMIT]).split())
    line = line if len(line) <= _LINE_LIMIT else f"{line[:_LINE_LIMIT]}…"
    typer.echo(f"progressnb: {line}".encode(sys.stderr.encoding or "ascii", "replace"), err=True)
    raise typer.Exit(code)


def _score(result: Customization) -> str:
    improvements, unsupported = len(result.plan.improvements), len(result.verification.unsupported)
    claims = f"{unsupported} {'claim' if unsupported == 1 else 'claims'}" if unsupported else "no claim"
    return (
        f"Match score {result.evaluation.match_score} of 100, "
        f"{improvements} {'improvement' if improvements == 1 else 'improvements'}, {claims} without support."
    )


def _check_pace(pace: float | None) -> None:
    # A range lets NaN pass.
    if pace is not None and not math.isfinite(pace):
        _stop(f"expected --pace as seconds of 0 or more, got {pace}. Write --pace 0.01.", REFUSED)


def _paced(model: str | None, pace: float | None) -> Model | str | None:
    if pace is None:
        return model
    from progressnb.agents.models import resolve_model
    from progressnb.agents.offline import OfflineModel

    chosen = resolve_model(model)
    return OfflineModel(pace=pace) if isinstance(chosen, OfflineModel) else chosen


def _check_resume(out: Path) -> None:
    if out.suffix:
        from progressnb.operations.resume.writing.saving import check_target

        check_target(out)


def _check_out(out: Path | None, *sources: Path, check: Callable[[Path], None] = _check_resume) -> None:
    """Refuse what can't be written before the work begins; make the directories above it."""
    if out is None:
        return
    try:
        if out.is_dir():
            _stop(f"expected a file for --out, got the directory {out}. Add a name, such as {out / 'out.md'}.", REFUSED)
        if any(source.exists() and out.exists() and out.samefile(source) for source in sources):
            _stop(f"expected a new file for --out, got {out}, which is read from. Give another name.", REFUSED)
        check(out)
        out.parent.mkdir(parents=True, exist_ok=True)
        new = not out.exists()
        if new or out.is_file():  # a pipe would be closed by trying
            with out.open("ab"):
                pass
        if new:
            out.resolve().unlink()
    except (progressnb.errors.InputError, progressnb.errors.MissingExtraError) as error:
        _stop(f"--out: {error}", REFUSED)
    except (OSError, ValueError) as error:
        _stop(f"expected a file that can be written for --out, got {out} ({_reason(error)}). Give another.", REFUSED)


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def _write(result: Customization, out: Path) -> None:
    text = result.resume.markdown
    try:
        if out.suffix:
            result.save(out)
        else:
            out.write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")
    except (OSError, ValueError) as error:
        # The work is done and perhaps paid for: it is not thrown away.
        _print(text)
        _stop(f"{out} could not be written ({_reason(error)}); the resume is above, on stdout.", FAILED)


def _print(text: str) -> None:
    if sys.stdout.isatty():
        from progressnb.display.terminal import clean_for_terminal

        text = clean_for_terminal(text)
    # Bytes: UTF-8 in every pipe, whatever the locale says.
    typer.echo((text.rstrip("\n") + "\n").encode("utf-8", "replace"), nl=False)
