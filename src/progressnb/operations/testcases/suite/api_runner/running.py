"""The run of a case: its steps in order, what they keep, and the removal of what they made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .answers import Mismatch, body_of
from .callers import Caller
from .exchange import exchange
from .following import follow, locate
from .fresh import refresh
from .judging import Judge
from .outcome import Outcome, SkipError
from .plain import as_text, found, is_object, parts, put
from .promised import UnclearError, check_promise
from .relations import RELATIONS
from .report import Report
from .sending import MORE, OF_REQUEST, Message, NoCredentialsError, NoMoreCredentialsError, marked, message
from .values import VALUES, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from .session import Session

__all__ = ["Running", "hidden", "once", "value_of"]

_ATTEMPTS = 3
"""Values that are tried where a server says that a thing exists."""

_COMPARED = {**VALUES, **RELATIONS}
_CONFLICT = 409


def once(running: Running) -> Outcome:
    """Run a case with what it needs, and remove what it made."""
    try:
        return running.steps()
    except (SkipError, NoMoreCredentialsError) as error:
        return Outcome("skipped", str(error))
    except NoCredentialsError as error:
        return Outcome("unauthorized", str(error))
    except Exception as error:  # noqa: BLE001 - what a server sends, or a model wrote, ends no other case
        return Outcome("failed", f"this case can't be run: {type(error).__name__}: {str(error)[:200]}")
    finally:
        running.clean_up()


class Running:
    """One case.

    Attributes:
        is_unclear: Whether all that could be seen is right, and a check of a sentence had nothing to look at.

    """

    def __init__(self, case: dict[str, Any], client: httpx.Client, session: Session) -> None:
        self._case = case
        self._client = client
        self._session = session
        self._base = str(client.base_url)
        self._kept: dict[str, Any] = {}
        self._named: set[str] = set()  # of these, the values that the case itself chose
        self._memory: dict[str, Any] = {}
        self._made: list[dict[str, Any]] = []
        self.is_unclear = False
        self._unclear: list[str] = []
        self._known: list[str] = []  # what other cases have failed by
        self._caller = Caller(session.callers, case)
        self._judge = Judge(case, session, self._caller)
        self._report = Report(case, session.seed)
        self._status = 0

    def steps(self) -> Outcome:
        """Send the requests in their order, up to the first answer that is wrong."""
        for step in self._case["steps"]:
            if step["request"].get("auth") in MORE:
                self._by_whom(step["request"])  # before anything is sent: a team need not have these credentials
        for number, step in enumerate(self._case["steps"]):
            self._begin(step)
            try:
                self._step(number, step)
            except Mismatch as error:
                self._judged(step, error, is_last=number == len(self._case["steps"]) - 1)
                return Outcome("failed", self._report.text(number, error))
        if self._unclear:
            self.is_unclear = True
            raise SkipError(f"nothing to look at: {self._unclear[0]}")
        if self._known and self._case["category"] == "values":  # it asks for nothing else
            raise SkipError(self._known[0])
        self._judge.passed(self._status)
        return Outcome("passed")

    def _begin(self, step: dict[str, Any]) -> None:
        """Skip a case whose set-up is known to fail."""
        self._judge.begin(step)

    def _judged(self, step: dict[str, Any], error: Mismatch, *, is_last: bool) -> None:
        """Skip a case that fails by what is known already."""
        self._judge.judge(step, error, self._status, is_last=is_last)

    def _step(self, number: int, step: dict[str, Any]) -> None:
        request, response = self._tried(number, step)
        self._remember(request, response, step)
        setup = step.get("setup", False)
        if setup and not response.is_success and str(response.status_code) in step["expected"]:
            raise SkipError(f"{request['endpoint']} could not create what this case needs, as is documented")
        if not (setup and response.is_success):
            # A wrong status of what is only needed is the finding of its own cases.
            is_valid = self._judge.is_valid(step)
            self._session.answers.check(response, step, exact=self._case["category"] == "valid", known_caller=is_valid)
        if not response.is_success and step.get("save"):
            raise SkipError(f"{request['endpoint']} did not create what this case needs, as is documented")
        self._keep(request, response, step.get("save", {}))
        self._compare(response, request, step)

    def _compare(self, response: httpx.Response, request: dict[str, Any], step: dict[str, Any]) -> None:
        """Compare the values of an answer."""
        body, self._memory["headers"] = body_of(response), response.headers
        for check in step.get("checks", ()):
            if check["kind"] == "located":
                locate(response, check, self._kept.get(check["variable"]), self._ask)
            elif check["kind"] == "follow":
                follow(response, check, request, self._ask)
            elif check["kind"] == "needs":
                _need(check, body)
            elif check["kind"] == "promise":
                try:
                    self._promised(check, response)
                except UnclearError as error:  # later checks may yet find something
                    self._unclear.append(str(error))
            elif response.is_success:
                self._compared(check, body, step["request"]["endpoint"])

    def _compared(self, check: dict[str, Any], body: Any, endpoint: str) -> None:  # noqa: ANN401 - plain data
        """Compare the values of an answer. A place in answers of an endpoint that has failed a case fails no other."""
        alone = [{**check, "fields": [each]} for each in check["fields"]] if check["kind"] == "sent" else [check]
        for part in alone:  # a field that is known to be changed hides no other
            try:
                _COMPARED[check["kind"]](part, body, self._kept, self._memory)
            except Mismatch as error:
                place = "".join(error.key[-1:])
                error.key = (endpoint, *error.key) if error.key else ()
                known = self._session.answers.told.get(error.key)
                if known is None:
                    raise
                self._known.append(f"{place} does not come back as it was sent: see {known}")

    def _promised(self, check: dict[str, Any], response: httpx.Response) -> None:
        """Compare an answer with what a sentence says; text is a value, too."""
        body = body_of(response)
        check_promise(check, response.text if body is ... else body, response.headers)

    def _tried(self, number: int, step: dict[str, Any]) -> tuple[dict[str, Any], httpx.Response]:
        """Send a request, where there is such a thing already with other values, and return it with its answer."""
        for attempt in range(_ATTEMPTS):
            request = self._filled(number, step, attempt)
            response = self._send(request, step)
            if not self._is_conflict(response, step):
                return request, response
            if not step.get("fresh"):
                told = self._session.suite.endpoints[request["endpoint"]].get("refusals", {}).get("409")
                why = told or "there is such a thing, and no value can be new"
                raise SkipError(f"{request['endpoint']} says 409: {why}")
        raise SkipError(f"{step['request']['endpoint']} says 409 for {_ATTEMPTS} values that were new each time")

    def _filled(self, number: int, step: dict[str, Any], attempt: int) -> dict[str, Any]:
        """Return the request of a step with new values, and those that were kept of earlier answers."""
        request: dict[str, Any] = json.loads(json.dumps(step["request"]))
        place = (self._session.seed, self._case["id"], number - step.get("same", 0), attempt)
        refresh(request, step.get("fresh", {}), *place)
        self._shown = json.loads(json.dumps(request))
        for pointer, name in step.get("use", {}).items():
            if name not in self._kept:
                continue
            value, in_body = self._kept[name], parts(pointer)[0] == "body"
            put(request, pointer, value if in_body else as_text(value))
            number_or_text = "text" if isinstance(value, str) or not in_body else "number"
            put(self._shown, pointer, found(request, pointer) if name in self._named else marked(name, number_or_text))
        return request

    def _send(self, request: dict[str, Any], step: dict[str, Any]) -> httpx.Response:
        """Send a request as whoever may do so."""
        response = self._caller.send(
            request, step["expected"], lambda sender: self._sent(request, step, sender), self._report.forget
        )
        self._status = response.status_code
        return response

    def _sent(self, request: dict[str, Any], step: dict[str, Any], sender: str) -> httpx.Response:
        by = {"auth": sender}
        return self._answer(self._message({**request, **by}), self._message({**self._shown, **by}, hidden), step)

    def _sender(self, request: dict[str, Any]) -> str:
        return self._caller.of(request)

    def _ask(self, request: dict[str, Any]) -> httpx.Response:
        """Send a request that an answer has named, as whoever may do so, and return its answer."""
        made = self._by_whom(request)
        return self._answer(made, made, {})

    def _by_whom(self, request: dict[str, Any]) -> Message:
        """Return a request as it is sent by whoever may do so."""
        return self._message({**request, "auth": self._session.callers.of(request)})

    def _message(self, request: dict[str, Any], credential: Callable[[str], str | None] | None = None) -> Message:
        """Return a request as it is sent, with its credentials. Its path may be a whole address."""
        suite = self._session.suite
        base = suite.base(request["endpoint"], self._base) if request["path"][:1] == "/" else ""
        return message(request, base, suite.schemes, credential or self._session.credential)

    def _answer(self, made: Message, shown: Message, step: dict[str, Any]) -> httpx.Response:
        """Send a request and return its answer; both are told where the case fails."""
        self._report.add(made, shown, step)
        try:
            response = exchange(made, self._client)
        except ValueError as error:
            raise Mismatch(
                "a request that can be sent, and an answer that can be read", f"{type(error).__name__}: {error}"
            ) from None
        except Exception as error:  # noqa: BLE001 - of whichever client the team uses, and of an app in this process
            raise Mismatch("an answer", f"no answer: {type(error).__name__}: {error}") from None
        self._report.answered(response)
        self._session.causes.answered()
        self._status = response.status_code
        return response

    def _is_conflict(self, response: httpx.Response, step: dict[str, Any]) -> bool:
        """Tell whether a thing could not be made since there is one, and the specification knows that answer."""
        endpoint = self._session.suite.endpoints[step["request"]["endpoint"]]
        wanted = "409" in step["expected"] or not any(each[0] == "2" for each in step["expected"])
        known = any(each in endpoint["responses"] for each in ("409", "4XX"))
        return response.status_code == _CONFLICT and known and not wanted

    # --- what steps keep --------------------------------------------------------------------------------

    def _remember(self, request: dict[str, Any], response: httpx.Response, step: dict[str, Any]) -> None:
        """Remember what a request made or changed."""
        if not response.is_success:
            return
        self._caller.note_success(request)
        self._session.causes.worked(self._case, request)
        body = request.get("body")
        if step.get("record") == "new":
            self._memory["state"] = body
            if request["method"] == "POST" and is_object(body):  # a server may have a value where a thing has null
                self._memory["state"] = {key: each for key, each in body.items() if each is not None}
        elif step.get("record") == "part" and is_object(body):
            self._memory["state"] = _merged(self._memory.get("state"), body)
        if request["method"] == "DELETE":
            gone = (request["path"], request.get("path_values", {}))
            self._made = [each for each in self._made if (each["path"], each["path_values"]) != gone]
            return
        endpoint = self._session.suite.endpoints[request["endpoint"]]
        removal = endpoint.get("removal")
        if not removal or request["method"] != endpoint["name"].partition(" ")[0]:
            return
        made = value_of(request, response, removal["pointer"])
        if made is not None:
            values = {**request.get("path_values", {}), removal["parameter"]: as_text(made)}
            self._made.append({**removal["request"], "path_values": values, "auth": self._sender(request)})

    def _keep(self, request: dict[str, Any], response: httpx.Response, wanted: dict[str, str]) -> None:
        """Keep values of an answer, or of its request."""
        for name, pointer in wanted.items():
            value = value_of(request, response, pointer)
            if value is None:
                place = f"the header {pointer[1:]}" if pointer.startswith("@") else f"{pointer} of the body"
                raise Mismatch(f"something at {place}", "nothing", "Other requests need it.")
            self._kept[name] = value
            if pointer.startswith(OF_REQUEST):
                self._named.add(name)

    def clean_up(self) -> None:
        """Remove what the case made, the last first."""
        for request in reversed(self._made):
            try:
                answer = exchange(self._message(request), self._client)
                gone = answer.is_success or answer.status_code in (404, 410)
            except Exception:  # noqa: BLE001 - the case has its outcome already; what stays is told at the end
                gone = False
            if not gone:
                self._session.left.append(request["path"])


def _need(check: dict[str, Any], body: Any) -> None:  # noqa: ANN401 - plain data
    """Skip a case whose thing is not in one of some states. A number is true where it is not 0."""
    value, wanted = found(body, check["pointer"]), check["value"]
    if (bool(value) if isinstance(value, int | float) else value) not in wanted:
        raise SkipError(f"{check['pointer']} is {shown(value)}; this case needs {shown(wanted)}")


def hidden(variable: str) -> str:
    """Return a variable of the shell for a secret."""
    return marked(variable, "secret")


def value_of(request: dict[str, Any], response: httpx.Response, pointer: str) -> Any:  # noqa: ANN401 - plain data
    """Return what a JSON Pointer into the body names, or a header: of Location the last part of its path.

    A pointer that ends in `|upper` means the value in capital letters, and in `|part` without its first and last. One
    that begins with `=` leads into the request, to a name that its sender chose, where the answer has no such field.
    """
    if pointer.startswith(OF_REQUEST):
        sent = found(request, pointer.removeprefix(OF_REQUEST))
        came = found(body_of(response), pointer.removeprefix(f"{OF_REQUEST}/body"))
        return came if isinstance(came, type(sent)) else sent
    if pointer.startswith("@"):
        text: str = response.headers.get(pointer[1:], "")
        if pointer.casefold() != "@location":
            return text or None
        path: str = urlsplit(text).path
        return path.rstrip("/").rpartition("/")[2] or None
    place, _, way = pointer.partition("|")
    value = found(body_of(response), place)
    if not isinstance(value, str):
        return value
    return value.upper() if way == "upper" else value[1:-1] if way == "part" else value


def _merged(whole: Any, part: dict[str, Any]) -> Any:  # noqa: ANN401 - plain data
    """Return a value with the fields of a part, as RFC 7396 merges them."""
    if not is_object(whole):
        return part
    inner = {name: _merged(whole.get(name), each) if is_object(each) else each for name, each in part.items()}
    return {**whole, **inner}
