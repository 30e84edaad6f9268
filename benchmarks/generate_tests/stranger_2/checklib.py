"""Shared by check_servers.py, here, in ../stranger_3 and ../stranger_4: starts a server, checks every answer of a right server against its SPEC, runs probes."""

import copy
import importlib
import logging
import re
import socket
import threading
import time
import warnings
from contextlib import contextmanager

import httpx
import jsonschema
from openapi_spec_validator import validate

warnings.filterwarnings("ignore")
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
seen: set = set()


def modern(s):
    """An OpenAPI 3.0 schema as JSON Schema."""
    if isinstance(s, list):
        return [modern(x) for x in s]
    if not isinstance(s, dict):
        return s
    s = {k: modern(v) for k, v in s.items()}
    if s.pop("nullable", None) is True:
        s["type"] = [s["type"], "null"]
        if "enum" in s:
            s["enum"] = s["enum"] + [None]
    if s.get("exclusiveMinimum") is True:
        s["exclusiveMinimum"] = s.pop("minimum")
    return s


FORMATS = jsonschema.FormatChecker(formats=())
FORMATS.checks("date-time")(lambda v: not isinstance(v, str) or bool(ISO.fullmatch(v)))
FORMATS.checks("date")(lambda v: not isinstance(v, str) or bool(re.fullmatch(r"\d{4}-\d\d-\d\d", v)))
FORMATS.checks("uuid")(
    lambda v: not isinstance(v, str) or bool(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", v))
)


def conforms(m, r):
    """What is wrong with an answer by SPEC (list of texts)."""
    path, spec = httpx.URL(str(r.request.url)).raw_path.decode().partition("?")[0], m.SPEC
    best = sorted(
        (t for t in spec["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", t), path)), key=lambda t: t.count("{")
    )
    if not best or r.request.method.lower() not in spec["paths"][best[0]]:
        return [] if r.status_code in (404, 405) else [f"{r.status_code} for an unknown path"]
    op = spec["paths"][best[0]][r.request.method.lower()]
    doc = op["responses"].get(str(r.status_code))
    if doc is None:
        return [f"{op['operationId']}: undocumented status {r.status_code}: {r.text[:200]}"]
    if "$ref" in doc:
        doc = spec["components"]["responses"][doc["$ref"].rsplit("/", 1)[1]]
    seen.add((m.__name__, op["operationId"], str(r.status_code)))
    bad = [
        f"header {h} missing"
        for h, d in doc.get("headers", {}).items()
        if d.get("required") and h.lower() not in r.headers
    ]
    if "content" not in doc:
        return bad + (["a body where none is documented"] if r.content else [])
    kind = r.headers.get("content-type", "").partition(";")[0]
    if kind not in doc["content"]:
        return bad + [f"content type {kind!r}"]
    if kind.endswith("json"):
        schema = {
            **modern(copy.deepcopy(doc["content"][kind]["schema"])),
            "components": modern(copy.deepcopy(spec["components"])),
        }
        bad += [
            f"{e.json_path}: {e.message[:160]}"
            for e in jsonschema.Draft202012Validator(schema, format_checker=FORMATS).iter_errors(r.json())
        ]
    return [f"{op['operationId']} {r.status_code} {x}" for x in bad]


@contextmanager
def client(m, fault):
    """An httpx client for a fresh server, over a real socket for all kinds."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    stop = lambda: None  # noqa: E731
    logging.disable(logging.CRITICAL)
    if hasattr(m, "serve"):
        threading.Thread(target=m.serve, args=(fault, port), daemon=True).start()
    elif m.KIND in ("Flask", "Django REST"):
        from werkzeug.serving import make_server

        srv = make_server("127.0.0.1", port, m.app(fault), threaded=True)
        threading.Thread(target=srv.serve_forever, args=(0.02,), daemon=True).start()
        stop = srv.shutdown
    else:
        import uvicorn

        srv = uvicorn.Server(uvicorn.Config(m.app(fault), host="127.0.0.1", port=port, log_level="critical"))
        threading.Thread(target=srv.run, daemon=True).start()
        stop = lambda: setattr(srv, "should_exit", True)  # noqa: E731
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            break
        except OSError:
            time.sleep(0.01)

    def hook(r):
        r.read()
        if fault is None and (bad := conforms(m, r)):
            raise AssertionError(f"{r.request.method} {r.request.url}: {bad}")

    with httpx.Client(
        base_url=f"http://127.0.0.1:{port}", timeout=10, trust_env=False, event_hooks={"response": [hook]}
    ) as c:
        yield c
    stop()


def send(c, method, url, who=None, **kw):
    h = {**(who or {}), **kw.pop("headers", {})}
    if "json" in kw and kw["json"] is None:  # httpx would send nothing
        del kw["json"]
        kw["content"], h["content-type"] = b"null", "application/json"
    return c.request(method, url, headers=h, **kw)


def main(pairs):
    failed = 0
    for name, probes in pairs:
        m = importlib.import_module(name)  # of the folder of the script
        validate(m.SPEC)
        found = {k: v for k, v in probes(m).items() if k in m.FAULTS or k == "general"}
        assert set(found) == set(m.FAULTS) | {"general"}, set(m.FAULTS) ^ set(found)
        for k, probe in found.items():
            with client(m, None) as c:
                right = probe(c)
            faulty = None
            if k != "general":
                with client(m, k) as c:
                    faulty = not probe(c)
            good = right and faulty in (None, True)
            failed += not good
            print(
                f"{'ok  ' if good else 'BAD '} {name:18} {k:28} right={bool(right)}"
                + ("" if faulty is None else f" fault shown={faulty}"),
                flush=True,
            )
        for f in m.FAULTS:  # a fault changes one thing only: the other probes still pass
            spoiled = []
            for k in m.FAULTS:
                if k != f:
                    with client(m, f) as c:
                        try:
                            if not found[k](c):
                                spoiled.append(k)
                        except Exception as e:  # noqa: BLE001
                            spoiled.append(f"{k}({e!r})")
            if spoiled:
                print(f"     note: with {f} these probes fail too: {', '.join(spoiled)}")
        all_ = {
            (m.__name__, op["operationId"], code)
            for p in m.SPEC["paths"].values()
            for k, op in p.items()
            if k != "parameters"
            for code in op["responses"]
        }
        print(
            f"     {name}: {len(all_ & seen)} of {len(all_)} documented answers seen; not seen: {', '.join(f'{o} {c}' for _, o, c in sorted(all_ - seen)) or 'none'}",
            flush=True,
        )
    print("failed:", failed)
    return failed
