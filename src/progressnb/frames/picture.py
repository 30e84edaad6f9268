"""Pictures of charts, drawn by Vega itself in a process of its own, with no browser and no network.

vl-convert holds Python's lock while it draws, for a second or more. In a process of its own it keeps neither a panel
nor a server waiting.
"""

from __future__ import annotations

import importlib.util
import json
from typing import TYPE_CHECKING, Any, Literal

from progressnb.errors import InputError, needs_extra
from progressnb.frames.process import PythonProcessError, run_python

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KINDS", "Kind", "can_draw", "draw_picture", "need_drawing"]

Kind = Literal["svg", "png", "html"]
"""The kinds of file: two kinds of picture, and a page that draws the chart itself and needs no other file."""

PIXELS = 40_000_000
"""Pixels of a PNG at most: a larger chart is drawn at a smaller scale."""

KINDS: dict[str, Kind] = {".svg": "svg", ".png": "png", ".html": "html"}
"""The kinds by the suffix of a file's name."""

SECONDS = 60.0
"""Time that a drawing may take."""

_REASON_LIMIT = 300
"""Characters of Vega's own words in an error."""

_PROGRAM = """
import re
import sys
import vl_convert
specification, closed = sys.stdin.buffer.read().decode(), []
match sys.argv[1]:
    case "svg":
        drawn = vl_convert.vegalite_to_svg(specification, allowed_base_urls=closed)
    case "png":
        drawn = vl_convert.vegalite_to_svg(specification, allowed_base_urls=closed)
        width, height = (float(re.search(rf'<svg[^>]* {side}="([0-9.]+)"', drawn)[1]) for side in ("width", "height"))
        scale = min(float(sys.argv[2]), (float(sys.argv[3]) / max(1.0, width * height)) ** 0.5)
        drawn = vl_convert.svg_to_png(drawn, scale=scale)
    case "html":
        drawn = vl_convert.javascript_bundle()
sys.stdout.buffer.write(drawn if isinstance(drawn, bytes) else drawn.encode())
"""

# vl-convert's own page would read text of the chart as markup.
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<style>
#chart {{max-width: 100%}}
body {{background: #fff}}
@media (prefers-color-scheme: dark) {{body {{background: #333}}}}
</style>
<title>Chart</title>
<script>{bundle}</script>
</head>
<body>
<div id="chart"></div>
<script id="specification" type="application/json">{specification}</script>
<script>
const dark = matchMedia("(prefers-color-scheme: dark)");
const draw = () => vegaEmbed("#chart", JSON.parse(document.getElementById("specification").textContent),
  {{mode: "vega-lite", renderer: "svg", theme: dark.matches ? "dark" : undefined,
    actions: {{export: true, source: false, compiled: false, editor: false}}}});
dark.addEventListener("change", draw);
draw();
</script>
</body>
</html>
"""


def can_draw() -> bool:
    """Tell whether the package that draws pictures is installed."""
    return importlib.util.find_spec("vl_convert") is not None


def need_drawing() -> None:
    """Raise `MissingExtraError` where the package that draws pictures is not installed."""
    with needs_extra("chart", "the package vl-convert-python, which draws pictures"):
        if not can_draw():
            raise ModuleNotFoundError("no module vl_convert")


def draw_picture(
    specification: Mapping[str, Any],
    kind: Kind,
    *,
    scale: float = 2.0,
    seconds: float | None = None,
    pixels: int = PIXELS,
) -> bytes:
    """Draw a Vega-Lite specification that holds its own data. It takes about a second.

    Args:
        specification: Vega-Lite 5 as plain data. Nothing is fetched: addresses in it are refused.
        kind: `"svg"`, `"png"`, or `"html"`, a page that needs no network.
        scale: Pixels of a PNG for each pixel of the chart.
        pixels: Pixels of a PNG at most. A chart that has more is drawn at a smaller scale.
        seconds: Time that the drawing may take, the start of its process included; a minute by default.

    Returns:
        The bytes of the file.

    Raises:
        InputError: Vega can't draw it, or not in time.
        MissingExtraError: The extra `chart` is not installed.

    Example:
        ::

            Path("chart.svg").write_bytes(draw_picture(chart.to_dict(), "svg"))

    """
    need_drawing()
    expected = "a chart that Vega can draw"
    seconds = SECONDS if seconds is None else seconds
    # The address of its schema names the version of JupyterLab's Vega, and vl-convert would warn of it.
    text = json.dumps({key: value for key, value in specification.items() if key != "$schema"})
    try:
        drawn = run_python(_PROGRAM, kind, str(scale), str(pixels), given=text.encode(), seconds=seconds)
    except TimeoutError:
        raise InputError(expected, f"one that takes longer than {seconds:.0f} s", "Draw fewer rows.") from None
    except PythonProcessError as error:
        remedy = "Save it as .json, and look at it in another viewer."
        raise InputError(expected, str(error)[:_REASON_LIMIT], remedy) from None
    except OSError as error:
        raise InputError("a Python interpreter that can be started for the drawing", str(error)) from None
    if kind == "html":
        inert = text.replace("<", "\\u003c")
        return _PAGE.format(bundle=drawn.decode(), specification=inert).encode()
    return drawn
