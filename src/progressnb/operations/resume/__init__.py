"""The customization of a resume for a job: evaluation, planning, implementation, verification.

Each folder imports only folders above it in this list. Files of the operation itself are in brackets.

- `words`: word lists, comparison keys, dates and numbers; the bottom of the operation.
- `documents`: files, texts and objects from outside, read within limits, and the JSON Resume model.
- `reading`: a text as data, that is the sections of a resume and the requirements of a posting.
- `writing`: a resume as Markdown, HTML, Word or JSON, and as a file.
- [`schemas`]: the results of the stages, which all folders below exchange.
- `evaluation`: the match of a resume and a job by rules.
- `rewriting`: changes to a resume by rules, and the omission of parts from the shown text.
- `truth`: the claims that the old resume does not support, and their removal.
- [`rules`, `outcome`, `prompts`, `pipeline`, `sample_run`]: the operation.
"""

from progressnb.operations.resume.pipeline import customize
from progressnb.operations.resume.sample_run import demo
from progressnb.operations.resume.schemas import Customization
from progressnb.operations.resume.view import view_of_customization
from progressnb.operations.resume.writing.saving import check_target
from progressnb.tracking import register_view

__all__ = ["Customization", "check_target", "customize", "demo"]

register_view(Customization, view_of_customization)
