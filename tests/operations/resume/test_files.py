"""Files that are damaged, hostile or of another kind: read or refused; without the extra, refused."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from progressnb.errors import InputError, MissingExtraError
from progressnb.operations.resume.reading.inputs import read_job, read_resume
from progressnb.operations.resume.schemas import CustomizedResume

if TYPE_CHECKING:
    from collections.abc import Callable
from tests.operations.resume.made_files import RESUME_PDF, WORD, made_pdf, repacked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_text_file_that_is_no_text_says_what_it_is(give: Callable[[str, bytes], Path]) -> None:
    """The message for a PDF that is named .txt says that it is a PDF."""
    for name, content, remedy in (("a.txt", RESUME_PDF, "Rename it to .pdf"), ("a.md", WORD, "Rename it to .docx")):
        with pytest.raises(InputError, match=remedy):
            read_resume(give(name, content))


# --- hostile bytes ---------------------------------------------------------------------------------

_damage = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=12)


def _read(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    try:
        assert read_resume(path).text.strip()
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either way is fine


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=_damage, cut=st.integers(0, 10**6), noise=st.binary(max_size=60), word=st.booleans())
def test_damaged_files_are_read_or_refused(
    tmp_path: Path, damage: list[tuple[int, int]], cut: int, noise: bytes, *, word: bool
) -> None:
    """A file with changed, missing or added bytes gives a text or an InputError, never another error."""
    content = bytearray(WORD if word else RESUME_PDF)
    for place, value in damage:
        content[place % len(content)] = value
    place = cut % len(content)
    content[place:place] = noise
    _read(tmp_path / ("a.docx" if word else "a.pdf"), bytes(content))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations=st.lists(st.sampled_from([
    b"BT", b"ET", b"q", b"Q", b"1 0 0 1 5 5 cm", b"1e30 0 0 -1e30 1e38 1e38 cm", b"/F 10 Tf", b"/X -1e9 Tf",
    b"(a b) Tj", b"[(a)-9e9(b)] TJ", b"1e9 1e9 Td", b"T*", b"0 0 0 0 0 0 Tm", b"nan 0 0 1 0 0 Tm", b"/Lbl BMC",
    b"(x) (y) m", b"1 2 m", b"EMC", b"/F Do", b"(\xff\x00) '", b"<</A", b"]]", b"BI ID", b"\\", b"(",
]), max_size=25))  # fmt: skip
def test_any_drawing_is_read_or_refused(tmp_path: Path, operations: list[bytes]) -> None:
    """Drawing operations out of order, with wrong operands or extreme places give a text or an InputError."""
    _read(tmp_path / "a.pdf", made_pdf([b" ".join(operations)]))


_TAGS = (
    *("w:p", "w:r", "w:tbl", "w:tr", "w:tc", "w:sdt", "w:sdtContent", "w:ins", "w:del", "w:pPr", "w:rPr", "w:sectPr"),
    *("w:hyperlink r:id='rId99'", "w:hyperlink r:id='rId1'", "w:fldSimple", "w:numPr", "w:txbxContent"),
)
_LEAVES = (
    *("<w:t>x</w:t>", "<w:br/>", "<w:tab/>", "<!--c-->", "<?pi?>", "<w:sym w:char='zz'/>", "<w:sym w:char='FFFFFF'/>"),
    *(
        "<w:pStyle w:val='no'/>",
        "<w:pStyle w:val='Heading1'/>",
        "<w:outlineLvl w:val='x'/>",
        "<w:outlineLvl w:val='99'/>",
    ),
    *("<w:ilvl w:val='-1'/>", "<w:numId/>", "<w:vanish/>", "<x:t xmlns:x='y'>z</x:t>", "&#x1;", "&no;"),
)
_xml = st.recursive(
    st.sampled_from(_LEAVES),
    lambda inner: st.builds(
        lambda tag, inside: f"<{tag}>{''.join(inside)}</{tag.split()[0]}>",
        st.sampled_from(_TAGS),
        st.lists(inner, max_size=4),
    ),
    max_leaves=20,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=_xml)
def test_any_word_xml_is_read_or_refused(tmp_path: Path, body: str) -> None:
    """Misplaced elements, unknown styles, relations and symbols give a text or an InputError."""

    def change(name: str, data: bytes) -> bytes:
        return data.replace(b"<w:body>", b"<w:body>" + body.encode()) if name == "word/document.xml" else data

    _read(tmp_path / "a.docx", repacked(WORD, change))


# --- without the extra -----------------------------------------------------------------------------


def test_without_the_extra_the_install_command_is_given(
    give: Callable[[str, bytes], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without the extra, PDF and Word name the exact install command, and all other formats work."""
    for module in ("docx", "pypdfium2"):
        monkeypatch.setitem(sys.modules, module, None)
    result = CustomizedResume(markdown="# A", data={}, changes=[])
    for act in (
        lambda: read_resume(give("cv.pdf", RESUME_PDF)),
        lambda: read_job(str(give("job.docx", WORD))),
        lambda: result.save(tmp_path / "out.docx"),
    ):
        with pytest.raises(MissingExtraError) as caught:
            act()
        assert caught.value.remedy == 'Install it: pip install "progressnb[customize]"'
        assert "\n" not in str(caught.value)
    for suffix in ("md", "json", "html"):
        assert result.save(tmp_path / f"out.{suffix}").exists()
    assert not (tmp_path / "out.docx").exists()
