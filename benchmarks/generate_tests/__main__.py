"""Measure the suites of `generate_tests` by others, and print the figures: each part in a process of its own.

    python -m benchmarks.generate_tests                # all parts
    python -m benchmarks.generate_tests faults prism   # some of them

The parts are `judge` (each request of the public specifications by openapi-core), `faults` (our suites on the faulty
servers), `prism` (the suites of the public specifications on a mock server), and `peers`, which is `faults` beside
schemathesis; it takes an hour and is left out unless it is named. Environments are made below build/. The exit code is
1 if a part has a disagreement, an alarm or a failure that is ours.
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.generate_tests.environments import HERE, ROOT, python_environment

PARTS = {
    "judge": ["judge"],
    "faults": ["faults", "--tool", "ours"],
    "prism": ["prism"],
    "peers": ["faults"],
}


def main(*names: str) -> int:
    """Run the parts, all of them, also behind one that failed."""
    if unknown := set(names) - PARTS.keys():
        sys.exit(f"no part is called {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}")
    failed = False
    for name in names or ("judge", "faults", "prism"):
        module, *options = PARTS[name]
        if name == "judge":
            options += ["--python", str(python_environment("judge", HERE / "judge.txt"))]
        print(f"== {name}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.generate_tests.{module}", *options]
        failed |= subprocess.run(command, cwd=ROOT, check=False).returncode != 0  # noqa: S603 - of our own
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
