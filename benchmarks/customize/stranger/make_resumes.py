"""Write resumes/ and resumes.json from people.py. Needs chromium, typst and python-docx."""

import html
import json
import os
import subprocess
import sys
import tempfile

from people import HAND, P

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "resumes")
e = html.escape


def ul(b):
    return "<ul>" + "".join(f"<li>{e(x)}</li>" for x in b) + "</ul>" if b else ""


def ex(p, tag="h2"):
    return "".join(f"<{tag}>{e(t)}</{tag}>" + (ul(ls) if len(ls) > 1 else f"<p>{e(ls[0])}</p>") for t, ls in p["extra"])


def page(css, body, font="Liberation Sans", size="10pt"):
    return f"<!doctype html><meta charset=utf-8><style>@page{{size:A4;margin:15mm}}body{{font:{size} '{font}';margin:0}}{css}</style>{body}"


def top(p):
    return f"<h1>{e(p['name'])}</h1><p class=h>{e(p['head'])}</p><p class=c>{e(' · '.join(p['contact']))}</p>"


def jobs(p, f):
    return "".join(f(*j) for j in p["jobs"])


def H(p):
    L = p["layout"]
    s = f"<p>{e(p['summary'])}</p>" if p["summary"] else ""
    w = f"<h2>{e(p['work'])}</h2>"
    if L == "sidebar":
        side = "".join(f"<p>{e(c)}</p>" for c in p["contact"]) + ex(p, "h3")
        j = jobs(
            p,
            lambda t, em, pl, d, a, z, b: f"<p class=j><b>{e(t)}</b><br>{e(em)}, {e(pl)}<br><i>{e(d)}</i></p>" + ul(b),
        )
        return page(
            ".g{display:grid;grid-template-columns:30% 1fr;gap:8mm}.s{background:#e7eef3;padding:5mm}ul{padding-left:5mm}.j{margin-bottom:0}",
            f"<div class=g><div class=s>{side}</div><div><h1>{e(p['name'])}</h1><p>{e(p['head'])}</p>{s}{w}{j}</div></div>",
        )
    if L == "table_left":
        j = (
            "<table>"
            + jobs(
                p, lambda t, em, pl, d, a, z, b: f"<tr><td class=d>{e(d)}<td><b>{e(t)}</b>, {e(em)}, {e(pl)}" + ul(b)
            )
            + "</table>"
        )
        return page(
            "td{vertical-align:top;padding:1mm 3mm}.d{white-space:nowrap}h2{border-bottom:1px solid #000}",
            top(p) + s + w + j + ex(p),
            "Liberation Serif",
            "11pt",
        )
    if L == "lebenslauf":
        j = (
            "<table>"
            + jobs(
                p,
                lambda t, em, pl, d, a, z, b: (
                    f"<tr><td class=d>{e(d)}<td>{e(t)}<br>{e(em)}, {e(pl)}" + "".join(f"<br>– {e(x)}" for x in b)
                ),
            )
            + "</table>"
        )
        xs = "".join(
            f"<table><tr><td class=d><b>{e(t)}</b><td>{'<br>'.join(map(e, ls))}</table>" for t, ls in p["extra"]
        )
        return page("td{vertical-align:top;padding:2mm}.d{width:45mm}", "<p>Lebenslauf</p>" + top(p) + s + w + j + xs)
    if L == "centered":
        j = jobs(
            p,
            lambda t, em, pl, d, a, z, b: (
                f"<p style='text-align:center;margin-bottom:0'>{e(t)} — {e(em)} ({e(pl)})<br><i>{e(d)}</i></p>" + ul(b)
            ),
        )
        return page(
            "h1,h2,.h,.c{text-align:center}h2{font-variant:small-caps}",
            top(p) + s + w + j + ex(p),
            "DejaVu Serif",
            "9.5pt",
        )
    if L == "flex_right":
        j = jobs(
            p,
            lambda t, em, pl, d, a, z, b: (
                f"<div class=f><b>{e(em)}</b><span>{e(pl)}</span></div><div class=f><i>{e(t)}</i><span>{e(d)}</span></div>"
                + ul(b)
            ),
        )
        return page(
            ".f{display:flex;justify-content:space-between}h2{text-transform:uppercase;font-size:11pt;border-top:2px solid #333}",
            top(p) + s + w + j + ex(p),
        )
    if L == "dense":
        j = jobs(p, lambda t, em, pl, d, a, z, b: f"<p><b>{e(em)}</b> | {e(t)} | {e(pl)} | {e(d)}</p>" + ul(b))
        return page(
            "p,ul{margin:0}h1{font-size:12pt;margin:0}h2{font-size:9pt;margin:1mm 0 0;background:#ddd}ul{padding-left:3mm}",
            top(p) + s + w + j + ex(p),
            size="7.5pt",
        )
    if L == "dates_below":
        j = jobs(
            p,
            lambda t, em, pl, d, a, z, b: (
                f"<h3>{e(t)}</h3><div>{e(em)}, {e(pl)}</div><div class=d>{e(d)}</div>" + ul(b)
            ),
        )
        return page(".d{color:#777;font-size:9pt}h3{margin-bottom:0;color:#225}", top(p) + s + w + j + ex(p))
    if L == "dark_right":
        side = ex(p, "h3") + "".join(f"<p>{e(c)}</p>" for c in p["contact"])
        j = jobs(
            p,
            lambda t, em, pl, d, a, z, b: (
                f"<div class=f><b>{e(t)} @ {e(em)}</b> <small>{e(d)}, {e(pl)}</small></div>" + ul(b)
            ),
        )
        return page(
            ".g{display:flex;gap:6mm}.m{flex:2}.s{flex:1;background:#223;color:#fff;padding:4mm}.s ul{list-style:none;padding:0}",
            f"<h1>{e(p['name'])}</h1><p>{e(p['head'])}</p><div class=g><div class=m>{s}{w}{j}</div><div class=s>{side}</div></div>",
            "DejaVu Sans",
            "9pt",
        )
    if L == "two_columns":
        j = jobs(
            p,
            lambda t, em, pl, d, a, z, b: (
                f"<p class=j><b>{e(t)}</b><br>{e(', '.join(x for x in (em, pl) if x))}<br>{e(d)}</p>" + ul(b)
            ),
        )
        return page(
            ".k{columns:2;column-gap:9mm}h2{break-after:avoid}.j{margin-bottom:0;break-after:avoid}",
            top(p) + f"<div class=k>{s}{w}{j}{ex(p)}</div>",
            "Liberation Serif",
        )
    if L == "timeline":
        j = jobs(
            p,
            lambda t, em, pl, d, a, z, b: (
                f"<div class=t><span class=d>{e(d)}</span><div><b>{e(t)}</b> · {e(em)} · {e(pl)}{ul(b)}</div></div>"
            ),
        )
        return page(
            ".t{border-left:3px solid #2a7;padding-left:5mm;margin:3mm 0}.d{display:block;font-weight:bold;color:#2a7}",
            top(p) + s + w + j + ex(p),
        )
    if L == "html_semantic":
        j = jobs(
            p,
            lambda t, em, pl, d, a, z, b: (
                f"<article><h3>{e(t)}, {e(em)}</h3><p><time>{e(d)}</time> <span>{e(pl)}</span></p>{ul(b)}</article>\n"
            ),
        )
        return f"<!doctype html><html lang=fr><head><meta charset=utf-8><title>CV</title><script>var a=1;</script></head><body><header>{top(p)}</header><main>{s}<section>{w}{j}</section>{ex(p)}</main></body></html>"
    if L == "html_table":
        j = (
            "<table border=0>"
            + jobs(
                p,
                lambda t, em, pl, d, a, z, b: (
                    f"<tr><td rowspan=1><font color=gray>{e(d)}</font></td><td><b>{e(em)}</b>&nbsp;&ndash; {e(t)} ({e(pl)})<br>"
                    + "<br>".join("&bull; " + e(x) for x in b)
                    + "</td></tr>\n"
                ),
            )
            + "</table>"
        )
        return f"<html><head><meta charset='utf-8'></head><body bgcolor=white><center><h1>{e(p['name'])}</h1></center><p>{e(p['head'])}<br>{e(' | '.join(p['contact']))}</p>{s}{w}{j}{ex(p)}</body></html>"
    raise KeyError(L)


def q(x):
    return "#" + json.dumps(x, ensure_ascii=False)


def tul(b):
    return "\n".join("- " + q(x) for x in b) + "\n"


def T(p):
    L = p["layout"]
    exs = "".join(f"\n== {q(t)}\n{tul(ls)}" for t, ls in p["extra"])
    head = f"= {q(p['name'])}\n{q(p['head'])} \\\n{q(' | '.join(p['contact']))}\n\n" + (
        q(p["summary"]) + "\n" if p["summary"] else ""
    )
    w = f"\n== {q(p['work'])}\n"
    if L == "typ_grid":
        return (
            "#set page(margin: 18mm)\n#set text(10pt)\n"
            + head
            + w
            + "\n".join(
                f"#grid(columns: (38mm, 1fr), gutter: 3mm, [{q(d)}], [*{q(t)}* \\ {q(em)}, {q(pl)}\n{tul(b)}])"
                for t, em, pl, d, a, z, b in p["jobs"]
            )
            + exs
        )
    if L == "typ_academic":
        return (
            '#set page(paper: "us-letter", numbering: "1", margin: 30mm)\n#set text(11.5pt)\n'
            + head
            + exs
            + w
            + "\n".join(f"*{q(t)}*, {q(em)}, {q(pl)} #h(1fr) {q(d)}\n{tul(b)}" for t, em, pl, d, a, z, b in p["jobs"])
        )
    if L == "typ_cols":
        return (
            '#set page(paper: "us-letter", columns: 2, margin: 16mm)\n#set text(9.5pt, hyphenate: false)\n'
            + head
            + exs
            + w
            + "\n".join(f"*{q(em)}* \\ {q(t)}, {q(pl)} \\ _{q(d)}_\n{tul(b)}" for t, em, pl, d, a, z, b in p["jobs"])
        )
    return (
        "#set page(margin: 22mm)\n"
        + head
        + w
        + "\n".join(f"{q(d)}: {q(t)}, {q(em)}, {q(pl)}\n{tul(b)}" for t, em, pl, d, a, z, b in p["jobs"])
        + exs
    )


def D(p, path):
    import docx
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.shared import Cm

    d = docx.Document()
    L = p["layout"]
    if L == "docx_plain":
        d.add_paragraph(p["name"])
    else:
        d.add_heading(p["name"], 0)
    d.add_paragraph(p["head"])
    d.add_paragraph(", ".join(p["contact"]))
    if p["summary"]:
        d.add_paragraph(p["summary"])

    def extra():
        for t, ls in p["extra"]:
            if L == "docx_plain":
                d.add_paragraph().add_run(t.upper()).bold = True
            else:
                d.add_heading(t, 1)
            for x in ls:
                d.add_paragraph("- " + x) if L == "docx_plain" else d.add_paragraph(x, style="List Bullet")

    if L == "docx_functional":
        extra()
    if p["jobs"]:
        d.add_heading(p["work"], 1)
    if L == "docx_table":
        t = d.add_table(rows=0, cols=2)
        for ti, em, pl, ds, a, z, b in p["jobs"]:
            c = t.add_row().cells
            c[0].text = ds
            c[1].text = f"{ti}, {em}, {pl}"
            for x in b:
                c[1].add_paragraph(x, style="List Bullet")
    else:
        for ti, em, pl, ds, a, z, b in p["jobs"]:
            if L == "docx_tabs":
                r = d.add_paragraph()
                r.paragraph_format.tab_stops.add_tab_stop(Cm(15), WD_TAB_ALIGNMENT.RIGHT)
                r.add_run(em + ", " + pl).bold = True
                r.add_run("\t" + ds)
                d.add_paragraph(ti)
            elif L == "docx_functional":
                d.add_paragraph(f"{ti}, {em}, {ds}")
            else:
                d.add_heading(ti, 2)
                d.add_paragraph(f"{em}, {pl} ({ds})")
            for x in b:
                d.add_paragraph(x, style="List Bullet")
    if L != "docx_functional":
        extra()
    d.save(path)


def chrome(src, path):
    with tempfile.TemporaryDirectory() as tmp:
        f = os.path.join(tmp, "a.html")
        open(f, "w").write(src)
        subprocess.run(
            [
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--user-data-dir=" + tmp + "/p",
                "--no-pdf-header-footer",
                "--print-to-pdf=" + path,
                f,
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=120,
        )


def main():
    os.makedirs(OUT, exist_ok=True)
    for p in P:
        if len(sys.argv) > 1 and sys.argv[1] not in p["file"]:
            continue
        path = os.path.join(OUT, p["file"])
        if p["layout"] == "hand":
            open(path, "w").write(HAND[p["file"]])
        elif p["layout"].startswith("docx"):
            D(p, path)
        elif p["layout"].startswith("typ"):
            import typst

            with tempfile.TemporaryDirectory() as tmp:
                open(tmp + "/a.typ", "w").write(T(p))
                typst.compile(tmp + "/a.typ", output=path)
        elif path.endswith(".html"):
            open(path, "w").write(H(p))
        else:
            chrome(H(p), path)
        print(p["file"], os.path.getsize(path), flush=True)
    truth = {
        p["file"]: {
            "name": p["name"],
            "jobs": [dict(title=t, employer=em, start=a, end=z, bullets=b) for t, em, pl, d, a, z, b in p["jobs"]],
        }
        for p in P
    }
    json.dump(truth, open(os.path.join(os.path.dirname(OUT), "resumes.json"), "w"), ensure_ascii=False, indent=1)


main()
