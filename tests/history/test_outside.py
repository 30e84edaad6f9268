"""What a function's calls change outside of it, read function by function."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from progressnb.history.outside import changed_by
from progressnb.history.reads import changes_outside

if TYPE_CHECKING:
    from pathlib import Path
    from types import CodeType, FunctionType

    import pytest

CALLS = "\n".join(
    f"def f{number}():\n    return " + " + ".join(f"f{other}()" for other in range(9) if other != number)
    for number in range(9)
)


def test_functions_that_call_each_other_are_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine functions, each of which calls all the others, are read once each, not once a way to them."""
    names: dict[str, FunctionType] = {}
    file = tmp_path / "calls.py"
    file.write_text(CALLS)
    exec(compile(CALLS, file, "exec"), names)  # noqa: S102 - the text above
    looked: Counter[str] = Counter()

    def counted(code: CodeType, used: frozenset[str], *, of_used: bool) -> frozenset[str] | None:
        looked[code.co_name] += 1
        return changes_outside(code, used, of_used=of_used)

    monkeypatch.setattr("progressnb.history.outside.changes_outside", counted)
    changed_by(names["f0"], frozenset({"table"}))
    assert looked == Counter({f"f{number}": 1 for number in range(9)})
