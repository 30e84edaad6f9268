"""The faults of a draft: all of them for the model, and an error of one line for everybody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DraftError", "as_one", "words_for_model"]


class DraftError(QueryError):
    """A draft with faults, each a sentence. The message of the error has the first ones; `faults` has all."""

    def __init__(self, expected: str, got: str = "", remedy: str = "", *, faults: Sequence[str] = ()) -> None:
        super().__init__(expected, got or "; ".join(faults), remedy)
        self.faults = tuple(faults)


def as_one(errors: Sequence[QueryError]) -> QueryError:
    """Return the errors of a query and its drawing as one, so that all faults go back to the model at once."""
    if len(errors) == 1:
        return errors[0]
    faults = [words_for_model(each) for each in errors]
    expected = ", and ".join(each.expected for each in errors)
    return DraftError(expected, "; and ".join(each.got for each in errors), faults=faults)


def words_for_model(error: QueryError) -> str:
    """Return all that is wrong, however long it is."""
    if isinstance(error, DraftError) and error.faults:
        return "\n".join([f"expected {error.expected}, got:", *(f"- {each}" for each in error.faults), error.remedy])
    return str(error)
