"""`resume_run`: a new run that continues an interrupted one, and reuses the results of stages that are still right."""

from __future__ import annotations

import contextlib
import weakref
from typing import TYPE_CHECKING, Any, cast

from progressnb.errors import InputError, ResumeError
from progressnb.execution.discovery import load_operation
from progressnb.execution.operation import find_operation
from progressnb.execution.run import runs
from progressnb.folds.state import RunState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from progressnb.execution.operation import Operation
    from progressnb.execution.run import Run
    from progressnb.history.history import History
    from progressnb.wire.events import Event

__all__ = ["resume_run"]


def resume_run(
    run_id: str,
    *,
    history: History | None = None,
    rerun: str | Iterable[str] = (),
    reuse: str | Iterable[str] = (),
    allow_changes: bool = False,
    show: bool | None = None,
    timeout: float | None = None,
    on_event: Callable[[Event], object] | None = None,
    **inputs: object,
) -> Run[Any]:
    """Continue a run that was interrupted, failed or was cancelled, as a new run that reuses its results.

    The new run does everything again but what `stage.run(…)` and `stage.ask(…)` finished before. A result is reused by
    a call of the same stage, of equal code, with equal arguments, whose files are as they were, in whatever order calls
    come. Any other call does its work again. `run.reused` says which stages were reused, and why others were not.
    The work of a stage's block is done again.

    The old record stays as it is, and the new run names it in `resumed_from`. The history must keep contents, since the
    run begins with the inputs that it kept. One at a time takes a run up, and not while it is at work in any process,
    nor once it was taken up to its end, unless `rerun` names what is to be done again.

    Args:
        run_id: The id of the run in the history, or its beginning.
        history: The history that has the run. None takes the one of `use_history`.
        rerun: Names or paths of stages that are done again whatever was kept of them, as `"load"` or
            `["load", "crawl/page"]`.
        reuse: Names or paths of stages whose results are reused for equal arguments although their code or a file
            changed.
        allow_changes: True lets an operation go on whose own code, stages or input files changed. Stages are still
            compared one by one.
        show: False shows no panel; None follows the session.
        timeout: Seconds after which the new run fails.
        on_event: A plain or async function that gets every event.
        **inputs: The inputs that a history can't keep, such as a model object, by the names of their parameters.

    Returns:
        The new run.

    Raises:
        ResumeError: For a batch, which the same call of `pnb.batch` takes up. For a run that is alive or being taken
            up, has finished, was taken up by one that finished (without `rerun`), or was kept without contents; for an
            operation that is not defined or has changed; for inputs or files that have changed; for a name in `rerun`
            or `reuse` that no stage of the run has.

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
    from progressnb.history import the_history  # SQLite and more, for programs that resume a run

    given = getattr(run_id, "state", None)  # somebody may pass the batch itself
    if isinstance(given, RunState) and given.batch is not None:
        raise _not_a_batch(given)
    used = the_history(history)
    state = RunState.of(used.log(run_id))
    if state.batch is not None:
        raise _not_a_batch(state)
    run_id = state.run_id or run_id  # whole, where its beginning was given
    alive = {run.id for run in runs()}
    if run_id in alive:
        raise ResumeError("a run that was interrupted", "one that is alive", "Await it, or cancel it first.")
    if state.status == "finished":
        raise ResumeError("a run that was interrupted", "one that finished", "Begin a new run.")
    operation = _find(state.operation)
    arguments = _arguments(used, run_id, operation, inputs, allow_changes=allow_changes)
    again, anyway = _names(rerun), _names(reuse)
    lease = used.claim(run_id, alive=alive, anew=bool(again))
    try:
        before = used.kept_before(run_id, rerun=again, reuse=anyway)
        before.note_open(stage.path for _, stage in state.walk() if stage.status not in ("finished", "skipped"))
        known = {stage.path for _, stage in state.walk()} | {each.stage for each in before.results}
        _check_names([*again, *anyway], known)
        run = operation.begin(
            arguments,
            title=state.title,
            show=show,
            timeout=timeout,
            on_event=on_event,
            resumed_from=run_id,
            kept=before,
            rerun=again,
        )
        lease.hand_to(run.id)
    except BaseException:
        lease.release()
        raise
    # One that never begins gives the lease back too.
    give_back = weakref.finalize(run, lease.release)
    run.on_end(give_back)
    return run


def _arguments(
    history: History,
    run_id: str,
    operation: Operation[..., Any],
    inputs: Mapping[str, object],
    *,
    allow_changes: bool,
) -> dict[str, object]:
    from progressnb.history import given_again

    kept = history.inputs(run_id)
    if kept is None:
        raise ResumeError(
            "a run that was kept with its contents", "its timings alone", "Use pnb.use_history(path, contents=True)."
        )
    if not allow_changes and history.fingerprint(run_id) != operation.fingerprint:
        raise ResumeError(
            f"the {operation.name} that was interrupted",
            "one whose code or stages changed",
            "Begin a new run, or pass allow_changes=True: stages are then compared one by one.",
        )
    return given_again(operation.function, kept, inputs, allow_changes=allow_changes)


def _names(given: object) -> list[str]:
    names = cast("Iterable[object]", [given] if isinstance(given, str) else given)
    with contextlib.suppress(TypeError):
        listed: list[object] = list(names)
        if all(isinstance(name, str) and name for name in listed):
            return [str(name) for name in listed]
    raise InputError("names of stages", repr(given), 'Write rerun="load", or rerun=["load", "write"].')


def _check_names(names: Iterable[str], known: set[str]) -> None:
    from progressnb.history import names_stage

    for name in names:
        if not any(names_stage(path, [name]) for path in known):
            raise ResumeError(
                "the name of a stage of the run", repr(name), f"It has {', '.join(sorted(known)) or 'none'}."
            )


def _not_a_batch(state: RunState) -> ResumeError:
    remedy = "Call pnb.batch again with the same operation and items: it goes on by itself."
    return ResumeError("one run of an operation", f"a batch of many ({state.operation})", remedy)


def _find(name: str) -> Operation[..., Any]:
    operation = find_operation(name) or load_operation(name)
    if operation is None:
        remedy = "Import or define it, or install the package that brings it."
        raise ResumeError(f"the operation {name!r}", "none of that name", remedy)
    return operation
