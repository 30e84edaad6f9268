"""Parts that a model dropped from a resume: jobs, degrees and contact data are put back, all else is offered."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.errors import InputError
from progressnb.operations.resume.outcome import customized_resume
from progressnb.operations.resume.reading.inputs import read_resume
from progressnb.operations.resume.rules import verify
from progressnb.operations.resume.schemas import CustomizedResume, Draft, Offer
from progressnb.operations.resume.truth.merging import offers, restore
from tests.operations.resume.helpers import ENGINEER, drafted


def _completed(data: dict[str, Any]) -> tuple[Draft, CustomizedResume]:
    """Return the draft with what goes back by itself, and the resume with all that is offered put back too."""
    resume = read_resume(ENGINEER)
    merged = restore(resume, drafted(data))
    customized = customized_resume(merged).model_copy(update={"offers": offers(resume, merged)})
    return merged, customized.put_back()


def test_what_a_model_drops_is_put_back_or_offered() -> None:
    """Jobs, their dates and contact data come back by themselves; the owner gets the rest by `put_back`."""
    data = copy.deepcopy(ENGINEER)
    del data["interests"], data["work"][1], data["work"][0]["startDate"], data["basics"]["email"]
    data["skills"][0]["keywords"] = ["Python"]
    data["work"][0]["highlights"] = ["Cut response times of the billing service by 40%, rewritten in Python"]
    merged, whole = _completed(data)
    by_itself = merged.resume.to_data()
    assert "interests" not in by_itself
    assert by_itself["basics"] == ENGINEER["basics"]
    assert [entry["name"] for entry in by_itself["work"]] == ["Payfold GmbH", "Harbor Logistics"]  # type: ignore[index, call-overload, union-attr]
    new: Any = whole.data
    assert new["interests"] == ENGINEER["interests"]
    assert new["work"][0]["startDate"] == "2020-01"
    assert new["work"][0]["highlights"][0].startswith("Cut response times of the billing")
    assert new["work"][0]["highlights"][1:] == ENGINEER["work"][0]["highlights"][1:]
    assert sorted(new["skills"][0]["keywords"]) == sorted(ENGINEER["skills"][0]["keywords"])
    assert all(change.why.startswith("Kept from the old resume (") for change in merged.changes)
    assert "Chess" in whole.markdown
    assert whole.offers == []
    assert verify(read_resume(ENGINEER), merged).supported


@given(st.sets(st.sampled_from(sorted(ENGINEER))), st.booleans())
def test_any_dropped_sections_can_come_back(dropped: set[str], shuffled: bool) -> None:
    """For any missing sections of a draft, the resume with all offers has all texts of the old one."""
    data = {key: copy.deepcopy(value) for key, value in ENGINEER.items() if key not in dropped}
    if shuffled and "work" in data:
        data["work"] = data["work"][::-1]
    new = _completed(data)[1].data
    assert {key: len(str(value)) for key, value in new.items()} == {
        key: len(str(value)) for key, value in drafted(ENGINEER).resume.to_data().items()
    }


def test_personal_data_stays_out() -> None:
    """Data that a country's custom leaves out (a photo, a birth date) are offered and never go back by themselves."""
    personal = {"image": "https://example.net/me.png", "birthDate": "1990-01-01", "maritalStatus": "married"}
    old = read_resume({**ENGINEER, "basics": {**ENGINEER["basics"], **personal}})
    merged = restore(old, drafted(ENGINEER))
    assert merged.resume.to_data() == drafted(ENGINEER).resume.to_data()
    assert {offer.place for offer in offers(old, merged)} == {f"basics.{key}" for key in personal}


def test_an_offer_of_another_resume_is_refused() -> None:
    """A part that a resume does not offer can't be put back into it."""
    with pytest.raises(InputError, match=r"result\.resume\.offers"):
        customized_resume(drafted(ENGINEER)).put_back(Offer(place="interests", text="Go", value=[{"name": "Go"}]))


def test_a_text_that_a_model_sorted_is_not_doubled() -> None:
    """A text that a model moved into a field is not put back a second time."""
    resume = read_resume("Ada Lovelace\n\nAnalyst who wrote programs for the engine of Babbage Ltd in London.\n")
    entry = {"name": "Babbage Ltd", "position": "Analyst", "summary": "Wrote programs for the engine in London."}
    merged = restore(resume, drafted({"basics": {"name": "Ada Lovelace"}, "work": [entry]}))
    assert merged.resume.basics
    assert merged.resume.basics.summary is None
