"""Cells in a real kernel, without a front end."""

import asyncio
from queue import Empty
from typing import Any

import nbformat
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from traitlets import Type

__all__ = ["execute", "outputs_of"]

LOOK = 250  # milliseconds between two looks at a socket


class Looking(AsyncZMQSocketChannel):
    """A channel that looks at its socket again and again while it waits.

    nbclient tells kernels what an `ipywidgets.Output` has got, on the very socket on which it waits for the cell's
    reply. What came meanwhile, ZeroMQ then has told already: who waits for news alone waits until its timeout.
    """

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:  # type: ignore[override]  # as its base
        """Return the next message; raise `Empty` after so many seconds."""
        try:
            async with asyncio.timeout(timeout):
                while not await self.socket.poll(LOOK):
                    pass
        except TimeoutError:
            raise Empty from None
        message: dict[str, Any] = await self._recv()
        return message


class Client(AsyncKernelClient):
    """A client that looks for replies."""

    shell_channel_class = Type(Looking)


class Manager(AsyncKernelManager):
    """A manager of kernels with such clients."""

    client_factory = Type(Client, klass=AsyncKernelClient)


def execute(notebook: Any, **options: Any) -> None:
    """Execute a notebook in a kernel of its own, as nbconvert does."""
    # Not `execute()`: with jupyter_client 7 it lets nest_asyncio patch the asyncio of this process for good. And an
    # event loop of its own: nothing of a kernel that has died is left to the next one.
    client: Any = NotebookClient(notebook, timeout=120, kernel_manager_class=Manager, **options)
    with asyncio.Runner() as runner:
        runner.run(client.async_execute())


def outputs_of(cells: dict[str, str], **options: Any) -> dict[str, list[Any]]:
    """Run cells in one kernel, one after another, and return the outputs of each by its name."""
    notebook: Any = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in cells.values()]  # type: ignore[no-untyped-call]
    execute(notebook, **options)
    return {name: cell.outputs for name, cell in zip(cells, notebook.cells, strict=True)}
