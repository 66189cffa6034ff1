"""Bearer keys: who calls, on which workspace, and with which scope.

A route declares its scope (`routing.py`), and `EdgeRoute` calls `authorize` before it reads the
body. Scopes include one another: admin > write > read. A route without a scope is open to everyone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from anyio import to_thread
from fastapi import Depends, Request, Security, params
from fastapi.security import HTTPBearer

from coterie.errors import KeyMissing, KeyRefused, ScopeMissing
from coterie.http.errors import KeyMalformed
from coterie.http.server import Server
from coterie.model import Key, Scope
from coterie.workspace import Workspace

INCLUDES = {
    Scope.READ: frozenset({Scope.READ}),
    Scope.WRITE: frozenset({Scope.READ, Scope.WRITE}),
    Scope.ADMIN: frozenset({Scope.READ, Scope.WRITE, Scope.ADMIN}),
}

HOW_TO_MAKE_KEYS = "Keys are made with `coterie keys create`."
HINT = f"Send the header `Authorization: Bearer <key>`. {HOW_TO_MAKE_KEYS}"

bearer = HTTPBearer(
    auto_error=False, scheme_name="key", description="An API key of one workspace, made with `coterie keys create`."
)


def needs(scope: Scope) -> params.Security:
    """The dependency by which a route needs `scope`, in the API description as well."""
    security: params.Security = Security(bearer, scopes=[scope.value])
    return security


def needed(dependencies: Sequence[params.Depends]) -> Scope | None:
    """The scope among a route's dependencies, None without one."""
    for dependency in dependencies:
        if isinstance(dependency, params.Security) and dependency.dependency is bearer:
            return Scope(next(iter(dependency.scopes or ())))
    return None


@dataclass(frozen=True, slots=True)
class Caller:
    key: Key
    workspace: Workspace


async def authorize(request: Request, scope: Scope) -> Caller:
    """The caller, whose key must be valid and include `scope`. Raises KeyMissing, KeyMalformed,
    KeyRefused, ScopeMissing."""
    secret = _secret(request.headers.getlist("authorization"))
    server: Server = request.app.state.server
    return await to_thread.run_sync(caller_with, server, secret, scope)


def key_missing(hint: str) -> KeyMissing:
    """The error for a request without a key. `hint` tells where its clients put the key."""
    return KeyMissing("The request carries no key.", hint=hint)


def caller_with(server: Server, secret: str, scope: Scope) -> Caller:
    """The same, for dialects whose clients send the key in another place. Raises KeyRefused,
    ScopeMissing."""
    key = server.authenticate(secret)
    if key is None:
        raise KeyRefused("This key is unknown or was revoked.", hint=HINT)
    workspace = server.workspace(key.workspace)
    if scope not in INCLUDES[key.scope]:
        raise ScopeMissing(
            f"This key has the scope `{key.scope.value}`; the request needs `{scope.value}`.",
            hint=f"Use a key with the scope `{scope.value}`.",
        )
    return Caller(key, workspace)


def _secret(headers: Sequence[str]) -> str:
    if not headers:
        raise key_missing(HINT)
    kind, _, secret = headers[0].strip().partition(" ")
    secret = secret.strip()
    well_made = secret and secret.isascii() and secret.isprintable() and " " not in secret
    if len(headers) > 1 or kind.lower() != "bearer" or not well_made:
        raise KeyMalformed("The Authorization header is not of the form `Bearer <key>`.", hint=HINT)
    return secret


async def caller_of(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


async def workspace_of(request: Request) -> Workspace:
    return (await caller_of(request)).workspace


WorkspaceOfKey = Annotated[Workspace, Depends(workspace_of)]
"""The workspace of the caller's key, as a parameter of a route."""


def state_of(request: Request) -> dict[str, Any]:
    """The state of the request: `caller`, `request_id`, `body`."""
    state: dict[str, Any] = request.scope.setdefault("state", {})
    return state
