"""Hypothesis strategies for texts, resumes and postings."""

from __future__ import annotations

from hypothesis import strategies as st

from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.documents.plain_json import clean

_WORDS = (
    "Python", "JS", "Node.js", "C++", "R", "Go", "K8s", "nursing", "led", "team of 12", "40%", "Bachelor", "PhD", "B.A",
    "Master's degree", "high school", "Chef", "Acme Ltd", "in", "of", "and", "or", "3 years", "1,000", "1", "000",
    "May 2014", "2014-05-01", "2019 – 2021", "present", "SQL", "web development", "Ж", "日本語", "ß", "ﬁ", "İ",
    "# Heading", "- bullet", "<b>", "](x)", "\u0301", "'s", "...", "Skills:", "EDUCATION", "\ud800",
)  # fmt: skip
texts = st.one_of(
    st.lists(st.sampled_from(_WORDS), max_size=8).map(" ".join),
    st.lists(st.sampled_from(_WORDS), max_size=8).map("\n".join),
    st.text(max_size=40),
)
_NAMES = (
    *("name", "title", "position", "label", "institution", "area", "studyType", "organization", "level", "issuer"),
    *("summary", "description", "reference", "language", "fluency", "url", "extra"),
)
_optional: dict[str, st.SearchStrategy[object]] = {
    **dict.fromkeys(_NAMES, st.none() | texts),
    **dict.fromkeys(("startDate", "endDate", "date"), st.sampled_from(["2014", "2013-12-01", "May 2014", ""]) | texts),
    **dict.fromkeys(("highlights", "keywords", "courses", "roles"), st.lists(texts, max_size=4)),
}
_entries = st.lists(st.fixed_dictionaries({}, optional=_optional), max_size=3)
_sections = [name for name in JSONResume.model_fields if name not in {"basics", "meta"}]
resumes = st.fixed_dictionaries(
    # An empty resume is refused, so one field has something in it.
    {"basics": st.fixed_dictionaries({"email": st.just("ada@example.com")}, optional=_optional)},
    optional={
        **dict.fromkeys(_sections, _entries),
        "skills": st.lists(texts, max_size=4) | _entries,
        "hobbies": texts,
    },
)
_skill: dict[str, st.SearchStrategy[object]] = {"name": texts, "keywords": st.lists(texts, max_size=3)}
_asked: dict[str, st.SearchStrategy[object]] = {
    **dict.fromkeys(("qualifications", "responsibilities"), st.lists(texts, max_size=4)),
    "skills": st.lists(st.fixed_dictionaries({}, optional=_skill), max_size=3),
}
jobs: st.SearchStrategy[str | dict[str, object]] = st.one_of(
    texts.map(lambda text: "A job\n" + clean(text)),
    st.fixed_dictionaries({"title": st.just("Developer")}, optional=_asked),
)
