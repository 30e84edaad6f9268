"""Find faults in servers of others: our suites beside schemathesis, in one run.

    python -m benchmarks.generate_tests.faults [--only books] [--tool ours] [--folder elsewhere/servers]

The servers are those of faulty/, made by whoever made the generator, and of stranger/, made by somebody who has not
read it; --folder names others, modules `server_*.py` such as those of stranger/. Each fault is planted alone. A tool
has found it if it reports something that it does not report on the same server without the fault; what it reports
there is a false alarm. The servers and schemathesis run in an environment of their own under build/, which is made at
the first call. CPU is that of the tool alone, with its start.

Our suite has its defaults, schemathesis all of its phases and checks with 10 examples a phase instead of 100, and
without shrinking: a hundred faults take it hours otherwise. Both have a fixed seed, and 120 CPU seconds a server. What
was measured is kept in build/, so that a run that was interrupted goes on; it is measured again where a suite or a
server has changed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.generate_tests import figures
from benchmarks.generate_tests.environments import BUILD, HERE, ROOT, python_environment
from benchmarks.generate_tests.ports import free_port, listens
from benchmarks.generate_tests.tools import TOOLS, Job, Ran, Tool, environment, run_tool, settings_of
from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel

SERVING = ("-m", "benchmarks.generate_tests.serving")
FOLDERS = tuple(HERE / name for name in ("faulty", *(f"stranger{end}" for end in ("", "_2", "_3", "_4", "_5", "_6"))))


class Server(NamedTuple):
    """A server that may have faults: its name and module, what it is, and the kind of each fault."""

    name: str
    path: Path
    job: Job
    faults: dict[str, str]

    @property
    def source(self) -> str:
        """A digest of the module and its neighbours."""
        texts = [each.read_bytes() for each in sorted(self.path.parent.glob("*.py")) if each.stem[:7] != "server_"]
        return sha256(b"".join([self.path.read_bytes(), *texts])).hexdigest()[:16]


def find_servers(folders: list[Path], only: str, python: Path) -> list[Server]:
    """Return the servers of some folders, as they describe themselves."""
    found = [path.resolve() for folder in folders for path in sorted(folder.glob("server_*.py"))]
    servers: list[Server] = []
    for path in found:
        name = f"{path.parent.name}/{path.stem.removeprefix('server_')}"
        if only in name:
            command = [str(python), *SERVING, str(path), "about"]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment(), cwd=ROOT, check=True)  # noqa: S603
            told = json.loads(done.stdout)
            job = Job(told["auth"], told["spec"], BUILD / "suites" / f"{name.replace('/', '-')}.zip", python)
            servers.append(Server(name, path, job, told["faults"]))
    return servers


def chosen(faults: dict[str, str], parts: list[str]) -> dict[str, str]:
    """Return the faults whose names have one of some parts."""
    return {fault: kind for fault, kind in faults.items() if any(part in fault for part in parts)}


class Served:
    """A server on a free port, in a process of its own."""

    def __init__(self, server: Server, fault: str | None) -> None:
        self._command = [str(server.job.python), *SERVING, str(server.path)]
        self._fault = [fault] if fault else []

    def __enter__(self) -> str:
        port = free_port()
        command = [*self._command, str(port), *self._fault]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(command, env=environment(), cwd=ROOT, stdout=quiet, stderr=quiet)  # noqa: S603
        if not listens(self._process, port):
            raise RuntimeError(f"the server did not begin: {' '.join(command)}")
        return f"http://127.0.0.1:{port}"

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()


def run_one(server: Server, fault: str | None, tool: Tool, *, again: bool) -> Ran:
    """Run one tool against one server, or read what it reported before."""
    label = f"{server.name}-{fault or 'right'}-{tool}".replace(" ", "_").replace("/", "-")
    kept = BUILD / "runs" / label / "ran.json"
    key = f"{server.source} {settings_of(server.job, tool)}"
    if kept.exists() and not again:
        known = json.loads(kept.read_text(encoding="utf-8"))
        if known["key"] == key:
            return Ran(**known["ran"])
    with Served(server, fault) as url:
        ran = run_tool(server.job, tool, url, kept.parent)
    kept.write_text(json.dumps({"key": key, "ran": ran._asdict()}), encoding="utf-8")
    return ran


async def make_suites(servers: list[Server]) -> float:
    """Make the suites of all servers; return the CPU seconds."""
    began = time.process_time()
    for server in servers:
        server.job.suite.parent.mkdir(parents=True, exist_ok=True)
        await generate_tests.using(show=False)(server.job.spec, model=OfflineModel(pace=0), out=server.job.suite)
    return time.process_time() - began


def measure(servers: list[Server], tools: tuple[Tool, ...], *, again: bool = False) -> figures.Results:
    """Run each tool against each server, without a fault and with each."""
    jobs = [(server, fault, tool) for tool in tools for server in servers for fault in (None, *server.faults)]

    def job(each: tuple[Server, str | None, Tool]) -> Ran:
        server, fault, tool = each
        return run_one(server, fault, tool, again=again)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        done = pool.map(job, jobs)
        return {(server.name, fault, tool): ran for (server, fault, tool), ran in zip(jobs, done, strict=True)}


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print the tables; return 1 if ours has a false alarm."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="a part of the names of servers, such as faulty/pets")
    parser.add_argument("--tool", choices=TOOLS, help="one tool alone; default: both")
    parser.add_argument("--fault", default="", help="parts of the names of faults, with commas between; default: all")
    parser.add_argument("--folder", type=Path, action="append", help="a folder of servers, instead of ours")
    parser.add_argument("--again", action="store_true", help="measure again what was measured before")
    options = parser.parse_args(arguments)
    python = python_environment("faulty", HERE / "faulty" / "requirements.txt")
    servers = find_servers(options.folder or list(FOLDERS), options.only, python)
    parts = options.fault.split(",")
    servers = [each._replace(faults=chosen(each.faults, parts)) for each in servers]
    making = asyncio.run(make_suites(servers))
    tools = (options.tool,) if options.tool else TOOLS
    results = measure(servers, tools, again=options.again)
    faults: dict[str, Any] = {server.name: server.faults for server in servers}
    print(figures.tables(faults, tools, results))
    print(f"ours: the suites were made in {making:.0f} s of CPU, once for all runs")
    return 1 if any(results[server.name, None, "ours"].reported for server in servers if "ours" in tools) else 0


if __name__ == "__main__":
    sys.exit(main())
