"""`progressnb customize` and `progressnb demo`: a resume that fits a job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

import progressnb
from progressnb.cli.exits import is_on_screen, run
from progressnb.cli.options import ModelName, Pace, checked_pace, paced
from progressnb.cli.outputs import check_out, print_text, save, say

if TYPE_CHECKING:
    from progressnb.operations.resume import Customization

__all__ = ["customize", "demo"]

_Out = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option(
        "--out",
        "-o",
        help="Write the resume there: .md, .txt, .json, .html, .pdf or .docx; else Markdown.",
    ),
]


def demo(*, out: _Out = None, model: ModelName = None, pace: Pace = None) -> None:
    """Fit the sample resume to the sample job. Takes about 15 seconds, no key and no network."""
    checked_pace(pace)
    check_out(out, check=_check_suffix)
    result = run(lambda: progressnb.demo(model=model, pace=pace))
    if out is not None:
        _write(result, out)
    if not is_on_screen():
        say(_score(result))
    say(f"The customized resume is in {out}." if out is not None else "Add -o out.md to keep the resume.")
    typer.echo("")
    if result.note:
        typer.echo("Rules did this. To let an LLM do it with your own files, set its key, then:")
        typer.echo("  PROGRESSNB_MODEL=openai:gpt-5 progressnb customize resume.md job.md -o out.md")
    else:
        typer.echo("On your own files:")
        typer.echo("  progressnb customize resume.md job.md -o out.md")
    typer.echo("In a notebook: import progressnb as pnb; await pnb.demo(). More in README.md.")


def customize(
    resume: Annotated[Path, typer.Argument(help="The resume: .md, .txt, .html, .pdf, .docx or JSON Resume.")],
    job: Annotated[Path, typer.Argument(help="The job posting: .md, .txt, .html, .pdf, .docx or JSON.")],
    *,
    out: _Out = None,
    model: ModelName = None,
    instructions: Annotated[str, typer.Option(help="What the owner wishes, for an LLM.")] = "",
    pace: Pace = None,
) -> None:
    """Fit a resume to a job. Without --out the Markdown goes to stdout and nothing else does."""
    checked_pace(pace)
    check_out(out, resume, job, check=_check_suffix)

    async def work() -> Customization:
        return await progressnb.customize(resume, job, model=paced(model, pace), instructions=instructions)

    result = run(work)
    if out is None:
        print_text(result.resume.markdown)
        return
    _write(result, out)
    if not is_on_screen():
        say(_score(result))
    say(f"The customized resume is in {out}.")
    if result.note and not is_on_screen():
        say(result.note)


def _check_suffix(out: Path) -> None:
    if out.suffix:
        from progressnb.operations.resume import check_target

        check_target(out)


def _write(result: Customization, out: Path) -> None:
    from progressnb.wire import write_atomically

    text = result.resume.markdown

    def write() -> None:
        if out.suffix:
            result.save(out)
        else:
            write_atomically(out, (text.rstrip("\n") + "\n").encode())

    save(write, out, text, name="the resume is")


def _score(result: Customization) -> str:
    improvements, unsupported = len(result.plan.improvements), len(result.verification.unsupported)
    claims = f"{unsupported} {'claim' if unsupported == 1 else 'claims'}" if unsupported else "no claim"
    return (
        f"Match score {result.evaluation.match_score} of 100, "
        f"{improvements} {'improvement' if improvements == 1 else 'improvements'}, {claims} without support."
    )
