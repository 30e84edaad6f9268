"""Observing time at a small observatory. FastAPI; the document is the one FastAPI makes from the code."""

import uuid
from datetime import datetime, timedelta, timezone
from typing import Annotated, Literal

from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

KIND = "FastAPI"
TOKENS = {
    "tok-vera-51": ("vera", "astronomer"),
    "tok-edwin-77": ("edwin", "astronomer"),
    "tok-otto-90": ("otto", "operator"),
}
HEADERS = {who: {"Authorization": f"Bearer {t}"} for t, (who, _) in TOKENS.items()}
FAULTS = {
    "pages_floor": "GET /requests: pages is total / per_page rounded down (documented: rounded up), so the last part page is not counted",
    "patch_drops_notes": "PATCH /requests/{id} without notes sets notes to null (documented: fields left out keep their value)",
    "submit_twice_ok": "submitting a request that is already submitted answers 200 (should be 409)",
    "reject_without_reason": "a rejection without a reason is accepted (should be 422)",
    "list_shows_others": "GET /requests shows astronomers the requests of others too",
    "name_case_sensitive": "telescopes may have names that differ in upper and lower case only (should be 409)",
    "filters_ored": "GET /telescopes with hemisphere and min_aperture_mm finds telescopes that meet either (documented: both)",
    "updated_at_stuck": "updated_at stays at the moment of creation after a PATCH",
    "coordinates_truncated": "right_ascension_deg and declination_deg lose their decimals",
    "deleted_still_listed": "a deleted request still stands in GET /requests",
}
DESCRIPTION = """
Telescopes of the Hillcrest observatory and the requests of astronomers to observe with them.

Send a bearer token with every call. Tokens of the test system: `tok-vera-51` and `tok-edwin-77` (astronomers), `tok-otto-90` (operator).
Without a valid token every call is answered with 401.

A request is a `draft` when created. Its owner may change or delete it while it is a draft, then submits it (`submitted`);
an operator decides it (`approved` or `rejected`, both final). Anything else is a 409 and changes nothing.

Astronomers see only their own requests: for them those of others do not exist (404). Operators read all requests, but neither create nor change them (403).
"""

whole = BeforeValidator(lambda v: int(v) if isinstance(v, float) and v.is_integer() else v)
Hemisphere = Literal["north", "south"]
Priority = Literal["low", "normal", "urgent"]
Status = Literal["draft", "submitted", "approved", "rejected"]
Minutes = Annotated[
    int, Field(ge=10, le=480, description="Observing time asked for, in minutes.", examples=[90]), whole
]
Target = Annotated[str, Field(min_length=1, max_length=80, description="Object to be observed.", examples=["M31"])]
Notes = Annotated[str, Field(max_length=500)]


class Error(BaseModel):
    detail: str


class In(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class TelescopeIn(In):
    name: str = Field(
        min_length=1,
        max_length=60,
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9 \-]*[A-Za-z0-9])?$",
        description="Unique, whatever the upper and lower case.",
        examples=["North Dome"],
    )
    aperture_mm: Annotated[int, whole] = Field(ge=50, le=12000, examples=[800])
    hemisphere: Hemisphere = Field(examples=["north"])


class Telescope(TelescopeIn):
    id: int = Field(examples=[1])


class RequestIn(In):
    telescope_id: Annotated[int, whole] = Field(
        ge=1, description="A telescope of GET /telescopes; 404 if there is none.", examples=[1]
    )
    target: Target
    right_ascension_deg: float = Field(ge=0, lt=360, description="Kept exactly as sent.", examples=[10.6847])
    declination_deg: float = Field(ge=-90, le=90, description="Kept exactly as sent.", examples=[41.2687])
    minutes: Minutes
    priority: Priority = Field("normal", description="`normal` if left out.")
    notes: Notes | None = Field(None, description="For the operator; null if left out.", examples=["dark sky please"])


class RequestPatch(In):
    target: Target = Field(default_factory=lambda: None)
    minutes: Minutes = Field(default_factory=lambda: None)
    priority: Priority = Field(default_factory=lambda: None)
    notes: Notes | None = Field(default_factory=lambda: None, description="null removes the notes.")


class ObservingRequest(BaseModel):
    id: uuid.UUID
    owner: str = Field(description="The astronomer who created the request.", examples=["vera"])
    status: Status
    telescope_id: int
    target: str
    right_ascension_deg: float
    declination_deg: float
    minutes: int
    priority: Priority
    notes: str | None
    reason: str | None = Field(
        description="The operator's reason; null until decided, and after an approval without one."
    )
    created_at: datetime
    updated_at: datetime = Field(
        description="The same as created_at at first; every successful change, submission and decision sets it to a later moment."
    )


class Page(BaseModel):
    items: list[ObservingRequest]
    total: int = Field(description="Number of requests that match, on all pages.")
    page: int
    pages: int = Field(description="Number of pages: total / per_page, rounded up; 0 if nothing matches.")


class Decision(In):
    verdict: Literal["approved", "rejected"] = Field(examples=["rejected"])
    reason: str | None = Field(
        None,
        max_length=300,
        description="Required and not empty if the verdict is `rejected`.",
        examples=["below the horizon"],
    )


R401 = {401: {"model": Error, "description": "No token or an unknown one."}}
R403 = {403: {"model": Error, "description": "Not allowed for your role."}}
R404 = {404: {"model": Error, "description": "No such object, or a request of another astronomer."}}


def R409(text):
    return {409: {"model": Error, "description": text}}


def build(fault):
    app = FastAPI(title="Hillcrest observing time", version="2.3.0", description=DESCRIPTION)
    scopes, reqs, count = {}, {}, [0]
    bearer = HTTPBearer(auto_error=False)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, e: RequestValidationError):
        if (
            request.headers.get("authorization", "").partition(" ")[2].strip() not in TOKENS
        ):  # broken JSON is found before the token is looked at
            return JSONResponse({"detail": "token missing or unknown"}, 401, {"WWW-Authenticate": "Bearer"})
        return JSONResponse(
            {"detail": [{"loc": list(x["loc"]), "msg": x["msg"], "type": x["type"]} for x in e.errors()]}, 422
        )

    @app.exception_handler(400)
    async def unreadable(request: Request, e: HTTPException):  # a body that is no UTF-8
        return await invalid(
            request, RequestValidationError([{"loc": ("body",), "msg": "unreadable body", "type": "json_invalid"}])
        )

    def user(cred: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]):
        if cred is None or cred.credentials not in TOKENS:
            raise HTTPException(401, "token missing or unknown", {"WWW-Authenticate": "Bearer"})
        return TOKENS[cred.credentials]

    def operator(u: Annotated[tuple, Depends(user)]):
        if u[1] != "operator":
            raise HTTPException(403, "operators only")
        return u

    def astronomer(u: Annotated[tuple, Depends(user)]):
        if u[1] != "astronomer":
            raise HTTPException(403, "astronomers only")
        return u

    User, Operator, Astronomer = (Annotated[tuple, Depends(f)] for f in (user, operator, astronomer))

    def find(id_, u):
        r = reqs.get(id_)
        if r is None or r.get("deleted") or (u[1] == "astronomer" and r["owner"] != u[0]):
            raise HTTPException(404, "no such request")
        return r

    def expect(r, status):
        if r["status"] != status:
            raise HTTPException(409, f"the request is {r['status']}")

    def touch(r):
        r["updated_at"] = max(datetime.now(timezone.utc), r["updated_at"] + timedelta(microseconds=1))

    @app.post(
        "/telescopes",
        status_code=201,
        responses={**R401, **R403, **R409("There is a telescope of that name.")},
        tags=["telescopes"],
        summary="Add a telescope (operators)",
        operation_id="addTelescope",
    )
    async def add_telescope(body: TelescopeIn, u: Operator) -> Telescope:
        """Names are compared without regard to upper and lower case: with `North Dome` there, `north dome` is a 409."""
        key = (lambda s: s) if fault == "name_case_sensitive" else str.lower
        if any(key(t["name"]) == key(body.name) for t in scopes.values()):
            raise HTTPException(409, "name taken")
        count[0] += 1
        scopes[count[0]] = {"id": count[0], **body.model_dump()}
        return scopes[count[0]]

    @app.get(
        "/telescopes", responses=R401, tags=["telescopes"], summary="List telescopes", operation_id="listTelescopes"
    )
    async def list_telescopes(
        u: User,
        hemisphere: Annotated[Hemisphere, Query(description="Only telescopes of this hemisphere.")] = None,
        min_aperture_mm: Annotated[
            int, Query(ge=0, le=12000, description="Only telescopes of this aperture or more.")
        ] = None,
    ) -> list[Telescope]:
        """All telescopes in the order in which they were added. If both filters are given, a telescope must meet both."""

        def tests(t):
            if hemisphere is not None:
                yield t["hemisphere"] == hemisphere
            if min_aperture_mm is not None:
                yield t["aperture_mm"] >= min_aperture_mm

        if fault == "filters_ored" and hemisphere is not None and min_aperture_mm is not None:
            return [t for t in scopes.values() if any(tests(t))]
        return [t for t in scopes.values() if all(tests(t))]

    @app.delete(
        "/telescopes/{telescope_id}",
        status_code=204,
        response_class=Response,
        responses={**R401, **R403, **R404, **R409("There are requests for the telescope.")},
        tags=["telescopes"],
        summary="Remove a telescope (operators)",
        operation_id="removeTelescope",
    )
    async def remove_telescope(telescope_id: int, u: Operator):
        """Only possible while there is no request for it, whatever its status. Deleted requests do not count."""
        if telescope_id not in scopes:
            raise HTTPException(404, "no such telescope")
        if any(r["telescope_id"] == telescope_id and not r.get("deleted") for r in reqs.values()):
            raise HTTPException(409, "there are requests for it")
        del scopes[telescope_id]
        return Response(status_code=204)

    @app.post(
        "/requests",
        status_code=201,
        responses={**R401, **R403, 404: {"model": Error, "description": "No such telescope."}},
        tags=["requests"],
        summary="Create a request (astronomers)",
        operation_id="createRequest",
    )
    async def create_request(body: RequestIn, u: Astronomer) -> ObservingRequest:
        """The request is a `draft` and belongs to the caller."""
        if body.telescope_id not in scopes:
            raise HTTPException(404, "no such telescope")
        now, r = datetime.now(timezone.utc), body.model_dump()
        if fault == "coordinates_truncated":
            for k in ("right_ascension_deg", "declination_deg"):
                r[k] = int(r[k])
        r |= {
            "id": uuid.uuid4(),
            "owner": u[0],
            "status": "draft",
            "reason": None,
            "created_at": now,
            "updated_at": now,
        }
        reqs[r["id"]] = r
        return r

    @app.get("/requests", responses=R401, tags=["requests"], summary="List requests", operation_id="listRequests")
    async def list_requests(
        u: User,
        status: Annotated[Status, Query(description="Only requests of this status.")] = None,
        telescope_id: Annotated[int, Query(ge=1, description="Only requests for this telescope.")] = None,
        page: Annotated[
            int, Query(ge=1, le=100000, description="Counted from 1; a page after the last one is empty.")
        ] = 1,
        per_page: Annotated[int, Query(ge=1, le=50)] = 10,
    ) -> Page:
        """Astronomers get their own requests, operators all. Newest first. Deleted requests are gone."""
        rows = [
            r
            for r in reversed(reqs.values())
            if (u[1] == "operator" or r["owner"] == u[0] or fault == "list_shows_others")
            and (fault == "deleted_still_listed" or not r.get("deleted"))
            and status in (None, r["status"])
            and telescope_id in (None, r["telescope_id"])
        ]
        pages = len(rows) // per_page if fault == "pages_floor" else -(-len(rows) // per_page)
        return {
            "items": rows[(page - 1) * per_page : page * per_page],
            "total": len(rows),
            "page": page,
            "pages": pages,
        }

    @app.get(
        "/requests/{request_id}",
        responses={**R401, **R404},
        tags=["requests"],
        summary="Read a request",
        operation_id="readRequest",
    )
    async def read_request(request_id: uuid.UUID, u: User) -> ObservingRequest:
        return find(request_id, u)

    @app.patch(
        "/requests/{request_id}",
        responses={**R401, **R403, **R404, **R409("The request is no draft any more.")},
        tags=["requests"],
        summary="Change a draft (its owner)",
        operation_id="changeRequest",
    )
    async def change_request(request_id: uuid.UUID, body: RequestPatch, u: Astronomer) -> ObservingRequest:
        """Only the fields sent are changed; fields left out keep their value."""
        r = find(request_id, u)
        expect(r, "draft")
        new = body.model_dump(exclude_unset=True)
        if fault == "patch_drops_notes":
            new.setdefault("notes", None)
        r.update(new)
        if fault != "updated_at_stuck":
            touch(r)
        return r

    @app.delete(
        "/requests/{request_id}",
        status_code=204,
        response_class=Response,
        responses={**R401, **R403, **R404, **R409("The request is no draft any more.")},
        tags=["requests"],
        summary="Delete a draft (its owner)",
        operation_id="deleteRequest",
    )
    async def delete_request(request_id: uuid.UUID, u: Astronomer):
        r = find(request_id, u)
        expect(r, "draft")
        r["deleted"] = True
        return Response(status_code=204)

    @app.post(
        "/requests/{request_id}/submit",
        responses={**R401, **R403, **R404, **R409("The request is no draft any more.")},
        tags=["requests"],
        summary="Submit a draft (its owner)",
        operation_id="submitRequest",
    )
    async def submit_request(request_id: uuid.UUID, u: Astronomer) -> ObservingRequest:
        """`draft` becomes `submitted`. A request can be submitted once only; a second time is a 409."""
        r = find(request_id, u)
        if not (fault == "submit_twice_ok" and r["status"] == "submitted"):
            expect(r, "draft")
        r["status"] = "submitted"
        touch(r)
        return r

    @app.post(
        "/requests/{request_id}/decision",
        responses={**R401, **R403, **R404, **R409("The request is not submitted, or already decided.")},
        tags=["requests"],
        summary="Decide a submitted request (operators)",
        operation_id="decideRequest",
    )
    async def decide_request(request_id: uuid.UUID, body: Decision, u: Operator) -> ObservingRequest:
        """`submitted` becomes the verdict. A rejection without a reason is a 422 and leaves the request as it is."""
        r = find(request_id, u)
        if body.verdict == "rejected" and not body.reason and fault != "reject_without_reason":
            raise RequestValidationError(
                [{"loc": ("body", "reason"), "msg": "a rejection needs a reason", "type": "missing"}]
            )
        expect(r, "submitted")
        r |= {"status": body.verdict, "reason": body.reason}
        touch(r)
        return r

    return app


SPEC = build(None).openapi()


def app(fault=None):
    assert fault is None or fault in FAULTS
    a = build(fault)
    a.openapi = lambda: SPEC
    return a
