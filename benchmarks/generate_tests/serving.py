"""Serve one faulty server, in the environment that benchmarks/generate_tests/faults.py makes.

python -m benchmarks.generate_tests.serving benchmarks/generate_tests/faulty/server_pets.py PORT ["the fault"]
python -m benchmarks.generate_tests.serving benchmarks/generate_tests/faulty/server_pets.py about
"""

from __future__ import annotations

import importlib
import inspect
import json
import logging
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def load(path: Path) -> Any:  # noqa: ANN401 - a module
    """Return the module of a server: of a package if it is one of ours, else by its name alone."""
    sys.path.insert(0, str(path.parent))
    if path.parent.parent == HERE:
        return importlib.import_module(f"benchmarks.generate_tests.{path.parent.name}.{path.stem}")
    return importlib.import_module(path.stem)


def about(module: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return what a module says of itself: its specification, its faults with their kinds, and its credentials."""
    spec = module.SPEC
    if not isinstance(spec, dict):
        import yaml

        spec = yaml.safe_load(Path(spec).read_text(encoding="utf-8"))
    faults = list(getattr(module, "FAULTS", {}))
    kinds = getattr(module, "FAULT_KINDS", {})
    auth = getattr(module, "AUTH", None) or getattr(module, "HEADERS", {})
    return {"faults": {each: kinds.get(each, each) for each in faults}, "auth": auth, "spec": spec}


def serve(module: Any, fault: str | None, port: int) -> None:  # noqa: ANN401
    """Serve an app, whatever it is, until somebody ends this process."""
    logging.disable(logging.CRITICAL)
    app = module.app(fault)
    if type(app).__module__.startswith("aiohttp"):
        importlib.import_module("aiohttp.web").run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)
    elif is_asgi(app):
        import uvicorn

        uvicorn.run(app, host="127.0.0.1", port=port, log_level="critical", access_log=False)
    else:
        importlib.import_module("werkzeug.serving").run_simple("127.0.0.1", port, app, threaded=True)


def is_asgi(app: Any) -> bool:  # noqa: ANN401
    """Tell whether an app is called as `app(scope, receive, send)`."""
    return inspect.iscoroutinefunction(getattr(app, "__call__", None)) or inspect.iscoroutinefunction(app)  # noqa: B004


if __name__ == "__main__":
    module = load(Path(sys.argv[1]).resolve())
    if sys.argv[2] == "about":
        print(json.dumps(about(module), default=str))
    else:
        serve(module, sys.argv[3] if len(sys.argv) > 3 else None, int(sys.argv[2]))  # noqa: PLR2004
