"""What a program that executes notebooks stores of a panel: the last state, also of a kernel that died."""

import re
import traceback
from typing import Any

import nbclient.client
import nbformat
import pytest
from nbclient.exceptions import DeadKernelError

from tests.kernels import execute, outputs_of

pytestmark = pytest.mark.integration

BEGIN = """
import asyncio, os, signal, threading, time
import progressnb as pnb

@pnb.operation
async def read(tracker, pages: int, dies: bool = False, torn: int = 0):
    async with tracker.stage("reading") as stage:
        for page in range(1, pages + 1):
            await stage.update(100 * page / pages, f"page {page}")
            await asyncio.sleep(0.1)
            if page == torn:
                raise ValueError("a torn page")
            if dies and page == 40:
                os.kill(os.getpid(), signal.SIGKILL)
    return "all is read"
"""

LOOP = """
for page in pnb.track(range(50), "page"):
    time.sleep(0.1)
    if page == 40:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def executed(*cells: str, dies: bool = False) -> Any:
    """Execute cells in a kernel of their own, which dies or not; return them with the outputs that were stored."""
    return notebook_of(*cells, dies=dies).cells[1:]


def notebook_of(*cells: str, dies: bool = False) -> Any:
    """Execute cells in a kernel of their own, which dies or not; return the notebook."""
    notebook: Any = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in (BEGIN, *cells)]  # type: ignore[no-untyped-call]
    try:
        execute(notebook)
    except (DeadKernelError, AssertionError) as error:
        # nbclient asserts that it has a kernel, where it could not ask before.
        where = traceback.extract_tb(error.__traceback__)[-1].filename
        assert dies and (isinstance(error, DeadKernelError) or where == nbclient.client.__file__), error  # noqa: PT017, PT018 - one promise
    else:
        assert not dies
    return notebook


LATER_ENDS = {
    "awaited": ("run = read(5)", "await run"),
    "waited for": ("run = read(5)", "run.wait();"),
    "and a cell more": ("run = read(5)", "await run", "1 + 1"),
    "with a cell between": ("run = read(5); await asyncio.sleep(0.4)", "x = 1", "await run"),
    "with a cell that prints between": ("run = read(8)", "print(1); await asyncio.sleep(0.3)\nprint(2)", "await run"),
    "never awaited": ("run = read(5)", "while not run.log.ended:\n    await asyncio.sleep(0.05)", "pass"),
    "two at once": ("run, other = read(5), read(4)", "await asyncio.gather(run, other)"),
}
"""Cells of which the first begins runs that end well in a later one."""

OTHER_ENDS = {
    "failed": ("run = read(5, torn=3)", "try:\n    await run\nexcept ValueError:\n    pass"),
    "failed and never awaited": ("run = read(5, torn=3)", "await asyncio.sleep(1)"),
    "cancelled": ("run = read(50)", "await asyncio.sleep(0.3)\nrun.cancel('enough')", "await asyncio.sleep(0.1)"),
    "cancelled at once": ("run = read(50)", "run.cancel('enough')", "await asyncio.wait([asyncio.ensure_future(run)])"),
}

KEPT = (
    "bar = pnb.track(range(10), 'pages')\nfor page in bar:\n    if page == 3:\n        break",
    "for page in bar: pass",
)

WATCH = """
from pydantic_ai import Agent
from pydantic_ai.models.function import FunctionModel
told = []
async def stream(messages, info):
    for number in range(600):
        yield f"word{number} "
        told.append(number)
        await asyncio.sleep(0.05)
agent = Agent(FunctionModel(stream_function=stream))
async def words(prompt):
    async with agent.run_stream(prompt) as answer:
        async for text in answer.stream_text():
            yield text
pnb.watch()
"""
STREAMING = "while len(told) < 5:\n    await asyncio.sleep(0.05)"
STOPPED = "for _ in range(200):\n    if pnb.last_run.status == 'cancelled': break\n    await asyncio.sleep(0.05)"
WATCHED_ENDS = {
    "a task of an agent": ("task = asyncio.create_task(agent.run('x'))\n" + STREAMING, "task.cancel()", STOPPED),
    "a stream of an agent": ("async for text in words('x'): break", STOPPED),
}
"""Cells that leave what `watch` shows, which ends when its cell is over."""

GRAPH = """
from typing import TypedDict
from langgraph.graph import END, START, StateGraph
pnb.watch('langchain')
class State(TypedDict):
    count: int
async def short(state):
    return {"count": state["count"] + 1}
async def long(state):
    await asyncio.sleep(60)
made = StateGraph(State)
made.add_node("short", short)
made.add_node("long", long)
made.add_edge(START, "short")
made.add_edge("short", "long")
made.add_edge("long", END)
async for state in made.compile().astream({"count": 1}):
    break
"""

WORK = """
over = threading.Event()
def work():
    over.wait()
    for page in pnb.track(range(10), "pages"):
        time.sleep(0.05)
async def later():
    await asyncio.sleep(0)
    for page in pnb.track(range(10), "pages"):
        await asyncio.sleep(0.05)
"""
LATER_BEGINS = {
    "a thread": "threading.Thread(target=pnb.carry(work)).start()",
    "a thread without a context": "threading.Thread(target=work).start()",
    "a task": "task = asyncio.create_task(later())",
}


@pytest.fixture(scope="module")
def groups() -> dict[str, list[Any]]:
    """Execute a notebook with all of these; return the cells of each."""
    told = {**LATER_ENDS, **OTHER_ENDS, "kept by name": KEPT}
    told |= {name: (WATCH + first, *others) for name, (first, *others) in WATCHED_ENDS.items()}
    told |= {name: (WORK + begin, "over.set()\nawait asyncio.sleep(1.5)") for name, begin in LATER_BEGINS.items()}
    cells = executed(*(cell for group in told.values() for cell in group))
    return {name: [cells.pop(0) for _ in group] for name, group in told.items()}


@pytest.mark.parametrize("name", LATER_ENDS)
def test_a_run_that_ends_in_a_later_cell(groups: dict[str, list[Any]], name: str) -> None:
    """The panel below the cell that began a run has the run's end, in whichever later cell it came."""
    (output,) = groups[name][0].outputs
    assert "✓" in output["data"]["text/plain"]
    assert "all is read" in output["data"]["text/plain"] or "two" in output["data"]["text/plain"].casefold()
    assert "begins" not in output["data"]["text/plain"]
    assert "all is read" in output["data"]["text/html"]


@pytest.mark.parametrize("name", OTHER_ENDS)
def test_other_ends(groups: dict[str, list[Any]], name: str) -> None:
    """A run that fails or is cancelled in a later cell has that end, and why, below the cell that began it."""
    sign, text = ("✗", "a torn page") if "failed" in name else ("■", "enough")
    (output,) = groups[name][0].outputs
    assert sign in output["data"]["text/plain"]
    assert text in output["data"]["text/plain"]
    assert text in output["data"]["text/html"]


def is_cancelled(outputs: list[Any]) -> bool:
    """Return whether one panel is stored, and says that its run was cancelled."""
    (output,) = outputs
    text = output["data"]["text/plain"]
    return "■" in text and "●" not in text and "cancelled" in output["data"]["text/html"]


@pytest.mark.parametrize("name", WATCHED_ENDS)
def test_what_is_watched_and_left(groups: dict[str, list[Any]], name: str) -> None:
    """The panel of an agent that is left in mid-stream, or cancelled in a later cell, says that it was cancelled."""
    assert is_cancelled(groups[name][0].outputs)


def test_a_graph_that_is_left() -> None:
    """A graph that the cell left in mid-stream, and whose stream is closed later, says that it was cancelled."""
    pytest.importorskip("langgraph")
    assert is_cancelled(executed(GRAPH, STOPPED)[0].outputs)


def test_a_loop_kept_by_name(groups: dict[str, list[Any]]) -> None:
    """A loop that a later cell continues says in each of the two cells how far it came there."""
    first, second = (cell.outputs[0]["data"]["text/plain"] for cell in groups["kept by name"])
    assert "stopped at 4 of 10" in first
    assert "10/10" in second
    assert "●" not in first + second


def test_an_error_that_ends_the_notebook() -> None:
    """The loop that an error of the last cell has left is stored as failed, with its text."""
    cell = "for page in pnb.track(range(10), 'pages'):\n    time.sleep(0.1)\n    if page == 3: raise ValueError('torn')"
    panel, error = outputs_of({"begin": BEGIN, "last": cell}, allow_errors=True)["last"]
    assert "✗" in panel["data"]["text/plain"]
    assert "torn" in panel["data"]["text/plain"]
    assert error["ename"] == "ValueError"


@pytest.mark.parametrize("name", LATER_BEGINS)
def test_a_loop_that_begins_when_its_cell_is_over(groups: dict[str, list[Any]], name: str) -> None:
    """What a thread or a task begins behind the end of its cell is stored below a cell that was executed meanwhile."""
    outputs = [output["data"] for cell in groups[name] for output in cell.outputs]
    texts = [output["text/plain"] for output in outputs if "text/html" in output]
    assert len(texts) == 1
    assert "✓" in texts[0]
    assert "10/10" in texts[0]


INTO_OUTPUTS = {
    "awaited in a later cell": ("with out:\n    run = read(5)", "await run"),
    "awaited in the same cell": ("with out:\n    run = read(5)\nawait run",),
    "awaited in its block": ("with out:\n    run = read(5)\n    await run",),
    "waited for": ("with out:\n    run = read(5)", "run.wait();"),
    "awaited in another output": ("with out:\n    run = read(5)", "with ipywidgets.Output():\n    await run"),
    "awaited in the same output again": ("with out:\n    run = read(5)", "with out:\n    await run"),
    "never awaited": ("with out:\n    run = read(5)", "while not run.log.ended:\n    await asyncio.sleep(0.05)"),
    "a loop": ("with out:\n    for page in pnb.track(range(5), 'all is read'): pass",),
    "two at once": ("with out:\n    run, other = read(5), read(4)", "await asyncio.gather(run, other)"),
}
"""Cells that begin work in an `ipywidgets.Output`, which ends well in a later cell or outside of it."""


def test_runs_in_an_output_widget() -> None:
    """What is begun in an `ipywidgets.Output` is stored there alone with its end, wherever it is awaited."""
    begin = "import ipywidgets\nout = ipywidgets.Output()\nprint(out.model_id)"
    groups = [(begin, *cells) for cells in INTO_OUTPUTS.values()]
    notebook = notebook_of(*(cell for group in groups for cell in group))
    states = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    cells = notebook.cells[1:]
    for name, group in zip(INTO_OUTPUTS, groups, strict=True):
        made, *others = [cells.pop(0) for _ in group]
        (output,) = states[made.outputs[0]["text"].strip()]["state"]["outputs"]
        assert "✓" in output["data"]["text/plain"], name
        assert "all is read" in output["data"]["text/html"].casefold() or "two" in name, name
        elsewhere = [output for cell in others for output in cell.outputs]
        assert not any("text/html" in output.get("data", {}) for output in elsewhere), name


def test_a_run_that_nobody_waits_for() -> None:
    """A notebook that ends before its run does says what was known then, and never that all is done."""
    (output,) = executed("run = read(1_000)", "await asyncio.sleep(1)")[0].outputs
    assert "●" in output["data"]["text/plain"]
    assert "✓" not in output["data"]["text/plain"]


@pytest.mark.parametrize(
    "cells",
    [
        ("await read(50, dies=True)",),
        ("run = read(50, dies=True)", "await run"),
        ("run = read(50, dies=True)", "run.wait()"),
        (LOOP,),
    ],
    ids=["in the same cell", "in the next cell", "in a blocked cell", "a loop"],
)
def test_a_kernel_that_dies(cells: tuple[str, ...]) -> None:
    """The stored panel of a kernel that was killed says how far the run was."""
    output = executed(*cells, dies=True)[0].outputs[0]
    text = output["data"]["text/plain"]
    assert "●" in text
    found = re.search(r"page (\d+)|(\d+)/50", text)
    assert found is not None, text
    assert int(found[1] or found[2]) >= 20
