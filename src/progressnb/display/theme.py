"""Style sheets of panels: the whole one, which travels once a session, and a small one for each panel in a file.

Both take the colours of statuses from the one table of all screens, `STATUSES`; a test holds `style.css` to it.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from progressnb.folds.words import STATUSES

__all__ = ["sheet", "small_sheet"]

# The class is said twice, so that a notebook's own rules for lists and tables give way, and `style.css`, which says it
# three times, comes before both. What is not coloured here is grey.
_SMALL = """
max-width:75em;
overflow-wrap:anywhere;
contain:paint;
$colours
.sign,.tone,.what{color:color-mix(in lab,var(--c) 65%,currentColor)}
p,ul,dl,dt,dd,table{margin:0;width:auto}
.rows,.notes{padding-left:1em}
i:not([class]){display:none}
.head,.line,.bar{display:flex;gap:8px;align-items:center}
summary.line:before{content:"\u203a"}
.name,.label{flex:1 0 35%}
.bar,.track,i,b{font-size:0;height:5px}
.seg,.track{position:relative;background:#8883}
i b,.track i{position:absolute;min-width:2px;background:var(--c,#8888)}
.track{flex:0 0 25%}
.box{max-height:30em;overflow:auto}
.text{white-space:pre-wrap}
.num,.time{text-align:end}
.time{flex:0 0 10ch}
.percent,.elapsed{flex:none}
dt,.message{opacity:.7}
"""
# Rules that only some panels need, by a word in their HTML. They name few classes, so that they are weaker than those
# of `style.css` where a panel in a file and one at work are on the same page.
_PARTS = {
    "<dl": ".field{display:grid;grid:auto/9em 1fr}",
    "<th": "td,th{text-align:start;word-wrap:normal}",
    "gantt": ".single>.line{display:none}.gantt>.line{white-space:nowrap;>.label{flex:1}}",
    "members": "li .head,li .bar,.members>*>[open]:has(.run)>.line>.message{display:none}",
}
_COLOURED = ("finished", "failed", "running", "waiting")
_ALIKE = {"finished": ["good"], "failed": ["bad", "fail"], "waiting": ["warning", "mixed"]}


@cache
def sheet() -> str:
    """Return the whole style sheet, `style.css`."""
    return files("progressnb.display").joinpath("style.css").read_text("utf-8")


def small_sheet(html: str | None = None) -> str:
    """Return a style sheet of at most 1 KB that gives a panel in a file the same look in essence.

    Args:
        html: The panel, for the rules that it needs; by default all of them.

    """
    return _small(*(part for word, part in _PARTS.items() if html is None or word in html))


@cache
def _small(*parts: str) -> str:
    colours = [
        f"{','.join(f'.{name}' for name in [status, *_ALIKE.get(status, [])])}{{--c:{STATUSES[status].colour}}}"
        for status in _COLOURED
    ]
    rules = _SMALL.replace("$colours", "".join(colours)).replace("\n", "")
    return f".pnb.pnb{{{rules}{''.join(parts)}}}"
