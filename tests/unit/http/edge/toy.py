"""A toy dialect with one route of each kind, and a server without a data directory, to test what
dialects share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.testclient import TestClient

from coterie.errors import StoreError
from coterie.http.answer import answer
from coterie.http.app import DIALECTS, create_app
from coterie.http.auth import Caller, caller_of, needs
from coterie.http.dialect import Dialect
from coterie.http.idempotency import Idempotency
from coterie.http.problems import HttpProblem
from coterie.http.route import EdgeRoute
from coterie.model import IdempotencyRecord, IdempotentReplay, Key, Scope
from coterie.rules.values import Instant
from coterie.settings import Settings
from coterie.workspace import Workspace

SECRETS = {scope.value: scope for scope in Scope}


class ToyWorkspace:
    """Stores idempotency records, as the store does."""

    def __init__(self) -> None:
        self.records: dict[str, tuple[str, bytes]] = {}
        self.writes = 0

    def counts(self) -> Mapping[str, int]:
        return {"profiles": 3}

    def write(self, idempotency: IdempotencyRecord | None) -> int:
        if idempotency is not None and idempotency.key in self.records:
            fingerprint, stored = self.records[idempotency.key]
            assert fingerprint == idempotency.fingerprint, "the toy knows no conflicts"
            raise IdempotentReplay(stored)
        self.writes += 1
        if idempotency is not None:
            self.records[idempotency.key] = (idempotency.fingerprint, idempotency.render(self.writes))
        return self.writes


class ToyServer:
    def __init__(self, **settings: Any) -> None:
        self.settings = Settings(**settings)
        self.toy = ToyWorkspace()
        self.is_ready = True

    def workspace(self, name: str) -> Workspace:
        return cast(Workspace, self.toy)

    def workspaces(self) -> Mapping[str, Workspace]:
        return {"default": self.workspace("default")}

    def authenticate(self, secret: str) -> Key | None:
        scope = SECRETS.get(secret)
        return Key("key-1", "toy", "default", scope, "toy", Instant(0), None, None) if scope else None

    def ready(self) -> bool:
        return self.is_ready


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: str
    size: int | None = None
    inner: dict[str, Any] | None = None


router = APIRouter(route_class=EdgeRoute)


@router.post("/things/{number}", dependencies=[needs(Scope.WRITE)])
def make_thing(number: int, body: Thing, q: str = "") -> Response:
    return answer({"number": number, "name": body.name, "size": body.size, "inner": body.inner, "q": q})


@router.get("/things/{number}", dependencies=[needs(Scope.READ)])
def get_thing(number: int, caller: Annotated[Caller, Depends(caller_of)]) -> Response:
    return answer({"number": number, "key": caller.key.id})


@router.delete("/things/{number}", dependencies=[needs(Scope.ADMIN)])
def delete_thing(number: int) -> Response:
    return answer({"number": number})


@router.post("/once", dependencies=[needs(Scope.WRITE)])
def write_once(body: Thing, idempotency: Idempotency, caller: Annotated[Caller, Depends(caller_of)]) -> Response:
    toy = cast(ToyWorkspace, caller.workspace)
    return idempotency.write(toy.write, lambda count: ({"count": count}, 201, {"Location": f"/toy/{count}"}))


@router.get("/fails/{how}")
def fail(how: str) -> Response:
    if how == "store":
        raise StoreError("disk of ada@example.com is full")
    if how == "midway":
        return StreamingResponse(_breaks())
    raise ValueError("bad value ada@example.com")


def _breaks() -> Iterator[bytes]:
    yield b"first"
    raise ValueError("bad value ada@example.com")


def render(_: Request, problem: HttpProblem) -> Response:
    """The toy's own envelope."""
    return JSONResponse(
        {"toy": problem.code, "status": problem.status}, 418 if problem.status == 404 else problem.status
    )


TOY = Dialect(name="toy", prefix="/toy", router=router, answer_problem=render)
OURS = Dialect(name="plain", prefix="/plain", router=router, answer_problem=DIALECTS[0].answer_problem)


def client(server: ToyServer | None = None, **settings: Any) -> TestClient:
    return TestClient(create_app(server or ToyServer(**settings), (TOY, OURS)))


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}
