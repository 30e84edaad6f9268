"""The judging of a wrong answer: whether it is the finding of its case, or says what is known already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .outcome import SkipError

if TYPE_CHECKING:
    from .answers import Mismatch
    from .callers import Caller
    from .session import Session

__all__ = ["Judge"]

_FORBIDDEN = 403


class Judge:
    """Tell for one case which of its wrong answers are findings; the others are skipped, each with its reason."""

    def __init__(self, case: dict[str, Any], session: Session, caller: Caller) -> None:
        """Judge by what the cases before this one have found."""
        self._case = case
        self._session = session
        self._caller = caller

    def begin(self, step: dict[str, Any]) -> None:
        """Skip a case whose set-up is known to fail."""
        endpoint = step["request"]["endpoint"]
        # Where one request has worked, another one that was refused says nothing of those that only create.
        works = self._session.callers.has_worked(step["request"])
        why = next(iter(self._session.broken[endpoint].values()), "")
        if step.get("setup") and why and not works:
            raise SkipError(f"{endpoint} can't create what this case needs: {why}" if _is_own(why) else why)

    def passed(self, status: int) -> None:
        """Note a case that passed, and what its last answer was."""
        self._session.causes.passed(self._case)
        if self._case["category"] == "valid" and status >= 400:  # noqa: PLR2004 - of HTTP
            self._session.unmade.setdefault(self._case["endpoint"], set()).add(status)

    def is_valid(self, step: dict[str, Any]) -> bool:
        """Tell whether a step is a request that is right, by whom the cases are."""
        usual = step["request"].get("auth", "valid") == "valid"
        return usual and bool(step.get("setup") or self._case["category"] == "valid")

    def judge(self, step: dict[str, Any], error: Mismatch, status: int, *, is_last: bool) -> None:
        """Skip a case that fails by what is known already, or by a condition that the specification tells in words."""
        if error.key:
            self._session.answers.told.setdefault(error.key, self._case["id"])
        if error.got.startswith("status"):
            self._skip_known(step, status)
            self._judge_status(step, status, is_last=is_last)
            return
        if error.got.startswith("no answer: Connect"):  # ConnectError, ConnectTimeout, ConnectionRefusedError
            _skip(self._session.causes.unanswered(self._case))
        if step.get("setup"):
            self._break(step["request"]["endpoint"], 0, f"see {self._case['id']}")

    def _skip_known(self, step: dict[str, Any], status: int) -> None:
        """Skip a case that gets the status that the valid request to its endpoint got, or for a cause that is told."""
        endpoint = step["request"]["endpoint"]
        # A wrong success, such as 200 for 201, says nothing of a request that should be refused.
        if not 200 <= status < 300 or all(each[0] == "2" for each in step["expected"]):  # noqa: PLR2004 - of HTTP
            known = self._session.broken[endpoint].get(status)
            if known is not None:
                own = f"{endpoint} answers {status} to its valid request, too: {known}"
                raise SkipError(own if _is_own(known) else known)
            if status in self._session.unmade.get(endpoint, ()):
                raise SkipError(
                    f"{endpoint} answers {status} to its valid request, too: nothing can be made that it needs"
                )
        documented = str(status) in self._session.suite.endpoints[endpoint]["responses"]
        is_hidden = documented and self._caller.is_hidden(step["request"], status)
        if is_hidden and all(each[0] == "4" for each in step["expected"]):
            raise SkipError(f"{endpoint} answers 404 to a caller who did not make the thing, and may not see it")
        if not self.is_valid(step):
            _skip(self._session.causes.of(self._case, status))
        elif (why := self._session.causes.of_valid(self._case, step["request"], status)) is not None:
            self._break(endpoint, status, why)
            raise SkipError(why)

    def _break(self, endpoint: str, status: int, why: str) -> None:
        """Note that an endpoint refuses a valid request, and where that is told."""
        self._session.broken[endpoint].setdefault(status, why)

    def _judge_status(self, step: dict[str, Any], status: int, *, is_last: bool) -> None:
        """Skip a case that words tell of, and note what its endpoint answers to a valid request."""
        endpoint = step["request"]["endpoint"]
        told = self._session.suite.endpoints[endpoint].get("refusals", {}).get(str(status))
        untried = not self._session.callers.has_worked(step["request"])
        # Who lacks a role is refused before anything else is looked at.
        if is_last and self._case["category"] != "valid" and not (told and untried and status == _FORBIDDEN):
            return
        if told and untried:
            reason = f"it answers {status}, and the specification says in words: {told}"
            self._break(endpoint, status, reason)
            raise SkipError(f"{endpoint} can't be tried: {reason}")
        if step.get("setup") or (is_last and not 200 <= status < 300):  # noqa: PLR2004 - another success is no refusal
            self._break(endpoint, status, f"see {self._case['id']}")


def _skip(why: str | None) -> None:
    """Skip a case that says nothing new, if there is a reason for that."""
    if why is not None:
        raise SkipError(why)


def _is_own(why: str) -> bool:
    """Tell whether a reason is a case of the endpoint itself, and no cause that others share."""
    return why.startswith("see ")
