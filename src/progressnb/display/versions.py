"""Versions of the widgets in the kernel and of those on JupyterLab's page that can't work together.

Where they differ JupyterLab draws "Click to show javascript error" in the place of every widget, also of those of other
libraries. The kernel learns nothing of it, but mostly it has both packages.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version

__all__ = ["OTHER_PAGES", "mismatch"]

OTHER_PAGES = ("VSCODE_PID", "VSCODE_CWD", "COLAB_RELEASE_TAG", "KAGGLE_KERNEL_RUN_TYPE")
"""Variables of places whose pages bring their own widgets, whatever is installed for JupyterLab."""


@cache
def mismatch() -> str:
    """Return that JupyterLab's page can't draw widgets of this kernel, with the remedy; empty where it can."""
    if "google.colab" in sys.modules or any(name in os.environ for name in OTHER_PAGES):
        return ""
    kernel, page = _version("ipywidgets"), _version("jupyterlab_widgets")
    if not kernel or not page or (_major(kernel) >= 8) == (_major(page) >= 2):  # noqa: PLR2004 - they belong together
        return ""
    remedy = 'pip install -U "ipywidgets>=8"' if _major(kernel) < 8 else 'pip install -U "jupyterlab_widgets>=3"'  # noqa: PLR2004
    return (
        f"no buttons here: JupyterLab can't draw widgets of ipywidgets {kernel} with jupyterlab_widgets {page}; "
        f"{remedy}, and load the page anew"
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _major(text: str) -> int:
    digits = text.partition(".")[0]
    return int(digits) if digits.isdecimal() else 0
