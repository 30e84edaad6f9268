"""Measure the cases that a model proposes: its prompts for servers of others, and what its answers find.

    python -m benchmarks.generate_tests.proposed --write prompts.jsonl benchmarks/generate_tests/stranger_4
    python -m benchmarks.generate_tests.proposed --read answers.jsonl benchmarks/generate_tests/stranger_4 [--told]

A person or any model answers the prompts. The first line of prompts.jsonl has the `instructions` and the `schema` of an
answer, each further one an `id`, the server with the endpoint, and the `prompt`. Each line of answers.jsonl has the
`id` and the `answer`, an object of that schema. An answer is taken as that of a model is: its cases are checked, and
join those of the rules in one suite. The suite runs on the right server, twice on the same one, and on the server with
each fault, as in faults.py. With `--told` each refused, skipped and failing case is printed, and why.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree as ET

from pydantic_ai.models.function import AgentInfo, DeltaToolCall, FunctionModel

from benchmarks.generate_tests.environments import BUILD, HERE, python_environment
from benchmarks.generate_tests.faults import Served, Server, chosen, find_servers, measure
from benchmarks.generate_tests.tools import run_ours
from progressnb import generate_tests
from progressnb.operations.testcases.cases.proposals import Proposals
from progressnb.operations.testcases.prompts import INSTRUCTIONS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from pydantic_ai.messages import ModelMessage

    from progressnb.operations.testcases import ApiTestSuite

_ASKED = re.compile(r"Write at most \d+ cases for (.+?), the most telling first\.")
_LEFT_OUT = ": a case of the model was left out, "
Answers = dict[str, dict[str, Any]]


class Found(NamedTuple):
    """Whether cases of each source report something on a faulty server, and nothing on the right one."""

    rules: bool
    model: bool


def answering(server: str, answers: Answers, prompts: list[dict[str, str]]) -> FunctionModel:
    """Return a model that has these answers to what is asked for a server, and keeps the prompts."""

    async def stream(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[dict[int, DeltaToolCall]]:
        prompt = "\n".join(str(part.content) for part in messages[-1].parts if part.part_kind == "user-prompt")
        asked = _ASKED.search(prompt)
        if asked is None:
            raise ValueError(f"expected the prompt of an endpoint, got {prompt[:80]!r}")
        key = f"{server} {asked[1]}"
        prompts.append({"id": key, "prompt": prompt})
        answer = json.dumps(answers.get(key, {"cases": []}))
        yield {0: DeltaToolCall(name=info.output_tools[0].name, json_args=answer, tool_call_id="a")}

    return FunctionModel(stream_function=stream, model_name="the model")


async def suite_of(server: Server, answers: Answers, prompts: list[dict[str, str]]) -> ApiTestSuite:
    """Make the suite of a server with the answers of a model."""
    server.job.suite.parent.mkdir(parents=True, exist_ok=True)
    model = answering(server.name.rpartition("/")[2].removesuffix("+model"), answers, prompts)
    return await generate_tests.using(show=False)(server.job.spec, model=model, out=server.job.suite)


def with_model(server: Server) -> Server:
    """Return a server whose suite and runs have places of their own."""
    name = f"{server.name}+model"
    return server._replace(name=name, job=server.job._replace(suite=BUILD / "suites" / f"{name.replace('/', '-')}.zip"))


def skipped_of(folder: Path, of_model: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the model's cases that a run skipped, with their reasons."""
    for case in ET.parse(folder / "report.xml").iter("testcase"):  # noqa: S314 - of our own suite
        name = name_of(case.get("name", ""))
        for skipped in case.iter("skipped"):
            if name in of_model:
                yield name, (skipped.get("message") or "").removeprefix("Skipped: ")


def name_of(test: str) -> str:
    """Return the id of a case as JUnit names its test."""
    return test.removeprefix("test_case[").removesuffix("]")


class Measured(NamedTuple):
    """The figures of a server: cases of the model, false alarms in two runs, and who found which fault."""

    server: str
    taken: int
    refused: list[str]
    skipped: list[tuple[str, str]]
    alarms: list[list[str]]
    of_model: set[str]
    found: dict[str, Found]


def measured(server: Server, suite: ApiTestSuite) -> Measured:
    """Run a suite on the right server twice, and on the server with each fault."""
    with zipfile.ZipFile(server.job.suite) as files:
        cases: list[dict[str, Any]] = json.loads(files.read("cases.json"))["cases"]
    of_model = {each["id"] for each in cases if each["source"] == "model"}
    alarms: list[list[str]] = []
    skipped: list[tuple[str, str]] = []
    with Served(server, None) as url:
        for number in (1, 2):
            folder = BUILD / "runs" / f"{server.name.replace('/', '-')}-twice-{number}"
            folder.mkdir(parents=True, exist_ok=True)
            ran = run_ours(server.job, url, folder, seed=str(number))
            alarms.append([name_of(each) for each in ran.reported])
            skipped = skipped or list(skipped_of(folder, of_model))
    results = measure([server], ("ours",))
    right = set(results[server.name, None, "ours"].reported)
    found: dict[str, Found] = {}
    for fault in server.faults:
        new = {name_of(each) for each in results[server.name, fault, "ours"].reported if each not in right}
        found[fault] = Found(rules=bool(new - of_model), model=bool(new & of_model))
    refused = [note for note in suite.notes if _LEFT_OUT in note]
    return Measured(server.name, len(of_model), refused, skipped, alarms, of_model, found)


def lines(one: Measured, *, told: bool) -> Iterator[str]:
    """Yield the figures of a server as text."""
    counts = f"{one.taken} cases taken, {len(one.refused)} refused, {len(one.skipped)} skipped on the right server"
    yield f"\n{one.server}: {counts}"
    for number, failed in enumerate(one.alarms, 1):
        own = len(one.of_model.intersection(failed))
        yield f"  run {number} on the right server: {len(failed)} false alarms, {own} of them the model's"
    for fault, finders in one.found.items():
        names = " and ".join(name for name, hit in finders._asdict().items() if hit)
        yield f"  {fault:32} {f'found by {names}' if names else '-'}"
    if told:
        yield from (f"    refused  {note}" for note in one.refused)
        yield from (f"    skipped  {name}: {reason}" for name, reason in one.skipped)
        yield from (f"    alarm    {name}" for name in dict.fromkeys(name for each in one.alarms for name in each))


def totals(every: list[Measured]) -> Iterator[str]:
    """Yield the sums over all servers."""
    found = [each for one in every for each in one.found.values()]
    alarms = [sum(len(one.alarms[at]) for one in every) for at in (0, 1)]
    yield f"\ncases taken {sum(one.taken for one in every)}, refused {sum(len(one.refused) for one in every)}"
    yield f"false alarms on the right servers {alarms[0]}, in a second run {alarms[1]}"
    yield (
        f"faults {len(found)}: found by rules {sum(each.rules for each in found)}, by the model's cases "
        f"{sum(each.model for each in found)}, by either {sum(any(each) for each in found)}"
    )


def main() -> int:
    """Write the prompts, or print what the answers find; return 1 for a false alarm."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder of servers")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--write", type=Path, metavar="PROMPTS", help="write the prompts to this file")
    way.add_argument("--read", type=Path, metavar="ANSWERS", help="read the answers from this file")
    parser.add_argument("--only", default="", help="a part of the names of servers")
    parser.add_argument("--fault", default="", help="parts of the names of faults, with commas between; default: all")
    parser.add_argument("--told", action="store_true", help="print the reasons of what was refused, skipped and failed")
    given = parser.parse_args()
    python = python_environment("faulty", HERE / "faulty" / "requirements.txt")
    servers = [with_model(each) for each in find_servers([given.folder], given.only, python)]
    servers = [each._replace(faults=chosen(each.faults, given.fault.split(","))) for each in servers]
    prompts: list[dict[str, str]] = []
    answers: Answers = {}
    if given.read:
        read = given.read.read_text(encoding="utf-8").split("\n")
        answers = {one["id"]: one["answer"] for one in (json.loads(line) for line in read if line.strip())}
    suites = [asyncio.run(suite_of(each, answers, prompts)) for each in servers]
    if given.write:
        head = {"instructions": INSTRUCTIONS, "schema": Proposals.model_json_schema()}
        text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in (head, *prompts))
        given.write.write_text(text, encoding="utf-8")
        return 0
    every: list[Measured] = []
    for server, suite in zip(servers, suites, strict=True):
        every.append(measured(server, suite))
        print("\n".join(lines(every[-1], told=given.told)), flush=True)
    print("\n".join(totals(every)))
    return 1 if any(each for one in every for each in one.alarms) else 0


if __name__ == "__main__":
    sys.exit(main())
