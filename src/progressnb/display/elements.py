"""Elements of HTML with hostile text inside: escaped, kept from MathJax, and with signs for characters that deceive.

`view.js` makes the same elements with a script: its `flat` and `pieces` do what `text_html` does.
"""

from __future__ import annotations

import re
from html import escape

from progressnb.folds.texts import DECEIVING, LINE_END

__all__ = ["DOT", "classes", "element", "external", "share", "text_html", "unmarked"]

DOT = "<i> · </i>"
"""A separator where a viewer removes every style; the style sheets hide it."""

_SPECIAL = re.compile(rf"[$\\{DECEIVING}]")  # MathJax looks for `$` and `\`
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_ALL = 100.0


def text_html(text: object) -> str:
    """Return hostile text as HTML that shows it as typed."""
    return _SPECIAL.sub(_special, escape(LINE_END.sub("\n", str(text)), quote=False))


def _special(found: re.Match[str]) -> str:
    character = found[0]
    if character in "$\\":  # MathJax looks for its delimiters in one piece of text
        return f"<span>{character}</span>"
    return f'<span class="ctl">U+{ord(character):04X}</span>'


def element(tag: str, names: str, *children: str, **attributes: str | bool | None) -> str:
    """Return an element. `children` are HTML; an attribute may be foreign text.

    `_` in the name of an attribute stands for `-`. False and None leave it out, True writes its name alone.
    """
    written = [f' class="{names}"'] if names else []
    for name, value in attributes.items():
        if value is True:
            written.append(f" {name}")
        elif value is not None and value is not False:
            written.append(f' {name.strip("_").replace("_", "-")}="{_attribute(value)}"')
    return f"<{tag}{''.join(written)}>{''.join(children)}</{tag}>"


def unmarked(names: str, *items: str) -> str:
    """Return a list whose items begin with signs; JupyterLab keeps this style where it takes others away."""
    return element("ul", names, *items, style="list-style:none")


def _attribute(value: str) -> str:
    return _SPECIAL.sub(_named, escape(LINE_END.sub("\n", value)))


def _named(found: re.Match[str]) -> str:
    return found[0] if found[0] in "$\\" else f"U+{ord(found[0]):04X}"


def classes(*names: str | bool | None) -> str:
    """Return the names that there are, as a list of classes."""
    return " ".join(name for name in names if isinstance(name, str) and name)


def external(address: object) -> dict[str, str]:
    """Return the attributes of a link to another site; none for what is no address of the web."""
    if not isinstance(address, str) or not _ADDRESS.match(address):
        return {}
    return {"href": address, "target": "_blank", "rel": "noopener noreferrer"}


def share(part: float, whole: float) -> str:
    """Return a part of a whole as a percentage of CSS, 0–100 %."""
    percent = min(_ALL, max(0.0, _ALL * part / whole)) if whole > 0 else 0.0
    return f"{round(percent, 2):.2f}".rstrip("0").rstrip(".") + "%"
