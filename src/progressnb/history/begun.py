"""The recording of a run that begins: its inputs where contents are kept, and a door for results of its stages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic_core import to_json

from progressnb.history.inputs import add_digests, keep_inputs, named_files
from progressnb.history.recording import Recording
from progressnb.history.results import ResultKeeper

if TYPE_CHECKING:
    from progressnb.tracking.protocols import Recordable

__all__ = ["recording_of"]


def recording_of(run: Recordable, *, contents: bool) -> Recording:
    """Return the recording of a run of which nothing is stored. Files that it names are read later, in a thread."""
    inputs = keep_inputs(getattr(run, "inputs", {}), files=False) if contents else {}
    recording = Recording(
        run_id=run.id,
        operation=run.operation,
        fingerprint=getattr(run, "fingerprint", None),
        inputs=to_json(inputs).decode() if contents else None,
        resumed_from=getattr(run, "resumed_from", None),
        state=run.state,
    )
    if contents and (keep_results := getattr(run, "keep_results", None)) is not None:
        files = named_files(inputs, getattr(run, "paths", ()))

        def read() -> None:
            recording.inputs = to_json(add_digests(inputs, files)).decode()

        keep_results(ResultKeeper(run.operation, recording.results.append, read if files else None))
    return recording
