"""The parts of the old resume that a model left out, put back where the owner wants them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from progressnb.errors import InputError
from progressnb.operations.resume.documents.paths import set_value, value_at
from progressnb.operations.resume.schemas import Change
from progressnb.operations.resume.writing.markdown_writer import render_data

from .cutting import without_cuts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from progressnb.operations.resume.schemas import CustomizedResume, Offer

__all__ = ["put_back"]


def put_back(resume: CustomizedResume, offers: Sequence[Offer]) -> CustomizedResume:
    """Return the resume with the offered parts; raises InputError for a part that it does not offer."""
    data = copy.deepcopy(resume.data)
    for offer in offers:
        if offer not in resume.offers:
            raise InputError("an offer of this resume", repr(offer), "Take one from result.resume.offers.")
        there = value_at(data, offer.place)
        one = not isinstance(offer.value, list) and isinstance(there, list)
        set_value(data, offer.place, [*there, offer.value] if one and isinstance(there, list) else offer.value)
    changes = [
        Change(before="", after=one.text, why="Put back by the owner: the model had left it out.") for one in offers
    ]
    return resume.model_copy(
        update={
            "data": data,
            "markdown": render_data(without_cuts(data, resume.left_out)),
            "changes": [*resume.changes, *changes],
            "offers": [one for one in resume.offers if one not in offers],
        }
    )
