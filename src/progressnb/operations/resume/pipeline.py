"""The customization pipeline: four weighted stages, each one agent, and the result they make."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.exceptions import UserError

from progressnb.agents import ReportProgress
from progressnb.agents.models import resolve_model
from progressnb.agents.offline import HOW_TO_USE_AN_LLM, OfflineModel
from progressnb.errors import ModelError, ProgressError
from progressnb.execution import operation
from progressnb.tracking import Stage, error_text, internals

from . import prompts, rules
from .outcome import better, conclude, customized_resume, to_mend
from .reading.inputs import read_job, read_resume
from .schemas import Customization, Draft, Evaluation, Plan, Verification
from .truth.merging import restore
from .truth.suspicion import suspicions

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    from pydantic_ai.models import Model

    from progressnb.tracking import ProgressTracker, StageHandle
    from progressnb.wire import Text

__all__ = ["customize"]

Output = TypeVar("Output", bound=BaseModel)

RETRIES = 2
"""How often a model may write an output anew that did not validate."""

PATIENCE = 600.0
"""Seconds that a model may take to begin its answer: Anthropic's SDK waits as long as a busy provider asks for."""


@operation(
    stages=[
        Stage("evaluation", weight=0.25, title="Evaluating the match"),
        Stage("planning", weight=0.25, title="Planning the improvements"),
        Stage("implementation", weight=0.4, title="Writing the resume"),
        Stage("verification", weight=0.1, title="Verifying every claim"),
    ]
)
async def customize(
    tracker: ProgressTracker,
    resume: str | Text | os.PathLike[str] | Mapping[str, object],
    job: str | Text | os.PathLike[str] | Mapping[str, object],
    *,
    model: Model | str | None = None,
    instructions: str = "",
    fallback: Literal["offline"] | None = None,
    strict: bool = False,
) -> Customization:
    """Customize a resume for a job posting in four stages, without inventing anything.

    The stages evaluate the match, plan improvements, write the resume and verify its claims. Code puts back every text
    of the old resume that the model left out. It lists the claims that the old resume does not support in
    `result.verification`, and texts of the documents that look like orders to a model in `result.warnings`.

    Args:
        tracker: The tracker of the run; the caller does not pass it.
        resume: A text, Markdown, JSON Resume as a dict, or a file: a `Path`, or a str of one line that ends in .json,
            .md, .txt, .pdf or .docx (the last two need the extra `documents`).
        job: The posting, in any of these forms.
        model: A pydantic-ai model or its name. The default is the environment's `PROGRESSNB_MODEL`, else "offline",
            which works by rules without a network.
        instructions: Wishes of the owner of the resume, for a language model.
        fallback: With "offline", a stage whose model fails after its retries is done by rules, and the stage and
            `result.note` tell so. A cancellation or the run's own timeout still ends the run.
        strict: If true, unsupported claims go back to the model once, and those that remain are removed.
            `result.resume.changes` and `result.verification.removed` list them.

    Returns:
        The evaluation, the plan, the customized resume and its verification.

    Raises:
        InputError: A document is missing, empty, too long or not a text.
        MissingExtraError: A document is a PDF or Word file, and the extra `documents` is not installed.
        ModelError: The model is unknown or has no key, or the fallback is another one. Like the errors above, it is
            raised before any model is called.

    Example:
        ::

            result = await progressnb.customize(progressnb.samples.resume, progressnb.samples.job)
            print(result.resume.markdown)

    """
    if fallback not in (None, "offline"):
        raise ModelError(
            'fallback="offline" or None',
            repr(fallback),
            "For another model pass pydantic_ai.models.fallback.FallbackModel as the model.",
        )
    old, posting = read_resume(resume), read_job(job)
    chosen = resolve_model(model)
    # A model that was made here is closed here; one that was passed is its owner's.
    async with nullcontext() if chosen is model else chosen:
        work = _Pipeline(tracker, chosen, fallback=OfflineModel() if fallback else None)

        evaluation = await work.stage(
            "evaluation",
            Evaluation,
            prompts.evaluation_prompt(old, posting),
            lambda: rules.evaluate(old, posting),
        )
        plan = await work.stage(
            "planning",
            Plan,
            prompts.planning_prompt(old, posting, evaluation, instructions),
            lambda: rules.plan(old, posting, evaluation),
        )

        def again(written: Draft) -> tuple[str, str] | None:
            claims = to_mend(old, posting, written) if strict else []
            if not claims:
                return None
            prompt = prompts.mending_prompt(old, posting, plan, instructions, draft=written, claims=claims)
            return prompt, f"{len(claims)} unsupported claim{'s' * (len(claims) != 1)}"

        draft = await work.stage(
            "implementation",
            Draft,
            prompts.implementation_prompt(old, posting, plan, instructions),
            lambda: rules.implement(old, posting, plan),
            again=again,
            choose=lambda drafts: restore(old, better(old, posting, drafts)),
        )
        new = customized_resume(draft)
        said = await work.stage(
            "verification",
            Verification,
            prompts.verification_prompt(old, new),
            lambda: rules.verify(old, draft),
        )
        new, verification = await asyncio.to_thread(
            conclude, old, posting, draft, said, by_rules=work.is_by_rules("verification"), strict=strict
        )
        return Customization(
            evaluation=evaluation,
            plan=plan,
            resume=new,
            verification=verification,
            warnings=[*suspicions(old.text, "resume"), *suspicions(posting.text, "posting")],
            model=chosen.model_name,
            note=HOW_TO_USE_AN_LLM if isinstance(chosen, OfflineModel) else work.note,
        )


class _Pipeline:
    """Run one agent a stage."""

    def __init__(self, tracker: ProgressTracker, model: Model, *, fallback: OfflineModel | None) -> None:
        self._tracker = tracker
        self._model = model
        self._fallback = fallback
        self._fell_back: dict[str, str] = {}

    @property
    def note(self) -> str | None:
        """What the owner should know: which stages rules did because the model failed."""
        if not self._fell_back:
            return None
        stages = "; ".join(f"{name} ({reason.rstrip('.')})" for name, reason in self._fell_back.items())
        return f"Done by fixed rules, because the model failed: {stages}."

    def is_by_rules(self, name: str) -> bool:
        """Tell whether rules did a stage."""
        return isinstance(self._model, OfflineModel) or name in self._fell_back

    async def stage(
        self,
        name: str,
        output_type: type[Output],
        prompt: str,
        by_rules: Callable[[], Output],
        *,
        again: Callable[[Output], tuple[str, str] | None] | None = None,
        choose: Callable[[list[Output]], Output] = lambda outputs: outputs[-1],
    ) -> Output:
        """Ask for one stage's output, and choose from what came.

        `again` returns the prompt and the reason for asking once more, or None.
        """
        stage = self._tracker.stage(name)

        async def ask() -> _Answer:
            model = self._model.answering(by_rules) if isinstance(self._model, OfflineModel) else self._model
            stage.update(model=model.model_name)
            try:
                outputs = [await _asked(model, stage, output_type, prompt)]
                if again is not None and (asked := await asyncio.to_thread(again, outputs[0])):
                    outputs.append(await _asked_again(model, stage, outputs[0], *asked))
            except Exception as error:
                if self._fallback is None or not _is_of_the_model(error, model):
                    raise
                stage.fall_back(error)
                stage.update(source="offline")
                output = await _asked(self._fallback.answering(by_rules), stage, output_type, prompt)
                return _Answer(output=choose([output]), failure=error_text(error))
            return _Answer(output=choose(outputs))

        answer = await stage.run(ask)
        if answer.failure is not None:
            self._fell_back[name] = answer.failure
        return output_type.model_validate(answer.output)


class _Answer(BaseModel):
    """What a stage gives, in a form that an interrupted run can be taken up with."""

    output: Any
    failure: str | None = None


async def _asked(model: Model, stage: StageHandle, output_type: type[Output], prompt: str) -> Output:
    agent = Agent(
        model,
        output_type=output_type,
        instructions=prompts.INSTRUCTIONS,
        capabilities=[ReportProgress()],
        retries=RETRIES,
        model_settings={"first_event_timeout": PATIENCE},
        name=stage.name,
    )
    stage.expect(1)
    return (await agent.run(prompt)).output


async def _asked_again(model: Model, stage: StageHandle, first: Output, prompt: str, reason: str) -> Output:
    """Ask once more in the same stage; where that fails, the first answer stands."""
    internals(stage).work.restart()
    stage.retry(2, 2)
    stage.update(message=f"retrying, 2 of 2: {reason}")
    try:
        return await _asked(model, stage, type(first), prompt)
    except Exception as error:
        if not _is_of_the_model(error, model):
            raise
        stage.update(100, message=f"{reason}; asking again failed: {error_text(error)}")
        return first


def _is_of_the_model(error: Exception, model: Model) -> bool:
    # What is cancelled or over its time is not taken up again, whatever the model makes of that.
    task = asyncio.current_task()
    stopped = task is not None and task.cancelling() > 0
    return not (stopped or isinstance(model, OfflineModel) or isinstance(error, ProgressError | UserError))
