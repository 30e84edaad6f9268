"""The results of the four stages, and the whole result. Models get them as output schemas, rules return them."""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003 - pydantic reads the annotations of methods too
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, JsonValue, computed_field
from pydantic.json_schema import SkipJsonSchema

from progressnb.wire import NO_MATH

from .documents.json_resume import JSONResume
from .reading.confidence import Reading

if TYPE_CHECKING:
    import os
    from pathlib import Path

__all__ = [
    "Change",
    "Claim",
    "Customization",
    "CustomizedResume",
    "Cut",
    "Draft",
    "Evaluation",
    "Gap",
    "Improvement",
    "JSONResume",
    "Plan",
    "Reading",
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
    advice: str = Field(
        description="What is missing, and what the owner could do about it; nothing may be added that is not true"
    )


class Evaluation(BaseModel):
    """An evaluation of how well a resume fits a job."""

    match_score: Annotated[int, BeforeValidator(_whole)] = Field(
        ge=0,
        le=100,
        description=(
            "How well the resume supports the job's requirements, weighted by importance and by how plainly it does: "
            "0 none, 50 half of them, 100 every one with evidence"
        ),
    )
    strengths: list[Strength] = Field(description="The requirements with evidence, most important first")
    gaps: list[Gap] = Field(description="The requirements without evidence or with thin evidence, most important first")
    overall_assessment: str = Field(description="A few honest sentences on how well the resume fits the job")


class Improvement(BaseModel):
    """One change that would make the resume fit the job better, without adding anything untrue."""

    change: str = Field(description="What to change, as an instruction")
    section: str = Field(
        description="Where, as a JSON Resume path such as work[0].highlights, skills or basics.summary"
    )
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


class Draft(BaseModel):
    """The resume as it was rewritten for the job, and what was changed."""

    resume: JSONResume = Field(description="The whole customized resume; only facts of the old resume")
    changes: list[Change] = Field(description="Every change that was made")
    order: list[str] = Field(
        default_factory=list[str],
        description="The sections in the order that serves the job, such as skills, work, education; may be empty",
    )
    cuts: list[Cut] = Field(
        default_factory=list[Cut],
        description="What of the resume should not be shown for this job; it stays in the data",
    )


class Claim(BaseModel):
    """A claim of the new resume that the old one does not support."""

    text: str = Field(description="The unsupported words, quoted from the new resume")
    place: str = Field(description="Where they stand, as a JSON Resume path such as work[0].highlights[1]")
    why: str = Field(description="What the old resume lacks")
    # The source is set by code, so models are not asked for it.
    source: SkipJsonSchema[Literal["code", "model"]] = "model"


class Verification(BaseModel):
    """The claims of the new resume that the old one does not support."""

    unsupported: list[Claim] = Field(description="Each unsupported claim; empty if everything is supported")
    summary: str = Field(description="One or two sentences on what was checked and found")
    # The claims that `strict` removed; models are not asked for them.
    removed: SkipJsonSchema[list[Claim]] = Field(default_factory=list[Claim])

    @computed_field  # type: ignore[prop-decorator] # mypy knows no decorated properties
    @property
    def supported(self) -> bool:
        """Whether the old resume supports all claims: no unsupported one was found."""
        return not self.unsupported


class CustomizedResume(BaseModel):
    """The customized resume as Markdown and as JSON Resume data, with the changes that were made."""

    markdown: str
    data: dict[str, JsonValue]
    changes: list[Change]
    # The parts of the data that the Markdown leaves out.
    left_out: list[Cut] = Field(default_factory=list[Cut])

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Save the resume to a file in the format of its suffix.

        The file is written whole or not at all. A file of that name is replaced.

        Args:
            path: A file name that ends in .md, .json (JSON Resume), .html (to print) or .docx, in a directory that
                exists.

        Returns:
            The path.

        Raises:
            InputError: The suffix is another one, or there is no such directory.
            MissingExtraError: The suffix is .docx, and the extra `customize` is not installed.

        Example:
            ::

                result.save("resume.docx")

        """
        from .writing.saving import save_resume

        return save_resume(self.markdown, self.data, path)

    def artifacts(self) -> dict[str, Callable[[], bytes]]:
        """Return the files of the resume: a function that makes the bytes of each, by file name.

        The files are Markdown, JSON and HTML, and Word if the extra `customize` is installed.
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
    `note` is a remark for the owner, or None.
    """

    evaluation: Evaluation
    plan: Plan
    resume: CustomizedResume
    verification: Verification
    warnings: list[str] = Field(
        default_factory=list[str],
        description="What in the documents looks like an order to a model or is hidden, quoted, with its place",
    )
    read: Reading = Field(default_factory=Reading, description="What was read of the old resume, and how sure that is")
    model: str = Field(description="The model that did the work")
    note: str | None = Field(default=None, description="What the owner should know about how it was made")

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Save the customized resume to a file; see `CustomizedResume.save`."""
        return self.resume.save(path)

    def artifacts(self) -> dict[str, Callable[[], bytes]]:
        """Return the files of the customized resume; see `CustomizedResume.artifacts`."""
        return self.resume.artifacts()

    def __repr__(self) -> str:
        """Return score and counts of the result in one line."""
        return (
            f"Customization(match_score={self.evaluation.match_score}, "
            f"improvements={len(self.plan.improvements)}, changes={len(self.resume.changes)}, "
            f"unsupported={len(self.verification.unsupported)}, model={self.model!r})"
        )

    __str__ = __repr__
