"""Options that several commands share: the model, and the pace of the offline model."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from progressnb.cli.exits import REFUSED, stop

if TYPE_CHECKING:
    from pydantic_ai.models import Model

__all__ = ["MODEL_HELP", "ModelName", "Pace", "checked_pace", "paced"]

MODEL_HELP = "A pydantic-ai model such as openai:gpt-5. Default: $PROGRESSNB_MODEL, else offline: rules, no LLM."

# Typer reads these at run time, so they are written out in full.
ModelName = Annotated[
    Optional[str],  # noqa: UP045 - an alias that is evaluated
    typer.Option(help=MODEL_HELP),
]
Pace = Annotated[
    Optional[float],  # noqa: UP045
    typer.Option(min=0.0, help="Seconds from one token of the offline model to the next; 0 is at once."),
]


def checked_pace(pace: float | None) -> None:
    """Refuse a pace that is no number of seconds."""
    # A range lets NaN pass.
    if pace is not None and not math.isfinite(pace):
        stop(f"expected --pace as seconds of 0 or more, got {pace}. Write --pace 0.01.", REFUSED)


def paced(model: str | None, pace: float | None) -> Model | str | None:
    """Return the model, which with a pace may be an offline model of that pace."""
    if pace is None:
        return model
    from progressnb.agents.models import resolve_model
    from progressnb.agents.offline import OfflineModel

    chosen = resolve_model(model)
    return OfflineModel(pace=pace) if isinstance(chosen, OfflineModel) else chosen
