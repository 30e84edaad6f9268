"""Run the suites of the public specifications against Prism, a mock server by others that checks what it is sent.

    python -m benchmarks.generate_tests.prism [adyen twilio …]

Prism validates each request by code that is not ours, and answers from the specification's examples and schemas. So a
valid case that it refuses, or a broken one that it takes, is a mistake of one of both; a case about what a server keeps
can't pass, since a mock keeps nothing. Each failure is either ours, or has one of the reasons in `REASONS`. The exit
code is 1 if there is one of ours. Needs Node.js and npm; Prism is installed below build/ at the first call.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx

from benchmarks.generate_tests.environments import BUILD, node_environment
from benchmarks.generate_tests.judge import SPECS, specifications
from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from progressnb.operations.testcases.suite.api_runner import Session, Suite
from progressnb.operations.testcases.suite.api_runner import run as run_case

if TYPE_CHECKING:
    from pathlib import Path

    from progressnb.operations.testcases.result import ApiTestSuite

PRISM = "@stoplight/prism-cli@5.14.2"
PATIENCE = 120.0

REASONS: list[tuple[str, str]] = [
    (
        r"^(values|list) .* \| (?!status [45])[^|]* \| 2\d\d ",
        "a mock keeps nothing: neither what was sent nor what was deleted",
    ),
    (r"^not_found .* \| status 2", "a mock keeps nothing: it has all things that are asked for"),
    (r"^auth .*_wrong_credentials .* \| status 2", "a mock knows no credentials: it takes any"),
    (
        r"stoplight.io/prism/errors|\"code\": \"invalid_json\"",
        "Prism words its own errors, not as the specification does",
    ),
]
"""A pattern of "category | endpoint | id | expected | why | got | answer", and why a failure there is not ours."""


class Failure(NamedTuple):
    """A case that Prism does not pass."""

    spec: str
    label: str
    text: str
    reason: str


class Mock:
    """Prism on a free port, with one specification."""

    def __init__(self, program: Path, spec: Path) -> None:
        self._command = [str(program), "mock", str(spec), "--verboseLevel", "error"]
        self._log = BUILD / "prism" / "log.txt"

    def __enter__(self) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with self._log.open("w") as log:
            command = [*self._command, "--port", str(port)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603 - of our own tools
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self._process.poll() is None:
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    return f"http://127.0.0.1:{port}"
            time.sleep(0.05)
        self.__exit__()
        raise RuntimeError(f"Prism did not begin: {self._log.read_text(encoding='utf-8')[-500:]}")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()


def label_of(case: dict[str, Any], text: str, violations: str) -> str:
    """Return in one line what a failure is about."""
    told = dict(re.findall(r"^(expected|because|got|answer) +(.*)", text, re.MULTILINE))
    body = " ".join(re.findall(r"^ {11}(.*)", text, re.MULTILINE))[:300]
    parts = [case["category"], case["endpoint"], case["id"], ",".join(case["steps"][-1]["expected"])]
    told_parts = [told.get(each, "") for each in ("expected", "because", "got", "answer")]
    return " | ".join([*parts, *told_parts, body, violations[:500]])


def reason_of(label: str) -> str:
    """Return why a failure is not ours, or nothing."""
    return next((reason for pattern, reason in REASONS if re.search(pattern, label)), "")


def run_cases(suite: ApiTestSuite, url: str) -> tuple[Counter[str], list[tuple[str, str]]]:
    """Run the cases of a suite; return how they ended, and the label and text of each failure."""
    violations: list[str] = []

    def note(response: httpx.Response) -> None:
        violations.append(response.headers.get("sl-violations", ""))

    session = Session(Suite(suite.model_dump(mode="json")), seed="1", credential=lambda _: "user:secret")
    ended: Counter[str] = Counter()
    failed = []
    with httpx.Client(base_url=url, timeout=60, trust_env=False, event_hooks={"response": [note]}) as client:
        for case in session.suite.cases:
            violations.clear()
            outcome = run_case(case, client, session)
            ended[outcome.status] += 1
            if outcome.status == "failed":
                failed.append((label_of(case, outcome.text, violations[-1] if violations else ""), outcome.text))
    return ended, failed


async def run_suite(program: Path, spec: Path) -> tuple[Counter[str], list[Failure]]:
    """Run the suite of one specification."""
    suite = await generate_tests.using(show=False)(spec, model=OfflineModel(pace=0))
    with Mock(program, spec) as url:
        ended, failed = await asyncio.to_thread(run_cases, suite, url)
    name = str(spec.relative_to(SPECS))
    return ended, [Failure(name, label, text, reason_of(label)) for label, text in failed]


def main(arguments: list[str] | None = None) -> int:
    """Run all suites, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="parts of paths below tests/data/openapi; default: all")
    options = parser.parse_args(arguments)
    program = node_environment("prism", PRISM, "prism")
    totals: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    ours: list[Failure] = []
    for spec in specifications(options.names):
        counts, failures = asyncio.run(run_suite(program, spec))
        totals += counts
        reasons.update(each.reason for each in failures if each.reason)
        wrong = [each for each in failures if not each.reason]
        ours += wrong
        told = ", ".join(f"{counts[each]:4} {each}" for each in ("passed", "skipped", "failed"))
        print(f"{spec.relative_to(SPECS)!s:50} {told}, {len(wrong)} of these ours", flush=True)
        for each in wrong:
            print(f"    {each.label}")
    told = ", ".join(f"{totals[each]:,} {each}" for each in ("passed", "skipped", "failed"))
    print(f"\n{totals.total():,} cases: {told}, {len(ours)} of these ours")
    for reason, count in reasons.most_common():
        print(f"not ours: {count:5}  {reason}")
    return 1 if ours else 0


if __name__ == "__main__":
    sys.exit(main())
