"""Headings whose title and employer only their type tells apart, in each kind of document."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.operations.resume.documents.type_changes import looks_of, part_by_type, part_runs
from progressnb.operations.resume.reading.inputs import read_resume
from tests.operations.resume.made_files import made_pdf

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

JOBS = (
    ("Bridge Warden", "Tarn Crossings", "Jan 2020 - Present"),
    ("Draughtsman", "Eller Quarries", "Mar 2016 - Dec 2019"),
)
DUTIES = ("Kept three bridges open in a flood", "Drew the plans of two kilns")


def runs_of(marked: str) -> list[tuple[str, str]]:
    """Return the runs of a line: those at odd places between "|" are bold."""
    return [(text, "b" if number % 2 else "r") for number, text in enumerate(marked.split("|"))]


@pytest.mark.parametrize(("marked", "read"), [
    ("|Bridge Warden| Tarn Crossings", "Bridge Warden   Tarn Crossings"),
    ("|Bridge Warden|, Tarn Crossings, Leeds", "Bridge Warden   Tarn Crossings, Leeds"),
    ("Tarn Crossings, Stone - |Bridge Warden|   2019", "Tarn Crossings, Stone   Bridge Warden   2019"),
    ("|Tarn Crossings|-Leeds", "Tarn Crossings   Leeds"),
    ("## Bridge Warden |Tarn Crossings|", "## Bridge Warden   Tarn Crossings"),
    ("|2019 –| Bridge Warden |Tarn|", "2019 – Bridge Warden   Tarn"),
])  # fmt: skip
def test_a_change_of_type_parts_a_heading(marked: str, read: str) -> None:
    """Two or three stretches of different type are parted as by a wide gap, and the separator between them goes."""
    assert part_runs(runs_of(marked)) == read


@pytest.mark.parametrize("marked", [
    "Kept |Python| services of the mill running",  # a bold word within a sentence
    "|Languages:| Python, Go", "Bridge Warden |at| Tarn Crossings", "Bridge Warden at |Tarn Crossings|",
    "|Bridge Warden| (Tarn Crossings)", "|Tarn Crossings| · Bridge Warden", "Jan 2019 – |Present|",
    "|Smith| & Sons", "|Ada| did a great many things there, and all of them well.", "One |Two| Three |Four| Five |Six|",
    f"|Bridge Warden|{' ' * 1000}Tarn", "\u5317\u4eac |ByteDance| \u516c\u53f8", "Warden 2 |4|",
])  # fmt: skip
def test_other_changes_of_type_are_no_boundary(marked: str) -> None:
    """A sentence, a label, a period and what has a sign of its own keep their form."""
    runs = runs_of(marked)
    assert part_runs(runs) == "".join(text for text, _ in runs)


@given(st.lists(st.tuples(st.text(max_size=12), st.sampled_from("abc")), max_size=8))
def test_no_letter_is_lost_or_made(runs: list[tuple[str, str]]) -> None:
    """Only blanks and separators differ, whatever the runs are."""
    before, after = "".join(text for text, _ in runs), part_runs(runs)
    assert [one for one in after if one.isalnum()] == [one for one in before if one.isalnum()]


def test_a_line_that_was_changed_since_is_not_parted() -> None:
    """Looks that are not those of the words of a line part nothing."""
    looks = looks_of([("Bridge Warden ", "b"), ("Tarn", "r")])
    assert looks == ("b", "b", "r")
    assert part_by_type("Chief Bridge Warden Tarn", looks) == "Chief Bridge Warden Tarn"


def _html(title: str, host: str) -> str:
    heads = (f"<p>{title.format(one[0])}{host.format(one[1])}</p><p>{one[2]}</p>" for one in JOBS)
    entries = "".join(f"{head}<ul><li>{duty}</li></ul>" for head, duty in zip(heads, DUTIES, strict=True))
    return f"<html><body><h1>Ada Holt</h1><h2>Experience</h2>{entries}</body></html>"


def _markdown(title: str, host: str) -> str:
    heads = (f"{title.format(one[0])}{host.format(one[1])}\n*{one[2]}*" for one in JOBS)
    entries = "\n\n".join(f"{head}\n- {duty}" for head, duty in zip(heads, DUTIES, strict=True))
    return f"# Ada Holt\n\n## Experience\n\n{entries}\n"


def _word() -> bytes:
    document: Any = docx.Document()
    name = document.add_paragraph()
    name.add_run("Ada ")
    name.add_run("Holt").bold = True
    document.add_heading("Experience", 1)
    for (title, host, dates), duty in zip(JOBS, DUTIES, strict=True):
        head = document.add_paragraph()
        head.add_run(title).italic = True
        head.add_run(f" {host}")
        document.add_paragraph(dates)
        document.add_paragraph(duty, style="List Bullet")
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _pdf() -> bytes:
    page = b"BT /F 24 Tf 1 0 0 1 60 760 Tm (Ada ) Tj 1 0 0 rg (Holt) Tj ET\n"
    page += b"BT /F 14 Tf 0 g 1 0 0 1 60 730 Tm (Experience) Tj ET\n"
    for at, ((title, host, dates), duty) in enumerate(zip(JOBS, DUTIES, strict=True)):
        y = 700 - 60 * at
        page += b"BT /F 10 Tf 0 0 0.6 rg 1 0 0 1 60 %d Tm (%s ) Tj 0 g (%s) Tj ET\n" % (
            y,
            title.encode(),
            host.encode(),
        )
        page += b"BT /F 10 Tf 1 0 0 1 60 %d Tm (%s) Tj ET\n" % (y - 14, dates.encode())
        page += b"BT /F 10 Tf 1 0 0 1 60 %d Tm (- %s) Tj ET\n" % (y - 28, duty.encode())
    return made_pdf([page])


@pytest.mark.parametrize(("name", "content"), [
    ("bold.html", _html("<b>{}</b> ", "{}")),
    ("spans.html", _html("<span class=t>{}</span>", "<span class=h>{}</span>")),
    ("bold.md", _markdown("**{}** ", "{}")), ("italic.md", _markdown("### {} ", "*{}*")),
    ("spans.md", _markdown("### <span>{}</span>", "<span>{}</span>")),
    ("link.md", _markdown("{} ", "[{}](https://a.example)")),
    ("runs.docx", _word()), ("colour.pdf", _pdf()),
])  # fmt: skip
def test_title_and_employer_are_told_by_their_type(
    give: Callable[[str, bytes], Path], name: str, content: str | bytes
) -> None:
    """A title and an employer in one line are read as two, whatever the document marks them with; a name stays one."""
    data = read_resume(give(name, content if isinstance(content, bytes) else content.encode())).data
    assert data.basics is not None
    assert data.basics.name == "Ada Holt"
    assert [(job.position, job.name) for job in data.work] == [job[:2] for job in JOBS]
