"""Pets and their visits, in FastAPI: its own specification."""

import itertools
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID, uuid4

from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, EmailStr, Field

KIND = "FastAPI"
FAULTS = {
    "update not saved": "PUT answers the new pet and keeps the old one",
    "delete does nothing": "DELETE answers 204, and the pet is still there",
    "list lacks the newest": "the list leaves out the pet that was created last",
    "undocumented status": "POST answers 202",
    "null in an answer": "the pet that is read has the name null",
    "limit ignored": "the list gives all",
    "500 on other letters": "a name with other letters than ASCII's fails",
    "405 as 404": "an unknown method is answered with 404",
}
MISSING = {404: {"description": "No such pet"}}


class NewPet(BaseModel):
    """The fields that a caller sends."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=60)
    kind: Literal["cat", "dog", "bird"] = "cat"
    weight: float = Field(gt=0, le=200)
    owner: EmailStr | None = None


class Pet(NewPet):
    """The fields that are kept."""

    id: UUID
    born: datetime


class NewVisit(BaseModel):
    """A visit to the doctor."""

    pet_id: UUID
    reason: str = Field(max_length=500)


class Visit(NewVisit):
    """The fields that are kept of a visit."""

    id: int


def app(fault: str | None = None) -> FastAPI:
    """Return the app, with a fault."""
    api = FastAPI(title="Pets")
    pets: dict[UUID, Pet] = {}
    visits: dict[int, Visit] = {}
    numbers = itertools.count(1)

    @api.post("/pets", status_code=201)
    def create(pet: NewPet, response: Response) -> Pet:
        if fault == "500 on other letters":
            pet.name.encode("ascii")
        kept = Pet(id=uuid4(), born=datetime.now(UTC), **pet.model_dump())
        pets[kept.id] = kept
        response.status_code = 202 if fault == "undocumented status" else 201
        return kept

    @api.get("/pets")
    def listed(
        limit: Annotated[int, Query(ge=1, le=100)] = 50,
        offset: Annotated[int, Query(ge=0)] = 0,
        kind: Literal["cat", "dog", "bird"] | None = None,
    ) -> list[Pet]:
        found = [pet for pet in pets.values() if kind in (None, pet.kind)]
        if fault == "list lacks the newest":
            found = found[:-1]
        return found[offset:] if fault == "limit ignored" else found[offset : offset + limit]

    def known(pet_id: UUID) -> Pet:
        if pet_id not in pets:
            raise HTTPException(404, "No such pet")
        return pets[pet_id]

    @api.get("/pets/{pet_id}", responses=MISSING)
    def read(pet_id: UUID) -> Pet:
        if fault == "null in an answer":
            return JSONResponse({**known(pet_id).model_dump(mode="json"), "name": None})
        return known(pet_id)

    @api.put("/pets/{pet_id}", responses=MISSING)
    def update(pet_id: UUID, pet: NewPet) -> Pet:
        new = Pet(id=pet_id, born=known(pet_id).born, **pet.model_dump())
        if fault != "update not saved":
            pets[pet_id] = new
        return new

    @api.delete("/pets/{pet_id}", status_code=204, responses=MISSING)
    def delete(pet_id: UUID) -> None:
        known(pet_id)
        if fault != "delete does nothing":
            del pets[pet_id]

    @api.post("/visits", status_code=201, responses=MISSING)
    def visit(visit: NewVisit) -> Visit:
        known(visit.pet_id)
        kept = Visit(id=next(numbers), **visit.model_dump())
        visits[kept.id] = kept
        return kept

    @api.get("/visits/{visit_id}", responses=MISSING)
    def read_visit(visit_id: int) -> Visit:
        if visit_id not in visits:
            raise HTTPException(404, "No such visit")
        return visits[visit_id]

    @api.exception_handler(405)
    async def unknown(_: Request, error: HTTPException) -> Response:
        status = 404 if fault == "405 as 404" else 405
        return JSONResponse({"detail": "No such method"}, status, headers=error.headers)

    return api


SPEC = app().openapi()
