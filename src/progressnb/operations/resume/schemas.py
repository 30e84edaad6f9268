"""The results of the four stages, and the whole result. Models get them as output schemas, rules return them."""

from __future__ import annotations

import copy
from collections.abc import Callable  # noqa: TC003 - pydantic reads the annotations of methods too
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, JsonValue, computed_field
from pydantic.json_schema import SkipJsonSchema

from progressnb.errors import InputError
from progressnb.wire import NO_MATH

from .documents.json_resume import JSONResume
from .documents.paths import set_value, value_at
from .reading.confidence import Reading

if TYPE_CHECKING:
    import os
    from pathlib import Path

__all__ = [
    "Change",
    "Claim",
    "Cleared",
    "Coverage",
    "Customization",
    "CustomizedResume",
    "Cut",
    "Difference",
    "Draft",
    "Evaluation",
    "Gap",
    "Improvement",
    "JSONResume",
    "Judgement",
    "Letter",
    "Offer",
    "Plan",
    "Reading",
    "Review",
    "Strength",
    "Verification",
]


def _whole(value: object) -> object:
    # A model may write 62.5 where a whole number is asked for. It is rounded, since a retry would cost more.
    return round(value) if isinstance(value, float) and value == value and abs(value) < 1e6 else value  # noqa: PLR0124, PLR2004


class Strength(BaseModel):
    """A requirement of the job that the resume supports."""

    requirement: str = Field(description="The requirement, quoted from the job posting")
    evidence: str = Field(description="What supports it, quoted from the resume")


class Gap(BaseModel):
    """A requirement of the job that the resume does not support, or only in part."""

    requirement: str = Field(description="The requirement, quoted from the job posting")
    advice: str = Field(description="What is missing, and what the owner could truthfully do about it")


class Evaluation(BaseModel):
    """An evaluation of how well a resume fits a job."""

    match_score: Annotated[int, BeforeValidator(_whole)] = Field(
        ge=0,
        le=100,
        description="How well the resume supports the job's requirements, weighted by importance and by how plainly it "
        "does: 0 none, 50 half of them, 100 every one with evidence",
    )
    strengths: list[Strength] = Field(description="The requirements with evidence, most important first")
    gaps: list[Gap] = Field(description="The requirements without evidence or with thin evidence, most important first")
    overall_assessment: str = Field(description="A few honest sentences on how well the resume fits the job")


class Coverage(BaseModel):
    """One requirement of the posting, and whether the old resume has it.

    `status` is "found", "otherwise" (in part, or in other words) or "missing". `kind` says how it was compared, and
    `importance` how much it is wanted. `evidence` quotes the resume.
    """

    requirement: str
    kind: Literal["skill", "degree", "years", "language", "place", "permission", "duty"]
    importance: Literal["must", "should", "nice"]
    status: Literal["found", "otherwise", "missing"]
    evidence: list[str]
    remark: str = ""


class Letter(BaseModel):
    """A cover letter."""

    text: str = Field(description="The letter, in paragraphs; only facts of the resume, and why this job")


class Improvement(BaseModel):
    """One change that would make the resume fit the job better, without adding anything untrue."""

    change: str = Field(description="What to change, as an instruction")
    section: str = Field(description="Where, as a JSON Resume path such as work[0].highlights or skills")
    requirement: str = Field(description="The requirement that it serves, quoted from the job posting")
    evidence: str = Field(description="The words of the resume that support it, quoted")


class Plan(BaseModel):
    """The improvements to make, most useful first."""

    improvements: list[Improvement] = Field(description="The improvements, most useful first")


class Change(BaseModel):
    """One thing that was changed in the resume."""

    before: str = Field(description="The old text; empty if it is new")
    after: str = Field(description="The new text; empty if it was removed")
    why: str = Field(description="Which requirement of the job it serves, and how")


class Cut(BaseModel):
    """A part of the resume that the text to send leaves out; the data keeps it."""

    place: str = Field(description="interests, references, basics.profiles[1], or where a sentence or bullet stands")
    text: str = Field(default="", description="The sentence that is left out; empty if all of the place is")
    why: str = Field(default="", description="Why it does not serve this job")


class Offer(BaseModel):
    """A part of the old resume that the model left out: `place` is where it would go in the new one."""

    place: str
    text: str
    value: JsonValue


class Difference(BaseModel):
    """A place of the new resume whose words the old one does not have: its old words, "" if there are none."""

    place: str
    before: str
    after: str


class Draft(BaseModel):
    """The resume as it was rewritten for the job, and what was changed."""

    resume: JSONResume = Field(description="The whole customized resume; only facts of the old resume")
    changes: list[Change] = Field(description="Every change that was made")
    order: list[str] = Field(default=[], description="The sections, such as skills and work, in the order for the job")
    cuts: list[Cut] = Field(default=[], description="What should not be shown for this job; it stays in the data")


class Claim(BaseModel):
    """A claim of the new resume that the old one does not support."""

    text: str = Field(description="The unsupported words, quoted from the new resume")
    place: str = Field(description="Where they stand, as a JSON Resume path such as work[0].highlights[1]")
    why: str = Field(description="What the old resume lacks")
    # The source is set by code, so models are not asked for it.
    source: SkipJsonSchema[Literal["code", "model"]] = "model"


class Cleared(Claim):
    """A claim that rules doubted, and that words of the old resume bear out, quoted by a model and found by code."""

    quotes: list[str] = Field(description="The exact words of the old resume")


class Judgement(BaseModel):
    """An answer to one doubt of the rules."""

    number: int = Field(description="The number of the doubt")
    supported: bool = Field(description="Whether the old resume says it, in whatever words")
    quotes: list[str] = Field(
        default=[],
        description="If supported, the exact words of the old resume that bear it out: whole phrases, copied",
    )


class Verification(BaseModel):
    """The claims of the new resume that the old one does not support."""

    unsupported: list[Claim] = Field(description="Each unsupported claim; empty if everything is supported")
    summary: str = Field(description="One or two sentences on what was checked and found")
    # Code sets these, so models are not asked for them: what rules could not compare with the old resume, the claims
    # that `strict` removed, and the doubts of rules that the old resume's words bear out.
    unchecked: SkipJsonSchema[list[Claim]] = []
    removed: SkipJsonSchema[list[Claim]] = []
    cleared: SkipJsonSchema[list[Cleared]] = []

    @computed_field  # type: ignore[prop-decorator] # mypy knows no decorated properties
    @property
    def supported(self) -> bool:
        """Whether no unsupported claim was found; `unchecked` lists what was not compared."""
        return not self.unsupported


class Review(Verification):
    """A verification as a model writes it: with an answer to each doubt of the rules."""

    judged: list[Judgement] = Field(default=[], description="One answer for each number of the doubts")


class CustomizedResume(BaseModel):
    """The customized resume as Markdown and as JSON Resume data, with the changes that were made."""

    markdown: str
    data: dict[str, JsonValue]
    changes: list[Change]
    # The parts of the data that the Markdown leaves out.
    left_out: list[Cut] = []
    # The sections in the order of the Markdown, where it is not the usual one.
    order: list[str] = []
    # The parts of the old resume that the model left out of the data.
    offers: list[Offer] = []

    def put_back(self, *offers: Offer) -> CustomizedResume:
        """Return the resume with parts of the old one that the model had left out.

        Args:
            offers: Some of `offers`; none stands for all of them.

        Returns:
            A new resume, with a change for each part.

        Raises:
            InputError: One of them is no offer of this resume.

        Example:
            ::

                complete = result.resume.put_back()

        """
        from .writing.markdown_writer import render_data

        chosen = offers or tuple(self.offers)
        if strange := [one for one in chosen if one not in self.offers]:
            raise InputError("an offer of this resume", repr(strange[0]), "Take one from result.resume.offers.")
        data = copy.deepcopy(self.data)
        for one in chosen:
            there, item = value_at(data, one.place), one.value
            set_value(
                data, one.place, [*there, item] if isinstance(there, list) and not isinstance(item, list) else item
            )
        cuts = [(cut.place, cut.text) for cut in self.left_out]
        why = "Put back by the owner: the model had left it out."
        return self.model_copy(
            update={
                "data": data,
                "markdown": render_data(data, order=self.order, cuts=cuts),
                "changes": [*self.changes, *(Change(before="", after=one.text, why=why) for one in chosen)],
                "offers": [one for one in self.offers if one not in chosen],
            }
        )

    def save(self, path: str | os.PathLike[str], *, pages: int | None = None) -> Path:
        """Save the resume to a file in the format of its suffix.

        The file is written whole or not at all. A file of that name is replaced.

        Args:
            path: A file name that ends in .md, .txt (plain, for applicant tracking systems), .json (JSON Resume),
                .html (to print), .pdf or .docx, in a directory that exists.
            pages: The most pages of a .pdf, which is set smaller until it fits, down to 9 pt.

        Returns:
            The path.

        Raises:
            InputError: The suffix is another one, there is no such directory, or the resume needs more pages.
            MissingExtraError: The suffix is .docx or .pdf, and the extra `customize` or `pdf` is not installed.

        Example:
            ::

                result.save("resume.docx")

        """
        from .writing.saving import save_resume

        return save_resume(self.markdown, self.data, path, pages=pages)

    def artifacts(self) -> dict[str, Callable[[], bytes]]:
        """Return the files of the resume: a function that makes the bytes of each, by file name.

        The files are Markdown, plain text, JSON and HTML, and Word and PDF if their extras are installed.
        """
        from .writing.saving import files

        return files(self.markdown, self.data)

    def __repr__(self) -> str:
        """Return the size of the resume in one line."""
        return f"CustomizedResume({len(self.markdown)} characters, changes={len(self.changes)})"

    __str__ = __repr__

    def _repr_markdown_(self) -> str:
        # In Jupyter a dollar that Markdown has read becomes a delimiter of formulas, unless its element forbids them.
        return f'<div class="{NO_MATH}">\n\n{self.markdown}\n</div>\n'


class Customization(BaseModel):
    """The result of `customize`.

    `evaluation`, `plan`, `resume` and `verification` are the results of the four stages. `warnings` are quotations from
    the documents that look like orders to a model, or that are hidden from a reader. `read` shows what was read of the
    old resume, as an applicant tracking system would see it, and how sure that is. `model` is the name of the model.
    `note` is a remark for the owner, or None. `coverage` has a row for each requirement, `differences` the old and the
    new words of each place that changed, and `letter` is the cover letter, if one was asked for.
    """

    evaluation: Evaluation
    plan: Plan
    resume: CustomizedResume
    verification: Verification
    warnings: list[str] = []
    read: Reading = Reading()
    model: str
    note: str | None = None
    coverage: list[Coverage] = []
    differences: list[Difference] = []
    letter: str | None = None

    def save(self, path: str | os.PathLike[str], *, pages: int | None = None) -> Path:
        """Save the customized resume to a file; see `CustomizedResume.save`."""
        return self.resume.save(path, pages=pages)

    def artifacts(self) -> dict[str, Callable[[], bytes]]:
        """Return the files of the customized resume, and of its letter; see `CustomizedResume.artifacts`."""
        return self.resume.artifacts() | ({"letter.md": self.letter.encode} if self.letter else {})

    def __repr__(self) -> str:
        """Return score and counts of the result in one line."""
        return (
            f"Customization(match_score={self.evaluation.match_score}, "
            f"improvements={len(self.plan.improvements)}, changes={len(self.resume.changes)}, "
            f"unsupported={len(self.verification.unsupported)}, model={self.model!r})"
        )

    __str__ = __repr__
