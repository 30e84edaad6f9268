"""The stage that one agent run reports into: the calling stage, or a child stage of the agent's own.

An agent gets a stage of its own where several run side by side, where there is no calling stage, and in a loop: the row
of a loop counts items, and the tools of each item stand below that item's agent.
"""

from __future__ import annotations

import itertools
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from progressnb.agents.output import OutputForm, OutputWriter
from progressnb.errors import ProgressError
from progressnb.tracking import current_run, hush_error, internals, mute, note_arguments
from progressnb.tracking.counted import CountedWork
from progressnb.tracking.work import Work

if TYPE_CHECKING:
    from collections.abc import Generator

    from progressnb.tracking import ProgressTracker, StageHandle

__all__ = ["Place"]

_logger = logging.getLogger("progressnb")

_numbers = itertools.count()


class Place:
    """The place of one agent run among the agents at work in a stage, in the order in which they began.

    `above` is the stage that called the agent, or None. The agent's stage is chosen at the first report, not at the
    start: only then is it known which agents run side by side. Without `contents` no event has what the agent writes,
    nor what its tools are given and give. `prompt` is the prompt's first words, or None. `traced` says that pydantic-ai
    itself makes spans of the "agent", or of its "model" alone.
    """

    def __init__(
        self,
        above: StageHandle | None,
        name: str,
        expected_length: float | None = None,
        *,
        contents: bool = True,
        prompt: str | None = None,
    ) -> None:
        self.above = above
        self._contents = contents
        self._prompt = prompt
        self.work = Work()
        self._number = next(_numbers)
        self._name = name
        self._expected_length = expected_length
        self._form = OutputForm()
        self._own: StageHandle | None = None
        self._writer: OutputWriter | None = None
        self._given_up = False
        self.traced: str | None = None

    @property
    def silent(self) -> bool:
        """Whether the agent goes on without reports, as after the end of its stage."""
        stage = self.stage
        return self._given_up or (stage is not None and stage.ended)

    def give_up(self) -> None:
        """Let the agent go on without reports."""
        self._given_up = True

    @contextmanager
    def guarded(self) -> Generator[None]:
        """Keep a fault of our reporting from the agent: it is logged, and the agent goes on without reports."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - a fault of ours may be anything
            self.note_fault(error)

    def note_fault(self, error: Exception) -> None:
        """Log a fault of our reporting, once an agent run, and give up."""
        if not self._given_up:
            _logger.warning("could not report the agent %s; it goes on without reports", self._name, exc_info=error)
        self._given_up = True

    @property
    def stage(self) -> StageHandle | None:
        """The agent's stage; before the first report the calling stage."""
        return self._writer.stage if self._writer is not None else self.above

    def request(self, form: OutputForm) -> None:
        """Take the form of the output that the next model request will give."""
        self._form = form
        if self._writer is not None:
            self._writer.request(form)

    def request_again(self) -> None:
        """Let the answer of another model to the same request replace what was written."""
        self.request(self._form)

    def output(self) -> OutputWriter:
        """Return the writer into the agent's stage, which is chosen at the first call."""
        if self._writer is None:
            above = self.above
            alone = above is not None and internals(above).agents == {self}
            if above is not None and alone and not isinstance(internals(above).work, CountedWork):
                self.work = internals(above).work.part()
                self._begin(above)
            elif above is not None:
                # All agents that have begun get their stages now, so that the stages are in the order of the calls.
                places = {place for place in internals(above).agents if isinstance(place, Place)} | {self}
                for place in sorted(places, key=lambda place: place._number):  # noqa: SLF001 - of this class
                    place._begin_own(above)  # noqa: SLF001
            elif (run := current_run()) is not None:
                self._begin_own(run)
        if self._writer is None:
            raise ProgressError("a run to report to", "none", "This is a fault of progressnb: please report it.")
        return self._writer

    def enter(self) -> None:
        """Begin the agent run."""
        if self.above is not None:
            internals(self.above).agents.add(self)
        else:
            self.output()

    def hush(self, error: BaseException) -> None:
        """Keep the text of an error of the agent out of events, where contents are."""
        if not self._contents:
            hush_error(error)

    def end(self, error: BaseException | None = None) -> None:
        """End a stage that is the agent's own as the agent ended."""
        if self._own is None or self._own.ended:
            return
        if error is None:
            self._own.finish()
        elif isinstance(error, Exception):
            self._own.fail(error)
        else:
            self._own.cancel()

    def leave(self) -> None:
        """End the agent run."""
        if self.above is not None:
            internals(self.above).agents.discard(self)

    def _begin_own(self, parent: StageHandle | ProgressTracker) -> None:
        if self._writer is None:
            stage = self._own = parent.stage(self._name, title=self._name)
            self.work = internals(stage).work
            if self._contents and self._prompt is not None:
                note_arguments(stage, {"prompt": self._prompt})
            stage.start()
            self._begin(stage)

    def _begin(self, stage: StageHandle) -> None:
        if self.traced is not None:
            internals(stage).carry(traced=self.traced)
        if not self._contents or not internals(stage).contents:
            stage = mute(stage)
        self._writer = OutputWriter(stage, self.work, self._expected_length)
        self._writer.request(self._form)
