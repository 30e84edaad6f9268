"""Measure, and print one table: work, ours, the best peer, the floor, ratio and target.

    python -m benchmarks                   # all rows
    python -m benchmarks events server     # areas, or single rows by their names; --list prints them
    python -m benchmarks --keep            # and add the result to benchmarks/results.json
    python -m benchmarks --docs            # and put the table into docs/performance.md

Each row is measured in a process of its own. "before" is the ratio of the last result on this machine that was kept.
The exit code is 1 if a row failed, or if a ratio misses its target by more than its spread.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import results, table
from benchmarks.measures import Measure, Row, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).parents[1]
LONGEST = 900  # seconds that a row may take


def measure_apart(row: Row) -> Measure:
    """Measure a row in a process of its own. Raises RuntimeError if that fails."""
    command = [sys.executable, "-m", "benchmarks", "--row", row.name]
    environment = os.environ | {"PROGRESSNB_MODEL": "offline"}
    try:
        done = subprocess.run(  # noqa: S603 - our own row
            command, cwd=ROOT, env=environment, timeout=LONGEST, text=True, stdout=subprocess.PIPE, check=True
        )
        return Measure(**json.loads(done.stdout.splitlines()[-1]))
    except (subprocess.SubprocessError, LookupError, ValueError) as error:
        raise RuntimeError(f"{row.name}: {error}") from error


def measure_here(row: Row) -> None:
    """Measure a row and print it as a line of JSON; what it prints itself goes to standard error."""
    with contextlib.redirect_stdout(sys.stderr):
        measured = row()
    print(json.dumps(measured._asdict()))


def choose(among: Sequence[Row], names: Sequence[str]) -> list[Row]:
    """Return the rows that are meant: by area, by function, or by both. Raises LookupError for an unknown name."""
    known = {name for row in among for name in (row.area, row.name, row.name.partition(".")[2])}
    if unknown := [name for name in names if name not in known]:
        raise LookupError(f"no area or row is called {', '.join(unknown)}; there are: {', '.join(sorted(known))}")
    return [row for row in among if not names or {row.area, row.name, row.name.partition(".")[2]} & set(names)]


def print_table(
    chosen: Sequence[Row], measure: Callable[[Row], Measure], before: dict[str, float]
) -> tuple[dict[Row, Measure], list[str]]:
    """Measure and print row by row; return what was measured, and the faults."""
    measured: dict[Row, Measure] = {}
    faults: list[str] = []
    print(table.HEAD.rstrip())
    for row in chosen:
        try:
            measured[row] = measure(row)
            print(table.line(row, measured[row], before.get(row.name)), flush=True)
        except (RuntimeError, ValueError) as error:
            measured.pop(row, None)
            faults.append(str(error))
            print(f"{row.work:{table.WORK}}  FAILED", flush=True)
    faults += [f"{row.name} misses its target" for row, each in measured.items() if table.is_missed(row, each)]
    return measured, faults


def main(
    arguments: Sequence[str] | None = None,
    among: Sequence[Row] | None = None,
    measure: Callable[[Row], Measure] = measure_apart,
    path: Path = results.RESULTS,
    page: Path = results.PAGE,
) -> int:
    """Measure what is asked for; return 1 if a row failed or missed its target."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure, and print one table.")
    parser.add_argument("names", nargs="*", metavar="name", help="an area or a row; default: all")
    parser.add_argument("--list", action="store_true", help="print the names of the rows")
    parser.add_argument("--keep", action="store_true", help=f"add the result to {path.name}")
    parser.add_argument("--docs", action="store_true", help=f"put the table into {page.name}")
    parser.add_argument("--row", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    try:
        chosen = choose(rows() if among is None else among, options.names)
    except LookupError as error:
        parser.error(str(error))
    if options.list:
        for row in chosen:
            print(f"{row.name:40} {row.work}")
        return 0
    if options.row:
        measure_here(chosen[0])
        return 0
    measured, faults = print_table(chosen, measure, results.before(results.load(path), results.machine()))
    if options.keep and measured:
        results.keep(measured, path)
    if options.docs and measured:
        results.put_into(page, table.markdown(measured))
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
