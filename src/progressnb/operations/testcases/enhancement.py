"""The cases that a model adds: each endpoint asks for its own, a few at a time, each within a bounded time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from progressnb.agents import OfflineModel
from progressnb.errors import ProgressError
from progressnb.operations.testcases.cases.accepting import Accepting
from progressnb.operations.testcases.cases.proposals import Proposals
from progressnb.operations.testcases.cases.quoting import Quoted
from progressnb.operations.testcases.cases.sequences import sequences
from progressnb.operations.testcases.prompts import INSTRUCTIONS, endpoint_prompt
from progressnb.operations.testcases.values.making_thread import in_making_thread
from progressnb.tracking import error_text, time_limit

if TYPE_CHECKING:
    from pydantic_ai.models import Model

    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.schemas import Case, Source
    from progressnb.operations.testcases.spec.endpoints import Api, Endpoint
    from progressnb.operations.testcases.spec.wording import Wording
    from progressnb.tracking import StageHandle

__all__ = ["AT_ONCE", "PATIENCE", "Enhancement"]

AT_ONCE = 4
"""Endpoints that ask the model at the same time."""

PATIENCE = 300.0
"""Seconds that a model may take for one endpoint, with all retries."""

_IN_A_ROW = 5
"""Failures in a row after which the other endpoints don't ask any more."""


class Enhancement:
    """Ask a model for the cases of endpoints.

    Attributes:
        foundation_only: The endpoints that got no case: by name, the reason.
        added: The cases that were added, by the name of the endpoint.
        refused: The cases that were not, each with its reason, by the name of the endpoint.

    """

    def __init__(self, api: Api, wording: Wording, requests: Requests, cases: dict[str, list[Case]]) -> None:
        self._model: Model = OfflineModel()
        self._api = api
        self._wording = wording
        self._requests = requests
        self._cases = cases
        self._failed_in_a_row = 0
        self._last = ""
        self.foundation_only: dict[str, str] = {}
        self.added: dict[str, list[Case]] = {}
        self.refused: dict[str, list[str]] = {}

    async def run(self, stage: StageHandle, model: Model) -> None:
        """Ask a model for each endpoint. A failure leaves that endpoint without added cases, and no other."""
        self._model = model
        places = asyncio.Semaphore(AT_ONCE)
        count = len(self._api.endpoints)
        stage.expect(count)

        async def one(endpoint: Endpoint) -> None:
            async with places:
                await self._enhance(endpoint, stage, count)

        async with asyncio.TaskGroup() as group:
            for endpoint in self._api.endpoints:
                group.create_task(one(endpoint))

    async def _enhance(self, endpoint: Endpoint, above: StageHandle, count: int) -> None:
        by_rules = isinstance(self._model, OfflineModel)
        told: dict[str, Any] = {"endpoint_count": count, "current_endpoint": endpoint.name}
        stage = above.stage(endpoint.name, title=endpoint.name)
        above.update(message=f"Preparing {endpoint.name}", state="preparing", **told)
        if by_rules:
            proposals = await in_making_thread(sequences, endpoint, self._api, self._requests)
            if not proposals.cases:
                self.foundation_only[endpoint.name] = "no rule adds to it"
                stage.skip("no rule adds to it")
                return
        async with stage:
            try:
                if self._failed_in_a_row >= _IN_A_ROW:
                    self._fall_back(
                        stage, endpoint, f"not asked, since the model failed {_IN_A_ROW} times: {self._last}"
                    )
                    return
                above.update(message=f"Asking {self._model.model_name} about {endpoint.name}", state="calling", **told)
                named = (endpoint, self._api, self._wording, self._cases[endpoint.name])
                prompt = endpoint.name if by_rules else endpoint_prompt(*named)
                proposals = await self._asked(stage, endpoint, prompt)
                above.update(message=f"Reading the cases for {endpoint.name}", state="parsing", **told)
                self._failed_in_a_row = 0
            except Exception as error:
                task = asyncio.current_task()
                if by_rules or isinstance(error, ProgressError) or (task is not None and task.cancelling() > 0):
                    raise
                self._failed_in_a_row += 1
                self._last = error_text(error)
                self._fall_back(stage, endpoint, error)
                return
            self._take(stage, endpoint, proposals, None if by_rules else prompt)

    async def _asked(self, stage: StageHandle, endpoint: Endpoint, prompt: str) -> Proposals:
        async with time_limit(PATIENCE):
            return await stage.ask(
                Proposals,
                prompt,
                model=self._model,
                instructions=INSTRUCTIONS,
                by_rules=lambda: sequences(endpoint, self._api, self._requests),
            )

    def _take(self, stage: StageHandle, endpoint: Endpoint, proposals: Proposals, prompt: str | None) -> None:
        """Add the cases that can be run. A model quotes its prompt; rules had none."""
        quoted, name = (None, "") if prompt is None else (Quoted(prompt), self._model.model_name)
        source: Source = "rules" if prompt is None else "model"
        accepting = Accepting(self._api, self._requests.values, source, quoted, name)
        cases, refused = accepting.accepted(proposals, endpoint)
        if refused:
            self.refused[endpoint.name] = refused
        if refused and not cases:
            self._fall_back(stage, endpoint, f"none of {len(refused)} cases can be run: {refused[0]}")
            return
        if not cases:
            self.foundation_only[endpoint.name] = "the model had nothing to add"
        left_out = f", {len(refused)} left out: {refused[0]}" if refused else ""
        self.added[endpoint.name] = cases
        stage.update(100, message=f"{len(cases)} case{'s' * (len(cases) != 1)}{left_out}")

    def _fall_back(self, stage: StageHandle, endpoint: Endpoint, reason: Exception | str) -> None:
        stage.fall_back(reason)
        stage.update(100, source="foundation")
        self.foundation_only[endpoint.name] = reason if isinstance(reason, str) else error_text(reason)
