"""The outputs of a run by the names of the stages that write them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from progressnb.folds.state import RunState
    from progressnb.wire.buffer import OutputBuffer

__all__ = ["partials_of"]


def partials_of(state: RunState, ahead: Mapping[str, OutputBuffer] | None = None) -> dict[str, Any]:
    """Return each stage's output so far as plain data, by its name, or by its path where several have the name.

    `ahead` has, by path, outputs with what no event carries yet.
    """
    outputs = {stage.path: stage.output for _, stage in state.walk() if stage.output is not None} | dict(ahead or {})
    names = {path: unquote(path.rpartition("/")[2]) for path in outputs}
    counts = Counter(names.values())
    return {names[path] if counts[names[path]] == 1 else path: buffer.value for path, buffer in outputs.items()}
