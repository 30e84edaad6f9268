"""The writing side of a run: trackers and stages, which turn what code reports into events.

Users need `ProgressTracker`, `Stage`, `Retry`, `Budget`, `StageHandle`, `current_stage`, `carry`, `configure` and
`register_view`. The other names are for packages that bridge other libraries: `internals` returns the machinery of a
stage (a `StageWork`), `begin_part` makes a stage below a piece of work, `current_run` is the tracker that the calling
code works for, `error_text` and `word_error` read and set the text of an error, `error_type` names its type,
`hush_error` keeps its text out of events, `time_limit` is a timeout that says how long it was, `running_loop` is the
event loop of the calling code. `note_arguments`, `note_result` and `arguments_of` put a call into the data of its
stage, `calling_text` names the tools that are called, `mute` is a stage whose output is measured and not written,
`Approval` is a call that a person decides, and `offer_choices` shows buttons below a cell.
"""

from __future__ import annotations

from progressnb.tracking.attempts import in_thread, is_async, time_limit
from progressnb.tracking.budget import Budget
from progressnb.tracking.calls import arguments_of, calling_text, note_arguments, note_result
from progressnb.tracking.choices import offer_choices
from progressnb.tracking.clock import running_loop
from progressnb.tracking.controls import Approval
from progressnb.tracking.current import begin_part, carry, current_stage, internals
from progressnb.tracking.ends import AnswerEnd, answer_end
from progressnb.tracking.failures import error_text, error_type, hush_error, word_error
from progressnb.tracking.handle import StageHandle
from progressnb.tracking.muted import mute
from progressnb.tracking.retry import Retry
from progressnb.tracking.session import configure, is_shown_in_notebook
from progressnb.tracking.stage import Stage
from progressnb.tracking.stage_work import StageWork
from progressnb.tracking.tracker import ProgressTracker, current_run
from progressnb.tracking.views import register_view
from progressnb.tracking.worker import take_places as _  # noqa: F401 - a worker process takes its place there

__all__ = [
    "AnswerEnd",
    "Approval",
    "Budget",
    "ProgressTracker",
    "Retry",
    "Stage",
    "StageHandle",
    "StageWork",
    "answer_end",
    "arguments_of",
    "begin_part",
    "calling_text",
    "carry",
    "configure",
    "current_run",
    "current_stage",
    "error_text",
    "error_type",
    "hush_error",
    "in_thread",
    "internals",
    "is_async",
    "is_shown_in_notebook",
    "mute",
    "note_arguments",
    "note_result",
    "offer_choices",
    "register_view",
    "running_loop",
    "time_limit",
    "word_error",
]
