"""The result of the operation: an `ApiTestSuite`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import PrivateAttr

from progressnb.operations.testcases import artifacts
from progressnb.operations.testcases.schemas import SuiteData

if TYPE_CHECKING:
    import os
    from pathlib import Path

    import pandas as pd

__all__ = ["ApiTestSuite"]

SHOWN = 30
"""Endpoints that the panel shows."""


class ApiTestSuite(SuiteData):
    """Test cases for an API, and a pytest suite that runs them.

    Attributes:
        title: The title of the API.
        version: Its version.
        endpoints: The endpoints that were asked for, with the number of cases and the schemas of their answers.
        helpers: The endpoints that cases call and that were not asked for.
        cases: The test cases, by endpoint.
        schemes: The security schemes, each with the environment variable of its secret.
        definitions: The schemas that those of the answers refer to.
        foundation_only: The endpoints with no more than foundation cases: by name, the reason.
        without_cases: The endpoints that not one case could be made for: by name, the reason.
        notes: The parts of the specification that no case is made of.
        model: The name of the model that added cases.
        note: A remark on the model, such as that fixed rules did its work; None without one.

    Example:
        ::

            suite = await pnb.generate_tests(pnb.samples.openapi)
            suite.frame().groupby("category").size()
            suite.save("api-tests.zip")

    """

    _history: bytes = PrivateAttr(default=b"")

    def remember(self, history: bytes) -> None:
        """Add the events of the run that made the suite to its files.

        Args:
            history: The events as JSON Lines.

        Example:
            ::

                suite.remember(Path("history.jsonl").read_bytes())

        """
        self._history = history

    def artifacts(self) -> dict[str, bytes]:
        """Return the files of the suite.

        Returns:
            The bytes of each file by its name. The names are the same for every specification; `history.jsonl` is
            there only where the suite comes from a run.

        Example:
            ::

                cases = json.loads(suite.artifacts()["cases.json"])

        """
        return artifacts.files(self, self._history)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the suite as a ZIP, completely or not at all.

        Args:
            path: The file to write; its name ends in `.zip`.

        Returns:
            The path.

        Raises:
            InputError: The name does not end in `.zip`, or its directory does not exist.

        Example:
            ::

                suite.save("api-tests.zip")

        """
        return artifacts.save(self.artifacts(), path)

    def frame(self) -> pd.DataFrame:
        """Return the cases as a DataFrame.

        Returns:
            One row a case, with the columns `id`, `name`, `category`, `endpoint`, `expected` (statuses), `why`,
            `source`, `steps` (their number) and `request` (JSON).

        Example:
            ::

                suite.frame().groupby("category").size()

        """
        import pandas as pd

        return pd.DataFrame(list(artifacts.rows(self)), columns=list(artifacts.COLUMNS))

    def _progressnb_view_(self) -> list[dict[str, Any]]:
        title = f"{self.title} {self.version}: {len(self.cases):,} cases for {len(self.endpoints):,} endpoints"
        table = {
            "type": "table",
            "columns": ["Endpoint", "Cases", "Summary"],
            "rows": [[each.name, each.cases, each.summary] for each in self.endpoints[:SHOWN]],
        }
        more = len(self.endpoints) - SHOWN
        lists = [("Without cases", self.without_cases), ("Foundation cases only", self.foundation_only)]
        return [
            {"type": "headline", "text": title},
            table,
            *([{"type": "text", "text": f"… {more:,} more endpoints"}] if more > 0 else []),
            *(
                {"type": "section", "title": f"{name}: {len(reasons):,}", "blocks": [_reasons(reasons)]}
                for name, reasons in lists
                if reasons
            ),
        ]

    def __eq__(self, other: object) -> bool:
        """Compare the data; the histories of two runs always differ."""
        return self.__dict__ == other.__dict__ if isinstance(other, ApiTestSuite) else NotImplemented

    __hash__ = None  # type: ignore[assignment] # a suite can be changed

    def __repr__(self) -> str:
        """Return the title and the counts in one line."""
        without = f"without_cases={len(self.without_cases)}, " if self.without_cases else ""
        return (
            f"ApiTestSuite({self.title[:60]!r}, endpoints={len(self.endpoints)}, cases={len(self.cases)}, "
            f"foundation_only={len(self.foundation_only)}, {without}model={self.model!r})"
        )

    __str__ = __repr__


def _reasons(reasons: dict[str, str]) -> dict[str, Any]:
    shown = list(reasons.items())[:SHOWN]
    return {"type": "list", "items": [{"label": name, "text": reason} for name, reason in shown]}
