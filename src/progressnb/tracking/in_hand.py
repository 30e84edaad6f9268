"""The acts of people on a run at work, beyond Stop: end an output, say a word, approve or deny a call."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from progressnb.errors import InvalidProgressError, RunEndedError, UnknownStageError
from progressnb.tracking.acts import read_act
from progressnb.tracking.controls import Verdict
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    from progressnb.tracking.controls import By, Controls, Placed

__all__ = ["InHand"]

WORD_LIMIT = 10_000
"""Characters that a word to an agent, or the reason of a denial, may have."""


class InHand:
    """A run of this process that people may act on while it is at work. All methods work from any thread.

    Each act is an event with `data.intervention`, so that a history and whoever watches see who did what.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def _in_hand(self) -> Controls:
        """The controls of the run."""

    @abstractmethod
    def cancel(self, reason: str | None = None) -> None:
        """Stop the run, from any thread."""

    @property
    def controls(self) -> frozenset[str]:
        """The acts that are possible now: `"stop"`, `"enough"`, `"say"`.

        Calls that wait for approval are stages of the status `"waiting"` with `data.waiting_for == "approval"`.
        """
        if self._in_hand.ended:
            return frozenset()
        agents = self._in_hand.agents()
        enough = {"enough"} if any(each.agent.writes for each in agents) else set[str]()
        say = {"say"} if any(each.agent.listens for each in agents) else set[str]()
        return frozenset({"stop"} | enough | say)

    def enough(self, stage: str | None = None, *, by: By = "code") -> None:
        """End the output that is being written here: what is complete of it becomes the output.

        Of text that is all that was written, of structured data the fields and the items that are complete. The agent
        returns the output, validated as ever, and the run goes on. If what is complete does not validate, the agent
        raises `OutputCut`, which has it as `partial`. The model is not asked again, and what was billed counts.

        Args:
            stage: The path of the stage whose output ends. None ends every output that is being written.
            by: Who does it.

        Raises:
            InvalidProgressError: Where no agent is writing an output.
            RunEndedError: After the end of the run.

        Example:
            ::

                run = report("tides")
                timer = asyncio.get_running_loop().call_later(20, run.enough)
                await run  # what it had by then
                timer.cancel()

        """
        writing = [each for each in self._agents(stage) if each.agent.writes]
        if not writing:
            where = "" if stage is None else f" in stage {stage!r}"
            raise InvalidProgressError(
                f"an output that an agent is writing{where}", "none", "Only an output that has begun can be ended."
            )
        for controls, agent, _ in writing:
            controls.note("enough", by, agent.stage)
            agent.end_output()

    def say(self, text: str, stage: str | None = None, *, by: By = "code") -> None:
        """Say a word to the agent at work: the model gets it with the next request, as a message of the user.

        A word that comes while the last answer is written leads to one more request, whose answer takes the place of
        that one.

        Args:
            text: The word, such as "shorter, please".
            stage: The path of the stage whose agent gets it. None is every agent at work that no other agent has
                called.
            by: Who says it.

        Raises:
            InvalidProgressError: Without a text, and where no agent is at work that can take it.
            RunEndedError: After the end of the run.

        Example:
            ::

                run = report("tides")
                if "say" in run.controls:  # an agent is at work
                    run.say("shorter, please")

        """
        word = checked_word(text)
        listening = [each for each in self._agents(stage) if each.agent.listens]
        if not listening:
            where = "" if stage is None else f" in stage {stage!r}"
            raise InvalidProgressError(
                f"an agent at work{where} that can take a word",
                "none",
                "Say it while an agent with a model is at work.",
            )
        for controls, agent, _ in listening if stage is not None else _outermost(listening):
            agent.hear(word)
            controls.note("say", by, agent.stage, word)

    def approve(self, stage: str, *, by: By = "code") -> None:
        """Let a call of a tool go ahead that waits for approval.

        Args:
            stage: The path of the stage of the call; its `data.arguments` are what the tool would get.
            by: Who approves.

        Raises:
            UnknownStageError: Where no call waits in that stage.
            RunEndedError: After the end of the run.

        Example:
            ::

                for _, stage in run.state.walk():
                    if stage.data.get("waiting_for") == "approval":
                        run.approve(stage.path)

        """
        self._decide(stage, Verdict(approved=True, by=by), "approve", by)

    def deny(self, stage: str, reason: str | None = None, *, by: By = "code") -> None:
        """Refuse a call of a tool that waits for approval; the agent goes on without it.

        Args:
            stage: The path of the stage of the call.
            reason: Why, in words that the model gets.
            by: Who denies.

        Raises:
            UnknownStageError: Where no call waits in that stage.
            RunEndedError: After the end of the run.

        Example:
            ::

                for _, stage in run.state.walk():
                    if stage.data.get("waiting_for") == "approval":
                        run.deny(stage.path, "not that one")

        """
        reason = checked_word(reason) if reason else None
        self._decide(stage, Verdict(approved=False, reason=reason, by=by), "deny", by)

    def act(self, message: object, *, by: By = "code") -> None:
        """Do what a message says, as a panel or a page sends it.

        Args:
            message: A mapping with `kind` (`"stop"`, `"enough"`, `"say"`, `"approve"` or `"deny"`), `stage` (a path;
                needed to approve and deny) and `text` (the word, or the reason).
            by: Who acts: `"page"`, `"panel"` or `"code"`.

        Raises:
            InvalidProgressError: For a message of another shape, and where the run can't do that now.
            UnknownStageError: For a stage where no call waits for approval.
            RunEndedError: After the end of the run.

        Example:
            ::

                run = report("tides")
                run.act({"kind": "stop", "text": "not today"}, by="panel")

        """
        kind, stage, text = read_act(message)
        if kind == "stop":
            self.cancel(text)
        elif kind == "enough":
            self.enough(stage, by=by)
        elif kind == "say":
            self.say(text or "", stage, by=by)
        elif kind == "approve":
            self.approve(stage or "", by=by)
        else:
            self.deny(stage or "", text, by=by)

    def _agents(self, stage: str | None) -> list[Placed]:
        self._check_open()
        return [each for each in self._in_hand.agents() if stage in (None, each.path)]

    def _decide(self, path: str, verdict: Verdict, kind: str, by: By) -> None:
        self._check_open()
        found = self._in_hand.approval(str(path))  # callers may be untyped
        if found is None or not found[0].settle(found[1]):
            raise UnknownStageError("a stage whose call waits for approval", repr(path), "It may be decided already.")
        controls, approval = found
        controls.note(kind, by, approval.stage, verdict.reason)
        approval.decide(verdict)

    def _check_open(self) -> None:
        if self._in_hand.ended:
            raise RunEndedError("a run at work", "one that has ended")


def checked_word(text: object) -> str:
    """Return a text that is not empty nor too long; raise `InvalidProgressError` for anything else."""
    if not isinstance(text, str) or not text.strip():
        raise InvalidProgressError("a text", repr(text), 'Write run.say("shorter, please").')
    if len(text) > WORD_LIMIT:
        raise InvalidProgressError(f"a text of at most {WORD_LIMIT:,} characters", f"{len(text):,}")
    return clean_text(text)


def _outermost(agents: list[Placed]) -> list[Placed]:
    # An agent that a tool of another one called is part of that one's work.
    above = tuple(f"{each.path}/" for each in agents if each.path is not None)
    return [each for each in agents if each.path is None or not each.path.startswith(above)]
