"""Airwave, a small podcast host: shows and their episodes (FastAPI, OpenAPI 3.1). app(fault) is a fresh server."""

import itertools
import json
import re
from datetime import datetime, timezone
from typing import Annotated, Literal

from fastapi import Depends, FastAPI, HTTPException, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.exceptions import HTTPException as StarletteHTTPException

KIND = "FastAPI"
TOKENS = {"aw_nora_5f1c": "nora", "aw_tobias_b27e": "tobias"}
HEADERS = {u: {"Authorization": f"Bearer {t}"} for t, u in TOKENS.items()}
FAULTS = {
    "explicit_by_default": "a show created without explicit is marked explicit (documented default false)",
    "q_case_sensitive": "GET /shows?q= minds upper and lower case (documented: it does not)",
    "page_skips_one": "GET /shows: each page after the first leaves out one show between it and the page before",
    "slug_taken_ok": "POST /shows with a slug in use replaces that show with 201 (should be 409)",
    "patch_resets_rest": "PATCH /shows/{slug} sets language and explicit back to their defaults when they are left out",
    "drafts_visible": "GET /episodes/{id} shows drafts to users who do not own the show (should be 404)",
    "publish_again_ok": "POST /episodes/{id}/publish of a published episode answers 200 with a new published_at (should be 409)",
    "number_reused": "the number of a deleted last draft is given to the next episode (documented: never given again)",
    "drafts_counted": "episode_count and total_duration_s of a show count drafts too",
    "drafts_outlive_show": "DELETE /shows/{slug} leaves its drafts behind: GET /episodes/{id} still answers 200",
}

Language = Literal["de", "en", "fr"]
WholeNumber = BeforeValidator(lambda v: int(v) if isinstance(v, float) and v.is_integer() else v)
nothing = lambda: None  # noqa: E731


class Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class ShowIn(Body):
    slug: str = Field(
        pattern=r"^[a-z0-9-]{3,40}$",
        description="Part of the show's address. No two shows share one, and it never changes.",
        examples=["night-trains"],
    )
    title: str = Field(min_length=1, max_length=120, examples=["Night Trains of Europe"])
    description: str | None = Field(None, max_length=1000, examples=["Slow stories from sleeper cars."])
    language: Language = "en"
    explicit: bool = Field(False, description="Whether the show is not for children.")


class ShowPatch(Body):
    title: str = Field(default_factory=nothing, min_length=1, max_length=120, examples=["Night Trains"])
    description: str | None = Field(
        default_factory=nothing, max_length=1000, description="null removes the description."
    )
    language: Language = Field(default_factory=nothing)
    explicit: bool = Field(default_factory=nothing)


class Show(BaseModel):
    slug: str = Field(examples=["night-trains"])
    title: str = Field(examples=["Night Trains of Europe"])
    description: str | None
    language: Language
    explicit: bool
    owner: str = Field(description="Name of the user who created the show.", examples=["nora"])
    episode_count: int = Field(ge=0, description="Number of published episodes. Drafts do not count.")
    total_duration_s: int = Field(ge=0, description="Sum of the durations of the published episodes, in seconds.")
    created_at: datetime


class ShowPage(BaseModel):
    items: list[Show]
    total: int = Field(ge=0, description="Number of shows that match the filters, on all pages together.")
    page: int
    size: int


class EpisodeIn(Body):
    title: str = Field(min_length=1, max_length=120, examples=["Vienna to Rome"])
    duration_s: Annotated[int, WholeNumber] = Field(ge=1, le=86400, description="Length in seconds.", examples=[1845])


class Episode(BaseModel):
    id: int = Field(ge=1)
    show: str = Field(description="Slug of the show.", examples=["night-trains"])
    number: int = Field(
        ge=1,
        description="The first episode of a show is number 1; each further one is numbered one higher than the one created before it. "
        "The number of a deleted draft is never given again.",
    )
    title: str
    duration_s: int
    state: Literal["draft", "published"]
    published_at: datetime | None = Field(description="null while the episode is a draft.")


class EpisodeList(BaseModel):
    items: list[Episode]


class Error(BaseModel):
    detail: str = Field(examples=["No such show."])


ERRORS = {
    401: {
        "model": Error,
        "description": "The token is missing or unknown.",
        "headers": {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}, "example": "Bearer"}},
    },
    403: {"model": Error, "description": "The show belongs to another user."},
    404: {"model": Error, "description": "There is no such thing, or you may not see it."},
    409: {"model": Error, "description": "Not possible in the present state; nothing was changed."},
}
errors = lambda *codes: {c: ERRORS[c] for c in codes}  # noqa: E731
ABOUT = """Airwave hosts podcasts. A **show** belongs to the user who created it; only that user may change it or work on its **episodes**.

Send your token as `Authorization: Bearer <token>`. Shows can be listed and read without a token; everything else needs one.
In the sandbox use `aw_nora_5f1c` (user nora) or `aw_tobias_b27e` (user tobias).

If several things are wrong with a request, the first of these is reported: 401 (token), 422 (input), 404, 403, 409.
Bodies with unknown fields are refused with 422."""


class AsciiJSON(Response):
    media_type = "application/json"

    def render(self, content):
        return json.dumps(content).encode()  # ASCII: odd input may be echoed in loc


def app(fault=None):
    api = FastAPI(title="Airwave", version="2.3.0", description=ABOUT, redirect_slashes=False)
    shows, episodes, ids = {}, {}, itertools.count(1)
    now = lambda: datetime.now(timezone.utc)  # noqa: E731
    bearer = HTTPBearer(auto_error=False, description="The token from your Airwave profile page.")

    def user(cred: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> str:
        if cred is None or cred.credentials not in TOKENS:
            raise HTTPException(401, "Token missing or unknown.", {"WWW-Authenticate": "Bearer"})
        return TOKENS[cred.credentials]

    User = Annotated[str, Depends(user)]
    Slug = Annotated[str, Path(description="The show's slug.", examples=["night-trains"])]
    EpisodeId = Annotated[int, Path(ge=1, alias="id", description="The episode's id.")]
    PageNo = Annotated[int, Query(ge=1, description="Pages count from 1. A page after the last one has no items.")]
    Size = Annotated[int, Query(ge=1, le=100, description="Most items on one page.")]

    def no_token(request):
        """FastAPI reads the body before it looks at the token; our order is the other way round. Everything but GET needs a token."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if request.method != "GET" and (scheme.lower() != "bearer" or token not in TOKENS):
            return AsciiJSON({"detail": "Token missing or unknown."}, 401, {"WWW-Authenticate": "Bearer"})
        return None

    @api.exception_handler(RequestValidationError)
    async def invalid(request: Request, e: RequestValidationError):
        if (early := no_token(request)) is not None:
            return early
        return AsciiJSON(
            {"detail": [{"loc": list(x["loc"]), "msg": x["msg"], "type": x["type"]} for x in e.errors()]}, 422
        )

    @api.exception_handler(StarletteHTTPException)
    async def refused(request: Request, e: StarletteHTTPException):
        if e.status_code == 400:  # the body could not be read at all
            return no_token(request) or AsciiJSON(
                {"detail": [{"loc": ["body"], "msg": e.detail, "type": "json_invalid"}]}, 422
            )
        if e.status_code == 405:  # Starlette names the methods of one route only
            here = [p for p in api.openapi()["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", p), request.url.path)]
            e.headers = {"Allow": ", ".join(k.upper() for p in here for k in api.openapi()["paths"][p])}
        return Response(json.dumps({"detail": e.detail}), e.status_code, e.headers, "application/json")

    def show_out(s):
        mine = [
            e
            for e in episodes.values()
            if e["show"] == s["slug"] and (e["state"] == "published" or fault == "drafts_counted")
        ]
        return {**s, "episode_count": len(mine), "total_duration_s": sum(e["duration_s"] for e in mine)}

    def the_show(slug, owner=None):
        if slug not in shows:
            raise HTTPException(404, "No such show.")
        if owner is not None and shows[slug]["owner"] != owner:
            raise HTTPException(403, "This show belongs to another user.")
        return shows[slug]

    def the_episode(number, who):
        e = episodes.get(number)
        if e is None or (e["state"] == "draft" and shows[e["show"]]["owner"] != who):
            raise HTTPException(404, "No such episode.")
        return e

    @api.post(
        "/shows",
        operation_id="createShow",
        tags=["shows"],
        status_code=201,
        response_model=Show,
        summary="Create a show",
        response_description="The new show.",
        responses={
            201: {
                "headers": {
                    "Location": {
                        "required": True,
                        "description": "Address of the new show.",
                        "schema": {"type": "string"},
                        "example": "/shows/night-trains",
                    }
                }
            },
            401: ERRORS[401],
            409: {"model": Error, "description": "The slug is in use already."},
        },
    )
    async def create_show(body: ShowIn, who: User, response: Response):
        """The show belongs to the user of the token. 409 if another show (of whomever) has the slug."""
        if body.slug in shows and fault != "slug_taken_ok":
            raise HTTPException(409, "This slug is in use.")
        shows[body.slug] = {**body.model_dump(), "owner": who, "created_at": now(), "next": 1}
        if fault == "explicit_by_default" and "explicit" not in body.model_fields_set:
            shows[body.slug]["explicit"] = True
        response.headers["Location"] = f"/shows/{body.slug}"
        return show_out(shows[body.slug])

    @api.get(
        "/shows",
        operation_id="listShows",
        tags=["shows"],
        response_model=ShowPage,
        summary="List the shows of all users",
        response_description="One page of shows.",
    )
    async def list_shows(
        language: Annotated[Language | None, Query(description="Only shows in this language.")] = None,
        q: Annotated[
            str | None,
            Query(
                min_length=1,
                max_length=50,
                description="Only shows with this text somewhere in the title, in upper or lower case.",
            ),
        ] = None,
        page: PageNo = 1,
        size: Size = 20,
    ):
        """Ordered by slug, from a to z. Filters combine: a show must match all that are given. No token is needed."""
        found = [show_out(s) for _, s in sorted(shows.items()) if language in (None, s["language"])]
        if q is not None:
            found = [
                s
                for s in found
                if (q in s["title"] if fault == "q_case_sensitive" else q.casefold() in s["title"].casefold())
            ]
        start = (page - 1) * (size + 1 if fault == "page_skips_one" else size)
        return {"items": found[start : start + size], "total": len(found), "page": page, "size": size}

    @api.get(
        "/shows/{slug}",
        operation_id="getShow",
        tags=["shows"],
        response_model=Show,
        responses=errors(404),
        summary="Read a show",
        response_description="The show.",
    )
    async def get_show(slug: Slug):
        """No token is needed."""
        return show_out(the_show(slug))

    @api.patch(
        "/shows/{slug}",
        operation_id="updateShow",
        tags=["shows"],
        response_model=Show,
        responses=errors(401, 403, 404),
        summary="Change a show",
        response_description="The show after the change.",
    )
    async def update_show(slug: Slug, body: ShowPatch, who: User):
        """Only the owner may do this. Fields that are left out stay as they are."""
        s = the_show(slug, who)
        s.update(body.model_dump(exclude_unset=True))
        if fault == "patch_resets_rest":
            s.update({k: v for k, v in {"language": "en", "explicit": False}.items() if k not in body.model_fields_set})
        return show_out(s)

    @api.delete(
        "/shows/{slug}",
        operation_id="deleteShow",
        tags=["shows"],
        status_code=204,
        responses=errors(401, 403, 404, 409),
        summary="Delete a show",
        response_description="The show is gone.",
    )
    async def delete_show(slug: Slug, who: User):
        """Only the owner may do this. Drafts of the show are deleted with it: reading one gives 404 from then on. 409 if the show has a published episode."""
        the_show(slug, who)
        mine = [k for k, e in episodes.items() if e["show"] == slug]
        if any(episodes[k]["state"] == "published" for k in mine):
            raise HTTPException(409, "This show has published episodes.")
        for k in mine:
            if fault == "drafts_outlive_show":
                orphans[k] = (episodes[k], who)
            del episodes[k]
        del shows[slug]

    orphans = {}  # filled by drafts_outlive_show alone

    @api.post(
        "/shows/{slug}/episodes",
        operation_id="createEpisode",
        tags=["episodes"],
        status_code=201,
        response_model=Episode,
        responses=errors(401, 403, 404),
        summary="Create an episode",
        response_description="The new episode, a draft.",
    )
    async def create_episode(slug: Slug, body: EpisodeIn, who: User):
        """Only the owner of the show may do this. The episode begins as a draft."""
        s = the_show(slug, who)
        number = s["next"]
        if fault == "number_reused":
            number = 1 + max((e["number"] for e in episodes.values() if e["show"] == slug), default=0)
        s["next"] += 1
        e = {
            "id": next(ids),
            "show": slug,
            "number": number,
            **body.model_dump(),
            "state": "draft",
            "published_at": None,
        }
        episodes[e["id"]] = e
        return e

    @api.get(
        "/shows/{slug}/episodes",
        operation_id="listEpisodes",
        tags=["episodes"],
        response_model=EpisodeList,
        responses=errors(401, 404),
        summary="List the episodes of a show",
        response_description="All episodes that match and that you may see.",
    )
    async def list_episodes(
        slug: Slug,
        who: User,
        state: Annotated[
            Literal["draft", "published"] | None, Query(description="Only episodes in this state.")
        ] = None,
        max_duration_s: Annotated[
            int | None, Query(ge=1, description="Only episodes of at most this many seconds.")
        ] = None,
    ):
        """The highest number comes first. Drafts are listed for the owner only."""
        s = the_show(slug)
        found = [
            e
            for e in episodes.values()
            if e["show"] == slug
            and state in (None, e["state"])
            and (e["state"] == "published" or s["owner"] == who)
            and (max_duration_s is None or e["duration_s"] <= max_duration_s)
        ]
        return {"items": sorted(found, key=lambda e: -e["number"])}

    @api.get(
        "/episodes/{id}",
        operation_id="getEpisode",
        tags=["episodes"],
        response_model=Episode,
        responses=errors(401, 404),
        summary="Read an episode",
        response_description="The episode.",
    )
    async def get_episode(number: EpisodeId, who: User):
        """Any user may read a published episode. A draft is there for the owner of the show only; for others it is 404."""
        if number in orphans and orphans[number][1] == who:
            return orphans[number][0]
        if fault == "drafts_visible" and number in episodes:
            return episodes[number]
        return the_episode(number, who)

    @api.post(
        "/episodes/{id}/publish",
        operation_id="publishEpisode",
        tags=["episodes"],
        response_model=Episode,
        responses=errors(401, 403, 404, 409),
        summary="Publish a draft",
        response_description="The published episode.",
    )
    async def publish_episode(number: EpisodeId, who: User):
        """Turns a draft into a published episode and sets published_at. There is no way back. 409 if it is published already.
        A published episode of another user gives 403, a draft of another user 404."""
        e = the_episode(number, who)
        the_show(e["show"], who)
        if e["state"] == "published" and fault != "publish_again_ok":
            raise HTTPException(409, "Published already.")
        e.update(state="published", published_at=now())
        return e

    @api.delete(
        "/episodes/{id}",
        operation_id="deleteEpisode",
        tags=["episodes"],
        status_code=204,
        responses=errors(401, 403, 404, 409),
        summary="Delete a draft",
        response_description="The draft is gone.",
    )
    async def delete_episode(number: EpisodeId, who: User):
        """Only the owner may do this, and only with a draft: 409 for a published episode.
        A published episode of another user gives 403, a draft of another user 404."""
        e = the_episode(number, who)
        the_show(e["show"], who)
        if e["state"] == "published":
            raise HTTPException(409, "Published episodes stay.")
        del episodes[number]

    return api


SPEC = app().openapi()
