"""Find faults in servers of others: our suites beside schemathesis, in one run.

    python -m benchmarks.generate_tests.faults [--only books] [--tool ours] [--again]

The servers are those of faulty/, made by whoever made the generator, and of stranger/, made by somebody who has not
read it. Each fault is planted alone. A tool has found it if it reports something that it does not report on the same
server without the fault; what it reports there is a false alarm. The servers and schemathesis run in an environment of
their own under build/, which is made at the first call. CPU is that of the tool alone, with its start.

Both tools have their defaults. schemathesis has a fixed seed, so that its two runs differ by the server alone.
What was measured is kept in build/faulty/, and not measured again without --again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import venv
import zipfile
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "faulty"
PYTHON = BUILD / "env" / "bin" / "python"
TOOLS = ("ours", "schemathesis")
PATIENCE = 30.0
LONGEST = 600.0


class Ran(NamedTuple):
    """The report of a tool, and its CPU seconds."""

    reported: list[str]
    cpu: float


def environment() -> dict[str, str]:
    """Return the environment of the servers and of schemathesis."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}


def make_environment() -> None:
    """Make the environment of the servers, once."""
    wanted = (HERE / "faulty" / "requirements.txt").read_text()
    done = BUILD / "env" / "requirements.txt"
    if done.exists() and done.read_text() == wanted:
        return
    print("making build/faulty/env", flush=True)
    venv.create(BUILD / "env", with_pip=True, clear=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "-q", "-r", HERE / "faulty" / "requirements.txt"], check=True)  # noqa: S603
    done.write_text(wanted)


def servers(only: str) -> list[str]:
    """Return the names of the modules."""
    found = [path for each in ("faulty", "stranger") for path in sorted((HERE / each).glob("server_*.py"))]
    names = [f"{path.parent.name}.{path.stem}" for path in found]
    return [name for name in names if only in name]


def about(name: str) -> dict[str, Any]:
    """Return what a server says of itself."""
    command = [PYTHON, "-m", "benchmarks.generate_tests.serving", name, "about"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), cwd=ROOT, check=True)  # noqa: S603
    return dict(json.loads(done.stdout))


class Served:
    """A server on a free port, in a process of its own."""

    def __init__(self, name: str, fault: str | None) -> None:
        self._what = [name, fault]

    def __enter__(self) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        name, fault = self._what
        command = [
            str(PYTHON),
            "-m",
            "benchmarks.generate_tests.serving",
            str(name),
            str(port),
            *([fault] if fault else []),
        ]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(command, env=environment(), cwd=ROOT, stdout=quiet, stderr=quiet)  # noqa: S603
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    return f"http://127.0.0.1:{port}"
            time.sleep(0.05)
        raise TimeoutError(f"{name} with {fault} did not begin")

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()


def measured(command: list[str], folder: Path, env: dict[str, str]) -> float:
    """Run a command, and return its CPU seconds. One that takes ten minutes is ended."""
    with (folder / "output.txt").open("w") as output:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=output, stderr=output)  # noqa: S603
        until = time.monotonic() + LONGEST
        while True:
            ended, _, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                process.returncode = 0  # it was waited for
                return usage.ru_utime + usage.ru_stime
            if time.monotonic() > until:
                process.kill()
            time.sleep(0.05)


def failures(report: Path) -> list[str]:
    """Return what a JUnit report calls failed: names of cases, and the code of each failure."""
    if not report.exists():
        return ["no report"]
    found: set[str] = set()
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - of our own tools
        for failure in [*case.iter("failure"), *case.iter("error")]:
            code = failure.get("message", "") if failure.get("message", "").startswith("ST") else ""
            found.add(f"{case.get('name')} {code}".strip())
    return sorted(found)


def run_ours(name: str, told: dict[str, Any], url: str, folder: Path) -> Ran:
    """Run our suite."""
    with zipfile.ZipFile(BUILD / f"{name}.zip") as suite:
        suite.extractall(folder)
    env = {**os.environ, "API_BASE_URL": url, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": ""}
    for scheme in json.loads((folder / "cases.json").read_text(encoding="utf-8"))["schemes"]:
        value = told["auth"].get(scheme["parameter"] or "Authorization", "")
        env[scheme["variable"]] = value if scheme["parameter"] else value.partition(" ")[2]
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
    cpu = measured(command, folder, env)
    return Ran(failures(report), cpu)


def run_schemathesis(name: str, told: dict[str, Any], url: str, folder: Path) -> Ran:
    """Run schemathesis, with its defaults and a fixed seed."""
    spec, report = folder / "spec.json", folder / "report.xml"
    spec.write_text(json.dumps(told["spec"]))
    _ = name
    headers = [part for key, value in told["auth"].items() for part in ("-H", f"{key}:{value}")]
    command = [str(PYTHON.parent / "schemathesis"), "run", str(spec), "--url", url, "--seed", "1", "--no-color"]
    command += ["--report", "junit", "--report-junit-path", str(report), *headers]
    cpu = measured(command, folder, environment())
    return Ran(failures(report), cpu)


def run_one(name: str, told: dict[str, Any], fault: str | None, tool: str, *, again: bool) -> Ran:
    """Run one tool against one server, or read what it reported before."""
    folder = BUILD / "runs" / f"{name}-{fault or 'right'}-{tool}".replace(" ", "_").replace("/", "_")
    kept = folder / "ran.json"
    if kept.exists() and not again:
        return Ran(*json.loads(kept.read_text()))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with Served(name, fault) as url:
        ran = {"ours": run_ours, "schemathesis": run_schemathesis}[tool](name, told, url, folder)
    kept.write_text(json.dumps(ran))
    return ran


async def make_suites(tolds: dict[str, dict[str, Any]]) -> None:
    """Make the suites of all servers."""
    for name, told in tolds.items():
        await generate_tests.using(show=False)(told["spec"], model=OfflineModel(pace=0), out=BUILD / f"{name}.zip")


def main() -> int:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="a part of the names of servers")
    parser.add_argument("--tool", choices=TOOLS, help="one tool alone; default: both")
    parser.add_argument("--again", action="store_true", help="measure again what was measured before")
    arguments = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    make_environment()
    names = servers(arguments.only)
    tolds = {name: about(name) for name in names}
    asyncio.run(make_suites(tolds))
    tools = (arguments.tool,) if arguments.tool else TOOLS
    jobs = [(name, fault, tool) for name in names for fault in (None, *tolds[name]["faults"]) for tool in tools]

    def job(each: tuple[str, str | None, str]) -> Ran:
        name, fault, tool = each
        return run_one(name, tolds[name], fault, tool, again=arguments.again)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = dict(zip(jobs, pool.map(job, jobs), strict=True))
    return show(names, tolds, tools, results)


def show(names: list[str], tolds: dict[str, Any], tools: tuple[str, ...], results: dict[Any, Ran]) -> int:
    """Print what was found, missed and alarmed falsely; return 1 if ours has a false alarm."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    alarms: Counter[str] = Counter()
    cpu: Counter[str] = Counter()
    print(f"{'server':28} {'fault':38}" + "".join(f"{tool:>14}" for tool in tools))
    for name in names:
        whose = name.partition(".")[0]
        for tool in tools:
            right = results[name, None, tool]
            alarms[tool] += len(right.reported)
            for alarm in right.reported:
                print(f"  false alarm of {tool} on {name}: {alarm}")
        for fault in tolds[name]["faults"]:
            cells = []
            for tool in tools:
                ran = results[name, fault, tool]
                hit = bool(set(ran.reported) - set(results[name, None, tool].reported))
                found[tool][whose] += hit
                cpu[tool] += ran.cpu
                cells.append("found" if hit else "-")
            print(f"{name:28} {fault:38}" + "".join(f"{cell:>14}" for cell in cells))
    count = Counter(name.partition(".")[0] for name in names for _ in tolds[name]["faults"])
    for tool in tools:
        parts = ", ".join(f"{found[tool][whose]} of {total} in {whose}/" for whose, total in count.items())
        total = f"found {found[tool].total()} of {count.total()} ({parts})"
        print(f"{tool}: {total}, {alarms[tool]} false alarms, {cpu[tool]:.0f} s of CPU")
    return 1 if alarms[TOOLS[0]] else 0


if __name__ == "__main__":
    sys.exit(main())
