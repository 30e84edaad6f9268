"""A result as a file: Word, HTML to print, Markdown and JSON Resume; safe, whole, and read back."""

from __future__ import annotations

import json
import os
import re
import zipfile
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb import samples
from progressnb.errors import InputError
from progressnb.operations.resume.documents import docx_reader
from progressnb.operations.resume.outcome import customized_resume
from progressnb.operations.resume.reading.inputs import read_resume
from progressnb.operations.resume.schemas import Customization, CustomizedResume, Draft, Evaluation, Plan, Verification
from progressnb.operations.resume.writing.html_writer import html_page

if TYPE_CHECKING:
    from pathlib import Path


def sample() -> CustomizedResume:
    """Return the sample resume as a result."""
    return customized_resume(Draft(resume=read_resume(samples.resume).data, changes=[]))


def result_of(markdown: str) -> CustomizedResume:
    """Return a result with this Markdown."""
    return CustomizedResume(markdown=markdown, data={}, changes=[])


def test_what_is_saved_as_word_is_read_back(tmp_path: Path) -> None:
    """The sample resume goes to .docx and back: every word of it is there, and the parts are found."""
    path = sample().save(str(tmp_path / "resume.docx"))
    assert path == tmp_path / "resume.docx"
    document = read_resume(path)
    words = re.findall(r"\w+", re.sub(r"\\(.)", r"\1", sample().markdown))
    assert re.findall(r"\w+", document.text) == words
    data: Any = document.data.to_data()
    assert data["basics"]["name"] == "Richard Hendriks"
    assert data["basics"]["email"] == "richard.hendriks@mail.com"
    assert "Pied Piper" in json.dumps(data["work"][0])
    assert {skill["keywords"][0] for skill in data["skills"]} == {"HTML", "Mpeg"}


def test_word_files_have_real_styles_and_safe_links(tmp_path: Path) -> None:
    """Headings and lists are Word's own; links go to web and mail only; there are no macros."""
    markdown = (
        "# Ann\n\nann@example.com \u00b7 https://example.com/a_(b)\n\n## Skills\n\n- *C* and **D**  \nnext\n"
        "  - E\n\n1. F\n\n"
        "[bad](javascript:alert(1)) [file](file:///etc/passwd) [ok](https://ok.example) <b>raw</b> ![p](https://x.example/p)\n"
    )
    path = result_of(markdown).save(tmp_path / "a.docx")
    document = docx.Document(str(path))
    styles = [(paragraph.style.name if paragraph.style else "", paragraph.text) for paragraph in document.paragraphs]
    assert styles[:3] == [
        ("Title", "Ann"),
        ("Normal", "ann@example.com \u00b7 https://example.com/a_(b)"),
        ("Heading 1", "Skills"),
    ]
    assert styles[3:6] == [("List Bullet", "C and D\nnext"), ("List Bullet", "E"), ("List Bullet", "1. F")]
    assert "<b>raw</b>" in styles[6][1]
    targets = {relation.target_ref for relation in document.part.rels.values() if relation.is_external}
    assert targets == {
        "mailto:ann@example.com",
        "https://example.com/a_(b)",
        "https://ok.example",
        "https://x.example/p",
    }
    assert document.core_properties.author == document.core_properties.title == "Ann"
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if "vba" in name.lower() or name.endswith(".bin")]


@pytest.mark.parametrize(("country", "width"), [("US", 216), ("DE", 210), (None, 210)])
def test_the_paper_is_that_of_the_country(tmp_path: Path, country: str | None, width: int) -> None:
    """Letter where it is used, else A4."""
    result = CustomizedResume(markdown="# A", data={"basics": {"location": {"countryCode": country}}}, changes=[])
    page_width = docx.Document(str(result.save(tmp_path / "a.docx"))).sections[0].page_width
    assert page_width is not None
    assert round(page_width.mm) == width


class _Page(HTMLParser):
    """The tags of a page with their attributes, and its links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


_HOSTILE = (
    "# <script>alert(1)</script>\n\n<img src=x onerror=alert(1)> [x](javascript:alert(1)) [y](data:text/html,z) "
    '"quoted" '
    "![p](https://example.com/p.png) [z](vbscript:a) <https://example.com/?a=1&b='> &lt;b&gt; https://e.com/\"onclick=1\n"
)


@given(
    st.lists(
        st.sampled_from([*_HOSTILE.split(" "), "\n", "- ", "<style>", "</title>", "\x00", "\ud800"]), max_size=12
    ).map(" ".join)
)
def test_html_holds_no_script_and_loads_nothing(text: str) -> None:
    """For any Markdown, the page has tags of text only, and links to web and mail only."""
    plain = set(_Page(html_page("# a")).tags)
    page = _Page(html_page(text))
    text_tags = "h1 h2 h3 p ul li ol a em strong br hr code pre blockquote"
    assert set(page.tags) <= plain | {*text_tags.split()}
    for name, value in page.attributes:
        assert name in {"lang", "charset", "name", "content", "http-equiv", "href", "start", "class"}
        assert name != "href" or re.match(r"(https?://|mailto:)", value or "")


def test_the_page_is_whole_accessible_and_printable() -> None:
    """One file with language, title, one main, headings in order and rules for printing; nothing in it is fetched."""
    page = html_page(sample().markdown)
    assert page.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert "<title>Richard Hendriks</title>" in page
    assert page.count("<main>") == page.count("<h1>") == 1
    assert '<a href="mailto:richard.hendriks@mail.com">' in page
    for rule in ("@page", "@media print", "break-after: avoid", "break-inside: avoid"):
        assert rule in page
    assert not re.search(r"<(?:script|img|link|iframe|object)|url\(|@import|\ssrc=", page)
    assert "<title>a &lt;b&gt;</title>" in html_page("# a \\<b>")


def test_markdown_and_json_are_saved_as_they_are(tmp_path: Path) -> None:
    """The text and the data, in UTF-8 with one line end at the end; a whole result saves its resume."""
    result = CustomizedResume(markdown="# \u00c4d\u00e4\n\n", data={"basics": {"name": "\u00c4d\u00e4"}}, changes=[])
    whole = Customization(
        evaluation=Evaluation(match_score=1, strengths=[], gaps=[], overall_assessment=""),
        plan=Plan(improvements=[]),
        resume=result,
        verification=Verification(unsupported=[], summary=""),
        model="scripted",
    )
    assert whole.save(tmp_path / "a.MD").read_bytes() == "# \u00c4d\u00e4\n".encode()
    text = whole.save(tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == result.data
    assert "\u00c4d\u00e4" in text


def test_saving_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk leaves the old file unchanged; a success keeps its permissions and symbolic links to it."""
    old, link = tmp_path / "old.md", tmp_path / "link.md"
    old.write_text("old")
    old.chmod(0o600)
    link.symlink_to(old)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            result_of("# new").save(link)
    assert old.read_text() == "old"
    assert result_of("# new").save(link) == link
    assert link.is_symlink()
    assert old.read_text() == "# new\n"
    assert old.stat().st_mode & 0o777 == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"old.md", "link.md"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.odt", ".md, .txt, .json, .html, .pdf or .docx"),
        ("a.rtf", ".md, .txt, .json, .html, .pdf or .docx"),
        ("a", ".md, .txt, .json, .html, .pdf or .docx"),
        (".md", ".md, .txt, .json, .html, .pdf or .docx"),
        ("no/a.md", "a directory to save in"),
        ("dir.md", "the directory"),
        ("a\0.md", "null"),
    ],
)
def test_what_cannot_be_saved_is_refused(tmp_path: Path, name: str, message: str) -> None:
    """Unknown suffixes, missing directories and directories: one clear line, and nothing is written."""
    (tmp_path / "dir.md").mkdir()
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        sample().save(f"{tmp_path}/{name}")
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["dir.md"]


def test_control_characters_do_not_break_a_word_file(tmp_path: Path) -> None:
    """Characters that XML does not allow are replaced."""
    path = result_of("# A\x00\x1b\ufffe\ud800B\n\nhttps://e.com/\x07a").save(tmp_path / "a.docx")
    assert read_resume(path).text.startswith("# A")
    assert docx_reader.docx_text(path.read_bytes(), "a.docx")
