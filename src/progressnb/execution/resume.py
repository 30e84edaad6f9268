"""`resume_run`: an interrupted run goes on from its last finished stage, as a new run."""

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
    """Take up a run that was interrupted or failed, as a new run; stages that had finished are not done again.

    The run comes from `history`, or the one of `use_history`, which must keep contents. Only work done by
    `stage.run(…)` can be restored; what a stage's block did is done again. `inputs` are those that can't be
    kept, such as a model object. The old record stays as it is; the new run's `resumed_from` names it.

    Raises `ResumeError` for a run that is alive or ended well, was kept without contents, whose operation is not
    defined or has changed, or whose inputs or files have changed. ::

        pnb.use_history("runs.db", contents=True)
        result = await pnb.resume_run("4f0c…")
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
        arguments, show=show, timeout=timeout, on_event=on_event, resumed_from=run_id, kept=_finished(state)
    )


def _finished(state: RunState) -> dict[str, Kept]:
    return {
        stage.path: Kept(stage.data["result"], stage.duration or 0.0, stage.data.get("reason"))
        for _, stage in state.walk()
        if stage.status == "finished" and "result" in stage.data
    }


def _find(name: str) -> Operation[..., Any]:
    operation = find_operation(name) or load_operation(name)
    if operation is None:
        remedy = "Import or define it, or install the package that brings it."
        raise ResumeError(f"the operation {name!r}", "none of that name", remedy)
    return operation
