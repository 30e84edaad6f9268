"""The stage handle: the object through which code at work reports one stage of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar, overload

from progressnb.errors import InvalidProgressError
from progressnb.tracking.blocks import Blocks
from progressnb.tracking.budget import checked_usage
from progressnb.tracking.items import work_for_part
from progressnb.tracking.session import door
from progressnb.tracking.stage import read_stage
from progressnb.wire.pickles import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from types import TracebackType
    from typing import Self, Unpack

    from progressnb.tracking.clock import Pause
    from progressnb.tracking.protocols import Ask, AskOptions
    from progressnb.tracking.stage import Stage
    from progressnb.tracking.stage_work import StageWork
    from progressnb.wire.events import StageStatus

__all__ = ["StageHandle"]

P = ParamSpec("P")
T = TypeVar("T")


class StageHandle:
    """Report one stage of a run. `tracker.stage(name)` and `stage.stage(name)` return it.

    As a block, `with` or `async with`, the stage begins and ends with the block: leaving it finishes the stage, an
    exception fails it, a cancellation cancels it. All methods act at once and work from any thread. After the end
    they raise `RunEndedError`, but in a thread that outlived the run they do nothing.

    Example:
        ::

            async with pnb.ProgressTracker("etl", stages=["extract", "load"]) as tracker:
                async with tracker.stage("extract") as stage:
                    for number, path in enumerate(paths, 1):
                        await stage.update(100 * number / len(paths), path)

    """

    __slots__ = ("__weakref__", "_blocks", "_stage")

    def __init__(self, stage: StageWork) -> None:
        self._stage = stage
        self._blocks = Blocks(stage)

    def __repr__(self) -> str:
        """Show the path, the status and the percent."""
        percent = "" if self.percent is None else f", {self.percent:.0f} %"
        return f"<stage {self.path!r}: {self.status}{percent}>"

    def __reduce_ex__(self, protocol: object) -> str:
        """Raise `TypeError` with the remedy: a stage is neither pickled nor copied."""
        raise refusal(self)

    # --- to read -----------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The name, as it was given."""
        return self._stage.name

    @property
    def path(self) -> str:
        """The path in the run: encoded names, joined by slashes; `search#2` is the second stage of this name."""
        return self._stage.path

    @property
    def percent(self) -> float | None:
        """The percent, 0–100, or None while nothing is known."""
        return self._stage.percent

    @property
    def status(self) -> StageStatus:
        """The status: pending, running, retrying, fallback, waiting, finished, failed, skipped or cancelled."""
        return self._stage.status

    @property
    def partial(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The output so far as plain data, with what no event carries yet; None before anything is written."""
        return self._stage.partial

    @property
    def ended(self) -> bool:
        """Whether the stage or its run has ended, well or not."""
        return self._stage.ended

    # --- reporting ---------------------------------------------------------------------------------

    def update(self, percent: float | None = None, message: str | None = None, **data: Any) -> Pause:  # noqa: ANN401
        """Report how far the stage is.

        100 reports that the work is done and does not end the stage. The stage ends with its block or by `finish()`.
        Without these it ends when the next stage beside it begins, at the latest with its run.

        Args:
            percent: From 0 to 100. It is a floor: a lower one later changes nothing.
            message: A text that replaces the last one.
            **data: Facts by name, which reach readers at once: percents and messages alone are thinned to ten events
                a second.

        The stage of a loop shows message and data behind its count.

        Returns:
            An object that may be awaited: `await stage.update(…)` in a busy loop lets bars move and Cancel arrive.

        Raises:
            InvalidProgressError: For a percent out of range, and before the run has begun.
            RunEndedError: After the end of the stage or of the run.

        Example:
            ::

                await stage.update(30, "reading", files=3)

        """
        return self._stage.update(percent, message, data)

    def write(
        self,
        delta: str,
        *,
        part: str = "output",
        kind: Literal["text", "json"] = "text",
        reset: bool = False,
    ) -> Pause:
        """Add characters to the stage's output; the returned object may be awaited, as that of `update`.

        Args:
            delta: The characters that came.
            part: The part of the output, such as `"thinking"`. The part `"output"` is the answer.
            kind: `"json"` for characters of JSON, which `partial` then reads as far as they go.
            reset: Whether the part starts over with these characters.

        Example:
            ::

                for word in words:
                    await stage.write(word)
                stage.partial  # the text so far

        """
        return self._stage.write(delta, part, kind, reset=reset)

    def add_usage(self, model: str | None = None, **amounts: float | None) -> None:
        """Add to the tokens and the cost of the stage.

        What was spent counts whatever becomes of the stage: amounts may also be added after it has ended, as long as
        its run is at work.

        Args:
            model: The model that used them.
            **amounts: `input_tokens`, `output_tokens` and `cost` in US dollars; None is unknown and adds nothing.

        Raises:
            InvalidProgressError: For amounts of other names, and for anything but finite numbers.
            RunEndedError: After the end of the run.

        Example:
            ::

                stage.add_usage("my-model", input_tokens=1200, output_tokens=300, cost=0.002)

        """
        self._stage.add_usage(model, checked_usage(model, amounts))

    def expect(self, count: int) -> None:
        """Declare how many stages or agent runs are to come below this stage.

        Args:
            count: Their number. They share evenly the percent points that are left.

        Example:
            ::

                stage.expect(len(paths))
                for path in paths:
                    with stage.stage(path):
                        read(path)

        """
        self._stage.expect(count)

    def stage(self, name: str | Stage, *, weight: float | None = None, title: str | None = None) -> StageHandle:
        """Make a stage below this one; it begins with its block or its first report.

        Args:
            name: The name, or a `Stage` with options. A name that was used before becomes `name#2`, `name#3`, ….
            weight: The share of this stage, 0–1. None takes half of the percent points that are left, or an even
                share of them after `expect`.
            title: The text that screens show; None makes it of the name.

        Returns:
            The handle of the new stage.

        Raises:
            InvalidStagesError: For a weight out of range, for invalid options, and for a path of more than 2,000 names
                or 100,000 characters.

        Example:
            ::

                with stage.stage("read", weight=0.2) as part:
                    part.update(50)

        """
        spec = read_stage(name, weight, title)
        return StageHandle(self._stage.part(spec, work_for_part(self._stage.work, spec.share)))

    # --- its life ----------------------------------------------------------------------------------

    def start(self, message: str | None = None) -> None:
        """Begin the stage; entering its block does this. A stage that was started is yours to finish.

        Example:
            ::

                stage = tracker.stage("load")
                stage.start("connecting")
                stage.finish("20,000 rows")

        """
        self._stage.life.start(message)

    def finish(self, message: str | None = None) -> None:
        """End the stage well; leaving its block does this."""
        self._stage.life.finish(message)

    def skip(self, message: str | None = None) -> None:
        """End the stage without its work; its share of the percent counts as done.

        Example:
            ::

                tracker.stage("load").skip("nothing is new")

        """
        self._stage.life.set_status("skipped", message)

    def fail(self, error: BaseException | str) -> None:
        """End the stage as failed; it keeps the percent that it had. An error is kept as a non-fatal event.

        Example:
            ::

                tracker.stage("load").fail("the disk is full")

        """
        self._stage.life.fail(error)

    def cancel(self) -> None:
        """End the stage as cancelled; this does not stop the run."""
        self._stage.life.cancel()

    def retry(self, attempt: int, attempts: int, reason: BaseException | str | None = None) -> None:
        """Report that the work starts over: attempt 2 of 3. A stage with `retry` or `retries` does this by itself.

        Args:
            attempt: The number of the attempt that begins.
            attempts: The number of attempts, the first one counted.
            reason: A text, or the error that led to this, which is kept as a non-fatal event. With a reason the
                stage's percent starts over too; the overall percent holds.

        Example:
            ::

                try:
                    read("missing.csv")
                except OSError as error:
                    stage.retry(2, 3, error)  # "retrying, 2 of 3"
                    read("rows.csv")

        """
        if reason is None:
            self._stage.life.set_status("retrying", f"retrying, {attempt} of {attempts}", attempt=attempt)
        else:
            self._stage.life.start_over(attempt, attempts, reason)

    def fall_back(self, reason: BaseException | str) -> None:
        """Report that the work starts over in another way, and why; the status stays until the stage ends.

        The stage's percent starts over, the overall percent holds.

        Args:
            reason: A text, or the error that led to this. An error is kept as a non-fatal event.

        Example:
            ::

                try:
                    read("missing.csv")
                except OSError as error:
                    stage.fall_back(error)
                    read("rows.csv")

        """
        self._stage.life.fall_back(reason)

    # --- work --------------------------------------------------------------------------------------

    @overload
    async def run(self, function: Callable[P, Coroutine[Any, Any, T]], /, *args: P.args, **kwargs: P.kwargs) -> T: ...
    @overload
    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T: ...
    async def run(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Run a function as this stage: within its `timeout`, with its `retry` and its `fallback`.

        In a run that was resumed, a stage that had finished is not run again: its result comes back, as the type
        that the function's annotation names.

        Args:
            function: The function. One that is not async runs in a thread; a timeout leaves that thread to itself.
            *args: The function's arguments.
            **kwargs: The function's arguments by name.

        Returns:
            The result of the function, or of the fallback.

        Raises:
            InvalidProgressError: For anything but a function, such as the coroutine `work(3)`.
            Exception: The error of the last attempt, or of the fallback.

        Example:
            ::

                tracker = pnb.ProgressTracker("etl", stages=[pnb.Stage("load", timeout=30, retries=2)])
                async with tracker:
                    rows = await tracker.stage("load").run(load, "rows.csv")

        """
        __tracebackhide__ = True  # IPython and pytest leave such frames out
        return await self._blocks.run(self, function, args, kwargs)

    @overload
    async def ask(self, output_type: type[T], prompt: str | Sequence[Any], **options: Unpack[AskOptions]) -> T: ...
    @overload
    async def ask(self, prompt: str, /, **options: Unpack[AskOptions]) -> str: ...
    @overload
    async def ask(self, output_type: object, prompt: str | Sequence[Any], **options: Unpack[AskOptions]) -> Any: ...  # noqa: ANN401 - types that checkers can't read
    async def ask(
        self,
        output_type: Any = str,
        prompt: str | Sequence[Any] | None = None,
        *,
        model: object = None,
        instructions: str | None = None,
        by_rules: Callable[[], object] | None = None,
        fallback: object = None,
        tools: Sequence[Any] | None = (),
        expected_length: float | None = None,
    ) -> Any:
        """Ask a model for an output and report into this stage while the output is written.

        The stage gets the output as it comes, the calls of tools as stages below it, tokens and cost, and each retry.
        In the stage's block, or in a function of `stage.run`, the question is one part of the work; `stage.expect(3)`
        shares the percent among three. Otherwise the question is all of the work, as with `stage.run`: it begins and
        ends the stage, within its `timeout` and with its `retry`. In a run that was resumed, a stage that had finished
        is not asked again: its output comes back as `output_type`.

        The events say how it went: `data.model` is the model's name, `data.source` is `"offline"` where rules did the
        work, `data.reason` is the error of the model in whose place they did.

        Args:
            output_type: The type of the output, or any output specification of pydantic-ai; text if left out.
            prompt: The question: text, or a list with text and images as pydantic-ai takes it.
            model: A pydantic-ai model or its name, such as `"openai:gpt-5"`. None is the one that the environment
                variable `PROGRESSNB_MODEL` names, else `"offline"`. A connection that this call opened is closed at
                its end; a model that was passed stays open.
            instructions: The instructions to the model.
            by_rules: A plain function without arguments that computes the output without a model, in a thread: the
                answer of the model `"offline"`, streamed as a model's is.
            fallback: `"offline"` lets `by_rules` answer when the model fails after its retries; the status is
                `"fallback"` then, until the stage ends. None raises the model's error. A cancellation, the time limit
                of the run, progressnb's own errors, a wrong call of pydantic-ai and programming errors such as
                `TypeError` lead to no fallback.
            tools: Functions that the model may call; None is no tools.
            expected_length: The length of the output in characters, which the percent is measured against. Without
                it the percent follows characters, items and fields against what the output's type lets expect.

        Returns:
            The output, validated as `output_type`.

        Raises:
            InvalidProgressError: Without a prompt.
            InputError: For an output type or tools that pydantic-ai refuses, for a length that is not above 0, for
                rules that are no plain function without arguments, and for an output of theirs that is not valid.
            ModelError: For a model that is unknown or lacks its key, another fallback, and one without `by_rules`.
            Exception: The error of the model after 2 further attempts, where no fallback answers.

        Example:
            ::

                @pnb.operation(stages=["summary"])
                async def summarize(tracker: pnb.ProgressTracker, text: str) -> str:
                    stage = tracker.stage("summary")
                    return await stage.ask(str, f"Sum up: {text}", by_rules=lambda: text[:80], fallback="offline")

                await summarize("Tides follow the moon.")

        """
        if prompt is None:  # the one argument is the prompt
            output_type, prompt = str, output_type
        if not isinstance(prompt, str | list | tuple):
            raise InvalidProgressError("a prompt as text", repr(prompt), 'Write `await stage.ask(Report, "…")`.')
        ask: Ask = door("ask")
        return await ask(
            self,
            output_type,
            prompt,
            model=model,
            instructions=instructions,
            by_rules=by_rules,
            fallback=fallback,
            tools=tools,
            expected_length=expected_length,
        )

    # --- as a block --------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        """Begin the stage and make it the current one."""
        self._blocks.check(is_async=False)
        self._blocks.enter(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the stage as its block ended."""
        self._blocks.leave(error)

    async def __aenter__(self) -> Self:
        """Begin the stage and make it the current one; its `timeout` begins to count."""
        self._blocks.check(is_async=True)
        await self._blocks.enter_timed(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the stage as its block ended."""
        await self._blocks.leave_timed(kind, error, traceback)
