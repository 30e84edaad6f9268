"""Pictures of charts, drawn by Vega itself in a process of its own, with no browser and no network.

vl-convert holds Python's lock while it draws, a second and more: so neither a panel nor a server waits for it.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Literal

from progressnb.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KINDS", "Kind", "can_draw", "need_drawing", "picture"]

Kind = Literal["svg", "png", "html"]
"""What can be drawn: two pictures, and a page that draws the chart itself and needs nothing else."""

KINDS: dict[str, Kind] = {".svg": "svg", ".png": "png", ".html": "html"}
"""The kinds by the ends of file names."""

SECONDS = 60.0
"""How long a drawing may take."""

_PROGRAM = """
import sys
import vl_convert
specification, closed = sys.stdin.buffer.read().decode(), []
match sys.argv[1]:
    case "svg":
        drawn = vl_convert.vegalite_to_svg(specification, allowed_base_urls=closed)
    case "png":
        drawn = vl_convert.vegalite_to_png(specification, scale=2, allowed_base_urls=closed)
    case "html":
        drawn = vl_convert.javascript_bundle()
sys.stdout.buffer.write(drawn if isinstance(drawn, bytes) else drawn.encode())
"""

# vl-convert's own page takes text of the chart for markup.
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'">
<title>Chart</title>
<script>{bundle}</script>
</head>
<body>
<div id="chart"></div>
<script id="specification" type="application/json">{specification}</script>
<script>
vegaEmbed("#chart", JSON.parse(document.getElementById("specification").textContent),
  {{mode: "vega-lite", renderer: "svg", actions: {{export: true, source: false, compiled: false, editor: false}}}});
</script>
</body>
</html>
"""


def can_draw() -> bool:
    """Say whether the package that draws is installed."""
    return importlib.util.find_spec("vl_convert") is not None


def need_drawing() -> None:
    """Raise `MissingExtraError` where the package that draws is not installed."""
    if not can_draw():
        raise MissingExtraError(
            "the package vl-convert-python, which draws pictures", "none", 'Install it: pip install "progressnb[chart]"'
        )


def picture(specification: Mapping[str, Any], kind: Kind) -> bytes:
    """Draw a Vega-Lite specification that has its data inside. Takes about a second.

    Raises `InputError` for one that Vega can't draw, or not within a minute, and `MissingExtraError`.
    """
    need_drawing()
    expected = "a chart that Vega can draw"
    # It names the version that JupyterLab has, and Vega warns of it.
    text = json.dumps({key: value for key, value in specification.items() if key != "$schema"})
    try:
        # Isolated: a file in the folder of the notebook is no module.
        drawn = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-I", "-c", _PROGRAM, kind],
            input=text.encode(),
            capture_output=True,
            check=True,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise InputError(expected, f"one that takes longer than {SECONDS:.0f} s", "Draw fewer rows.") from None
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {error.returncode}"]
        said = next((line for line in reversed(lines) if "rror:" in line), lines[-1])
        raise InputError(expected, said[:300], "Save it as .json, and look at it in another viewer.") from None
    except (OSError, TypeError) as error:
        raise InputError("a Python that can be begun for the drawing", f"{sys.executable!r} ({error})") from None
    if kind == "html":
        inert = text.replace("<", "\\u003c")
        return _PAGE.format(bundle=drawn.stdout.decode(), specification=inert).encode()
    return drawn.stdout
