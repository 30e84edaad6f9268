"""Make the generated resumes anew: `python -m benchmarks.customize.papers.make DIRECTORY`.

It needs typst, jinja2 and python-docx, and the programs chromium, soffice, lualatex and xelatex, in an environment of
its own. The files that were made are kept in `tests/operations/resume/papers`, so tests and benchmarks need none.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import jinja2
import typst

from .content import Data, load, written
from .plan import PAPERS, Paper
from .word import WORD

_TEMPLATES = Path(__file__).parent / "templates"
_TEX = re.compile(r"[&%$#_{}~^\\]")


def _tex(text: str) -> str:
    return _TEX.sub(
        lambda match: {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}.get(match[0], "\\" + match[0]), text
    )


def _jinja(template: str, data: Data) -> str:
    tex = template.endswith(".tex")
    marks = {
        "comment_start_string": "<#",
        "comment_end_string": "#>",
        "variable_start_string": "<<",
        "variable_end_string": ">>",
        "block_start_string": "<%",
        "block_end_string": "%>",
    }
    environment = jinja2.Environment(
        # LaTeX has its own escapes.
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=not tex,  # noqa: S701
        **(marks if tex else {}),
    )
    environment.filters["tex"] = _tex
    return environment.get_template(template).render(data)


def _run(*command: str, directory: str) -> None:
    subprocess.run(command, cwd=directory, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603


def _print(data: Data, template: str, path: Path) -> None:
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "page.html").write_text(_jinja(template + ".html", data), encoding="utf-8")
        _run(
            "chromium",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-pdf-header-footer",
            f"--print-to-pdf={path}",
            f"{directory}/page.html",
            directory=directory,
        )


def _typeset(data: Data, template: str, engine: str, path: Path) -> None:
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "page.tex").write_text(_jinja(template + ".tex", data), encoding="utf-8")
        for _ in range(2):
            _run(engine, "-interaction=nonstopmode", "-halt-on-error", "page.tex", directory=directory)
        path.write_bytes((Path(directory) / "page.pdf").read_bytes())


def _office(data: Data, template: str, path: Path) -> None:
    with tempfile.TemporaryDirectory() as directory:
        WORD[template](data, Path(directory) / "page.docx")
        _run(
            "soffice",
            f"-env:UserInstallation=file://{tempfile.gettempdir()}/papers-soffice",
            "--headless",
            "--convert-to",
            "pdf",
            "page.docx",
            directory=directory,
        )
        path.write_bytes((Path(directory) / "page.pdf").read_bytes())


def make(paper: Paper, directory: Path) -> None:
    """Make the file of one paper."""
    data, path = written(load(paper.content), paper.dates, paper.number), directory.resolve() / paper.file
    if paper.engine == "typst":
        typst.compile(
            str(_TEMPLATES / f"{paper.template}.typ"), output=str(path), sys_inputs={"data": json.dumps(data)}
        )
    elif paper.engine == "chromium":
        _print(data, paper.template, path)
    elif paper.engine == "word":
        WORD[paper.template](data, path)
    elif paper.engine == "soffice":
        _office(data, paper.template, path)
    else:
        _typeset(data, paper.template, paper.engine, path)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for one in PAPERS:
        if not any(word in one.file for word in sys.argv[2:]) and sys.argv[2:]:
            continue
        make(one, target)
        print(one.file, (target / one.file).stat().st_size)
