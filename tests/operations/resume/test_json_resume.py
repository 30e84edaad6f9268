"""JSON Resume: the same data out as in, and the usual slips tolerated."""

from __future__ import annotations

import datetime as dt
import json
import re

import jsonschema
from hypothesis import given

from progressnb import samples
from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.documents.paths import leaves
from progressnb.operations.resume.reading.inputs import read_resume
from progressnb.operations.resume.schemas import Draft
from tests.operations.resume.helpers import SCHEMA
from tests.operations.resume.strategies import resumes


def test_json_resume_in_is_the_same_data_out_and_valid() -> None:
    """Fields of the JSON Resume schema are unchanged after reading and writing."""
    document = read_resume(samples.resume)
    assert document.format == "json"
    assert document.data.to_data() == samples.resume
    jsonschema.validate(document.data.to_data(), SCHEMA)
    assert json.loads(document.text) == samples.resume


@given(resumes)
def test_lenient_json_resume_keeps_every_text(data: dict[str, object]) -> None:
    """Nulls, empty strings, plain strings as skills and unknown fields are all taken, and no text is lost."""
    document = read_resume(data)
    out = [leaf.text for leaf in leaves(document.data.to_data())]
    kept = re.sub(r"\s", "", "\n".join(out))
    for leaf in leaves(json.loads(document.text)):
        if not leaf.path.endswith(("Date", "date")):
            assert re.sub(r"\s", "", leaf.text) in kept


@given(resumes)
def test_json_resume_models_round_trip(data: dict[str, object]) -> None:
    """A model's output survives JSON, and its schema names no key that a provider refuses."""
    resume = read_resume(data).data
    draft = Draft(resume=resume, changes=[])
    assert Draft.model_validate_json(draft.model_dump_json()) == draft
    assert JSONResume.model_validate(resume.to_data()) == resume


def test_output_schema_is_plain_enough_for_every_provider() -> None:
    """Property names are letters, fields need no null, and each section is described."""
    schema = Draft.model_json_schema()
    text = json.dumps(schema)
    assert '"null"' not in text
    names = [name for part in schema["$defs"].values() for name in part.get("properties", {})]
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) for name in names)
    assert {"startDate", "studyType", "countryCode", "highlights"} <= set(names)


def test_usual_slips_in_a_json_resume_are_tolerated() -> None:
    """Nulls, numbers, "Present" and names instead of objects are accepted, since people and models write them."""
    data = read_resume(
        {
            "basics": {"name": "Ada", "phone": 12345, "image": None},
            "work": [{"name": "Acme", "startDate": 2014, "endDate": "Present", "highlights": None}, None],
            "education": [{"startDate": dt.date(2010, 9, 1), "score": 3.9}],
            "skills": ["Python", {"name": "SQL", "keywords": "joins"}],
            "languages": None,
        }
    ).data.to_data()
    assert data == {
        "basics": {"name": "Ada", "phone": "12345"},
        "work": [{"name": "Acme", "startDate": "2014"}],
        "education": [{"startDate": "2010-09-01", "score": "3.9"}],
        "skills": [{"name": "Python"}, {"name": "SQL", "keywords": ["joins"]}],
    }
    jsonschema.validate(data, SCHEMA)
