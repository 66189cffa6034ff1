"""The control file: the workspaces of a data directory, and the API keys that open them.

Unlike a workspace file it may be open in several processes at once, so that `coterie keys` works
beside a running server. None of it is cached, so a key revoked anywhere is rejected by the next
request everywhere.

A secret is 256 random bits, and only its SHA-256 is stored. A slow hash (bcrypt, argon2) protects
secrets that people choose, which can be guessed; one of 2^256 random secrets cannot, and a fast
hash lets every request be checked by one lookup of the hash. Looking up the hash instead of the
secret also reveals nothing through the time a lookup takes. The operator chooses the bootstrap
secret, and is asked to make it random.
"""

from __future__ import annotations

import hashlib
import secrets
import string
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import apsw

from coterie.errors import Conflict, InvalidInput, StoreError, not_found
from coterie.model import Key, Scope
from coterie.rules.values import Instant
from coterie.store import migrations
from coterie.store.connections import Readers, Schema, open_database
from coterie.store.directory import control_path, prepare
from coterie.store.ids import new_id
from coterie.store.queries import CONTROL as SQL
from coterie.store.sqlite_errors import translated_errors

T = TypeVar("T")

SCHEMA = Schema(migrations.CONTROL, application_id=0x436F7443)  # "CotC"
ALPHABET = string.ascii_letters + string.digits  # no hyphen, so that a double click takes the whole secret
SECRET_LENGTH = 43  # 62^43 > 2^256
PREFIX_LENGTH = 9  # "ck_" and six characters: enough to recognise a key by, 220 bits are left
LAST_USED_INTERVAL = 60_000  # milliseconds: `last_used_at` is this coarse, so that requests rarely write
BOOTSTRAP_WORKSPACE = "default"


@dataclass(frozen=True, slots=True)
class StoredWorkspace:
    name: str
    id: str
    zone: str
    created_at: int


class Control:
    """The open control file of a data directory. Any thread may call it."""

    def __init__(self, path: Path, writer: apsw.Connection) -> None:
        self.path = path
        self._writer = writer
        self._writing = threading.Lock()
        self._readers = Readers(path)

    @classmethod
    def open(cls, directory: Path, now: int) -> Control:
        """Raises DataDirectoryDamaged, SchemaTooNew, StoreError.

        `now` is for migrations that need an instant; none does yet.
        """
        prepare(directory)
        path = control_path(directory)
        return cls(path, open_database(path, SCHEMA, begin=lambda connection: None))

    def close(self) -> None:
        self._readers.close()
        with translated_errors(self.path), self._writing:
            self._writer.close()

    # --- workspaces

    def workspaces(self) -> list[StoredWorkspace]:
        """By name."""
        return [StoredWorkspace(*row) for row in self._read("workspaces")]

    def find_workspace(self, name: str) -> StoredWorkspace | None:
        return next((StoredWorkspace(*row) for row in self._read("workspace", (name,))), None)

    def put_workspace(self, name: str, id: str, zone: str, created_at: int) -> None:
        """Record a workspace; recording it again changes nothing."""
        self._write(lambda connection: connection.execute(SQL["put_workspace"], (name, id, zone, created_at)))

    # --- keys

    def create_key(self, workspace: str, name: str, scope: Scope, now: int) -> tuple[Key, str]:
        """Create a key. Return it and its secret, which is not stored and cannot be shown again."""
        secret = "ck_" + "".join(secrets.choice(ALPHABET) for _ in range(SECRET_LENGTH))
        return self._insert(workspace, name, scope, secret, now), secret

    def put_bootstrap_key(self, secret: str, now: int) -> Key:
        """Make `secret` an admin key of workspace `default`.

        A secret that is one already stays as it is, revoked or not. Raises InvalidInput for a blank
        secret, Conflict for one that belongs to another workspace or a lesser key.
        """
        if not secret.strip():
            raise InvalidInput("The bootstrap key is blank.", hint="Give it a long random text, or leave it out.")
        key = self.find_key(secret)
        if key is None:
            return self._insert(BOOTSTRAP_WORKSPACE, "bootstrap", Scope.ADMIN, secret, now)
        if key.workspace != BOOTSTRAP_WORKSPACE or key.scope != Scope.ADMIN:
            raise Conflict(
                f"The bootstrap key is already the {key.scope} key {key.id} of workspace {key.workspace}.",
                hint="Give it another secret.",
            )
        return key

    def keys(self, workspace: str | None = None) -> list[Key]:
        """All keys, or those of one workspace, revoked ones included; oldest first."""
        return [_key(row) for row in self._read("keys", {"workspace": workspace})]

    def revoke_key(self, id: str, now: int) -> Key:
        """Reject a key from the next request on. A revoked key keeps its first instant.

        Raises NotFound.
        """
        self._write(lambda connection: connection.execute(SQL["revoke_key"], (id, now)))
        for row in self._read("key_by_id", (id,)):
            return _key(row)
        raise not_found("key", id, hint="`coterie keys list` shows their ids.")

    def authenticate(self, secret: str, now: int) -> Key | None:
        """The key with this secret, None for an unknown or revoked one."""
        key = self.find_key(secret)
        if key is None or key.revoked_at is not None:
            return None
        if key.last_used_at is None or now - key.last_used_at >= LAST_USED_INTERVAL:
            self._set_last_used(key.id, now)
        return key

    def find_key(self, secret: str) -> Key | None:
        """The key with this secret, revoked or not."""
        return next((_key(row) for row in self._read("key_by_hash", (_hash(secret),))), None)

    def _set_last_used(self, id: str, now: int) -> None:
        # The request does not depend on this: the next one tries again, and a real problem shows
        # in other writes.
        with suppress(StoreError):
            self._write(lambda connection: connection.execute(SQL["set_last_used"], (id, now)))

    def _insert(self, workspace: str, name: str, scope: Scope, secret: str, now: int) -> Key:
        prefix = secret[: min(PREFIX_LENGTH, len(secret) // 4)]  # of a short bootstrap secret, hardly anything
        key = Key(new_id(now), name, workspace, Scope(scope), prefix, Instant(now), None, None)
        row = (key.id, name, workspace, key.scope.value, prefix, _hash(secret), now)
        self._write(lambda connection: connection.execute(SQL["insert_key"], row))
        return key

    # --- the file

    def _read(self, query: str, values: apsw.Bindings | None = None) -> list[Any]:
        with self._readers.borrow() as connection:
            return connection.execute(SQL[query], values).fetchall()

    def _write(self, work: Callable[[apsw.Connection], object]) -> None:
        with translated_errors(self.path), self._writing, self._writer:
            work(self._writer)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()


def _key(row: tuple[Any, ...]) -> Key:
    id, name, workspace, scope, prefix, created_at, last_used_at, revoked_at = row
    return Key(
        id, name, workspace, Scope(scope), prefix, Instant(created_at),
        None if last_used_at is None else Instant(last_used_at), None if revoked_at is None else Instant(revoked_at),
    )  # fmt: skip
