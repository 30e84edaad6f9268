"""The demonstration for newcomers: a sample resume is customized for a sample job, without a key or a network."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from progressnb import samples
from progressnb.agents import OfflineModel, resolve_model
from progressnb.errors import ModelError

from .pipeline import customize

if TYPE_CHECKING:
    from pydantic_ai.models import Model

    from progressnb.execution import Run

    from .schemas import Customization

__all__ = ["demo"]

PACE = 0.0045
"""Seconds from one token to the next: the sample pair then takes about 15 seconds."""


def demo(*, model: Model | str | None = None, pace: float | None = None) -> Run[Customization]:
    """Customize the sample resume for the sample job, as a demonstration.

    Without a model, rules do the work and stream it at a reading pace.

    Args:
        model: A pydantic-ai model or its name. The default is the environment's `PROGRESSNB_MODEL`, else the rules.
        pace: The time from one token of the rules to the next in seconds, 0 for no pause. The default is 0.0045.

    Returns:
        The run, as `customize` gives one. Its result is the evaluation, the plan, the customized resume and its
        verification.

    Example:
        ::

            result = await pnb.demo()
            print(result.resume.markdown)

    """
    with suppress(ModelError):  # the run raises it
        chosen = resolve_model(model)
        if isinstance(chosen, OfflineModel) and (pace is not None or chosen is not model):
            model = OfflineModel(pace=PACE if pace is None else pace)
    return customize(samples.resume, samples.job, model=model)
