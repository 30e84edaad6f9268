"""LangGraph: nodes, sub-graphs and questions to people report, and no graph is changed."""

import asyncio
import operator
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import GraphRecursionError
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.prebuilt import ToolNode, tools_condition
from langgraph.types import Command, RetryPolicy, Send, interrupt

import progressnb as pnb
from progressnb.errors import RunCancelled
from progressnb.execution.driven import DrivenRun
from progressnb.folds.view import RunView
from tests.interop.watching import data, stages


class State(TypedDict):
    """A list that nodes add to."""

    x: Annotated[list[Any], operator.add]


class Chat(TypedDict):
    """Messages."""

    messages: Annotated[list[Any], add_messages]


THREAD: RunnableConfig = {"configurable": {"thread_id": "1"}}


def graph(*nodes: Any, name: str = "plan", saver: Any = None, **options: Any) -> Any:
    """Compile a graph of nodes one after the other."""
    made: Any = StateGraph(State)
    names = [START]
    for node in nodes:
        label, function = node if isinstance(node, tuple) else (node.__name__, node)
        made.add_node(label, function, **options)
        made.add_edge(names[-1], label)
        names.append(label)
    return made.compile(checkpointer=saver, name=name)


def one(_: State) -> dict[str, list[int]]:
    """Add 1."""
    return {"x": [1]}


def two(_: State) -> dict[str, list[int]]:
    """Add 2."""
    return {"x": [2]}


def test_nodes_are_stages(begun: list[DrivenRun]) -> None:
    """A graph outside any run begins one, named after it, with a stage for each node and its update as the result."""
    assert graph(one, two).invoke({"x": []}) == {"x": [1, 2]}
    assert stages(begun[0]) == {"plan": "finished", "plan/one": "finished", "plan/two": "finished"}
    assert data(begun[0], "plan/two") == {"result": {"x": [2]}}
    assert begun[0].result == {"x": [1, 2]}


async def test_every_way_to_run_a_graph_reports_alike(begun: list[DrivenRun]) -> None:
    """Sync and async, whole and streamed, a graph has the same stages."""
    plan = graph(one, two)
    plan.invoke({"x": []})
    list(plan.stream({"x": []}, stream_mode="updates"))
    await plan.ainvoke({"x": []})
    async for _ in plan.astream({"x": []}, stream_mode=["updates", "messages"]):
        assert pnb.current_stage() is None
    plan.batch([{"x": []}])
    expected = {"plan": "finished", "plan/one": "finished", "plan/two": "finished"}
    assert [stages(run) for run in begun] == [expected] * 5


def head(run: DrivenRun) -> Any:
    """Return the percent that the head of a panel says now."""
    return RunView().tree(run.state, 1.0)["header"]["percent"]


def test_no_percent_is_told_of_nodes_that_nobody_counted(begun: list[DrivenRun]) -> None:
    """While a graph runs neither it nor its rows have a percent by nodes that have ended; at its end it has 100."""
    seen: list[Any] = []

    def look(_: State) -> dict[str, list[int]]:
        seen.append((head(begun[-1]), begun[-1].state.stages[0].percent))
        return {"x": [1]}

    nodes = [(f"n{number}", look) for number in range(4)]
    graph(*nodes).invoke({"x": []})
    graph(nodes[0], ("inner", graph(*nodes[:2], name="LangGraph")), *nodes[1:]).invoke({"x": []})
    assert seen == [(None, None)] * 10
    assert [run.state.overall_progress for run in begun] == [100, 100]


def test_parallel_nodes_and_sends_are_stages_side_by_side(begun: list[DrivenRun]) -> None:
    """Nodes of one step, and a node that is sent several times, each have a stage."""
    made: Any = StateGraph(State)
    made.add_node("one", one)
    made.add_node("two", two)
    made.add_edge(START, "one")
    made.add_edge(START, "two")
    made.add_node("each", lambda number: {"x": [number]})
    made.add_conditional_edges("one", lambda _: [Send("each", 7), Send("each", 8)], ["each"])
    made.compile(name="plan").invoke({"x": []})
    assert sorted(stages(begun[0])) == ["plan", "plan/each", "plan/each#2", "plan/one", "plan/two"]
    assert {*stages(begun[0]).values()} == {"finished"}


def test_sub_graphs_stand_below_their_node(begun: list[DrivenRun]) -> None:
    """A graph as a node shows its own nodes below that node."""
    graph(one, ("inner", graph(two, name="LangGraph"))).invoke({"x": []})
    assert list(stages(begun[0])) == ["plan", "plan/one", "plan/inner", "plan/inner/two"]


def test_an_error_ends_the_node_and_the_run(begun: list[DrivenRun]) -> None:
    """The error of a node is raised as it is, and the run says in which node it arose."""
    error = ValueError("no paper")

    def fail(_: State) -> None:
        raise error

    with pytest.raises(ValueError, match="no paper") as raised:
        graph(one, fail).invoke({"x": []})
    assert raised.value is error
    assert stages(begun[0]) == {"plan": "failed", "plan/one": "finished", "plan/fail": "failed"}
    assert begun[0].state.error_stage == "plan/fail"


def test_a_retry_policy_numbers_its_attempts(begun: list[DrivenRun]) -> None:
    """Each attempt at a node is a stage with its number."""
    tries: list[int] = []

    def flaky(_: State) -> dict[str, list[int]]:
        tries.append(1)
        if len(tries) == 1:
            raise ConnectionError("no")
        return {"x": [len(tries)]}

    policy = RetryPolicy(initial_interval=0.001, jitter=False)
    assert graph(flaky, retry_policy=policy).invoke({"x": []}) == {"x": [2]}
    assert stages(begun[0]) == {"plan": "finished", "plan/flaky": "failed", "plan/flaky#2": "finished"}
    assert data(begun[0], "plan/flaky#2")["attempt"] == 2


def test_a_loop_of_nodes_numbers_its_turns_and_is_no_retry(begun: list[DrivenRun]) -> None:
    """A node that the graph comes back to gets a stage each time; a recursion limit is the run's error."""
    made: Any = StateGraph(State)
    made.add_node("one", one)
    made.add_edge(START, "one")
    made.add_conditional_edges("one", lambda state: "one" if len(state["x"]) < 3 else END, ["one", END])
    plan = made.compile(name="plan")
    plan.invoke({"x": []})
    assert list(stages(begun[0])) == ["plan", "plan/one", "plan/one#2", "plan/one#3"]
    assert "attempt" not in data(begun[0], "plan/one#3")
    with pytest.raises(GraphRecursionError):
        plan.invoke({"x": []}, {"recursion_limit": 2})
    assert (begun[1].status, begun[1].state.error_type) == ("failed", "GraphRecursionError")


def test_a_question_to_a_person_waits(begun: list[DrivenRun]) -> None:
    """An interrupted node waits, with its question; the run ends well, and the answer begins another."""

    def ask(_: State) -> dict[str, list[Any]]:
        return {"x": [interrupt({"question": "ok?"})]}

    plan = graph(one, ask, two, saver=InMemorySaver())
    plan.invoke({"x": []}, THREAD)
    run = begun[0]
    waiting = [event for event in run.log if getattr(event, "status", None) == "waiting"]
    assert [(event.stage, event.data["waiting_for"]) for event in waiting if hasattr(event, "data")] == [
        ("plan/ask", "answer")
    ]
    assert data(run, "plan/ask")["arguments"] == {"question": {"question": "ok?"}}
    assert (run.status, run.state.error, run.state.stages[0].message) == ("finished", None, "waits for an answer")
    assert plan.invoke(Command(resume="yes"), THREAD) == {"x": [1, "yes", 2]}
    assert list(stages(begun[1])) == ["plan", "plan/ask", "plan/two"]


def test_a_command_to_the_graph_above_is_no_error(begun: list[DrivenRun]) -> None:
    """A node that sends its graph's parent elsewhere ends well."""

    def leave(_: State) -> Command[Any]:
        return Command(graph=Command.PARENT, goto="two", update={"x": [9]})

    made: Any = StateGraph(State)
    made.add_node("inner", graph(leave, name="LangGraph"))
    made.add_node("two", two)
    made.add_edge(START, "inner")
    made.compile(name="plan").invoke({"x": []})
    assert stages(begun[0]) == dict.fromkeys(["plan", "plan/inner", "plan/inner/leave", "plan/two"], "finished")


@tool
def weather(city: str) -> str:
    """Look."""
    return f"sun in {city}"


def test_an_agent_shows_its_models_and_its_tools(begun: list[DrivenRun]) -> None:
    """A ReAct agent: each request to its model is a stage with its answer, each tool one with its arguments."""
    call = {"name": "weather", "args": {"city": "Rome"}, "id": "1", "type": "tool_call"}
    answers = iter([AIMessage("", tool_calls=[call]), AIMessage("Sunny.")])
    model = GenericFakeChatModel(messages=answers)
    made: Any = StateGraph(Chat)
    made.add_node("agent", lambda state: {"messages": [model.invoke(state["messages"])]})
    made.add_node("tools", ToolNode([weather]))
    made.add_edge(START, "agent")
    made.add_conditional_edges("agent", tools_condition)
    made.add_edge("tools", "agent")
    made.compile(name="helper").invoke({"messages": [HumanMessage("How is Rome?")]})
    run = begun[0]
    assert list(stages(run)) == [
        "helper",
        "helper/agent",
        "helper/agent/GenericFakeChatModel",
        "helper/tools",
        "helper/tools/weather",
        "helper/agent#2",
        "helper/agent#2/GenericFakeChatModel",
    ]
    assert data(run, "helper/tools/weather") == {"arguments": {"city": "Rome"}, "result": "sun in Rome"}
    assert (run.state.subject, run.partial) == ("How is Rome?", "Sunny.")


def test_loops_in_nodes_stand_below_them(begun: list[DrivenRun]) -> None:
    """What reports in a node, which works in a thread, stands below its stage."""

    def count(_: State) -> dict[str, list[int]]:
        return {"x": list(pnb.track([1, 2], "counting"))}

    list(graph(count).stream({"x": []}))
    assert list(stages(begun[0])) == ["plan", "plan/count", "plan/count/counting"]


def test_stop_ends_a_graph_at_its_next_node(begun: list[DrivenRun]) -> None:
    """Stop raises `RunCancelled` out of a sync graph; no further node runs."""

    def stop(_: State) -> dict[str, list[Any]]:
        begun[0].cancel("enough")
        return {"x": []}

    with pytest.raises(RunCancelled, match="enough"):
        graph(stop, two).invoke({"x": []})
    assert begun[0].status == "cancelled"
    assert "plan/two" not in stages(begun[0])


@pytest.mark.parametrize("way", ["token", "node", "async"])
def test_stop_is_not_logged(begun: list[DrivenRun], caplog: pytest.LogCaptureFixture, way: str) -> None:
    """LangChain logs errors of handlers; Stop is none, whether a token, a node or an async one gets it."""
    model = GenericFakeChatModel(messages=iter([AIMessage("one two three")]))

    def write(_: State) -> dict[str, list[Any]]:
        for chunk in model.stream("?"):
            if chunk.content == "one" and way != "node":
                begun[0].cancel("enough")
        if way == "node":
            begun[0].cancel("enough")
        return {"x": []}

    plan = graph(write, two)
    with pytest.raises(RunCancelled, match="enough"):
        asyncio.run(plan.ainvoke({"x": []})) if way == "async" else plan.invoke({"x": []})
    assert begun[0].status == "cancelled"
    assert caplog.records == []


def test_other_errors_of_handlers_are_logged(begun: list[DrivenRun], caplog: pytest.LogCaptureFixture) -> None:
    """What a handler of the user raises is logged as before."""

    class Theirs(BaseCallbackHandler):
        def on_chain_start(self, *_: Any, **__: Any) -> None:
            raise RunCancelled("theirs")

    graph(one).invoke({"x": []}, {"callbacks": [Theirs()]})
    assert begun[0].status == "finished"
    assert "Error in Theirs.on_chain_start callback" in caplog.text


class Paper(TypedDict, total=False):
    """A question and what comes of it."""

    question: str
    draft: str
    answer: str


def answering(**values: str) -> Any:
    """Return a graph whose nodes write these values."""
    made: Any = StateGraph(Paper)
    before = START
    for key, value in values.items():
        made.add_node(f"to_{key}", lambda _, key=key, value=value: {key: value})
        made.add_edge(before, f"to_{key}")
        before = f"to_{key}"
    return made.compile(name="plan")


def test_the_result_is_what_the_graph_answered(begun: list[DrivenRun]) -> None:
    """The inputs that a state repeats are no answer: a single new text is the result, in Markdown."""
    answering(answer="Tides are **big**").invoke({"question": "Why?"})
    assert begun[0].result == "Tides are **big**"
    answer = RunView().tree(begun[0].state, 1.0)["answer"]
    assert answer is not None
    assert [block["type"] for block in answer["blocks"]] == ["md"]


def test_several_new_texts_are_drawn_in_markdown(begun: list[DrivenRun]) -> None:
    """Of several new values each has its name, and its text is drawn as Markdown."""
    answering(draft="*so*", answer="Tides are **big**").invoke({"question": "Why?"})
    assert begun[0].result == {"draft": "*so*", "answer": "Tides are **big**"}
    answer = RunView().tree(begun[0].state, 1.0)["answer"]
    assert answer is not None
    assert "**" not in str(answer["blocks"])
    assert "Why?" not in str(answer["blocks"])


def test_the_last_message_of_a_model_is_the_result(begun: list[DrivenRun]) -> None:
    """Of a state of messages the model's last one is the answer, also where a node writes into the list it is given."""

    def answer(state: Any) -> Any:
        state["messages"].append(AIMessage("Tides are **big**"))
        return state

    for schema in (Chat, dict):
        made: Any = StateGraph(schema)
        made.add_node("answer", answer)
        made.add_edge(START, "answer")
        made.compile().invoke({"messages": [HumanMessage("Why?")]})
    assert [run.result for run in begun] == ["Tides are **big**"] * 2


def test_a_person_has_the_last_word(begun: list[DrivenRun]) -> None:
    """A message that is not a model's is no answer, and the new values are the result."""
    made: Any = StateGraph(Chat)
    made.add_node("ask", lambda _: {"messages": [HumanMessage("And you?")]})
    made.add_edge(START, "ask")
    made.compile().invoke({"messages": [HumanMessage("Why?")]})
    assert begun[0].result == {"messages": ["Why?", "And you?"]}


def test_a_graph_that_changes_nothing_gives_its_state(begun: list[DrivenRun]) -> None:
    """Where no value is new, all of them are the result."""
    answering(answer="Why?").invoke({"answer": "Why?"})
    assert begun[0].result == {"answer": "Why?"}


def test_a_request_that_has_ended_does_not_write(begun: list[DrivenRun]) -> None:
    """The message of a finished request does not say what it was doing."""
    model = GenericFakeChatModel(messages=iter([AIMessage("one two")]))

    def write(_: State) -> dict[str, list[Any]]:
        return {"x": [chunk.content for chunk in model.stream("?")]}

    graph(write).invoke({"x": []})
    stage = begun[0].state.find("plan/write/GenericFakeChatModel")
    assert stage is not None
    assert (stage.status, stage.message) == ("finished", "")


async def test_stop_cancels_an_async_graph(begun: list[DrivenRun]) -> None:
    """Stop ends a node's wait at once, and the awaiting code gets `RunCancelled`."""
    started = asyncio.Event()

    async def wait(_: State) -> None:
        started.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(graph(wait).ainvoke({"x": []}))
    await started.wait()
    begun[0].cancel("enough")
    with pytest.raises(RunCancelled, match="enough"):
        await task
    assert stages(begun[0]) == {"plan": "cancelled", "plan/wait": "cancelled"}


# --- the answer of a graph at its end ------------------------------------------------------------------

PLAN = "## Plan\n\n- look\n- write"


class Work(TypedDict, total=False):
    """A question, the plan for it, and more."""

    q: str
    plan: str
    d: list[str]
    score: int


def work(plan: Any) -> Any:
    """Compile a graph of one node."""
    made: Any = StateGraph(Work)
    made.add_node("plan", plan)
    made.add_edge(START, "plan")
    return made.compile()


def answer_blocks(run: DrivenRun) -> list[Any]:
    """Return the blocks of a run's answer."""
    answer = RunView().tree(run.state, run.elapsed)["answer"]
    assert answer is not None
    return answer["blocks"]


def test_a_streamed_text_stays_the_answer(begun: list[DrivenRun]) -> None:
    """A text that was streamed and is in the final state stays what is shown, and the rest folds away below it."""

    def plan(state: Work) -> Work:
        model = GenericFakeChatModel(messages=iter([AIMessage(PLAN)]))
        text = "".join(str(chunk.content) for chunk in model.stream(state.get("q", "")))
        return {"plan": text, "d": ["a document"], "score": 3}

    work(plan).invoke({"q": "why"})
    head, listed, rest = answer_blocks(begun[0])
    assert head["nodes"] == [["h2", "Plan"]]
    assert listed["nodes"] == [["ul", ["li", "look"], ["li", "write"]]]
    assert [item["label"] for item in rest["items"][0]["items"]] == ["d", "score"]
    assert begun[0].result == {"plan": PLAN, "d": ["a document"], "score": 3}


@pytest.mark.parametrize("given", [{"q": "why"}, {}])
def test_texts_of_a_final_state_are_markdown(begun: list[DrivenRun], given: Any) -> None:
    """A long text of a final state is read as Markdown, beside values of other kinds, and names stay as they are."""
    work(lambda _: {"plan": PLAN, "d": ["a document"], "score": 3}).invoke(given)
    blocks = answer_blocks(begun[0])
    assert [block["type"] for block in blocks] == ["headline", "md", "md", "list"]
    assert blocks[0]["text"] == "plan"
    assert [(item["label"], item["text"]) for item in blocks[3]["items"]] == [("d", '["a document"]'), ("score", "3")]


def test_a_whole_answer_has_no_first_token(begun: list[DrivenRun]) -> None:
    """A model that is invoked gives its answer as a whole: no token was the first."""
    GenericFakeChatModel(messages=iter([AIMessage("one two")])).invoke("why")
    assert begun[0].timings()["first_token"].isna().all()


@pytest.mark.parametrize(("about", "words"), [("length", "cut at its limit of tokens"), ("stop", "")])
def test_a_cut_answer_is_told(begun: list[DrivenRun], about: str, words: str) -> None:
    """An answer of LangChain that is not whole says so in the head."""
    message = AIMessage("one two", response_metadata={"finish_reason": about})
    GenericFakeChatModel(messages=iter([message])).invoke("why")
    assert RunView().tree(begun[0].state, 1.0)["header"]["ended"] == words
