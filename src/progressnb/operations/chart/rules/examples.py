"""Examples for a question that rules can't read: questions about the same table that they can."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from progressnb.operations.chart.rules.spotting import Vocabulary

__all__ = ["examples"]


def examples(names: Vocabulary) -> list[str]:
    """Return questions about a table; whoever proposes one sees first whether it can be read."""
    columns = list(names.columns.values())
    numbers = [each for each in columns if each.kind == "number" and not each.is_identifier]
    number = next((each.label for each in sorted(numbers, key=lambda each: each.nature == "unknown")), None)
    texts = [each for each in columns if each.kind in ("text", "flag")]
    # A column that differs in each row has no groups.
    group = min(texts, key=lambda each: len(each.unique) == len(each.values), default=None)
    time = next((each.label for each in columns if each.kind == "time"), None)
    label = group.label if group else None
    proposed = [
        f"total {number} by {label}" if number and label else "",
        f"top 5 {label} by total {number}" if number and label else "",
        f"average {number} per month ({time})" if number and time else "",
        f"distribution of {number or label}" if number or label else "",
        f"number of rows by {label}" if label else "",
        f"average {number}" if number and not label else "",
    ]
    return [each for each in proposed if each]
