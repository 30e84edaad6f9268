"""The customization pipeline: four weighted stages, each one agent, and the result they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel
from pydantic_ai import Agent

from progressnb.agents import ReportProgress
from progressnb.models import resolve_model
from progressnb.offline import HOW_TO_USE_AN_LLM, OfflineModel
from progressnb.operation import operation
from progressnb.stage import Stage

from . import prompts, rules
from .documents import read_job, read_resume
from .render import customized_resume
from .schemas import Customization, Draft, Evaluation, Plan, Verification

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    from pydantic_ai.models import Model

    from progressnb.tracker import ProgressTracker

__all__ = ["customize"]

Output = TypeVar("Output", bound=BaseModel)

RETRIES = 2
"""How often a model may write an output anew that did not validate."""


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
    resume: str | os.PathLike[str] | Mapping[str, object],
    job: str | os.PathLike[str] | Mapping[str, object],
    *,
    model: Model | str | None = None,
    instructions: str = "",
) -> Customization:
    """Fit a resume to a job posting in four stages, without inventing anything.

    `resume` and `job` are text, Markdown, JSON Resume as a dict, or a file: a `Path`, or a string of one
    line that ends in .json, .md or .txt. `model` is any pydantic-ai model or its name; the default is the
    environment's `PROGRESSNB_MODEL`, else `"offline"`, which works by rules without a network.
    `instructions` are wishes of the resume's owner, for a language model.

    Raises `InputError` for a document that is missing, empty, too long or no text, and `ModelError` for
    a model that is unknown or lacks its key, both before any model is called.

    ::

        result = await progressnb.customize(progressnb.samples.resume, progressnb.samples.job)
        print(result.resume.markdown)
    """
    old, posting = read_resume(resume), read_job(job)
    chosen = resolve_model(model)
    work = _Pipeline(tracker, chosen)

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
    draft = await work.stage(
        "implementation",
        Draft,
        prompts.implementation_prompt(old, posting, plan, instructions),
        lambda: rules.implement(old, posting, plan),
    )
    new = customized_resume(draft)
    verification = await work.stage(
        "verification",
        Verification,
        prompts.verification_prompt(old, new),
        lambda: rules.verify(old, draft),
    )
    return Customization(
        evaluation=evaluation,
        plan=plan,
        resume=new,
        verification=verification,
        model=chosen.model_name,
        note=HOW_TO_USE_AN_LLM if isinstance(chosen, OfflineModel) else None,
    )


class _Pipeline:
    """Run one agent a stage."""

    def __init__(self, tracker: ProgressTracker, model: Model) -> None:
        self._tracker = tracker
        self._model = model

    async def stage(self, name: str, output_type: type[Output], prompt: str, by_rules: Callable[[], Output]) -> Output:
        model = self._model.answering(by_rules) if isinstance(self._model, OfflineModel) else self._model
        agent = Agent(
            model,
            output_type=output_type,
            instructions=prompts.INSTRUCTIONS,
            capabilities=[ReportProgress()],
            retries=RETRIES,
            name=name,
        )
        async with self._tracker.stage(name) as stage:
            stage.expect(1)
            stage.update(model=model.model_name)
            return (await agent.run(prompt)).output
