"""`StreamingOperation`: a class is an operation as a function is."""

import inspect
from typing import Any

import pytest

from progressnb import ProgressTracker, Stage, StreamingOperation
from progressnb.errors import OperationError


class Report(StreamingOperation[str]):
    """Write a report."""

    operation_name = "report"
    stages = (Stage("research", weight=0.7), Stage("write", weight=0.3))

    def __init__(self, topic: str, *, loud: bool = False) -> None:
        self.topic = topic
        self.loud = loud

    async def execute(self, tracker: ProgressTracker) -> str:
        """Do it."""
        async with tracker.stage("research") as stage:
            await stage.update(30, "reading")
        async with tracker.stage("write"):
            return self.topic.upper() if self.loud else self.topic


async def test_an_instance_runs() -> None:
    """`run()` gives a run of its own each time, with the declared stages and the name."""
    report = Report("tides", loud=True)
    first, second = report.run(), report.run()
    assert await first == await second == "TIDES"
    assert first.id != second.id
    assert first.operation == "report"
    assert [(stage.name, stage.percent) for stage in first.state.stages] == [("research", 100), ("write", 100)]
    assert [stage.weight for stage in first.state.stages] == pytest.approx([0.7, 0.3])


async def test_a_class_as_an_operation() -> None:
    """The operation takes what the class takes, with an operation's options, and refuses a wrong call at once."""
    operation = Report.as_operation()
    assert list(inspect.signature(operation).parameters) == ["topic", "loud", "show", "timeout", "on_event"]
    assert await operation("tides", loud=True) == "TIDES"
    with pytest.raises(TypeError):
        operation()


async def test_options_of_a_call() -> None:
    """`timeout` and `on_event` act as they do for a function."""
    heard: list[str] = []
    await Report("tides").run(on_event=lambda event: heard.append(event.type))
    assert (heard[0], heard[-1]) == ("started", "done")


async def test_a_child_run() -> None:
    """Called in another operation's stage it is one stage of that run."""

    class Outer(StreamingOperation[str]):
        operation_name = "outer"

        async def execute(self, tracker: ProgressTracker) -> str:
            async with tracker.stage("all"):
                return await Report("tides").run()

    run = Outer().run()
    assert await run == "tides"
    assert [stage.path for _, stage in run.state.walk()] == ["all", "all/report"]


@pytest.mark.parametrize("name", [None, "", 3])
def test_a_class_without_a_name(name: Any) -> None:
    """A class that can't be an operation is refused where it is defined."""

    async def execute(self: Any, tracker: ProgressTracker) -> None:
        """Do nothing."""

    with pytest.raises(OperationError, match="operation_name"):
        type("Nameless", (StreamingOperation,), {"operation_name": name, "execute": execute})


def test_a_class_that_is_not_async() -> None:
    """A plain `execute` is refused where it is defined."""
    with pytest.raises(OperationError, match="async execute"):
        type("Plain", (StreamingOperation,), {"operation_name": "plain", "execute": lambda self, tracker: None})  # noqa: ARG005
