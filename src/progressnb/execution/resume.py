"""`resume_run`: a new run that continues an interrupted one after its last finished stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.errors import ResumeError
from progressnb.execution.discovery import load_operation
from progressnb.execution.operation import find_operation
from progressnb.execution.run import runs
from progressnb.folds.state import RunState
from progressnb.history import given_again, the_history
from progressnb.tracking.recorder import Kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.execution.operation import Operation
    from progressnb.execution.run import Run
    from progressnb.history.history import History
    from progressnb.wire.events import Event

__all__ = ["resume_run"]


def resume_run(
    run_id: str,
    *,
    history: History | None = None,
    show: bool | None = None,
    timeout: float | None = None,
    on_event: Callable[[Event], object] | None = None,
    **inputs: object,
) -> Run[Any]:
    """Continue a run that was interrupted, failed or was cancelled, as a new run that skips its finished stages.

    Only the results of `stage.run(…)` can be restored; the work of a stage's block is done again. The old record stays
    as it is, and the new run names it in `resumed_from`. The history must keep contents, since the run begins with the
    inputs that it kept.

    Args:
        run_id: The id of the run in the history.
        history: The history that has the run. None takes the one of `use_history`.
        show: False shows no panel; None follows the session.
        timeout: Seconds after which the new run fails.
        on_event: A plain or async function that gets every event.
        **inputs: The inputs that a history can't keep, such as a model object, by the names of their parameters.

    Returns:
        The new run.

    Raises:
        ResumeError: For a run that is alive, has finished, or was kept without contents; for an operation that is not
            defined or has changed; for inputs or files that have changed.

    Example:
        ::

            pnb.use_history("kept.db", contents=True)

            @pnb.operation
            async def translate(tracker: pnb.ProgressTracker, text: str) -> str:
                words = await tracker.stage("split").run(text.split)
                async with tracker.stage("write") as stage:
                    if not Path("dictionary.txt").exists():
                        raise FileNotFoundError("dictionary.txt")
                return " ".join(words)

            run = translate("two words")
            try:
                await run
            except FileNotFoundError:
                Path("dictionary.txt").touch()
            print(await pnb.resume_run(run.id))  # the stage "split" is not done again

    """
    used = the_history(history)
    state = RunState.of(used.log(run_id))
    if any(run.id == run_id for run in runs()):
        raise ResumeError("a run that was interrupted", "one that is alive", "Await it, or cancel it first.")
    if state.status == "finished":
        raise ResumeError("a run that was interrupted", "one that finished", "Begin a new run.")
    kept = used.inputs(run_id)
    if kept is None:
        raise ResumeError(
            "a run that was kept with its contents", "its timings alone", "Use pnb.use_history(path, contents=True)."
        )
    operation = _find(state.operation)
    if used.fingerprint(run_id) != operation.fingerprint:
        raise ResumeError(
            f"the {state.operation} that was interrupted", "one whose code or stages changed", "Begin a new run."
        )
    arguments = given_again(operation.function, kept, inputs)
    return operation.begin(
        arguments,
        title=state.title,
        show=show,
        timeout=timeout,
        on_event=on_event,
        resumed_from=run_id,
        kept=_finished(state),
    )


def _finished(state: RunState) -> dict[str, Kept]:
    return {
        stage.path: Kept(stage.data["result"], stage.duration or 0.0, stage.data.get("reason"))
        for _, stage in state.walk()
        if stage.status == "finished" and "result" in stage.data and "arguments" not in stage.data  # no call of a tool
    }


def _find(name: str) -> Operation[..., Any]:
    operation = find_operation(name) or load_operation(name)
    if operation is None:
        remedy = "Import or define it, or install the package that brings it."
        raise ResumeError(f"the operation {name!r}", "none of that name", remedy)
    return operation
