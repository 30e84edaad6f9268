"""What a model dropped from a resume: it is put back."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from progressnb.operations.resume.reading.inputs import read_resume
from progressnb.operations.resume.rules import verify
from progressnb.operations.resume.truth.merging import restore
from tests.operations.resume.helpers import ENGINEER, drafted


def test_what_a_model_drops_is_put_back() -> None:
    """Sections, entries, fields and items that are missing come back and are reported; what was rewritten stays."""
    data = copy.deepcopy(ENGINEER)
    del data["interests"], data["work"][1], data["work"][0]["startDate"], data["basics"]["email"]
    data["skills"][0]["keywords"] = ["Python"]
    data["work"][0]["highlights"] = ["Cut response times of the billing service by 40%, rewritten in Python"]
    merged = restore(read_resume(ENGINEER), drafted(data))
    new = merged.resume.to_data()
    assert new["interests"] == ENGINEER["interests"]
    assert new["basics"] == ENGINEER["basics"]
    assert [entry["name"] for entry in new["work"]] == ["Payfold GmbH", "Harbor Logistics"]  # type: ignore[index, call-overload, union-attr]
    first: Any = new["work"][0]  # type: ignore[index]
    assert first["startDate"] == "2020-01"
    assert first["highlights"][0].startswith("Cut response times of the billing")
    assert first["highlights"][1:] == ENGINEER["work"][0]["highlights"][1:]
    skills: Any = new["skills"]
    assert sorted(skills[0]["keywords"]) == sorted(ENGINEER["skills"][0]["keywords"])
    whys = [change.why for change in merged.changes]
    assert all(why.startswith("Kept from the old resume (") for why in whys)
    assert verify(read_resume(ENGINEER), merged).supported


@given(st.sets(st.sampled_from(sorted(ENGINEER))), st.booleans())
def test_any_dropped_sections_come_back(dropped: set[str], shuffled: bool) -> None:
    """For any missing sections of a draft, the merged resume has all texts of the old one."""
    data = {key: copy.deepcopy(value) for key, value in ENGINEER.items() if key not in dropped}
    if shuffled and "work" in data:
        data["work"] = data["work"][::-1]
    new = restore(read_resume(ENGINEER), drafted(data)).resume.to_data()
    assert {key: len(str(value)) for key, value in new.items()} == {
        key: len(str(value)) for key, value in drafted(ENGINEER).resume.to_data().items()
    }


def test_a_text_that_a_model_sorted_is_not_doubled() -> None:
    """A text that a model moved into a field is not put back a second time."""
    resume = read_resume("Ada Lovelace\n\nAnalyst who wrote programs for the engine of Babbage Ltd in London.\n")
    entry = {"name": "Babbage Ltd", "position": "Analyst", "summary": "Wrote programs for the engine in London."}
    merged = restore(resume, drafted({"basics": {"name": "Ada Lovelace"}, "work": [entry]}))
    assert merged.resume.basics
    assert merged.resume.basics.summary is None
