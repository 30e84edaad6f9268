"""Judge each case of the public specifications: what it calls valid is valid, and what it calls invalid is not.

    python -m benchmarks.generate_tests judge                  # all, by openapi-core in an environment of its own
    python -m benchmarks.generate_tests.judge --python build/generate_tests/judge/bin/python adyen twilio

The requests are those that the suite's own runner sends. openapi-core, which shares no code with us, tells for each
what does not fit. Each disagreement is either ours, or one of the kinds that `KNOWN` lists with the reason why the
judge is wrong or does not look. The exit code is 1 if there is one of ours.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from progressnb.operations.testcases.spec.reading import read_source
from tests.operations.testcases.planted import runner_of

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "tests" / "data" / "openapi"
SUFFIXES = {".json", ".yaml", ".yml"}
BROKEN = {"required", "type", "boundary", "enum", "format", "structure", "media_type"}

# The kinds of disagreements that are not ours: a pattern of "valid | endpoint | case | verdict | path values", and why.
KNOWN: list[tuple[str, str]] = [
    (r"^valid .* \| MissingRequestBody: ", "a body is optional unless required: true; openapi-core always wants one"),
    (
        r"^invalid .*: text that is no (uri|url|email|hostname|ipv4|ipv6|time|duration) \| fits",
        "openapi-core does not check this format",
    ),
    (r"^valid .*b'.*' is not of type 'string'", "openapi-core reads a file as bytes, which it says are no string"),
    (r"reference '.*' could not be resolved", "openapi-core knows a discriminator's schemas only by whole references"),
    (
        r"^valid .* < DeserializeError: \('\w+', '\w+'\) < (ValueError: (dictionary update|not available)|TypeError)",
        "an object in a form, a multipart form with styles, or an object that is exploded: openapi-core can't read it",
    ),
    (r'path parameter: .*"[;.]', "openapi-core does not read the styles label and matrix"),
    (r"^valid \| \w+ [^|]*#.*PathNotFound", "a path with a fragment, which is never sent"),
    (
        r"^valid .*Invalid query parameter: .*'(Current date and time|The first page of data)' does not match",
        "the specification's own default does not fit; nothing was sent",
    ),
    (r"rate: .* is not of type 'number'", "openapi-core heeds what stands beside a $ref, which OpenAPI 3.0 ignores"),
    (
        r"^invalid \| POST /\{dataset\}/\{version\}/records .* without 'criteria'",
        "openapi-core puts the default of a field in the place of a missing one",
    ),
    (
        r"^\w+ \| PATCH /(embedded|redocly-flavored)-discriminator ",
        "only the discriminator tells the schemas apart, and openapi-core does not read one in a base",
    ),
]


class Disagreement(NamedTuple):
    """A case that the judge sees otherwise."""

    spec: str
    case: dict[str, Any]
    verdict: str
    reason: str


def specifications(names: list[str]) -> list[Path]:
    """Return the specifications to judge: openapi-core reads OpenAPI 3.0 and 3.1."""
    found = (path for path in sorted(SPECS.rglob("*")) if path.suffix in SUFFIXES)
    wanted = [path for path in found if not names or any(name in str(path.relative_to(SPECS)) for name in names)]
    return [path for path in wanted if str(read_source(path).data.get("openapi", ""))[:3] in ("3.0", "3.1")]


def sent_by(runner: Any, case: dict[str, Any]) -> dict[str, Any] | None:  # noqa: ANN401 - a module
    """Return the last request of a case as it is sent, without its set-up; None where nothing is."""
    caught: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        request.read()
        caught.append(request)
        return httpx.Response(200)

    last = {**case["steps"][-1], "use": {}, "save": {}}
    with httpx.Client(base_url="http://judge.test", transport=httpx.MockTransport(answer)) as client:
        runner.run({**case, "steps": [last]}, client, runner.Session(runner.SUITE))
    if not caught:
        return None
    request = caught[0]
    body = base64.b64encode(request.content).decode()
    headers = [[name, value] for name, value in request.headers.items()]
    path = last["request"]["path"]
    return {"path": path, "method": request.method, "url": str(request.url), "headers": headers, "body": body}


def reason_of(text: str, known: list[tuple[str, str]]) -> str:
    """Return why a disagreement or failure is not ours, by the patterns of known ones, or nothing."""
    return next((reason for pattern, reason in known if re.search(pattern, text)), "")


def verdicts_of(given: str, python: str) -> list[list[str]]:
    """Return what the judge says of each request."""
    command = [python, str(Path(__file__).with_name("verdicts.py"))]
    done = subprocess.run(command, input=given, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - our own
    verdicts: list[list[str]] = json.loads(done.stdout)
    return verdicts


async def judge(path: Path, directory: Path, python: str) -> tuple[Counter[str], list[Disagreement]]:
    """Judge the cases of one specification."""
    archive = directory / "suite.zip"
    suite = await generate_tests.using(show=False)(path, model=OfflineModel(pace=0), out=archive)
    os.environ.update({each.variable: "user:secret" for each in suite.schemes})
    runner = runner_of(archive, directory / "suite")
    counts: Counter[str] = Counter(endpoints=len(suite.endpoints), without=len(suite.without_cases))
    cases, requests = [], []
    for case in runner.SUITE.cases:
        is_valid = any(status[0] in "23" for status in case["steps"][-1]["expected"])
        if case["category"] in BROKEN or (is_valid and case["category"] == "valid"):
            request = sent_by(runner, case)
            if request is not None:
                cases.append(case)
                requests.append(request)
    given = json.dumps({"spec": read_source(path).data, "requests": requests})
    verdicts = await asyncio.to_thread(verdicts_of, given, python)
    found = []
    for case, verdict in zip(cases, verdicts, strict=True):
        is_valid = any(status[0] in "23" for status in case["steps"][-1]["expected"])
        counts["valid" if is_valid else "invalid"] += 1
        if bool(verdict) is is_valid:
            text = "; ".join(verdict) or "fits"
            values = json.dumps(case["steps"][-1]["request"].get("path_values"))
            label = f"{'valid' if is_valid else 'invalid'} | {case['endpoint']} | {case['name']} | {text} | {values}"
            found.append(Disagreement(str(path.relative_to(SPECS)), case, text, reason_of(label, KNOWN)))
    return counts, found


def main() -> int:
    """Judge, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="parts of paths below tests/data/openapi; default: all")
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has openapi-core")
    options = parser.parse_args()
    totals: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    ours = 0
    for path in specifications(options.names):
        with tempfile.TemporaryDirectory() as directory:
            counts, found = asyncio.run(judge(path, Path(directory), options.python))
        totals += counts
        wrong = [each for each in found if not each.reason]
        ours += len(wrong)
        reasons.update(each.reason for each in found if each.reason)
        print(
            f"{path.relative_to(SPECS)!s:50} {counts['endpoints']:4} endpoints, {counts['without']} without cases; "
            f"{counts['valid']:4} valid, {counts['invalid']:4} invalid; {len(wrong)} disagreements of ours"
        )
        for each in wrong[:20]:
            request = each.case["steps"][-1]["request"]
            print(f"    {each.case['endpoint']} | {each.case['name']}\n        {each.verdict[-500:]}")
            print("        " + json.dumps({key: request.get(key) for key in ("query", "path_values", "body")})[:400])
    print(
        f"\n{totals['valid']:,} valid and {totals['invalid']:,} invalid requests to {totals['endpoints']:,} endpoints"
    )
    print(f"disagreements of ours: {ours}")
    for reason, count in reasons.most_common():
        print(f"not ours: {count:5}  {reason}")
    return 1 if ours else 0


if __name__ == "__main__":
    sys.exit(main())
