"""Make the sixteen files, and resumes.json with what they say: `python -m benchmarks.customize.layouts.make`.

Needs Chromium, LibreOffice, typst and python-docx. Each layout was written before a look at the rules that read it.
"""

from __future__ import annotations

import html
import json
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docx
import typst
from docx.shared import Cm, Pt

from benchmarks.customize.layouts.people import PEOPLE, Person

if TYPE_CHECKING:
    from collections.abc import Callable

FILES = Path(__file__).with_name("resumes")


def month(person: Person, date: str, style: str = "name") -> str:
    """Write a date as a person of the language does."""
    if date == "present":
        return str(person["now"])
    year, _, number = date.partition("-")
    return {"name": f"{person['months'][int(number) - 1]} {year}", "slash": f"{number}/{year}",
            "dot": f"{number}.{year}", "year": year, "dash": f"{year}-{number}"}[style]  # fmt: skip


def span(person: Person, job: Person, style: str = "name", to: str = " – ") -> str:
    """Write both dates of a job."""
    return f"{month(person, job['start'], style)}{to}{month(person, job['end'], style)}"


# ------------------------------------------------------------------------------------------------------------- Typst


def _t(text: str) -> str:
    """Keep a text from meaning anything to Typst."""
    return f"#{json.dumps(text, ensure_ascii=False)}"


def _typst(name: str, body: str, setup: str = "") -> None:
    source = f'#set text(font: "DejaVu Sans", size: 10pt)\n#set page(paper: "a4", margin: 2cm)\n{setup}\n{body}'
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "paper.typ"
        path.write_text(source, encoding="utf-8")
        typst.compile(str(path), output=str(FILES / name))


def sentence_headings(p: Person) -> None:
    """Jobs headed by a sentence: "2021 – now: Title at Employer, Place"."""
    jobs = "\n".join(
        f"*{_t(span(p, j, 'name', ' to '))}: {_t(j['title'])} at {_t(j['employer'])}, {_t(j['place'])}*\n"
        + "\n".join(f"#par(hanging-indent: 1em)[– {_t(b)}]" for b in j["bullets"])
        for j in p["jobs"]
    )
    h = p["heads"]
    _typst("sentence.pdf", f"""
#text(18pt)[{_t(p["name"])}] #h(1fr) {_t(p["label"])}
#line(length: 100%)
{_t(" / ".join(p["contact"]))}

#text(13pt, fill: blue)[{_t(h["profile"])}]

{_t(p["summary"])}

#text(13pt, fill: blue)[{_t(h["work"])}]

{jobs}

#text(13pt, fill: blue)[{_t(h["education"])}]

{_t(f"{p['education'][0][2]} to {p['education'][0][3]}: {p['education'][0][0]} at {p['education'][0][1]}")}

#text(13pt, fill: blue)[{_t(h["skills"])}]

{_t(" · ".join(p["skills"]))}""")  # fmt: skip


def employers_beside(p: Person) -> None:
    """Employer and place in a column at the left, title, dates and bullets at the right, and headings in that column."""
    rows = [("", f"{_t(p['summary'])}", p["heads"]["profile"])]
    for number, j in enumerate(p["jobs"]):
        left = f"#emph[{_t(j['employer'])}] \\ #text(8pt)[{_t(j['place'])}]"
        right = f"*{_t(j['title'])}* \\ #text(8pt)[{_t(span(p, j, 'slash'))}]\n" + "\n".join(
            f"+ {_t(b)}" for b in j["bullets"]
        )
        rows.append((left, right, p["heads"]["work"] if number == 0 else ""))
    degree = p["education"][0]
    rows.append((f"#emph[{_t(degree[1])}]", f"*{_t(degree[0])}* \\ {degree[2]} – {degree[3]}", p["heads"]["education"]))
    cells = ""
    for left, right, head in rows:
        if head:
            cells += f"grid.cell(colspan: 2)[#smallcaps[*{_t(head)}*]],"
        cells += f"[{left}], [{right}],"
    _typst("employers_beside.pdf", f"""#align(right)[#text(20pt)[{_t(p["name"])}] \\ {_t(" – ".join(p["contact"]))}]
#grid(columns: (4.2cm, 1fr), row-gutter: 12pt, {cells})""")  # fmt: skip


def centred(p: Person) -> None:
    """Each line of a job in the middle of the page, its bullets too, without marks."""
    jobs = "\n#v(8pt)\n".join(
        f"#text(12pt)[{_t(j['title'])}] \\ _{_t(j['employer'])}_ ({_t(j['place'])}) \\ {_t(span(p, j))} \\ "
        + " \\ ".join(f"› {_t(b)}" for b in j["bullets"])
        for j in p["jobs"]
    )
    h = p["heads"]
    _typst("centred.pdf", f"""#set align(center)
#text(22pt, tracking: 3pt)[{_t(p["name"].upper())}] \\ {_t(p["label"])} \\ {_t("  •  ".join(p["contact"]))}
#v(8pt)
~~~ {_t(h["profile"])} ~~~ \\ {_t(p["summary"])}
#v(8pt)
~~~ {_t(h["work"])} ~~~
#v(4pt)
{jobs}
#v(8pt)
~~~ {_t(h["education"])} ~~~ \\ {_t(p["education"][0][0])}, {_t(p["education"][0][1])}, {p["education"][0][3]}
#v(8pt)
~~~ {_t(h["languages"])} ~~~ \\ {_t(" | ".join(p["languages"]))}""".replace("~~~", "—"))  # fmt: skip


def cards_in_pairs(p: Person) -> None:
    """Jobs as boxes, two in a row, with dates at the foot of each."""
    boxes = ",".join(
        f"box(stroke: 0.5pt, inset: 8pt, width: 100%)[*{_t(j['title'])}* \\ {_t(j['employer'])}\n"
        + "\n".join(f"- {_t(b)}" for b in j["bullets"])
        + f"\n#text(8pt, fill: gray)[{_t(span(p, j))}, {_t(j['place'])}]]"
        for j in p["jobs"]
    )
    h = p["heads"]
    head = "#block(fill: luma(220), width: 100%, inset: 4pt)"
    _typst("cards_in_pairs.pdf", f"""#text(24pt, weight: "bold")[{_t(p["name"])}]

{_t(p["label"])}, {_t(p["contact"][2])} #h(1fr) {_t(p["contact"][0])} #h(1fr) {_t(p["contact"][1])}
{head}[{_t(h["profile"])}]
{_t(p["summary"])}
{head}[{_t(h["work"])}]
#grid(columns: (1fr, 1fr), gutter: 10pt, {boxes})
{head}[{_t(h["skills"])}]
{_t(", ".join(p["skills"]))}
{head}[{_t(h["education"])}]
{_t(p["education"][0][0])} ({p["education"][0][3]}), {_t(p["education"][0][1])}""")  # fmt: skip


def year_headings(p: Person) -> None:
    """Dates as a large heading above each job, then employer · title on a line, and plain sentences."""
    jobs = "\n\n".join(
        f'#text(14pt, fill: rgb("#a33"))[{_t(span(p, j, "year", "—"))}]\n\n*{_t(j["employer"])}* · {_t(j["title"])} '
        f"· {_t(j['place'])}\n\n" + "\n\n".join(f"#h(1em){_t(b)}." for b in j["bullets"])
        for j in p["jobs"]
    )
    h = p["heads"]
    head = '#text(9pt, weight: "bold", tracking: 4pt)'
    _typst("year_headings.pdf", f"""
#place(top + right)[#block(width: 5cm)[{_t(p["contact"][0])} \\ {_t(p["contact"][1])} \\ {_t(p["contact"][2])}]]
#text(20pt)[{_t(p["name"])}] \\ {_t(p["label"])}
#v(2em)
{head}[{_t(h["work"].upper())}]

{jobs}

{head}[{_t(h["education"].upper())}]

#text(14pt, fill: rgb("#a33"))[{p["education"][0][2]}—{p["education"][0][3]}]

*{_t(p["education"][0][1])}* · {_t(p["education"][0][0])}

{head}[{_t(h["skills"].upper())}]

{_t("; ".join(p["skills"]))}""")  # fmt: skip


# ---------------------------------------------------------------------------------------------------------- Chromium

_E = html.escape


def _printed(name: str, body: str, css: str, person: Person) -> None:
    page = f"<!doctype html><html lang={person['language']}><meta charset=utf-8><style>{css}</style><body>{body}"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "paper.html"
        source.write_text(page, encoding="utf-8")
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile"]
        subprocess.run(  # noqa: S603 - our own page
            [*command, "--no-pdf-header-footer", f"--print-to-pdf={FILES / name}", source.as_uri()],
            check=True, capture_output=True,
        )  # fmt: skip


def network_export(p: Person) -> None:
    """Like the export of a network for careers: employer, title, dates with a length, place, text, each on a line."""

    def job(j: Person) -> str:
        length = {"pt": "anos", "en": "years"}[p["language"]]
        return (
            f"<h3>{_E(j['employer'])}</h3><div>{_E(j['title'])}</div><div class=g>{_E(span(p, j, to=' - '))} "
            f"(4 {length})</div><div class=g>{_E(j['place'])}</div>"
            + "".join(f"<p>- {_E(b)}</p>" for b in j["bullets"])
        )

    h = p["heads"]
    side = (
        f"<h4>Contactar</h4><p>{'<br>'.join(map(_E, p['contact']))}</p><h4>{_E(h['skills'])}</h4>"
        + "".join(f"<p>{_E(s)}</p>" for s in p["skills"]) + f"<h4>{_E(h['languages'])}</h4>"
        + "".join(f"<p>{_E(one)}</p>" for one in p["languages"])
    )  # fmt: skip
    main = (
        f"<h1>{_E(p['name'])}</h1><div>{_E(p['label'])}</div><h2>{_E(h['profile'])}</h2><p>{_E(p['summary'])}</p>"
        f"<h2>{_E(h['work'])}</h2>{''.join(map(job, p['jobs']))}<h2>{_E(h['education'])}</h2>"
        f"<h3>{_E(p['education'][0][1])}</h3><div>{_E(p['education'][0][0])} · ({' - '.join(p['education'][0][2:])})</div>"
    )
    css = """@page{margin:0} body{margin:0;display:flex;font:11pt sans-serif} aside{width:5cm;background:#234;color:#fff;
    padding:1cm;min-height:27cm} main{flex:1;padding:1cm} p{margin:3px 0} .g{color:#666;font-size:9pt} h3{margin:14px 0 0}"""
    _printed("network_export.pdf", f"<aside>{side}</aside><main>{main}</main>", css, p)


def dates_stacked(p: Person) -> None:
    """Begin and end of a job above one another in a narrow column, with an arrow between them."""
    rows = "".join(
        f"<div class=r><div class=d>{_E(month(p, j['end']))}<br>↑<br>{_E(month(p, j['start']))}</div><div><b>"
        f"{_E(j['title'])}</b><br><i>{_E(j['employer'])}, {_E(j['place'])}</i><ul>"
        + "".join(f"<li>{_E(b)}</li>" for b in j["bullets"]) + "</ul></div></div>"
        for j in p["jobs"]
    )  # fmt: skip
    h = p["heads"]
    body = (
        f"<header><h1>{_E(p['name'])}</h1><p>{' · '.join(map(_E, p['contact']))}</p></header><h2>{_E(h['profile'])}</h2>"
        f"<p>{_E(p['summary'])}</p><h2>{_E(h['work'])}</h2>{rows}<h2>{_E(h['education'])}</h2><div class=r><div class=d>"
        f"{p['education'][0][3]}<br>↑<br>{p['education'][0][2]}</div><div><b>{_E(p['education'][0][0])}</b><br>"
        f"<i>{_E(p['education'][0][1])}</i></div></div><h2>{_E(h['skills'])}</h2><p>{', '.join(map(_E, p['skills']))}</p>"
    )
    css = """body{font:11pt serif} .r{display:flex;gap:1cm;margin:8px 0} .d{width:2.6cm;text-align:center;color:#345}
    h2{border-left:6px solid #345;padding-left:8px}"""
    _printed("dates_stacked.pdf", body, css, p)


def table_of_jobs(p: Person) -> None:
    """A table with a row a job, and a head row that says what the columns are."""
    heads = {"it": "Periodo|Azienda|Ruolo|Attività svolte", "nl": "Periode|Werkgever|Functie|Werkzaamheden"}
    rows = "".join(
        f"<tr><td>{_E(span(p, j, 'slash', '–'))}<td>{_E(j['employer'])}, {_E(j['place'])}<td>{_E(j['title'])}<td>"
        + "".join(f"<div>• {_E(b)}</div>" for b in j["bullets"])
        for j in p["jobs"]
    )
    h = p["heads"]
    head = "".join(f"<th>{_E(one)}" for one in heads[p["language"]].split("|"))
    body = (
        f"<h1>{_E(p['name'])}</h1><p>{_E(p['label'])}<br>{'<br>'.join(map(_E, p['contact']))}</p><h2>{_E(h['work'])}</h2>"
        f"<table><tr>{head}{rows}</table><h2>{_E(h['education'])}</h2><p>{_E(p['education'][0][0])}, "
        f"{_E(p['education'][0][1])} ({p['education'][0][3]})</p><h2>{_E(h['skills'])}</h2><ul>"
        + "".join(f"<li>{_E(s)}</li>" for s in p["skills"]) + "</ul>"
    )  # fmt: skip
    css = """body{font:10pt sans-serif} table{border-collapse:collapse} td,th{border:1px solid #999;padding:5px;
    vertical-align:top;text-align:left} td:first-child{width:2.2cm} td:nth-child(2),td:nth-child(3){width:3.4cm}"""
    _printed("table_of_jobs.pdf", body, css, p)


def numbered(p: Person) -> None:
    """Jobs and sections that are numbered: 2., 2.1, (a)."""
    jobs = "".join(
        f"<p><b>2.{n} {_E(j['title'])}</b>, {_E(j['employer'])} te {_E(j['place'])}, "
        f"{_E(span(p, j, to=' t/m '))}</p>"
        + "".join(f"<p class=b>({'abc'[at]}) {_E(b)}</p>" for at, b in enumerate(j["bullets"]))
        for n, j in enumerate(p["jobs"], 1)
    )
    h = p["heads"]
    body = (
        f"<h1>Curriculum vitae</h1><p>{_E(p['name'])}<br>{'<br>'.join(map(_E, p['contact']))}</p>"
        f"<h2>1. {_E(h['profile'])}</h2><p>{_E(p['summary'])}</p><h2>2. {_E(h['work'])}</h2>{jobs}"
        f"<h2>3. {_E(h['education'])}</h2><p><b>3.1 {_E(p['education'][0][0])}</b>, {_E(p['education'][0][1])}, "
        f"{p['education'][0][2]} t/m {p['education'][0][3]}</p><h2>4. {_E(h['skills'])}</h2><p>{', '.join(p['skills'])}</p>"
    )
    _printed("numbered.pdf", body, "body{font:11pt serif} .b{margin:2px 0 2px 1cm} h2{font-size:13pt}", p)


# ------------------------------------------------------------------------------------------- Word, LibreOffice, text


def _paper(size: float = 11) -> Any:  # noqa: ANN401 - python-docx has no types for it
    paper = docx.Document()
    paper.styles["Normal"].font.size = Pt(size)
    return paper


def word_nested_tables(p: Person) -> None:
    """A table a job: title and dates above, bullets in one cell below."""
    paper = _paper()
    paper.add_paragraph().add_run(p["name"]).font.size = Pt(20)
    paper.add_paragraph("\t".join(p["contact"]))
    for key in ("profile", "work", "education", "skills"):
        paper.add_paragraph(style="Intense Quote").add_run(p["heads"][key])
        if key == "profile":
            paper.add_paragraph(p["summary"])
        if key == "work":
            for j in p["jobs"]:
                table = paper.add_table(2, 2, style="Light Grid Accent 1")
                table.cell(0, 0).text = f"{j['title']}\n{j['employer']}, {j['place']}"
                table.cell(0, 1).text = span(p, j, "dot")
                cell = table.cell(1, 0).merge(table.cell(1, 1))
                cell.text = j["bullets"][0]
                for bullet in j["bullets"][1:]:
                    cell.add_paragraph(bullet, style="List Bullet")
                cell.paragraphs[0].style = "List Bullet"
                paper.add_paragraph()
        if key == "education":
            paper.add_paragraph(", ".join(p["education"][0]))
        if key == "skills":
            paper.add_paragraph(", ".join(p["skills"]))
    paper.save(str(FILES / "nested_tables.docx"))


def word_roles_below(p: Person) -> None:
    """An employer once as a heading with the whole time, its positions as smaller headings with their own dates."""
    paper = _paper()
    paper.add_heading(p["name"], 0)
    paper.add_paragraph(" • ".join(p["contact"]))
    paper.add_heading(p["heads"]["work"], 1)
    before = ""
    for j in p["jobs"]:
        if j["employer"] != before:
            same = [one for one in p["jobs"] if one["employer"] == j["employer"]]
            paper.add_heading(f"{j['employer']} — {j['place']}", 2)
            if len(same) > 1:
                whole = f"{month(p, same[-1]['start'])} to {month(p, same[0]['end'])}"
                paper.add_paragraph(whole).runs[0].italic = True
        before = j["employer"]
        paper.add_heading(f"{j['title']} | {span(p, j)}", 3)
        for bullet in j["bullets"]:
            paper.add_paragraph(bullet, style="List Number")
    paper.add_heading(p["heads"]["education"], 1)
    paper.add_heading(p["education"][0][1], 2)
    paper.add_heading(f"{p['education'][0][0]} | {p['education'][0][3]}", 3)
    paper.add_heading(p["heads"]["skills"], 1)
    paper.add_paragraph(" – ".join(p["skills"]))
    paper.save(str(FILES / "roles_below.docx"))


def word_one_paragraph(p: Person) -> None:
    """A whole job in a paragraph, its lines parted by line breaks, dates in brackets after the employer."""
    paper = _paper()
    paper.add_paragraph("Lebenslauf").runs[0].bold = True
    paper.add_paragraph("\n".join([p["name"], *p["contact"]]))
    paper.add_paragraph(p["heads"]["work"]).runs[0].underline = True
    for j in p["jobs"]:
        lines = [f"{j['employer']} ({span(p, j, 'slash', '-')})", f"als {j['title']} in {j['place']}"]
        paper.add_paragraph("\n".join([*lines, *(f"* {b}" for b in j["bullets"])]))
    paper.add_paragraph(p["heads"]["education"]).runs[0].underline = True
    degree = p["education"][0]
    paper.add_paragraph(f"{degree[1]} ({degree[2]}-{degree[3]})\n{degree[0]}")
    paper.add_paragraph(p["heads"]["skills"]).runs[0].underline = True
    paper.add_paragraph("\n".join(p["skills"]))
    paper.save(str(FILES / "one_paragraph.docx"))


def office_tabs(p: Person) -> None:
    """Words set by tabs: dates, then title, and employer, place below; printed by LibreOffice, with a footer."""
    paper = _paper(10.5)
    paper.sections[0].footer.paragraphs[0].text = f"{p['name']} · {p['label']}"
    paper.add_paragraph(p["name"]).runs[0].font.size = Pt(18)
    for label, value in zip(("E-mail", "Tel.", "Adres"), p["contact"], strict=True):
        paper.add_paragraph(f"{label}:\t{value}")
    for key in ("work", "education", "skills", "languages"):
        run = paper.add_paragraph().add_run(p["heads"][key].upper())
        run.bold = True
        if key == "work":
            for j in p["jobs"]:
                for line in (f"{span(p, j, 'dash', ' / ')}\t{j['title']}", f"\t{j['employer']}, {j['place']}"):
                    one = paper.add_paragraph(line)
                    one.paragraph_format.tab_stops.add_tab_stop(Cm(5))
                    one.paragraph_format.space_after = Pt(0)
                for bullet in j["bullets"]:
                    one = paper.add_paragraph(f"■ {bullet}")
                    one.paragraph_format.left_indent = Cm(5)
                    one.paragraph_format.space_after = Pt(2)
        if key == "education":
            paper.add_paragraph(f"{p['education'][0][2]} / {p['education'][0][3]}\t{p['education'][0][0]}")
            paper.add_paragraph(f"\t{p['education'][0][1]}")
        if key in {"skills", "languages"}:
            for one in p[key]:
                paper.add_paragraph(f"■ {one}")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "office_tabs.docx"
        paper.save(str(source))
        command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf"]
        subprocess.run(  # noqa: S603 - our own file
            [*command, "--outdir", str(FILES), str(source)], check=True, capture_output=True
        )


def typed_at(p: Person) -> None:
    """A text with lines of signs below headings, "Title @ Employer [dates]", bullets that wrap."""
    lines = [p["name"], "=" * len(p["name"]), ", ".join(p["contact"]), ""]
    for key in ("profile", "work", "education", "skills"):
        lines += [p["heads"][key], "-" * len(p["heads"][key])]
        if key == "profile":
            lines.append(p["summary"])
        if key == "work":
            for j in p["jobs"]:
                lines.append(f"{j['title']} @ {j['employer']} [{span(p, j, to=' -> ')}]")
                for bullet in j["bullets"]:
                    words = bullet.split()
                    lines += [f"  o {' '.join(words[:6])}", *([f"    {' '.join(words[6:])}"] if words[6:] else [])]
                lines.append("")
        if key == "education":
            lines.append(f"{p['education'][0][0]} @ {p['education'][0][1]} [{p['education'][0][3]}]")
        if key == "skills":
            lines.append(", ".join(p["skills"]))
        lines.append("")
    (FILES / "typed_at.txt").write_text("\n".join(lines), encoding="utf-8")


def typed_form(p: Person) -> None:
    """A text with labels: employer behind the dates, then position, place and duties with labels of their own."""
    lines = ["CURRICULUM VITAE", "", f"Imię i nazwisko: {p['name']}", f"E-mail: {p['contact'][0]}",
             f"Telefon: {p['contact'][1]}", "", p["heads"]["work"].upper(), ""]  # fmt: skip
    for j in p["jobs"]:
        lines += [f"{span(p, j, 'dot')}   {j['employer']}, {j['place']}", f"Stanowisko: {j['title']}", "Obowiązki:"]
        lines += [*(f"- {b}" for b in j["bullets"]), ""]
    degree = p["education"][0]
    lines += [p["heads"]["education"].upper(), "", f"{degree[2]} – {degree[3]}   {degree[1]}", degree[0], "",
              p["heads"]["skills"].upper(), "", *(f"- {s}" for s in p["skills"]), "",
              p["heads"]["languages"].upper(), "", ", ".join(p["languages"])]  # fmt: skip
    (FILES / "typed_form.txt").write_text("\n".join(lines), encoding="utf-8")


def web_page(p: Person) -> None:
    """A page of the web: articles with a time element, employer before title in one line, spans without spaces."""
    jobs = "".join(
        f"<article><p class=meta><time>{_E(month(p, j['start']))}</time><span>→</span><time>{_E(month(p, j['end']))}"
        f"</time></p><p><strong>{_E(j['employer'])}</strong><span> / {_E(j['title'])}</span><small> / {_E(j['place'])}"
        f"</small></p><ul>{''.join(f'<li><p>{_E(b)}</p></li>' for b in j['bullets'])}</ul></article>"
        for j in p["jobs"]
    )
    h = p["heads"]
    body = (
        f"<nav><a href='#w'>{_E(h['work'])}</a><a href='#e'>{_E(h['education'])}</a></nav><header><h1>{_E(p['name'])}</h1>"
        f"<p>{_E(p['label'])}</p><address>{'<br>'.join(map(_E, p['contact']))}</address></header><section><h2>"
        f"{_E(h['profile'])}</h2><p>{_E(p['summary'])}</p></section><section id=w><h2>{_E(h['work'])}</h2>{jobs}</section>"
        f"<section id=e><h2>{_E(h['education'])}</h2><article><p class=meta><time>{p['education'][0][2]}</time><span>→</span>"
        f"<time>{p['education'][0][3]}</time></p><p><strong>{_E(p['education'][0][1])}</strong><span> / "
        f"{_E(p['education'][0][0])}</span></p></article></section><section><h2>{_E(h['skills'])}</h2><p>"
        + "".join(f"<span class=tag>{_E(s)}</span> " for s in p["skills"]) + "</p></section>"
    )  # fmt: skip
    page = f"<!doctype html><html lang={p['language']}><meta charset=utf-8><title>CV</title><body>{body}</body></html>"
    (FILES / "web_page.html").write_text(page, encoding="utf-8")


LAYOUTS: dict[str, tuple[Callable[[Person], None], str]] = {
    "sentence.pdf": (sentence_headings, "harbour"),
    "employers_beside.pdf": (employers_beside, "froid"),
    "centred.pdf": (centred, "vetro"),
    "cards_in_pairs.pdf": (cards_in_pairs, "designer"),
    "year_headings.pdf": (year_headings, "library"),
    "network_export.pdf": (network_export, "fisio"),
    "dates_stacked.pdf": (dates_stacked, "elektro"),
    "table_of_jobs.pdf": (table_of_jobs, "vetro"),
    "numbered.pdf": (numbered, "molen"),
    "nested_tables.docx": (word_nested_tables, "fisio"),
    "roles_below.docx": (word_roles_below, "library"),
    "one_paragraph.docx": (word_one_paragraph, "elektro"),
    "office_tabs.pdf": (office_tabs, "molen"),
    "typed_at.txt": (typed_at, "designer"),
    "typed_form.txt": (typed_form, "magazyn"),
    "web_page.html": (web_page, "froid"),
}


def main() -> None:
    """Write all files."""
    FILES.mkdir(exist_ok=True)
    truth: dict[str, Any] = {}
    for file, (make, key) in LAYOUTS.items():
        person = PEOPLE[key]
        make(person)
        keys = ("title", "employer", "start", "end", "bullets")
        jobs = [{one: job[one] for one in keys} for job in person["jobs"]]
        if file == "year_headings.pdf":
            for job in jobs:
                job |= {one: job[one][:4] if job[one][0].isdigit() else job[one] for one in ("start", "end")}
        truth[file] = {"name": person["name"], "language": person["language"], "jobs": jobs}
    text = json.dumps(truth, ensure_ascii=False, indent=1)
    FILES.with_name("resumes.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
