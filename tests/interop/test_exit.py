"""The end of a script: whatever is still open then, Python exits."""

from __future__ import annotations

import subprocess
import sys

import pytest

_FRAME = '''
import asyncio, faulthandler, os, threading, time
import progressnb as pnb
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

pnb.configure(show=False)
pnb.use_history, pnb.track, pnb.atrack, pnb.stream  # load them

def fork_five():
    """Return True in each of five children, one after another; the parent waits for them. One that hangs says where."""
    codes = []
    for _ in range(5):
        pid = os.fork()
        if pid == 0:
            faulthandler.dump_traceback_later(15, exit=True)
            return True
        codes.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    print(codes)
    return False

def tracer():
    trace.set_tracer_provider(TracerProvider())
    pnb.watch("otel", show=False)
    return trace.get_tracer("x")

class Chunks:
    def __init__(self): self.left = iter("abcdef")
    def __iter__(self): return self
    def __next__(self): return next(self.left)

async def letters():
    for letter in "abcdef":
        yield letter

class Holder:
    pass

if fork_five():
'''

_SHAPES = {
    "the root span has ended, one below it has not": """
        t = tracer()
        s = t.start_span("s")
        c = t.start_span("c", context=trace.set_span_in_context(s))
        s.end()
    """,
    "a block of a span is over, one below it is not": """
        t = tracer()
        with t.start_as_current_span("req") as s:
            c = t.start_span("bg")
    """,
    "many spans are open": """
        t = tracer()
        spans = [t.start_span("s")]
        for n in range(20):
            spans.append(t.start_span(str(n), context=trace.set_span_in_context(spans[-1])))
    """,
    "spans are open in cycles that only the collector frees": """
        t = tracer()
        for n in range(5):
            h = Holder()
            h.me, h.root = h, t.start_span("s")
            h.below = t.start_span("c", context=trace.set_span_in_context(h.root))
            h.root.end()
    """,
    "a finalizer ends spans, and begins one": """
        t = tracer()
        class Ends:
            def __init__(self): self.span = t.start_span("s"); self.t = t
            def __del__(self): self.span.end(); self.t.start_span("late").end()
        held = [Ends(), Ends(), Ends()]
    """,
    "streams are in the middle": """
        held = [pnb.stream(Chunks()) for _ in range(3)]
        for each in held: next(each)
        h = Holder(); h.me, h.stream = h, pnb.stream(Chunks()); next(h.stream)
    """,
    "async streams are in the middle": """
        held = [pnb.stream(letters()) for _ in range(3)]
        async def begin():
            for each in held: await anext(each)
        asyncio.new_event_loop().run_until_complete(begin())
    """,
    "loops are in the middle": """
        held = [iter(pnb.track(range(10), "a")) for _ in range(2)]
        for each in held: next(each)
        later = [pnb.atrack(letters()) for _ in range(2)]
        async def begin():
            for each in later: await anext(each)
        asyncio.new_event_loop().run_until_complete(begin())
    """,
    "daemon threads report": """
        def work():
            for _ in pnb.track(range(10**9), "a"): pass
        def read():
            while True: list(pnb.stream(Chunks()))
        for target in (work, read): threading.Thread(target=target, daemon=True).start()
        t = tracer()
        with t.start_as_current_span("req") as s:
            c = t.start_span("bg")
        time.sleep(0.05)
    """,
    "a history is open": """
        h = pnb.use_history(None)
        t = tracer()
        with t.start_as_current_span("req") as s:
            c = t.start_span("bg")
        stream = pnb.stream(Chunks()); next(stream)
    """,
}


@pytest.mark.skipif(sys.platform == "win32", reason="it forks")
@pytest.mark.integration
@pytest.mark.parametrize("shape", _SHAPES.values(), ids=_SHAPES)
def test_python_exits_whatever_is_open(shape: str) -> None:
    """Five processes of each shape exit by themselves, without an error: none waits for a thread that is gone."""
    command = [sys.executable, "-c", _FRAME + shape]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=200)

    assert done.stdout.strip() == str([0] * 5), done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
