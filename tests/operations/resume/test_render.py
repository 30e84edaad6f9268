"""Rendering: a resume as Markdown is complete, the same each time, and safe."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from progressnb import samples
from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.documents.paths import leaves
from progressnb.operations.resume.outcome import customized_resume
from progressnb.operations.resume.reading.inputs import read_resume
from progressnb.operations.resume.schemas import Draft
from progressnb.operations.resume.writing.markdown_writer import escape, render_markdown

if TYPE_CHECKING:
    from markdown_it.token import Token

_HOSTILE = (
    "# Heading", "## Two", "- item", "+ item", "* item", "1. one", "2) two", "> quote", "```", "~~~", "    code", "---",
    "===", "***", "___", "| a | b |", "|---|---|", ":-|-:", "[text](javascript:alert(1))", "![x](http://evil/x.png)",
    "[a]: http://evil", "[a][b]", "[a]", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<!-- c -->",
    "<http://evil>", "&lt;b&gt;", "&#60;", "\\", "\\<b>", "\\[a](b)", "`code`", "**bold**", "$x^2$", "\\(x\\)",
    "\\\\(x", "&", "a & b", "C#", "C #", "R&D", "\t# tab", "\n\n# far", "]", "(x)", "word",
)  # fmt: skip
_lines = st.lists(st.sampled_from(_HOSTILE) | st.text(max_size=10), max_size=5)
_texts = _lines.map(" ".join) | _lines.map("\n".join) | _lines.map("".join)
_entries = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(("name", "position", "summary", "url", "institution", "level", "extra"), _texts),
            **dict.fromkeys(("highlights", "keywords", "courses"), st.lists(_texts, max_size=3)),
        },
    ),
    max_size=2,
)
_basics: dict[str, st.SearchStrategy[str]] = dict.fromkeys(("name", "summary", "email", "label"), _texts)
_resumes: st.SearchStrategy[dict[str, object]] = st.fixed_dictionaries(
    {"basics": st.fixed_dictionaries(_basics)},
    optional={
        **dict.fromkeys(("work", "education", "skills", "projects", "odd", "references"), _entries),
        "x y": _texts,
    },
)
_markdown = MarkdownIt("gfm-like", {"html": True, "linkify": False})


def _tokens(markdown: str) -> list[Token]:
    return [part for token in _markdown.parse(markdown) for part in (token, *(token.children or []))]


def _shown(markdown: str) -> str:
    """Return the text that a reader sees, without spaces."""
    texts = [token.content for token in _tokens(markdown) if token.type in {"text", "text_special", "code_inline"}]
    return re.sub(r"\s", "", "".join(texts))


@given(_resumes)
def test_texts_can_not_make_structure(data: dict[str, object]) -> None:
    """No text of a resume becomes a heading, link, image, HTML, code, table or formula."""
    resume = JSONResume.model_validate(data)
    markdown = render_markdown(resume)
    kinds = {token.type for token in _tokens(markdown)}
    allowed = {"heading_open", "heading_close", "paragraph_open", "paragraph_close", "bullet_list_open"}
    allowed |= {"bullet_list_close", "list_item_open", "list_item_close", "inline", "text", "text_special"}
    allowed |= {"hardbreak", "softbreak", "em_open", "em_close", "strong_open", "strong_close", "s_open", "s_close"}
    assert kinds <= allowed
    assert not re.search(r"(?<!\\)\$|\\\\[(\[]", markdown)


@given(_resumes)
def test_every_text_appears(data: dict[str, object]) -> None:
    """Each section and field of the data can be read in the Markdown."""
    resume = JSONResume.model_validate(data)
    shown = _shown(render_markdown(resume))
    for leaf in leaves(resume.to_data()):
        # Underscores and tildes may become emphasis, which loses no word.
        for line in leaf.text.split("\n"):
            words = [word for word in re.findall(r"\w+", line) if "_" not in word]
            assert all(word in shown for word in words)


@given(_resumes)
def test_rendering_is_deterministic(data: dict[str, object]) -> None:
    """The same data is the same Markdown."""
    resume = JSONResume.model_validate(data)
    assert render_markdown(resume) == render_markdown(JSONResume.model_validate(resume.to_data()))


@pytest.mark.parametrize("text", [text for text in _HOSTILE if text.strip()])
def test_escaped_text_reads_as_it_was(text: str) -> None:
    """Escaping changes nothing that a reader sees."""
    escaped = escape(text)
    assert _shown(escaped).replace("&#92;", "\\") == re.sub(r"\s", "", text)


def test_ordinary_text_is_not_escaped() -> None:
    """A resume's usual characters stay as they are, so that the Markdown reads well as text."""
    for text in (
        "C#, C++ & .NET (10 years)",
        "Cut costs by 30% - in 2 weeks!",
        "ada@example.com",
        "R&D: a/b_c",
        "[sic] x",
    ):
        assert escape(text) == text


def test_sample_reads_well() -> None:
    """The sample has its name on top, its sections under headings, and its periods in words."""
    markdown = render_markdown(read_resume(samples.resume).data)
    assert markdown.startswith("# Richard Hendriks\n\nProgrammer\n\nrichard.hendriks@mail.com · (912) 555-4321 · ")
    assert "### CEO/President, Pied Piper\n\nDec 2013 – Dec 2014 · Palo Alto, CA" in markdown
    assert "- Web Development (Master): HTML, CSS, Javascript\n" in markdown
    headings = re.findall(r"^## (.*)$", markdown, re.MULTILINE)
    assert headings == [
        "Summary", "Experience", "Projects", "Volunteering", "Education", "Skills", "Languages", "Awards",
        "Publications", "Interests", "References",
    ]  # fmt: skip
    assert "v1.0.0" not in markdown


def test_ongoing_work_and_unknown_sections() -> None:
    """A job without an end is going on; a section that JSON Resume doesn't know gets a heading of its own."""
    resume = JSONResume.model_validate(
        {
            "work": [{"position": "Cook", "startDate": "2020"}],
            "otherSections": [{"name": "Driving", "text": "Full licence"}],
            "securityClearance": {"level": "top", "until": 2030},
        }
    )
    markdown = render_markdown(resume)
    assert markdown == (
        "## Experience\n\n### Cook\n\n2020 – present\n\n## Driving\n\nFull licence\n\n"
        "## Security clearance\n\nLevel: top\n\nUntil: 2030\n"
    )


@pytest.mark.parametrize(
    ("summary", "top"),
    [
        (
            "14 Ferry Row, Exeter EX2\nCalm ward leader. I like busy floors.",
            "14 Ferry Row, Exeter EX2\n\n## Summary\n\nCalm",
        ),
        ("Am Lindenrain 8, 34123 Kassel", "Am Lindenrain 8, 34123 Kassel\n\n## Skills"),
        ("Calm ward leader.\nExeter EX2", "## Summary\n\nCalm ward leader.  \nExeter EX2\n\n"),
        ("Electrician with ten years of practice on large sites", "## Summary\n\nElectrician with"),
    ],
)
def test_an_address_is_no_summary(summary: str, top: str) -> None:
    """Lines before the first sentence stand below the name, and not under the heading of the summary."""
    data = {"basics": {"name": "Ann", "summary": summary}, "skills": ["Welding"]}
    assert render_markdown(JSONResume.model_validate(data)).startswith(f"# Ann\n\n{top}")


@pytest.mark.parametrize("text", ["a" * 300_000, "a " * 150_000, "\n" * 300_000, "." * 300_000])
def test_a_long_line_is_set_in_linear_time(text: str) -> None:
    """A hostile summary takes no time that grows with the square of its length; with one, this test would not end."""
    assert render_markdown(JSONResume.model_validate({"basics": {"name": "Ann", "summary": text}})).startswith("# Ann")


def test_many_plain_skills_are_one_line() -> None:
    """More than three skills without details are one line; skills with details stay items."""
    plain = render_markdown(JSONResume.model_validate({"skills": ["SQL", "Go", "C#", "R"]}))
    assert plain == "## Skills\n\nSQL, Go, C#, R\n"
    assert [one.name for one in read_resume(plain).data.skills] == ["SQL", "Go", "C#", "R"]
    items = render_markdown(JSONResume.model_validate({"skills": ["SQL", "Go", "Bread, rolls", "R"]}))
    assert items == "## Skills\n\n- SQL\n- Go\n- Bread, rolls\n- R\n"


def test_customized_resume_carries_markdown_data_and_changes() -> None:
    """The customized resume has the Markdown, data and changes of the draft, and a repr of one line."""
    draft = Draft(resume=read_resume(samples.resume).data, changes=[])
    resume = customized_resume(draft)
    assert resume.data == samples.resume
    assert resume.markdown == render_markdown(draft.resume)
    assert repr(resume) == f"CustomizedResume({len(resume.markdown)} characters, changes=0)"
