"""The run of a case of a model, which may be wrong about what a server needs, and knows nobody's role."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .callers import refuses
from .fresh import new_text, refresh
from .outcome import Outcome, SkipError
from .people import casts, is_about_people
from .plain import as_text, is_list, is_object
from .running import Running, hidden, once, value_of
from .written import SHOWN, Unknown, Written

if TYPE_CHECKING:
    import httpx

    from .answers import Mismatch
    from .sending import Message
    from .session import Session

__all__ = ["run"]


def run(case: dict[str, Any], client: httpx.Client, session: Session) -> Outcome:
    """Run a case, and remove what it made. One of a model passes if it does with any of those who may be meant."""
    if case.get("source") != "model":
        return once(Running(case, client, session))
    best, far = Outcome("skipped"), (False, -2)
    for cast in casts(case, session.suite.schemes, session.credential):
        running = OfModel(case, client, session, cast)
        outcome = once(running)
        if outcome.status == "passed" or running.is_unclear:
            return outcome
        came = outcome.status == "failed", running.reached
        if came > far:
            best, far = outcome, came
        if not running.is_about_people:
            break
    return best


class OfModel(Running):
    """One case of a model, which may be wrong about what the server needs: only what it tests can fail.

    Attributes:
        is_about_people: Whether another person could have got another answer.
        reached: The number of the last step that was sent.

    """

    def __init__(self, case: dict[str, Any], client: httpx.Client, session: Session, cast: dict[str, str]) -> None:
        super().__init__(case, client, session)
        self._cast = cast
        self._place = (session.seed, case["id"], *cast.values())
        self._written = Written(new_text(*self._place))
        self._new: dict[str, Any] = {}
        self.is_about_people = False
        self.reached = -1
        self._has_written = False

    def steps(self) -> Outcome:
        """Send the requests. Who may not send odd values has not tried them."""
        outcome = super().steps()
        has_passed = self._case["category"] == "hostile_input" and outcome.status == "passed"
        if has_passed and refuses(self._status, hides=False):
            self.is_about_people = True
            raise SkipError(f"{self._case['endpoint']} answers {self._status}, and has not looked at the values")
        return outcome

    def _begin(self, step: dict[str, Any]) -> None:
        """Begin in any case: the set-up of a model is not that of the rules."""

    def _judged(self, step: dict[str, Any], error: Mismatch, *, is_last: bool) -> None:  # noqa: ARG002 - as above
        """Skip a case that has not come to what it tests. A server that fails, fails in any case."""
        endpoint, status = step["request"]["endpoint"], self._status
        self.is_about_people = is_about_people(self._case, step["expected"], status)
        if status >= 500:  # noqa: PLR2004 - of HTTP
            return
        if not error.got.startswith("status"):
            if step.get("setup") and not self._has_written:  # before anything was made, it asks who somebody is
                self.is_about_people = True
                raise SkipError(
                    f"nobody is as this case needs: {endpoint} should give {error.expected}, got {error.got}"
                )
            return
        if step.get("setup"):
            raise SkipError(f"the model's set-up failed: {endpoint} should give {error.expected}, got {error.got}")
        succeeds = all(each[0] == "2" for each in step["expected"])
        if succeeds and refuses(status, hides=False) and not self._session.callers.have_worked(endpoint):
            raise SkipError(f"{endpoint} answers {status}, and has not taken a request of anybody")

    def _sender(self, request: dict[str, Any]) -> str:
        return str(request.get("auth", "valid"))

    def _by_whom(self, request: dict[str, Any]) -> Message:
        return self._message(request)

    def _tried(self, number: int, step: dict[str, Any]) -> tuple[dict[str, Any], httpx.Response]:
        """Send a request once: what is new in each run is in no conflict."""
        self.reached = number
        request = self._filled(number, step, 0)
        self._has_written = self._has_written or request["method"] not in ("GET", "HEAD", "OPTIONS")
        return request, self._send(request, step)

    def _send(self, request: dict[str, Any], step: dict[str, Any]) -> httpx.Response:
        """Send a request as the one who is meant, and as nobody else."""
        save = {f"{SHOWN}{name}": pointer for name, pointer in step.get("save", {}).items()}
        return self._answer(self._message(request), self._message(self._shown, hidden), {**step, "save": save})

    def _filled(self, number: int, step: dict[str, Any], attempt: int) -> dict[str, Any]:  # noqa: ARG002 - as above
        """Return the request of a step with all that is known now."""
        request: dict[str, Any] = json.loads(json.dumps(step["request"]))
        request["auth"] = self._cast.get(request.get("auth", "valid"), request.get("auth", "valid"))
        for old, new in refresh(request, step.get("fresh", {}), *self._place, by_value=True):
            self._new[json.dumps(old)] = new
        try:
            self._shown = self._with_values(request, as_shown=True)
            return self._with_values(request)
        except Unknown as error:
            raise SkipError(str(error)) from None

    def _with_values(self, request: dict[str, Any], *, as_shown: bool = False) -> dict[str, Any]:
        names = ("path_values", "query", "headers", "cookies", "body")
        made = {name: self._written.value(request[name], as_shown=as_shown) for name in names if name in request}
        is_json = request.get("body_kind") == "json"
        plain = {name: value if name == "body" and is_json else _as_texts(value) for name, value in made.items()}
        return {**request, **plain}

    def _keep(self, request: dict[str, Any], response: httpx.Response, wanted: dict[str, str]) -> None:
        for name, pointer in wanted.items():
            value = value_of(request, response, pointer)
            if value is None:
                raise SkipError(
                    f"the answer of {response.request.method} has nothing at {pointer}, which later steps need"
                )
            self._written.kept[name] = value

    def _promised(self, check: dict[str, Any], response: httpx.Response) -> None:
        try:
            wanted = self._written.value(self._renewed(check.get("value")))
        except Unknown as error:
            raise SkipError(str(error)) from None
        super()._promised({**check, "value": wanted}, response)

    def _renewed(self, value: Any) -> Any:  # noqa: ANN401 - plain data
        """Return a value to compare with as it was sent in this run."""
        if is_list(value):
            return [self._renewed(each) for each in value]
        if is_object(value):
            return {key: self._renewed(each) for key, each in value.items()}
        return self._new.get(json.dumps(value), value)


def _as_texts(value: Any) -> Any:  # noqa: ANN401 - plain data
    """Return values as they are written in an address or a form."""
    if is_list(value):
        return [as_text(each) for each in value]
    if is_object(value):
        return {key: _as_texts(each) for key, each in value.items()}
    return as_text(value)
