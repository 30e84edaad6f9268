"""Check that the exact texts of the truth, the claims and the postings occur where they should."""

import html
import json
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))


def norm(s):
    return re.sub(r"[\s\u00ad\ufffe]+", "", s)


def text(path):
    if path.endswith(".pdf"):
        import pypdfium2

        return (
            "\n".join(p.get_textpage().get_text_range() for p in pypdfium2.PdfDocument(path))
            .replace("\ufb01", "fi")
            .replace("\ufb02", "fl")
        )
    if path.endswith(".docx"):
        import docx

        return "\n".join(
            "".join(
                t.text or ("\t" if t.tag.endswith("tab") else "") for t in p.iter() if t.tag.endswith(("}t", "}tab"))
            )
            for p in docx.Document(path).element.body.iter()
            if p.tag.endswith("}p")
        )
    s = open(path).read()
    return html.unescape(re.sub(r"<[^>]*>", "\n", s)) if path.endswith(".html") else s


bad = 0
truth = json.load(open(HERE + "/resumes.json"))
texts = {f: norm(text(f"{HERE}/resumes/{f}")) for f in truth}
for f, r in truth.items():
    for x in [r["name"]] + [x for j in r["jobs"] for x in [j["title"], j["employer"], *j["bullets"]]]:
        if norm(x) not in texts[f]:
            bad += 1
            print("resume", f, repr(x))
if os.path.exists(HERE + "/claims.json"):
    cs = json.load(open(HERE + "/claims.json"))
    for i, c in enumerate(cs):
        for ln in c["original"].splitlines():
            for part in [ln] if norm(ln) in texts[c["file"]] else ln.split(" | "):
                if norm(part) not in texts[c["file"]]:
                    bad += 1
                    print("claim", i, c["file"], repr(part))
        for x in c["invented"]:
            if x not in c["rewrite"]:
                bad += 1
                print("invented", i, repr(x))
    print(len(cs), "claims,", sum(bool(c["invented"]) for c in cs), "with an invention")
if os.path.exists(HERE + "/postings.json"):
    ps = json.load(open(HERE + "/postings.json"))
    for p in ps:
        for x in [r["text"] for r in p["requirements"]] + p["noise"]:
            if x not in p["text"]:
                bad += 1
                print("posting", p["trade"], repr(x))
        n = len(p["text"].split())
        if not 150 <= n <= 600:
            print("words", p["trade"], n)
    print(len(ps), "postings")
print("bad:", bad)
