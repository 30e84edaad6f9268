"""Cells in a real kernel, without a front end."""

import asyncio
from typing import Any

import nbformat
from nbclient import NotebookClient

__all__ = ["outputs_of"]


def outputs_of(cells: dict[str, str], **options: Any) -> dict[str, list[Any]]:
    """Run cells in one kernel, one after another, and return the outputs of each by its name."""
    notebook: Any = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in cells.values()]  # type: ignore[no-untyped-call]
    # Not `execute()`: with jupyter_client 7 it lets nest_asyncio patch the asyncio of this process for good.
    with asyncio.Runner() as runner:
        runner.run(NotebookClient(notebook, timeout=120, **options).async_execute())
    return {name: cell.outputs for name, cell in zip(cells, notebook.cells, strict=True)}
