"""The protocols between the writing side and the packages above it. No code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypedDict

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from progressnb.folds.state import RunState
    from progressnb.tracking.clock import Clock
    from progressnb.wire.events import Event, StageStatus
    from progressnb.wire.log import EventLog

__all__ = [
    "Ask",
    "AskOptions",
    "AtWork",
    "CalledTool",
    "Estimator",
    "KeptCall",
    "KeptResults",
    "OpenLoop",
    "Recordable",
    "Reporting",
    "ResultKeeper",
    "RunExporter",
    "RunHistory",
    "Screen",
    "StageView",
    "View",
    "Viewable",
    "Watchable",
    "Writer",
]


class Ask(Protocol):
    """The function behind `StageHandle.ask`, which another package provides."""

    async def __call__(
        self,
        stage: Any,  # noqa: ANN401 - the handle, whose module imports this one
        output_type: Any,  # noqa: ANN401 - a type or any other output specification of pydantic-ai
        prompt: str | Sequence[Any],
        *,
        model: object,
        instructions: str | None,
        by_rules: Callable[[], object] | None,
        fallback: object,
        tools: Sequence[Any] | None,
        expected_length: float | None,
    ) -> Any:  # noqa: ANN401 - an output of that type
        """Ask a model for an output and report into a stage."""
        ...


class AskOptions(TypedDict, total=False):
    """The options of `StageHandle.ask`, which documents them."""

    model: object
    instructions: str | None
    by_rules: Callable[[], object] | None
    fallback: object
    tools: Sequence[Any] | None
    expected_length: float | None


class CalledTool(Protocol):
    """The call of a tool that a stage stands for."""

    @property
    def tool_name(self) -> str:
        """The tool's name."""
        ...

    @property
    def call_id(self) -> str | None:
        """The id that an agent gave the call, or None."""
        ...

    def claim(self, function: Callable[..., Any]) -> bool:
        """Return whether a generator function is the tool's own and may report into the stage; only once a call."""
        ...


class Reporting(Protocol):
    """A stage that takes data, as the controls of a run see it."""

    @property
    def path(self) -> str:
        """The path in the run."""
        ...

    @property
    def ended(self) -> bool:
        """Whether the stage or its run has ended."""
        ...

    def report(self, percent: float | None, message: str | None, data: Mapping[str, Any]) -> object:
        """Write data at once."""
        ...

    def carry_usage(self, amounts: Mapping[str, float]) -> None:
        """Add to its tokens and its cost."""
        ...


class AtWork(Protocol):
    """An agent at work in a run, as the controls of the run see it. Called from any thread."""

    @property
    def stage(self) -> Reporting | None:
        """The stage that the agent reports into, or None before there is one."""
        ...

    @property
    def writes(self) -> bool:
        """Whether an output is being written that can be ended here."""
        ...

    @property
    def listens(self) -> bool:
        """Whether the agent can be told something between its requests."""
        ...

    def end_output(self) -> None:
        """End the output that is being written."""
        ...

    def hear(self, text: str) -> None:
        """Tell the agent something, before its next request; it makes one more if there would be none."""
        ...


class Estimator(Protocol):
    """The forecast of one run from past ones; called under the run's lock.

    Attributes:
        follows_from: Seconds of the run from which it is to get changes of stages and what they write as they come.
            Those before it reads from the log when it is asked for more than it knows.
        holds_until: Seconds of the run until which its answer to `overall` stays as it was.

    """

    follows_from: float
    holds_until: float

    def observe(self, event: Event) -> None:
        """Take in the next event of this run."""
        ...

    def overall(self, elapsed: float) -> float | None:
        """Return the percent to show at this time, or None to let the declared weights count."""
        ...

    def remaining(self, elapsed: float) -> tuple[float, float, float] | None:
        """Return the seconds that remain as p10, p50 and p90, or None for no opinion."""
        ...

    def doubt(self, elapsed: float) -> str | None:
        """Return why the seconds that remain should not be shown at this time, or None where they hold.

        `"exceeded"`: the run has outlasted all past runs. `"overdue"`: a stage at work has outlasted its own past.
        `"vague"`: past runs differ too much.
        """
        ...

    def durations(self, declared: Mapping[str, float]) -> Mapping[str, float]:
        """Return the seconds that past runs let expect of each stage at the top, by path; empty without ground.

        `declared` has the weights of the declared stages, by path.
        """
        ...

    def silence(self, path: str, seconds: float) -> float | None:
        """Return the longest silence in seconds that past runs had in a stage, if this one is longer; else None."""
        ...


class StageView(Protocol):
    """A stage to look at, without the methods that report: the argument of a `Stage(percent=f)` function."""

    @property
    def name(self) -> str:
        """The name."""
        ...

    @property
    def path(self) -> str:
        """The path in the run."""
        ...

    @property
    def percent(self) -> float | None:
        """The percent, 0–100, or None while nothing is known."""
        ...

    @property
    def status(self) -> StageStatus:
        """The status."""
        ...

    @property
    def partial(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The output written so far, as plain data, or None."""
        ...

    @property
    def ended(self) -> bool:
        """Whether the stage or its run has ended."""
        ...


class OpenLoop(Protocol):
    """A loop that a stage stands for. Its body may be left without a word to its iterator."""

    @property
    def before(self) -> tuple[Any, Any]:
        """The run and the stage that were current before the loop."""
        ...

    def is_current(self) -> bool:
        """Return whether code that calls now is in the body."""
        ...

    def step_over(self) -> bool:
        """End the loop, unless its body may go on; return whether it never will."""
        ...

    def settle(self, error: BaseException | None) -> None:
        """End the loop if its body was left; `error` ends what is around the loop."""
        ...

    def take(self, message: str | None, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Show behind the count what the body reports; return the data that are no loop's."""
        ...


class Recordable(Protocol):
    """A run as a history sees it."""

    @property
    def id(self) -> str:
        """The run's id."""
        ...

    @property
    def operation(self) -> str:
        """The operation's name."""
        ...

    @property
    def model(self) -> str | None:
        """The model that was declared, or None."""
        ...

    @property
    def log(self) -> EventLog:
        """The events."""
        ...

    @property
    def state(self) -> RunState:
        """The fold of the events."""
        ...


class KeptCall(Protocol):
    """A result of a stage that an earlier run kept."""

    @property
    def duration(self) -> float:
        """Seconds that the stage took."""
        ...

    @property
    def reason(self) -> str | None:
        """The error of the model in whose place rules did the work, or None."""
        ...


class ResultKeeper(Protocol):
    """The receiver of the results of `stage.run`, so that a run can be taken up again."""

    def identify(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> object:
        """Return the identity of a call that is about to be made. It never raises."""
        ...

    def at_work(self, stage: str, call: object) -> AbstractContextManager[object]:
        """Return a block in which the call is made: files that it reads belong to its identity."""
        ...

    def keep(
        self,
        stage: str,
        call: object,
        function: Callable[..., Any],
        result: object,
        *,
        duration: float,
        reason: str | None,
    ) -> str | None:
        """Keep a result; return why it can't be given back, in a few words, or None where it can."""
        ...


class KeptResults(Protocol):
    """The results of an earlier run, for a run that takes it up again."""

    def identify(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> object:
        """Return the identity of a call that is about to be made. It never raises."""
        ...

    def take(self, stage: str, call: object, function: Callable[..., Any]) -> tuple[KeptCall | None, Any, str | None]:
        """Return what was kept of a call and its value; else None, None and why the stage is run again.

        Each is given once. The reason is None for a stage of which nothing was kept.
        """
        ...

    def below(self, operation: str, stage: str) -> KeptResults | None:
        """Return the results for a run of an operation that is called at a stage, or None where there are none."""
        ...


class RunHistory(Protocol):
    """A history as a run sees it: a record of the run, and a forecast of it from past ones."""

    def record(self, run: Recordable) -> None:
        """Keep the events of a run: those that it has and those to come."""
        ...

    def estimate(self, run: Recordable) -> Estimator | None:
        """Return the forecast of a run that is about to begin, or None for no opinion."""
        ...


class RunExporter(Protocol):
    """A receiver of every run's events, beside the history."""

    def export(self, run: Recordable) -> None:
        """Send the events of a run: those that it has and those to come."""
        ...


class Writer(Protocol):
    """The writer of a run's events, as the controls of the run see it."""

    @property
    def operation(self) -> str:
        """The operation's name."""
        ...

    @property
    def log(self) -> EventLog:
        """The events."""
        ...

    @property
    def clock(self) -> Clock:
        """The clock that stamps the events."""
        ...

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        ...

    @property
    def overall(self) -> float:
        """The percent of the run, 0–100."""
        ...

    def tell(self, data: Mapping[str, Any]) -> None:
        """Write data of the run itself."""
        ...


class Watchable(Protocol):
    """A run as a screen sees it, wherever its events come from."""

    @property
    def operation(self) -> str:
        """The operation's name."""
        ...

    @property
    def log(self) -> EventLog:
        """The events."""
        ...

    @property
    def state(self) -> RunState:
        """The fold of the events."""
        ...

    @property
    def clock(self) -> Clock:
        """The clock that stamps the events."""
        ...

    @property
    def elapsed(self) -> float:
        """Seconds since the run began; its duration once it has ended."""
        ...

    @property
    def partial(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The output so far."""
        ...

    def cancel(self, reason: str | None = None) -> None:
        """Stop the run, from any thread."""
        ...


class Viewable(Protocol):
    """A result that says how it looks.

    The method is called once, where the run ends. Its blocks travel in the run's last event as plain data, so that a
    replayed, an attached and a stored run look the same. It is called under the run's lock: it must be quick, and may
    not use the run. `register_view` does the same for types that can't be changed. `progressnb.wire.blocks` describes
    the blocks.

    Example:
        ::

            @dataclass
            class Audit:
                score: int
                findings: list[str]

                def _progressnb_view_(self) -> list[dict[str, Any]]:
                    return [
                        {"type": "headline", "text": f"Score {self.score}", "verdict": "all is well", "tone": "good"},
                        {
                            "type": "section",
                            "title": f"Findings: {len(self.findings)}",
                            "blocks": [{"type": "list", "items": self.findings}],
                        },
                    ]

    """

    def _progressnb_view_(self) -> View:
        """Return the blocks, in the order in which they are drawn."""
        ...


View: TypeAlias = Sequence[Mapping[str, Any]]
"""The blocks that a result looks like, as plain data."""

Screen: TypeAlias = Callable[[Watchable], object]
"""A function that shows a run."""
