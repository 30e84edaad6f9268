"""The way of an operation and of arguments to another process: by name where that can be, never with keys or models."""

from __future__ import annotations

import importlib
import pickle
from typing import TYPE_CHECKING, Any, cast

from progressnb.batching.items import kind_of
from progressnb.errors import OperationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from progressnb.execution.operation import Operation

__all__ = ["check_arguments", "load", "shipped"]


def shipped(operation: Operation[..., Any]) -> bytes:
    """Return an operation as bytes that `load` reads in another process.

    One of a module that can be imported goes by its name; any other one, of a notebook or a script, as a whole.

    Raises:
        OperationError: For one that can't be written, with the remedy.

    """
    module, name = getattr(operation, "__module__", "__main__"), getattr(operation, "__qualname__", "")
    if module != "__main__" and _found(module, name) is operation:
        return pickle.dumps((module, name))
    cloudpickle: Any = importlib.import_module("cloudpickle")
    try:
        return cast("bytes", cloudpickle.dumps(_Whole.of(operation)))
    except Exception as error:
        raise OperationError(
            f"an operation that can be sent to workers, in {operation.name}",
            f"one that refers to something that can't be: {error}",
            "Write it into a module that the workers can import, or make agents and clients inside the function.",
        ) from error


def load(data: bytes) -> Operation[..., Any]:
    """Return the operation of such bytes."""
    found: Any = pickle.loads(data)  # noqa: S301 - from the batch's own process, by the cluster's own way
    if isinstance(found, _Whole):
        return found.operation()
    module, name = cast("tuple[str, str]", found)
    return cast("Operation[..., Any]", _found(module, name))


def check_arguments(index: int, arguments: Mapping[str, object]) -> None:
    """Raise `OperationError` for a model object among arguments: it holds a key and connections."""
    for name, value in arguments.items():
        if not isinstance(value, str) and hasattr(type(value), "request_stream") and hasattr(value, "model_name"):
            raise OperationError(
                f"{name} of item {index} as the name of a model",
                f"{kind_of(value)}, which may hold a key",
                f'Write {name}="openai:gpt-5": the workers make it with their own keys.',
            )


class _Whole:
    """An operation that goes as a whole: its function and what it was made of."""

    def __init__(self, function: Any, name: str, stages: Any) -> None:  # noqa: ANN401 - the user's function
        self.function, self.name, self.stages = function, name, stages

    @classmethod
    def of(cls, operation: Operation[..., Any]) -> _Whole:
        """Return what an operation is made of."""
        return cls(operation.function, operation.name, operation.listed_stages)

    def operation(self) -> Operation[..., Any]:
        """Make the operation."""
        from progressnb.execution.operation import Operation

        return Operation(self.function, stages=self.stages, name=self.name)


def _found(module: str, name: str) -> object:
    try:
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError):
        return None
    return found
