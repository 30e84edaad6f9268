"""Altair charts that JupyterLab draws itself: without a network, whichever renderer the session has.

Altair 6 shows HTML that loads its scripts from a CDN, and no JupyterLab draws its mimetype for Vega-Lite 6.
JupyterLab 4 includes Vega 5 and Vega-Lite 5, which read the same specification under their own mimetype.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from progressnb.errors import InputError, needs_extra
from progressnb.frames.picture import KINDS, can_draw, draw_picture
from progressnb.wire import grammar_later, write_atomically

if TYPE_CHECKING:
    import os
    from types import ModuleType

    from altair.typing import ChartType

__all__ = ["ShownChart", "load_altair", "shown"]

MIMETYPE = "application/vnd.vegalite.v5+json"
_SECONDS = 10.0  # that a picture may take where a chart is shown: it is only for viewers that don't draw
_PIXELS, _BYTES = 4_000_000, 1_000_000  # of a picture in a stored notebook, at most
_transformers = Lock()  # Altair keeps the session's setting in a global
_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"  # only names the version: nobody loads this address


@dataclass(frozen=True, slots=True, repr=False)
class ShownChart:
    """A chart that shows itself in a notebook, without a network.

    For viewers that have no Vega, such as nbconvert, a stored notebook gets a picture too where the extra `chart` is
    installed. Drawing it takes about a second. Without that extra it gets the chart's `html`.

    Attributes:
        chart: The Altair chart.
        text: The text for a terminal and for viewers that can't draw.
        html: The same as HTML without scripts, for viewers that have no Vega; empty for most charts.

    """

    chart: ChartType
    text: str
    html: str = ""

    def __repr__(self) -> str:
        """Show the text."""
        return self.text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        del include, exclude  # IPython passes these and picks from the result by itself
        spec = self.to_dict()
        bundle: dict[str, Any] = {MIMETYPE: spec, "text/plain": self.text}
        if picture := _picture(json.dumps(spec)):
            bundle["image/png"] = picture
        elif self.html:
            # In Markdown, since JupyterLab prefers plain HTML to Vega.
            bundle["text/markdown"] = self.html
        return bundle

    def draw_ahead(self) -> None:
        """Draw the picture of the display now, on this thread, so that the display itself waits for nothing."""
        _picture(json.dumps(self.to_dict()))

    def properties(self, **properties: Any) -> ShownChart:  # noqa: ANN401 - Altair's own
        """Return the chart with other properties, such as `width`, `height` (pixels) and `title`."""
        return ShownChart(self.chart.properties(**properties), self.text, self.html)

    def to_dict(self) -> dict[str, Any]:
        """Return the Vega-Lite specification with its data inside."""
        altair: Any = load_altair()
        # The session may have set a transformer that writes data to a file or a server.
        with _transformers, altair.data_transformers.enable("default", max_rows=None):
            spec: dict[str, Any] = self.chart.to_dict()
        return {**spec, "$schema": _SCHEMA}

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the chart to a file.

        Args:
            path: A path that ends in `.png`, `.svg`, `.html` (a page that needs no network) or `.json` (Vega-Lite).

        Returns:
            The path.

        Raises:
            InputError: For another kind of file, or a chart that can't be drawn.
            MissingExtraError: For a picture or a page, without the extra `chart`.

        Example:
            ::

                run.plot().save("timeline.png")

        """
        target = Path(path)
        suffix = target.suffix.lower()
        if suffix == ".json":
            write_atomically(target, json.dumps(self.to_dict(), indent=2).encode())
        elif suffix in KINDS:
            write_atomically(target, draw_picture(self.to_dict(), KINDS[suffix]))
        else:
            raise InputError("a file that ends in .png, .svg, .html or .json", repr(target.name))
        return target


def shown(chart: ChartType, *, text: str = "<chart>", html: str = "") -> ShownChart:
    """Wrap an Altair chart so that JupyterLab draws it itself. `text` is shown where nothing can be drawn.

    `html` is drawn by viewers that have no Vega; foreign text in it is escaped already.
    """
    return ShownChart(chart, text, html)


@lru_cache(maxsize=4)
def _picture(specification: str) -> str:
    """Return a chart as a PNG in base64, or an empty text where none can be drawn."""
    if not can_draw():
        return ""
    try:
        # At its own size: viewers show a picture of twice the size twice as large.
        drawn = draw_picture(json.loads(specification), "png", scale=1, seconds=_SECONDS, pixels=_PIXELS)
    except InputError:  # the chart is shown all the same
        return ""
    return base64.b64encode(drawn).decode() if len(drawn) <= _BYTES else ""


def load_altair(extra: str = "plots") -> ModuleType:
    """Return the module `altair`, or raise `MissingExtraError` with what to install."""
    with needs_extra(extra, "the package altair, which draws charts"), grammar_later():
        import altair as alt
    return alt
