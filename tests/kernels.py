"""Cells in a real kernel, without a front end."""

from typing import Any

import nbformat
from nbclient import NotebookClient

__all__ = ["outputs_of"]


def outputs_of(cells: dict[str, str], **options: Any) -> dict[str, list[Any]]:
    """Run cells in one kernel, one after another, and return the outputs of each by its name."""
    notebook: Any = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in cells.values()]  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=120, **options).execute()
    return {name: cell.outputs for name, cell in zip(cells, notebook.cells, strict=True)}
