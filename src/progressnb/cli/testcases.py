"""`progressnb tests`: test cases from an OpenAPI specification."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

import progressnb
from progressnb.cli.exits import is_on_screen, run
from progressnb.cli.options import ModelName, Pace, checked_pace, paced
from progressnb.cli.outputs import print_text, say

if TYPE_CHECKING:
    from progressnb.operations.testcases import ApiTestSuite

__all__ = ["make_tests"]

_Out = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--out", "-o", help="Write the pytest suite there, as a .zip."),
]


def make_tests(
    spec: Annotated[Path, typer.Argument(help="The OpenAPI 3 or Swagger 2.0 specification: .yaml, .yml or .json.")],
    *,
    out: _Out = None,
    model: ModelName = None,
    endpoint: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(help='Only this one, such as "POST /pets", or "/pets"; may be repeated.'),
    ] = None,
    allow_ref: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(help="Read this file, folder, address or host that the specification refers to; may be repeated."),
    ] = None,
    pace: Pace = None,
) -> None:
    """Make API tests: generate_tests, as a .zip or a table. Without --out they go to stdout as CSV."""
    checked_pace(pace)

    async def work() -> ApiTestSuite:
        return await progressnb.generate_tests(
            spec, model=paced(model, pace), out=out, endpoints=endpoint or None, allow_refs=allow_ref or ()
        )

    suite = run(work)
    if out is None:
        print_text(suite.artifacts()["cases.csv"].decode("utf-8-sig"))
        return
    say(f"{len(suite.cases)} cases for {len(suite.endpoints)} endpoints are in {out}.")
    if suite.without_cases:
        say(f"For {len(suite.without_cases)} of them no case could be made: its cases.json says why.")
    if suite.note and not is_on_screen():
        say(suite.note)
