"""The tools that are given to a server: our suite, and schemathesis. Each is a process, and writes a JUnit report."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import time
import zipfile
from base64 import b64decode
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree as ET

from benchmarks.generate_tests.environments import ROOT

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["EXAMPLES", "TOOLS", "Job", "Ran", "Tool", "credentials", "environment", "run_tool", "settings_of"]

EXAMPLES = 10
"""Examples that schemathesis tries at most for an operation and a phase; it has 100 if nobody says otherwise."""

MOST_CPU = 120
"""CPU seconds that a tool may take for one server."""

LONGEST = 1200.0
"""Seconds that it may take, on a machine that is busy."""

Tool = str
TOOLS: tuple[Tool, ...] = ("ours", "schemathesis")


REFUSED = ("wrong", "expired", "none")
"""Credentials of a server that it should refuse; the others are those of its users, by their names."""

SEEN = re.compile(r"^- (ST\d+)|^\[(\d{3})\]", re.MULTILINE)
"""The lines in which schemathesis names what is wrong, and the status that came."""


class Ran(NamedTuple):
    """The report of a tool, its CPU seconds, and whether it came to its end."""

    reported: list[str]
    cpu: float
    ended: bool


class Job(NamedTuple):
    """The facts of a server that a tool needs."""

    auth: dict[str, dict[str, str]]
    spec: dict[str, Any]
    suite: Path
    python: Path


def environment(**more: str) -> dict[str, str]:
    """Return the environment of the servers and of schemathesis."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", **more}


def measured(command: list[str], folder: Path, env: dict[str, str]) -> float:
    """Run a command, and return its CPU seconds. One that takes too many is ended."""
    with (folder / "output.txt").open("w") as output:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=output, stderr=output)  # noqa: S603 - our own
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (MOST_CPU, MOST_CPU))
        until = time.monotonic() + LONGEST
        while True:
            ended, _, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                process.returncode = 0  # it was waited for
                return usage.ru_utime + usage.ru_stime
            if time.monotonic() > until:
                process.kill()
            time.sleep(0.05)


def read_report(report: Path, cpu: float) -> Ran:
    """Return what a JUnit report calls failed: names of cases, and what schemathesis saw, by code and status."""
    if not report.exists():
        return Ran([], cpu, ended=False)
    found: set[str] = set()
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - of our own tools
        for failure in [*case.iter("failure"), *case.iter("error")]:
            seen = SEEN.findall(failure.text or "") if failure.get("message", "").startswith("ST") else []
            found.add(" ".join([case.get("name", ""), *sorted(set(map("".join, seen)))]))
    return Ran(sorted(found), cpu, ended=True)


def suite_of(archive: Path) -> dict[str, bytes]:
    """Return the files of a suite, without those that tell of its making, and of what was there before."""
    with zipfile.ZipFile(archive) as files:
        names = set(files.namelist()) - {"history.jsonl", "changes.md"}
        return {name: files.read(name) for name in sorted(names)}


def credentials(auth: dict[str, dict[str, str]], schemes: list[dict[str, Any]]) -> dict[str, str]:
    """Return the variables of a suite for the headers of a server's users."""
    users = [headers for name, headers in auth.items() if name not in REFUSED]
    given = {"": users[:1], "_OTHER": users[1:2]}
    given["_READER"] = [auth["reader"]] if "reader" in auth else users[2:]
    given["_EXPIRED"] = [auth["expired"]] if "expired" in auth else []
    variables: dict[str, str] = {}
    for scheme in schemes:
        for ending, headers in ((ending, each) for ending, some in given.items() for each in some):
            value = headers.get(scheme["parameter"] or "Authorization", "")
            value = value if scheme["parameter"] else value.partition(" ")[2]
            variables[scheme["variable"] + ending] = b64decode(value).decode() if scheme["kind"] == "basic" else value
    return variables


def run_ours(job: Job, url: str, folder: Path, seed: str = "1") -> Ran:
    """Run our suite with its defaults, but for the values that are new in each run: these depend on the seed."""
    with zipfile.ZipFile(job.suite) as suite:
        suite.extractall(folder)
    env = environment(API_BASE_URL=url, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", PYTHONPATH="", API_SEED=seed)
    env |= credentials(job.auth, json.loads((folder / "cases.json").read_text(encoding="utf-8"))["schemes"])
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
    return read_report(report, measured(command, folder, env))


SCHEMATHESIS = (
    *("--phases", "examples,coverage,fuzzing,stateful", "--max-examples", str(EXAMPLES), "--seed", "1"),
    *("--workers", "1", "--no-shrink", "--generation-database", "none", "--no-color", "--report", "junit"),
)


def run_schemathesis(job: Job, url: str, folder: Path) -> Ran:
    """Run schemathesis with all its phases and checks, and with a fixed seed: two runs differ by the server alone."""
    spec, report = folder / "spec.json", folder / "report.xml"
    spec.write_text(json.dumps(job.spec))
    user = next(iter(job.auth.values()), dict[str, str]())
    headers = [part for key, value in user.items() for part in ("-H", f"{key}:{value}")]
    program = str(job.python.parent / "schemathesis")
    command = [program, "run", str(spec), "--url", url, *SCHEMATHESIS, "--report-junit-path", str(report), *headers]
    return read_report(report, measured(command, folder, environment()))


def settings_of(job: Job, tool: Tool) -> str:
    """Return a digest of what a tool runs with: a result is another one where this is."""
    what = suite_of(job.suite) if tool == "ours" else [SCHEMATHESIS, sorted(job.auth.items()), job.spec]
    return sha256(repr(what).encode()).hexdigest()[:16]


def run_tool(job: Job, tool: Tool, url: str, folder: Path) -> Ran:
    """Run a tool in an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return {"ours": run_ours, "schemathesis": run_schemathesis}[tool](job, url, folder)
