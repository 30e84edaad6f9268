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
import json
import re
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import httpx

from benchmarks.generate_tests.cut import references
from benchmarks.generate_tests.environments import BUILD, node_environment
from benchmarks.generate_tests.judge import BROKEN, SPECS, reason_of, specifications
from benchmarks.generate_tests.ports import free_port, listens
from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from progressnb.operations.testcases.spec.plain import pointer_keys
from progressnb.operations.testcases.spec.reading import read_source
from progressnb.operations.testcases.suite.api_runner import Session, Suite
from progressnb.operations.testcases.suite.api_runner import run as run_case

if TYPE_CHECKING:
    from pathlib import Path

    from progressnb.operations.testcases.result import ApiTestSuite

PRISM = "@stoplight/prism-cli@5.14.2"

REASONS: list[tuple[str, str]] = [
    (r"^(values|list) .* \| (?!status [45])[^|]* \| 2\d\d ", "a mock keeps nothing that is sent"),
    (r"^not_found .* \| status 2", "a mock keeps nothing: it has all things that are asked for"),
    (r"as it was (sent|answered before) \|", "a mock keeps nothing that is sent"),
    (r"^auth .* \| (status 2|one with it)", "a mock knows no credentials, and whose things they are: it takes any"),
    (r"at \S+: '(string)+\w*' does not match", "Prism makes a text that does not fit the pattern of its field"),
    (
        r"^([^|]*\|){4} (?!status )[^|]*\|.*stoplight.io/prism/errors|errors#UNAUTHORIZED|\"code\": \"invalid_json\"",
        "Prism words errors of its own, which no one documents",
    ),
    (
        r"\"location\":\[\"response\"",
        "the example that Prism answers with does not fit its schema, as Prism says itself",
    ),
    (
        r"\| no answer: (ReadError|ConnectError|RemoteProtocolError: (Server|Only))",
        "Prism ends, or answers no HTTP, by an error of its own",
    ),
    (r"^type .*/form-data/.*text_for_object .* status 2", "Prism takes a text for an object in a form"),
    (
        r"^(valid|boundary) .*must be (object|array).* a body of (form|multipart)",
        "Prism reads a list or an object in a form as a text",
    ),
    (r"expires_after-null_for_object", "`nullable` in one part of an allOf: Prism takes null, OpenAPI 3.0.3 does not"),
    (r"Prism reads no discriminators", "Prism reads no discriminators: a body fits another schema, or several"),
    (r"^valid .* \| 303 \| .* \| status 200", "Prism answers 200 where 303 alone is documented"),
    (r"Reserved characters used in request body", "Prism wants characters of a multipart form quoted, as in a query"),
    (r"Prism takes any body here", "Prism does not check this body: it takes a list of lists, too"),
]
"""A pattern of "category | endpoint | id | statuses | expected | why | got | answer | body | what Prism says | kind of
body", and why a failure there is not ours."""


class Failure(NamedTuple):
    """A case that Prism does not pass."""

    spec: str
    label: str
    text: str
    reason: str


class Mock:
    """Prism on a free port, with one specification; it is begun again where an error ends it."""

    def __init__(self, program: Path, spec: Path) -> None:
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        options = ["--verboseLevel", "error", "--port", str(self._port)]
        self._command = [str(program), "mock", str(spec), *options]
        self._log = BUILD / "prism" / "log.txt"

    def __enter__(self) -> Self:
        self._begin()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def go_on(self) -> None:
        """Begin again if it has ended."""
        if self._process.poll() is not None:
            self._begin()

    def _begin(self) -> None:
        with self._log.open("w") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)  # noqa: S603 - of our own tools
        if not listens(self._process, self._port):
            raise RuntimeError(f"Prism did not begin: {self._log.read_text(encoding='utf-8')[-500:]}")


def label_of(case: dict[str, Any], text: str, violations: str) -> str:
    """Return in one line what a failure is about."""
    told = dict(re.findall(r"^(expected|because|got|answer) +(.*)", text, re.MULTILINE))
    body = " ".join(re.findall(r"^ {11}(.*)", text, re.MULTILINE))[:900]
    parts = [case["category"], case["endpoint"], case["id"], ",".join(case["steps"][-1]["expected"])]
    told_parts = [told.get(each, "") for each in ("expected", "because", "got", "answer")]
    kind = f"a body of {case['steps'][-1]['request'].get('body_kind')}"
    return " | ".join([*parts, *told_parts, body, violations, kind])


def takes_any_body(client: httpx.Client, case: dict[str, Any]) -> bool:
    """Tell whether Prism takes a body that no specification here allows, so that it says nothing about bodies."""
    last = case["steps"][-1]["request"]
    if last.get("body_kind") != "json" or "body" not in case["id"]:
        return False
    path = re.sub(r"\{(.*?)\}", lambda found: str(last.get("path_values", {}).get(found[1], "1")), last["path"])
    headers = {"Authorization": "Bearer secret", "Content-Type": last["media_type"]}
    answer = client.request(last["method"], path, params=last.get("query"), headers=headers, content="[[[]]]")
    return answer.is_success


def has_discriminator(document: dict[str, Any], path: str) -> bool:
    """Tell whether a path of a specification needs a discriminator."""
    waiting, known = [document["paths"][path]], set[str]()
    while waiting:
        value = waiting.pop()
        if '"discriminator"' in json.dumps(value, default=str):
            return True
        for reference in references(value) - known:
            known.add(reference)
            place: Any = document
            for key in pointer_keys(reference):
                place = place.get(key, {})
            waiting.append(place)
    return False


def remark(document: dict[str, Any], client: httpx.Client, case: dict[str, Any]) -> str:
    """Return what is to be said of a broken body that Prism took, or of a valid one that it refused."""
    if case["category"] in BROKEN and takes_any_body(client, case):
        return "Prism takes any body here"
    path = case["steps"][-1]["request"]["path"]
    return "Prism reads no discriminators" if path in document["paths"] and has_discriminator(document, path) else ""


def run_cases(suite: ApiTestSuite, document: dict[str, Any], mock: Mock) -> tuple[Counter[str], list[tuple[str, str]]]:
    """Run the cases of a suite; return how they ended, and the label and text of each failure."""
    violations: list[str] = []

    def note(response: httpx.Response) -> None:
        violations.append(response.headers.get("sl-violations", ""))

    session = Session(Suite(suite.model_dump(mode="json")), seed="1", credential=lambda _: "user:secret")
    ended: Counter[str] = Counter()
    failed: list[tuple[str, str]] = []
    with httpx.Client(base_url=mock.url, timeout=60, trust_env=False, event_hooks={"response": [note]}) as client:
        for case in session.suite.cases:
            violations.clear()
            outcome = run_case(case, client, session)
            ended[outcome.status] += 1
            mock.go_on()
            if outcome.status == "failed":
                took = "\ngot        status 2" in outcome.text and case["category"] in BROKEN
                unclear = took or ("exactly one schema in oneOf" in outcome.text and case["category"] == "valid")
                said = remark(document, client, case) if unclear else (violations[-1:] or [""])[0]
                failed.append((label_of(case, outcome.text, said), outcome.text))
    return ended, failed


async def run_suite(program: Path, spec: Path) -> tuple[Counter[str], list[Failure]]:
    """Run the suite of one specification."""
    suite = await generate_tests.using(show=False)(spec, model=OfflineModel(pace=0))
    with Mock(program, spec) as mock:
        ended, failed = await asyncio.to_thread(run_cases, suite, read_source(spec).data, mock)
    name = str(spec.relative_to(SPECS))
    return ended, [Failure(name, label, text, reason_of(label, REASONS)) for label, text in failed]


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
            print(f"    {each.label[:600]}")
    told = ", ".join(f"{totals[each]:,} {each}" for each in ("passed", "skipped", "failed"))
    print(f"\n{totals.total():,} cases: {told}, {len(ours)} of these ours")
    for reason, count in reasons.most_common():
        print(f"not ours: {count:5}  {reason}")
    return 1 if ours else 0


if __name__ == "__main__":
    sys.exit(main())
