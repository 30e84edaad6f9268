"""The example of docs/batch.md with pydantic-evals: run as it stands, with stand-ins where that is not installed."""

import ast
import importlib.util
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import progressnb as pnb
from progressnb.tracking.tracker import ProgressTracker

DOCS = Path(__file__).parents[2] / "docs" / "batch.md"
IS_THERE = importlib.util.find_spec("pydantic_evals") is not None


@dataclass
class Case:
    """A case, with the parameters that pydantic-evals has."""

    name: str
    inputs: Any
    expected_output: Any


class EqualsExpected:
    """An evaluator that compares an output with what a case expects."""

    def __call__(self, case: Case, output: object) -> bool:
        """Return whether they are equal."""
        return bool(output == case.expected_output)


@dataclass
class Report:
    """What came out."""

    scores: list[bool]
    printed: list[str] = field(default_factory=list[str])

    def print(self) -> None:
        """Take note that it was printed."""
        self.printed.append(f"{sum(self.scores)} of {len(self.scores)}")


@dataclass(kw_only=True)
class Dataset:
    """Cases with evaluators."""

    name: str
    cases: list[Case]
    evaluators: list[EqualsExpected]

    async def evaluate(self, task: Callable[[Any], Awaitable[object]], *, progress: bool) -> Report:
        """Score what a task returns for each case."""
        assert progress is False
        outputs = [await task(case.inputs) for case in self.cases]
        pairs = zip(self.cases, outputs, strict=True)
        return Report([each(case, output) for case, output in pairs for each in self.evaluators])


def example() -> str:
    """Return the code of the section on pydantic-evals."""
    section = DOCS.read_text(encoding="utf-8").partition("## With pydantic-evals")[2]
    return section.partition("```python\n")[2].partition("```")[0]


@pytest.fixture
def evals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put stand-ins where pydantic-evals is not installed."""
    if not IS_THERE:
        top, below = ModuleType("pydantic_evals"), ModuleType("pydantic_evals.evaluators")
        vars(top).update(Case=Case, Dataset=Dataset, evaluators=below)
        vars(below).update(EqualsExpected=EqualsExpected)
        monkeypatch.setitem(sys.modules, "pydantic_evals", top)
        monkeypatch.setitem(sys.modules, "pydantic_evals.evaluators", below)


@pytest.mark.usefixtures("evals")
async def test_a_batch_is_scored() -> None:
    """The batch does the work once, and the dataset scores what came out."""
    asked: list[str] = []

    @pnb.operation
    async def classify(_tracker: ProgressTracker, text: str) -> str:
        asked.append(text)
        return text.upper()

    names: dict[str, Any] = {"pnb": pnb, "classify": classify, "labelled": [("a", "A"), ("b", "B"), ("c", "D")]}
    code = compile(example(), str(DOCS), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    await eval(code, names)  # noqa: S307 - the example of our own docs
    assert sorted(asked) == ["a", "b", "c"]
    assert names["done"] == {"a": "A", "b": "B", "c": "C"}
    if not IS_THERE:
        assert names["report"].printed == ["2 of 3"]
