"""Measure test cases from OpenAPI specifications: a thousand operations, and how many planted faults are found.

    python -m benchmarks.generate_tests.planted --operations 1000

The large specification has one schema of its own for every four operations, each of which refers to the next.
Its time is wall time of each stage; memory is the most that this process ever held, with all libraries, and
what it held before. The validator alone reads the same specification in the same process, as the peer.

The faults are those of tests/operations/testcases/faults.py, planted one at a time in servers that follow their
specifications. Whoever wrote the list also wrote the rules that find them; it was listed by kind before the
suite first ran against it, and what is missed is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from openapi_spec_validator import validate

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from tests.operations.testcases.planted import environment, failures, found, runner_of
from tests.operations.testcases.servers import APPS, Server

SPECS = Path(__file__).parents[2] / "tests" / "data" / "openapi"


def specification(operations: int) -> dict[str, Any]:
    """Return a specification of so many operations, four a resource."""
    resources = operations // 4
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    one = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    for at in range(resources):
        schemas[f"Thing{at}"] = {
            "type": "object",
            "required": ["name", "size"],
            "properties": {
                "id": {"type": "integer", "readOnly": True},
                "name": {"type": "string", "minLength": 1, "maxLength": 10 + at},
                "size": {"type": "integer", "minimum": 0, "maximum": 100 + at},
                "kind": {"type": "string", "enum": ["a", "b", f"kind{at}"]},
                "code": {"type": "string", "pattern": f"^[A-Z]{{2}}-{at}$"},
                "mail": {"type": "string", "format": "email"},
                "parts": {"type": "array", "items": {"$ref": f"#/components/schemas/Thing{(at + 1) % resources}"}},
            },
        }
        thing = {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/Thing{at}"}}}}
        body = {"required": True, **thing}
        answers = {
            "200": {"description": "fine", **thing},
            "400": {"description": "wrong"},
            "404": {"description": "not there"},
        }
        paths[f"/things{at}"] = {"post": {"requestBody": body, "responses": answers}}
        paths[f"/things{at}/{{id}}"] = {
            "parameters": [one],
            "get": {"responses": answers},
            "put": {"requestBody": body, "responses": answers},
            "delete": {"responses": {"204": {"description": "gone"}, "404": {"description": "not there"}}},
        }
    return {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def memory() -> int:
    """Return the most that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


async def measure_size(operations: int, out: Path) -> None:
    """Make the suite of a large specification, and print what it took."""
    spec = specification(operations)
    began = time.perf_counter()
    validate(spec)
    alone, before = time.perf_counter() - began, memory()
    began = time.perf_counter()
    run = generate_tests.using(show=False)(spec, model=OfflineModel(pace=0), out=out)
    suite = await run
    took = time.perf_counter() - began
    print(f"{operations:,} operations, {len(suite.cases):,} cases")
    print(f"  openapi-spec-validator alone {alone:6.1f} s")
    for stage in run.state.stages:
        print(f"  {stage.name:28} {stage.duration or 0:6.1f} s")
    read = sum(stage.duration or 0 for stage in run.state.stages[:2])
    print(f"  read and foundation          {read:6.1f} s of 60")
    print(f"  all, with rules and ZIP      {took:6.1f} s; {len(run.log):,} events; {before} → {memory()} MB")


def count_failures(runner: Any, url: str) -> int:  # noqa: ANN401 - a module
    """Return how many cases fail against a server without faults."""
    return sum(1 for _ in failures(runner, url))


class Faults(NamedTuple):
    """The planted faults by kind, those that were found, the names of the others, and the false alarms."""

    planted: Counter[str]
    hit: Counter[str]
    missed: list[str]
    wrong: int


async def run_suites(directory: Path) -> Faults:
    """Run the suites against servers with and without faults."""
    planted: Counter[str] = Counter()
    hit: Counter[str] = Counter()
    missed: list[str] = []
    wrong = 0
    for name, app in APPS.items():
        archive = directory / f"{name}.zip"
        await generate_tests.using(show=False)(SPECS / name, model=OfflineModel(pace=0), out=archive)
        runner = runner_of(archive, directory / name.partition(".")[0])
        with Server(app()) as server:
            wrong += await asyncio.to_thread(count_failures, runner, server.url)
        for fault, failure in (await asyncio.to_thread(found, name, runner)).items():
            planted[fault.kind] += 1
            hit[fault.kind] += failure is not None
            if failure is None:
                missed.append(fault.name)
        print(f"{name}: {len(runner.SUITE.cases)} cases")
    return Faults(planted, hit, missed, wrong)


async def measure_faults(directory: Path) -> bool:
    """Print what the suites found; tell whether servers without faults passed them."""
    planted, hit, missed, wrong = await run_suites(directory)
    print(f"false alarms on servers that follow their specification: {wrong}")
    print(f"planted faults found: {hit.total()} of {planted.total()}")
    print("  " + ", ".join(f"{kind} {hit[kind]}/{count}" for kind, count in planted.items()))
    print("  missed: " + ("; ".join(missed) or "none"))
    return wrong == 0


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operations", type=int, default=1000)
    arguments = parser.parse_args()
    os.environ.update(environment(""))
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(measure_size(arguments.operations, Path(directory, "things.zip")))
        return 0 if asyncio.run(measure_faults(Path(directory))) else 1


if __name__ == "__main__":
    sys.exit(main())
