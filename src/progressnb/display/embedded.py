"""A page of a server below a cell, where somebody looks at a notebook."""

from __future__ import annotations

import os
from html import escape
from uuid import uuid4

from progressnb.display.cells import publish
from progressnb.display.screen import has_reader

__all__ = ["embed"]

_STYLE = "width: 100%; border: 1px solid #8884; border-radius: 4px"
_FAR = "The page is on the machine of the kernel. From here it can't be reached by its address, {}."


def embed(address: str, height: int) -> None:
    """Show the page at an address of this machine below the cell, in a frame of some pixels.

    Nothing is shown outside a notebook, and where a program executes one: the file would keep a frame that leads
    nowhere. Below a JupyterHub a sentence stands in its place.
    """
    if not has_reader():
        return
    if os.environ.get("JUPYTERHUB_SERVICE_PREFIX"):
        html = f"<p>{escape(_FAR.format(address.partition('#')[0]))}</p>"
    else:
        html = f'<iframe src="{escape(address)}" title="The page of a run" height="{height}" style="{_STYLE}"></iframe>'
    publish({"text/html": html, "text/plain": "The page of a run"}, uuid4().hex)
