"""The newcomer's thirty seconds: a real resume is fitted to a real job, without a key or a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb import samples
from progressnb.agents.models import resolve_model
from progressnb.agents.offline import OfflineModel

from .pipeline import customize

if TYPE_CHECKING:
    from pydantic_ai.models import Model

    from .schemas import Customization

__all__ = ["demo"]

PACE = 0.0045
"""Seconds a token, at which the sample pair takes about 20 seconds."""


async def demo(*, model: Model | str | None = None, pace: float | None = None) -> Customization:
    """Watch the sample resume being customized for the sample job.

    Without a model, rules do the work and stream it at a reading pace; `pace` is the time from one token to
    the next in seconds, 0 for at once. ::

        result = await progressnb.demo()
        print(result.resume.markdown)
    """
    chosen = resolve_model(model)
    if isinstance(chosen, OfflineModel) and (pace is not None or chosen is not model):
        return await customize(samples.resume, samples.job, model=OfflineModel(pace=PACE if pace is None else pace))
    return await customize(samples.resume, samples.job, model=model)
