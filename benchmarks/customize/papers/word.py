"""Word files as people lay them out: with styles, with tables, with tabs, and with marks that were typed."""

# ruff: noqa: ANN401
# Run by the environment that makes the files; nothing of the project or its tests imports it.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docx import Document
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["WORD"]

Data = dict[str, Any]


def _contact(data: Data) -> str:
    basics = data["basics"]
    return f"{basics['email']} | {basics['phone']} | {basics['location']['city']}"


def _tail(document: Any, data: Data, heading: Any, entry: Any) -> None:
    heading(data["h"]["education"])
    for one in data["education"]:
        entry(one)
    heading(data["h"]["skills"])
    for one in data["skills"]:
        document.add_paragraph(f"{one['name']}: {', '.join(one['keywords'])}")
    heading(data["h"]["languages"])
    document.add_paragraph(", ".join(f"{one['language']} ({one['fluency']})" for one in data["languages"]))
    heading(data["h"]["certificates"])
    for one in data["certificates"]:
        document.add_paragraph(f"{one['name']}, {one['issuer']}, {one['on']}")


def styles(data: Data, path: Path) -> None:
    """Word's own styles: Title, headings, List Bullet; dates by a tab at the right."""
    document = Document()
    document.add_heading(data["basics"]["name"], 0)
    document.add_paragraph(data["basics"]["label"])
    document.add_paragraph(_contact(data))
    document.add_heading(data["h"]["profile"], 1)
    document.add_paragraph(data["basics"]["summary"])

    def line(left: str, right: str) -> None:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(15), WD_TAB_ALIGNMENT.RIGHT)
        paragraph.add_run(left).bold = True
        paragraph.add_run(f"\t{right}")

    document.add_heading(data["h"]["work"], 1)
    for job in data["work"]:
        line(job["position"], job["dates"])
        document.add_paragraph(f"{job['name']}, {job['location']}")
        for bullet in job["highlights"]:
            document.add_paragraph(bullet, style="List Bullet")

    def entry(one: Data) -> None:
        line(f"{one['studyType']}, {one['area']}", one["dates"])
        document.add_paragraph(one["institution"])

    _tail(document, data, lambda text: document.add_heading(text, 1), entry)
    document.save(str(path))


def table(data: Data, path: Path) -> None:
    """Put dates into a column of a table; headings are bold paragraphs; a footer with name and page."""
    document = Document()
    footer = document.sections[0].footer.paragraphs[0]
    footer.add_run(f"{data['basics']['name']} – {data['h']['page']} ")
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    footer._p.append(field)  # noqa: SLF001 - python-docx has no fields
    document.add_paragraph().add_run(data["h"]["title"]).bold = True
    document.add_paragraph().add_run(data["basics"]["name"]).font.size = Pt(20)
    document.add_paragraph(_contact(data))

    def heading(text: str) -> None:
        document.add_paragraph().add_run(text).bold = True

    def row(left: str, *right: str, bullets: tuple[str, ...] = ()) -> None:
        cells = document.add_table(1, 2).rows[0].cells
        cells[0].width, cells[1].width = Cm(3.5), Cm(12.5)
        cells[0].text = left
        cells[1].text = right[0]
        for text in right[1:]:
            cells[1].add_paragraph(text)
        for text in bullets:
            cells[1].add_paragraph(text, style="List Bullet")

    heading(data["h"]["profile"])
    document.add_paragraph(data["basics"]["summary"])
    heading(data["h"]["work"])
    for job in data["work"]:
        row(job["dates"], job["position"], f"{job['name']}, {job['location']}", bullets=tuple(job["highlights"]))
    _tail(
        document, data, heading, lambda one: row(one["dates"], f"{one['studyType']}, {one['area']}", one["institution"])
    )
    document.save(str(path))


def typed(data: Data, path: Path) -> None:
    """Plain paragraphs with typed marks and tabs, as after a copy from a mail."""
    document = Document()
    document.add_paragraph(data["basics"]["name"])
    document.add_paragraph(_contact(data))

    def heading(text: str) -> None:
        document.add_paragraph(text.upper())

    heading(data["h"]["profile"])
    document.add_paragraph(data["basics"]["summary"])
    heading(data["h"]["work"])
    for job in data["work"]:
        document.add_paragraph(f"{job['dates']}\t{job['position']}")
        document.add_paragraph(f"\t{job['name']}, {job['location']}")
        for bullet in job["highlights"]:
            document.add_paragraph(f"\t•\t{bullet}")
        document.add_paragraph("")
    _tail(
        document,
        data,
        heading,
        lambda one: document.add_paragraph(f"{one['dates']}\t{one['studyType']}, {one['area']}, {one['institution']}"),
    )
    document.save(str(path))


def columns(data: Data, path: Path) -> None:
    """Two columns made by a table: contact, skills and languages beside the jobs."""
    document = Document()
    left, right = document.add_table(1, 2).rows[0].cells
    left.width, right.width = Cm(5), Cm(11)
    left.text = data["basics"]["name"]
    left.paragraphs[0].runs[0].font.size = Pt(18)

    def add(cell: Any, text: str, *, bold: bool = False, style: str | None = None) -> None:
        cell.add_paragraph(style=style).add_run(text).bold = bold

    for text in (data["basics"]["label"], data["basics"]["email"], data["basics"]["phone"]):
        add(left, text)
    add(left, data["h"]["skills"], bold=True)
    for skill in data["skills"]:
        add(left, f"{skill['name']}: {', '.join(skill['keywords'])}")
    add(left, data["h"]["languages"], bold=True)
    for one in data["languages"]:
        add(left, f"{one['language']} – {one['fluency']}")
    right.text = data["h"]["profile"]
    right.paragraphs[0].runs[0].bold = True
    add(right, data["basics"]["summary"])
    add(right, data["h"]["work"], bold=True)
    for job in data["work"]:
        add(right, job["position"], bold=True)
        add(right, f"{job['name']} | {job['location']} | {job['dates']}")
        for bullet in job["highlights"]:
            add(right, bullet, style="List Bullet")
    add(right, data["h"]["education"], bold=True)
    for one in data["education"]:
        add(right, f"{one['studyType']}, {one['area']}", bold=True)
        add(right, f"{one['institution']} | {one['dates']}")
    add(right, data["h"]["certificates"], bold=True)
    for one in data["certificates"]:
        add(right, f"{one['name']}, {one['issuer']}, {one['on']}")
    document.save(str(path))


WORD = {"word_styles": styles, "word_table": table, "word_typed": typed, "word_columns": columns}
