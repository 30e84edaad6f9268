"""What an MCP server reports of a call reaches the stage of the call."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from mcp.client.client import Client as McpClient
from mcp.server.mcpserver import Context, MCPServer
from pydantic_ai import Agent
from pydantic_ai.tools import RunContext, ToolDefinition
from pydantic_ai.toolsets import AbstractToolset, ToolsetTool, WrapperToolset
from pydantic_core import SchemaValidator, core_schema

import progressnb as pnb
from progressnb import ProgressTracker, ReportProgress, Run, operation
from progressnb.errors import ProgressError
from progressnb.testing import ManualClock, scripted_model, tool_call
from progressnb.wire.events import ProgressEvent

Handler = Callable[[float, float | None, str | None], Awaitable[None]]
Reports = list[tuple[float, float | None, str | None]]


class Client:
    """The part of fastmcp's client that matters here: handlers are called from the task that reads the connection."""

    def __init__(self, reports: Reports, users: Handler | None = None) -> None:
        self.reports = reports
        self._progress_handler = users
        self.queue: asyncio.Queue[tuple[Handler, tuple[Any, ...], asyncio.Event]] = asyncio.Queue()
        self.reader: asyncio.Task[None] | None = None
        self.clock = ManualClock()

    async def read(self) -> None:
        """Read the connection: nothing is current here."""
        while True:
            handler, report, done = await self.queue.get()
            try:
                assert pnb.current_stage() is None
                await handler(*report)
                self.clock.advance(1)
            finally:
                done.set()

    async def call_tool(
        self, name: str, arguments: dict[str, Any], *, progress_handler: Handler | None = None, meta: Any = None
    ) -> str:
        """Call a tool of the server."""
        handler = progress_handler or self._progress_handler
        for report in self.reports:
            if handler is not None:
                done = asyncio.Event()
                self.queue.put_nowait((handler, report, done))
                await done.wait()
        return f"{name} {arguments} {meta}"


class Toolset(AbstractToolset[None]):
    """A toolset as pydantic-ai's, without the package fastmcp."""

    def __init__(self, client: Client) -> None:
        self.client = client

    @property
    def id(self) -> str:
        """The name of the server."""
        return "server"

    async def get_tools(self, ctx: RunContext[None]) -> dict[str, ToolsetTool[None]]:
        """List one tool."""
        if self.client.reader is None:
            self.client.reader = asyncio.create_task(self.client.read(), context=contextvars.Context())
        definition = ToolDefinition(name="dig", parameters_json_schema={"type": "object", "properties": {}})
        validator = SchemaValidator(core_schema.dict_schema())
        return {
            "dig": ToolsetTool(toolset=self, tool_def=definition, max_retries=ctx.max_retries, args_validator=validator)
        }

    async def call_tool(self, name: str, tool_args: dict[str, Any], ctx: RunContext[None], tool: Any) -> str:
        """Call it by the client."""
        del ctx, tool
        return await self.client.call_tool(name=name, arguments=tool_args, meta=None)


MCPToolset = type("MCPToolset", (Toolset,), {"__module__": "pydantic_ai.mcp"})


async def dug(client: Client, *, wraps: bool = False, calls: int = 1, **options: Any) -> Run[Any]:
    """Run an agent that calls the tool."""
    toolset = MCPToolset(client)
    agent: Agent[None, Any] = Agent(
        scripted_model([tool_call("dig")] * calls, "Done."),
        toolsets=[WrapperToolset(toolset) if wraps else toolset],
        capabilities=[ReportProgress(show=False, **options)],
    )

    @operation(stages=["work"], clock=client.clock)
    async def one_agent(tracker: ProgressTracker) -> Any:
        async with tracker.stage("work"):
            return (await agent.run("go")).output

    run = one_agent.using(show=False)()
    assert await run == "Done."
    assert client.reader is not None
    client.reader.cancel()
    return run


def told(run: Run[Any], path: str = "work/dig") -> list[tuple[float | None, str | None]]:
    """Return what the events of the call's stage say."""
    return [
        (event.stage_progress, event.message)
        for event in run.log
        if isinstance(event, ProgressEvent) and event.stage == path and event.status == "running"
    ]


FOUR: Reports = [(1, 4, "spade 1"), (2, 4, "spade 2"), (3, 4, None), (4, 4, "spade 4")]


@pytest.mark.parametrize("wraps", [True, False])
async def test_reports_reach_the_stage(*, wraps: bool) -> None:
    """Percent and message of each report are those of the call's stage, also behind toolsets that wrap the server's."""
    run = await dug(Client(FOUR), wraps=wraps)
    assert told(run)[1:] == [(25, "spade 1"), (50, "spade 2"), (75, "spade 2"), (100, "spade 4")]


async def test_calls_side_by_side() -> None:
    """Each of two calls reports into its own stage."""
    run = await dug(Client(FOUR), calls=2)
    assert told(run)[-1] == told(run, "work/dig#2")[-1] == (100, "spade 4")
    assert len(told(run)) == len(told(run, "work/dig#2")) == 5


async def test_the_users_own_handler() -> None:
    """A progress handler of the user's is called as before."""
    seen: Reports = []

    async def handler(progress: float, total: float | None, message: str | None) -> None:
        seen.append((progress, total, message))

    run = await dug(Client(FOUR, handler))
    assert seen == FOUR
    assert len(told(run)) == 5


async def test_without_contents() -> None:
    """Without contents the percent moves, and no event has a word of the server's."""
    run = await dug(Client(FOUR), contents=False)
    assert [percent for percent, _ in told(run)][1:] == [25, 50, 75, 100]
    assert b"spade" not in b"".join(run.log.encoded())


HOSTILE: Reports = [
    (float("nan"), 4, "a"),
    (1, 0, "b"),
    (-1, 4, "c"),
    (9, 4, "d\x1b[31m\nsecond line"),
    (1, float("inf"), None),
    (3, None, "e" * 100_000),
    ("x", [], 5),  # type: ignore[list-item]
]


async def test_hostile_reports() -> None:
    """Numbers that are none move nothing, a percent stays within 100, and a message is one line of 500 characters."""
    run = await dug(Client(HOSTILE))
    percents = [percent for percent, _ in told(run) if percent]
    assert all(percent <= 100 for percent in percents)
    assert all(len(message or "") <= 501 and "\n" not in (message or "") for _, message in told(run))


async def test_other_clients() -> None:
    """The handler for any client of MCP reports into the current stage, or into one that is given, until its end."""
    with pytest.raises(ProgressError, match="a stage to report to"):
        pnb.interop.from_mcp()
    clock = ManualClock()
    async with ProgressTracker("op", ["dig", "more"], clock=clock) as tracker:
        async with tracker.stage("dig") as stage:
            handler = pnb.interop.from_mcp()
            await handler(1, 2, "half")
            assert stage.percent == 50
        await handler(2, 2, "late")
        dig = tracker.state.find("dig")
        assert dig is not None
        assert dig.message == "half"
        await pnb.interop.from_mcp(tracker.stage("more"))(1, 4, None)
        assert tracker.stage("more").percent == 25


class Connected(Toolset):
    """The toolset above with the client of the MCP package itself, which is connected to a server in memory."""

    def __init__(self, session: Any) -> None:
        self.client = self  # type: ignore[assignment] # the reports of its calls are asked for as of fastmcp's client
        self.session = session

    async def get_tools(self, ctx: RunContext[None]) -> dict[str, ToolsetTool[None]]:
        """List the tools of the server."""
        listed = (await self.session.list_tools()).tools
        return {
            tool.name: ToolsetTool(
                toolset=self,
                tool_def=ToolDefinition(name=tool.name, parameters_json_schema=tool.input_schema),
                max_retries=ctx.max_retries,
                args_validator=SchemaValidator(core_schema.dict_schema()),
            )
            for tool in listed
        }

    async def call_tool(
        self, name: str, tool_args: dict[str, Any], *_: Any, progress_handler: Handler | None = None, **__: Any
    ) -> str:
        """Call it by the session, as fastmcp's client does."""
        answer = await self.session.call_tool(name, tool_args, progress_callback=progress_handler)
        return str(answer.content[0].text)


Connected.__module__, Connected.__name__ = "pydantic_ai.mcp", "MCPToolset"  # by which it is known


def real_server() -> MCPServer:
    """Return a server of the MCP package with a tool that reports."""
    server = MCPServer("server")

    async def dig(n: int, ctx: Context) -> str:
        for number in range(n):
            await ctx.report_progress(number + 1, n, f"spade {number + 1}")
        return "done"

    dig.__annotations__["ctx"] = Context
    server.tool()(dig)
    return server


async def test_a_real_server() -> None:
    """A server of the MCP package itself reports into the stage of its tool, over a real session in memory."""
    async with McpClient(real_server()) as session:
        agent: Agent[None, Any] = Agent(
            scripted_model(tool_call("dig", n=4), "Done."),
            toolsets=[Connected(session)],
            capabilities=[ReportProgress(show=False)],
        )
        await agent.run("go")
    assert pnb.last_run is not None
    (stage,) = [each for _, each in pnb.last_run.state.walk() if each.title == "dig"]
    assert (stage.status, stage.percent, stage.message) == ("finished", 100, "spade 4")


async def test_a_session_without_an_agent() -> None:
    """A call by the MCP package alone reports into the current stage by `from_mcp`."""
    async with McpClient(real_server()) as session, ProgressTracker("own", ["dig"], show=False) as tracker:
        async with tracker.stage("dig"):
            handler: Any = pnb.interop.from_mcp()
            await session.call_tool("dig", {"n": 2}, progress_callback=handler)
        dug = tracker.state.find("dig")
        assert dug is not None
        assert (dug.percent, dug.message) == (100, "spade 2")
