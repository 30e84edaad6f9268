"""The customization pipeline: four weighted stages, a question to a model in each, and their result."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from progressnb.agents import HOW_TO_USE_AN_LLM, OfflineModel, is_model_failure, open_model
from progressnb.errors import InputError, ModelError
from progressnb.execution import operation
from progressnb.tracking import Stage, error_text

from . import prompts, rules
from .evaluation.match import coverage
from .letter import letter_prompt
from .outcome import better, conclude, customized_resume, doubts, to_mend
from .reading.by_model import better_reading
from .reading.confidence import BOUND
from .reading.inputs import read_job, read_resume
from .rewriting.doubles import without_doubles
from .schemas import Customization, Draft, Evaluation, JSONResume, Letter, Plan, Review, Verification
from .truth.merging import restore
from .truth.original import Original
from .truth.suspicion import suspicions
from .truth.verdict import verdict

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from pydantic_ai.models import Model

    from progressnb.tracking import ProgressTracker, StageHandle
    from progressnb.wire import Text

    from .reading.inputs import JobDocument, ResumeDocument
    from .schemas import Claim

__all__ = ["customize"]

_FEW_WORDS = 40
"""A shorter text has no structure that a model could find."""

_UNCHANGED = "Nothing was changed: rules move and rename only what was read for sure and serves this job."


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
    cover_letter: bool = False,
    language: str | None = None,
    reading: Literal["model", "rules"] = "model",
) -> Customization:
    """Customize a resume for a job posting in four stages, without inventing anything.

    The stages evaluate the match, plan improvements, write the resume and verify its claims. Code puts back the jobs,
    degrees and contact data that the model left out, and offers the rest in `result.resume.offers`. It lists the claims
    that the old resume does not support, and what it could not compare, in `result.verification`, and texts of the
    documents that look like orders to a model in `result.warnings`.

    Args:
        tracker: The tracker of the run; the caller does not pass it.
        resume: A text, Markdown, JSON Resume as a dict, or a file: a `Path`, or a str of one line that ends in .json,
            .md, .txt, .html, .pdf or .docx (the last two need the extra `customize`).
        job: The posting, in any of these forms.
        model: A pydantic-ai model or its name. The default is the environment's `PROGRESSNB_MODEL`, else "offline",
            which works by rules without a network.
        instructions: Wishes of the owner of the resume, for a language model.
        fallback: With "offline", a stage whose model fails after its retries is done by rules, and the stage and
            `result.note` tell so. A cancellation or the run's own timeout still ends the run.
        strict: If true, unsupported claims go back to the model once, and those that remain are removed.
            `result.resume.changes` and `result.verification.removed` list them. A resume that could not be read with
            confidence is refused.
        cover_letter: If true, the language model writes a letter too, `result.letter`, whose claims are checked alike.
        language: The language that a language model writes in, such as "de" or "French"; else the model's choice.
        reading: Who makes entries of the resume's text: a language model, in a stage "reading" below the evaluation,
            or the rules. What a model reads counts where the text has it, and where it is as whole as what rules read.

    Returns:
        The evaluation, the plan, the customized resume and its verification.

    Raises:
        InputError: A document is missing, empty, too long or not a text; or, with `strict`, the resume was not read
            with confidence.
        MissingExtraError: A document is a PDF or Word file, and the extra `customize` is not installed.
        ModelError: The model is unknown or has no key, a letter is asked for without one, or the fallback is another
            one. Like the errors above, it is raised before any model is called.

    Example:
        ::

            result = await pnb.customize(pnb.samples.resume, pnb.samples.job)
            print(result.resume.markdown)

    """
    old, posting = read_resume(resume), read_job(job)
    async with open_model(model) as chosen:
        if cover_letter and isinstance(chosen, OfflineModel):
            raise ModelError("a language model for cover_letter=True", "the offline rules", HOW_TO_USE_AN_LLM)
        if reading == "model":
            old = await _read(tracker.stage("evaluation"), old, chosen, fallback)
        if strict and not old.read.sure:
            raise _unsure(old)
        original = await asyncio.to_thread(Original, old)
        evaluation = await tracker.stage("evaluation").ask(
            Evaluation,
            prompts.evaluation_prompt(old, posting),
            by_rules=lambda: rules.evaluate(old, posting),
            model=chosen,
            instructions=prompts.INSTRUCTIONS,
            fallback=fallback,
        )
        plan = await tracker.stage("planning").ask(
            Plan,
            prompts.planning_prompt(old, posting, evaluation, instructions),
            by_rules=lambda: rules.plan(old, posting, evaluation),
            model=chosen,
            instructions=prompts.INSTRUCTIONS,
            fallback=fallback,
        )
        writing = _Writing(
            tracker.stage("implementation"),
            original,
            posting,
            plan,
            instructions,
            chosen,
            fallback,
            language,
            strict=strict,
        )
        draft, letter = await writing.stage.run(writing.write, letter=cover_letter)
        checked = await asyncio.to_thread(doubts, original, posting, draft, letter)
        offline = isinstance(chosen, OfflineModel)
        review = await tracker.stage("verification").ask(
            Verification if offline else Review,
            prompts.verification_prompt(old, customized_resume(draft).markdown, checked.doubts, letter),
            by_rules=lambda: verdict(checked.claims, unchecked=checked.unchecked),
            model=chosen,
            instructions=prompts.INSTRUCTIONS,
            fallback=fallback,
        )
        reasons = _reasons(tracker)
        if "verification" in reasons:  # what rules wrote in the model's place is no review
            review = Verification(unsupported=[], summary="")
        outcome = await asyncio.to_thread(
            conclude, original, posting, draft, checked, review, letter=letter, strict=strict
        )
        return Customization(
            evaluation=evaluation,
            plan=plan,
            resume=outcome.resume,
            verification=outcome.verification,
            warnings=[*suspicions(old.text, "resume"), *suspicions(posting.text, "posting")],
            read=old.read,
            model=chosen.model_name,
            note=_remarks(
                old,
                _UNCHANGED if offline and not outcome.resume.changes else None,
                HOW_TO_USE_AN_LLM if offline else _note(reasons),
            ),
            coverage=coverage(old, posting),
            differences=outcome.differences,
            letter=outcome.letter,
        )


async def _read(
    stage: StageHandle, resume: ResumeDocument, model: Model, fallback: Literal["offline"] | None
) -> ResumeDocument:
    """Let a language model read the structure of a text; a short text and JSON Resume need none."""
    if len(resume.text.split()) < _FEW_WORDS or resume.format == "json" or isinstance(model, OfflineModel):
        return resume
    by_model = await stage.stage(Stage("reading", title="Reading the resume")).ask(
        JSONResume,
        prompts.reading_prompt(resume),
        by_rules=lambda: resume.data,
        model=model,
        instructions=prompts.INSTRUCTIONS,
        fallback=fallback,
    )
    return await asyncio.to_thread(better_reading, resume, by_model)


def _unsure(resume: ResumeDocument) -> InputError:
    return InputError(
        f"{resume.name} to be read with a confidence of {BOUND:.0%} at least, as strict asks",
        f"{resume.read.confidence:.0%}. {' '.join(resume.read.doubts()[:3])}",
        "Give it as .docx, as text or as JSON Resume, or without strict, and look at result.read.",
    )


def _remarks(resume: ResumeDocument, *remarks: str | None) -> str | None:
    """Return the remarks as one text, after a question to the owner if the reading is not sure."""
    asked = f"Was the resume read right? Look at result.read (confidence {resume.read.confidence:.0%})."
    return " ".join(filter(None, ["" if resume.read.sure else asked, *remarks])) or None


@dataclass(frozen=True, slots=True)
class _Writing:
    """The work of the implementation stage: a draft, and with `strict` a second one without unsupported claims."""

    stage: StageHandle
    original: Original
    job: JobDocument
    plan: Plan
    wishes: str
    model: Model
    fallback: Literal["offline"] | None
    language: str | None
    strict: bool

    async def write(self, *, letter: bool) -> tuple[Draft, str | None]:
        """Return the better draft, with the jobs that it left out put back, and the letter, if one is asked for."""
        stage, old, job = self.stage, self.original.document, self.job
        stage.expect(1)
        drafts = [
            await stage.ask(
                Draft,
                prompts.implementation_prompt(old, job, self.plan, self.wishes) + prompts.in_language(self.language),
                by_rules=self._by_rules,
                model=self.model,
                instructions=prompts.INSTRUCTIONS,
                fallback=self.fallback,
            )
        ]
        # Rules invent nothing: what they wrote in the model's place is not asked for again.
        if self.strict and stage.status != "fallback":
            claims = await asyncio.to_thread(to_mend, self.original, job, drafts[0])
            drafts += [await self._mended(drafts[0], claims)] if claims else []
        text = await self._letter() if letter else None
        return restore(old, without_doubles(better(self.original, job, drafts))), text

    async def _letter(self) -> str | None:
        """Ask for the letter in a stage of its own; with a fallback, a failure of the model leaves it out."""
        prompt = letter_prompt(self.original.document, self.job, prompts.wishes_of(self.wishes)) + prompts.in_language(
            self.language
        )
        try:
            stage = self.stage.stage("letter", title="Writing the letter")
            return (await stage.ask(Letter, prompt, model=self.model, instructions=prompts.INSTRUCTIONS)).text
        except Exception as error:
            if self.fallback is None or not is_model_failure(error):
                raise
            return None

    async def _mended(self, first: Draft, claims: Sequence[Claim]) -> Draft:
        """Ask once more in the same stage; where that fails, return the first draft."""
        reason = f"{len(claims)} unsupported claim{'s' * (len(claims) != 1)}"
        self.stage.retry(2, 2, reason)
        self.stage.expect(1)
        prompt = prompts.mending_prompt(
            self.original.document, self.job, self.plan, self.wishes, draft=first, claims=claims
        )
        try:
            return await self.stage.ask(
                Draft, prompt, by_rules=self._by_rules, model=self.model, instructions=prompts.INSTRUCTIONS
            )
        except Exception as error:
            if not is_model_failure(error):
                raise
            self.stage.update(100, message=f"{reason}; asking again failed: {error_text(error)}")
            return first

    def _by_rules(self) -> Draft:
        return rules.implement(self.original.document, self.job, self.plan)


def _reasons(tracker: ProgressTracker) -> dict[str, str]:
    """Return the stages that rules did because the model failed, with its errors."""
    return {stage.name: stage.data["reason"] for stage in tracker.state.stages if "reason" in stage.data}


def _note(reasons: Mapping[str, str]) -> str | None:
    stages = "; ".join(f"{name} ({reason.rstrip('.')})" for name, reason in reasons.items())
    return f"Done by fixed rules, because the model failed: {stages}." if stages else None
