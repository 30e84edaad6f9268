"""The run of a case: its steps in order, what they keep, and the removal of what they made."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from .answers import Answers, Mismatch, body_of
from .callers import Caller, Callers
from .causes import Causes
from .exchange import exchange
from .fresh import new_seed, refresh
from .outcome import Outcome, SkipError
from .plain import as_text, found, is_object, parts, put
from .promised import UnclearError, check_promise
from .relations import RELATIONS
from .report import Report
from .sending import MORE, Message, NoCredentialsError, NoMoreCredentialsError, marked, message
from .values import VALUES, items_of, shown
from .ways import choose_ways

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from .suite import Suite

__all__ = ["Running", "Session", "hidden", "once", "value_of"]

_ATTEMPTS = 3
"""Values that are tried where a server says that a thing exists."""

_COMPARED = {**VALUES, **RELATIONS}
_FORBIDDEN, _CONFLICT = 403, 409
_PAGES = 20
"""Pages that are followed."""


@dataclass
class Session:
    """The state that all cases of a run share.

    Attributes:
        suite: The files.
        seed: The text that new values depend on.
        credential: The secret of an environment variable.
        broken: Endpoints whose valid request was refused: where that is told, and the status.
        unmade: Endpoints whose valid request got such a status, which is right where what its path names can't be made.
        left: Addresses of things that could not be removed.

    """

    suite: Suite
    seed: str = field(default_factory=new_seed)
    credential: Callable[[str], str | None] = os.environ.get
    broken: dict[str, tuple[str, int]] = field(default_factory=dict[str, tuple[str, int]])
    unmade: dict[str, set[int]] = field(default_factory=dict[str, set[int]])
    left: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        """Read the schemas, and let each request be sent by whom its case names."""
        self.answers = Answers(self.suite)
        self.causes = Causes()
        choose_ways(self.suite, self.credential)
        self.callers = Callers(self.suite)


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
        self._memory: dict[str, Any] = {}
        self._made: list[dict[str, Any]] = []
        self.is_unclear = False
        self._unclear: list[str] = []
        self._caller = Caller(session.callers, case)
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
                self._judge(step, error, is_last=number == len(self._case["steps"]) - 1)
                return Outcome("failed", self._report.text(number, error))
        if self._unclear:
            self.is_unclear = True
            raise SkipError(f"nothing to look at: {self._unclear[0]}")
        self._session.causes.passed(self._case)
        if self._case["category"] == "valid" and self._status >= 400:  # noqa: PLR2004 - of HTTP
            self._session.unmade.setdefault(self._case["endpoint"], set()).add(self._status)
        return Outcome("passed")

    def _begin(self, step: dict[str, Any]) -> None:
        """Skip a case whose set-up is known to fail."""
        endpoint = step["request"]["endpoint"]
        # Where one request has worked, another one that was refused says nothing of those that only create.
        works = self._session.callers.has_worked(step["request"])
        if step.get("setup") and endpoint in self._session.broken and not works:
            why = self._session.broken[endpoint][0]
            raise SkipError(f"{endpoint} can't create what this case needs: {why}" if _is_own(why) else why)

    def _judge(self, step: dict[str, Any], error: Mismatch, *, is_last: bool) -> None:
        """Skip a case that fails by what is known already, or by a condition that the specification tells in words."""
        if error.key:
            self._session.answers.told.add(error.key)
        if error.got.startswith("status"):
            self._skip_known(step)
            self._judge_status(step, is_last=is_last)
            return
        if error.got.startswith("no answer: Connect"):  # ConnectError, ConnectTimeout, ConnectionRefusedError
            _skip(self._session.causes.unanswered(self._case))
        if step.get("setup"):
            self._session.broken[step["request"]["endpoint"]] = f"see {self._case['id']}", 0

    def _skip_known(self, step: dict[str, Any]) -> None:
        """Skip a case that gets the status that the valid request to its endpoint got, or for a cause that is told."""
        endpoint, status = step["request"]["endpoint"], self._status
        # A wrong success, such as 200 for 201, says nothing of a request that should be refused.
        if not 200 <= status < 300 or all(each[0] == "2" for each in step["expected"]):  # noqa: PLR2004 - of HTTP
            known = self._session.broken.get(endpoint)
            if known is not None and known[1] == status:
                own = f"{endpoint} answers {status} to its valid request, too: {known[0]}"
                raise SkipError(own if _is_own(known[0]) else known[0])
            if status in self._session.unmade.get(endpoint, ()):
                raise SkipError(
                    f"{endpoint} answers {status} to its valid request, too: nothing can be made that it needs"
                )
        documented = str(status) in self._session.suite.endpoints[endpoint]["responses"]
        is_hidden = documented and self._caller.is_hidden(step["request"], status)
        if is_hidden and all(each[0] == "4" for each in step["expected"]):
            raise SkipError(f"{endpoint} answers 404 to a caller who did not make the thing, and may not see it")
        if not self._is_valid(step):
            _skip(self._session.causes.of(self._case, status))
        elif (why := self._session.causes.of_valid(self._case, step["request"], status)) is not None:
            self._session.broken[endpoint] = why, status
            raise SkipError(why)

    def _judge_status(self, step: dict[str, Any], *, is_last: bool) -> None:
        """Skip a case that words tell of, and note what its endpoint answers to a valid request."""
        endpoint, status = step["request"]["endpoint"], self._status
        told = self._session.suite.endpoints[endpoint].get("refusals", {}).get(str(status))
        untried = not self._session.callers.has_worked(step["request"])
        # Who lacks a role is refused before anything else is looked at.
        if is_last and self._case["category"] != "valid" and not (told and untried and status == _FORBIDDEN):
            return
        if told and untried:
            reason = f"it answers {status}, and the specification says in words: {told}"
            self._session.broken[endpoint] = reason, status
            raise SkipError(f"{endpoint} can't be tried: {reason}")
        if step.get("setup") or (is_last and not 200 <= status < 300):  # noqa: PLR2004 - another success is no refusal
            self._session.broken[endpoint] = f"see {self._case['id']}", status

    def _is_valid(self, step: dict[str, Any]) -> bool:
        """Tell whether a step is a request that is right, by whom the cases are."""
        usual = step["request"].get("auth", "valid") == "valid"
        return usual and bool(step.get("setup") or self._case["category"] == "valid")

    def _step(self, number: int, step: dict[str, Any]) -> None:
        request, response = self._tried(number, step)
        self._remember(request, response, step)
        setup = step.get("setup", False)
        if setup and not response.is_success and str(response.status_code) in step["expected"]:
            raise SkipError(f"{request['endpoint']} could not create what this case needs, as is documented")
        if not (setup and response.is_success):
            # A wrong status of what is only needed is the finding of its own cases.
            is_valid = self._is_valid(step)
            self._session.answers.check(response, step, exact=self._case["category"] == "valid", known_caller=is_valid)
        if not response.is_success and step.get("save"):
            raise SkipError(f"{request['endpoint']} did not create what this case needs, as is documented")
        self._keep(response, step.get("save", {}))
        self._compare(response, request, step)

    def _compare(self, response: httpx.Response, request: dict[str, Any], step: dict[str, Any]) -> None:
        """Compare the values of an answer."""
        body, self._memory["headers"] = body_of(response), response.headers
        for check in step.get("checks", ()):
            if check["kind"] == "located":
                self._located(response, request, check)
            elif check["kind"] == "follow":
                self._follow(response, request, check)
            elif check["kind"] == "needs":
                _need(check, body)
            elif check["kind"] == "promise":
                try:
                    self._promised(check, response)
                except UnclearError as error:  # later checks may yet find something
                    self._unclear.append(str(error))
            elif response.is_success:
                _COMPARED[check["kind"]](check, body, self._kept, self._memory)

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
            put(self._shown, pointer, marked(name, number_or_text))
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
        made = value_of(response, removal["pointer"])
        if made is not None:
            values = {**request.get("path_values", {}), removal["parameter"]: as_text(made)}
            self._made.append({**removal["request"], "path_values": values, "auth": self._sender(request)})

    def _keep(self, response: httpx.Response, wanted: dict[str, str]) -> None:
        """Keep values of an answer."""
        for name, pointer in wanted.items():
            value = value_of(response, pointer)
            if value is None:
                place = f"the header {pointer[1:]}" if pointer.startswith("@") else f"{pointer} of the body"
                raise Mismatch(f"something at {place}", "nothing", "Other requests need it.")
            self._kept[name] = value

    def _located(self, response: httpx.Response, request: dict[str, Any], check: dict[str, Any]) -> None:
        """Follow the header Location of this server to the thing that was made."""
        where = response.headers.get("location")
        if where is None or not response.is_success:
            return
        target = _address(response, where)
        if target is None:
            return
        asked = self._by_whom({**check["value"], "path": target})
        read = self._answer(asked, asked, {})
        if not read.is_success:
            raise Mismatch(f"the thing that {request['method']} made at Location {where}", f"status {read.status_code}")
        value, wanted = found(body_of(read), check["pointer"]), self._kept.get(check["variable"])
        if value is not None and as_text(value) != as_text(wanted):
            raise Mismatch(f"{check['pointer']} {wanted!r} at Location {where}", repr(value))

    def _follow(self, response: httpx.Response, request: dict[str, Any], check: dict[str, Any]) -> None:
        """Follow a list from page to page: nothing comes twice."""
        seen: list[Any] = []
        for _ in range(_PAGES):
            body = body_of(response)
            ids = [item.get(check["name"]) for item in items_of(body) or [] if is_object(item)]
            twice = [each for each in ids if each is not None and each in seen]
            if twice:
                raise Mismatch("pages with nothing that was on another", f"{check['name']} {twice[0]!r} again")
            seen += ids
            token = found(body, check["pointer"])
            following = self._next(response, token, request, check["value"])
            if not response.is_success or following is None:
                return
            if not ids and str(token).isdigit():
                raise Mismatch("no next page after an empty one", f"{token!r} at {check['pointer']}")
            response = self._answer(following, following, {})

    def _next(self, response: httpx.Response, token: Any, request: dict[str, Any], name: str) -> Message | None:  # noqa: ANN401
        """Return the request for the next page: by a token, or by an address of this server."""
        token = token or response.links.get("next", {}).get("url")
        if not isinstance(token, str | int) or not token:
            return None
        if name and not re.match(r"https?://|[/?]", str(token)):
            query = {**request.get("query", {}), name: as_text(token)}
            return self._by_whom({**request, "query": query})
        target = _address(response, str(token))
        if target is None:
            return None
        return self._by_whom({**request, "path": target, "path_values": {}, "query": {}})

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


def _skip(why: str | None) -> None:
    """Skip a case that says nothing new, if there is a reason for that."""
    if why is not None:
        raise SkipError(why)


def _is_own(why: str) -> bool:
    """Tell whether a reason is a case of the endpoint itself, and no cause that others share."""
    return why.startswith("see ")


def _need(check: dict[str, Any], body: Any) -> None:  # noqa: ANN401 - plain data
    """Skip a case whose thing is not in one of some states. A number is true where it is not 0."""
    value, wanted = found(body, check["pointer"]), check["value"]
    if (bool(value) if isinstance(value, int | float) else value) not in wanted:
        raise SkipError(f"{check['pointer']} is {shown(value)}; this case needs {shown(wanted)}")


def hidden(variable: str) -> str:
    """Return a variable of the shell for a secret."""
    return marked(variable, "secret")


def _address(response: httpx.Response, where: str) -> str | None:
    """Return the whole address that an answer names, or None for another server's: credentials stay with theirs."""
    target = urljoin(str(response.url), where)
    return target if urlsplit(target)[:2] == urlsplit(str(response.url))[:2] else None


def value_of(response: httpx.Response, pointer: str) -> Any:  # noqa: ANN401 - plain data
    """Return what a JSON Pointer into the body names, or a header: of Location the last part of its path.

    A pointer that ends in `|upper` means the value in capital letters, and in `|part` without its first and last.
    """
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
