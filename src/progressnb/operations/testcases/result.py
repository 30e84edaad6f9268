"""The result of the operation: an `ApiTestSuite`."""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

from pydantic import PrivateAttr

from progressnb.errors import InputError
from progressnb.operations.testcases import artifacts, tables
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
        """Write the suite as a ZIP, completely or not at all, or into a folder.

        The files of a team, such as `conftest.py` and `marks.toml`, are not among those that are written: in a folder
        they stay. Where an earlier version is, `changes.md` says what is other.

        Args:
            path: The file to write, whose name ends in `.zip`, or a folder: one that is there, or a name without
                an ending.

        Returns:
            The path.

        Raises:
            InputError: The name has another ending, or its directory does not exist.

        Example:
            ::

                suite.save("api-tests.zip")

        """
        return artifacts.save(self, self.artifacts(), path)

    def run(self, client: Any, *, seed: str | None = None) -> pd.DataFrame:  # noqa: ANN401 - an httpx.Client
        """Run the cases here, without pytest. They create, change and delete on the server of the client.

        Args:
            client: The connection: an `httpx.Client`. Its `base_url` is where the paths of the specification begin. For
                an app in this process that is `httpx.Client(transport=httpx.WSGITransport(app), base_url="http://app")`,
                or Starlette's `TestClient`. Secrets are read from the environment, as by the suite.
            seed: The `API_SEED` of an earlier run, to send the same values again.

        Returns:
            One row a case, with the columns `id`, `endpoint`, `name`, `outcome` (`passed`, `failed`, `skipped`, or
            `unauthorized` for want of a secret) and `text`, which says what was expected, why, and what came.

        Raises:
            InputError: The client is an asynchronous one or none at all, or has no `base_url`.

        Example:
            ::

                results = suite.run(httpx.Client(base_url="http://127.0.0.1:8000"))
                print(results.query("outcome == 'failed'").text.iloc[0])

        """
        import pandas as pd

        from progressnb.operations.testcases.suite.api_runner import Session, Suite, run

        _check_client(client)

        suite = Suite(self.model_dump(mode="json"))
        session = Session(suite, seed=seed) if seed is not None else Session(suite)
        ended = [(case, run(case, client, session)) for case in suite.cases]
        columns = ["id", "endpoint", "name", "outcome", "text"]
        found = [(case["id"], case["endpoint"], case["name"], each.status, each.text) for case, each in ended]
        return pd.DataFrame(found, columns=columns)

    def frame(self) -> pd.DataFrame:
        """Return the cases as a DataFrame.

        Returns:
            One row a case, with the columns `id`, `name`, `category`, `endpoint`, `expected` (statuses), `why`,
            `source`, `steps` (their number), `request` (JSON) and `setup` (the steps before it, in words).

        Example:
            ::

                suite.frame().groupby("category").size()

        """
        import pandas as pd

        return pd.DataFrame(list(tables.rows(self)), columns=list(tables.COLUMNS))

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


def _check_client(client: Any) -> None:  # noqa: ANN401 - callers may be untyped
    got = type(client).__name__
    if not callable(getattr(client, "send", None)) or iscoroutinefunction(client.send):
        raise InputError("a connection that waits for its answers", got, 'Give httpx.Client(base_url="https://…").')
    if not str(client.base_url):
        raise InputError(
            "a connection with the address of the server", f"{got} without base_url", "Give it a base_url."
        )


def _reasons(reasons: dict[str, str]) -> dict[str, Any]:
    shown = list(reasons.items())[:SHOWN]
    return {"type": "list", "items": [{"label": name, "text": reason} for name, reason in shown]}
