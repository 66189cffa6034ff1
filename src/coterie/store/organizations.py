"""Organizations as they rest. `Store` and `Transaction` take these in, as they do happenings and destinations."""

from __future__ import annotations

from typing import NamedTuple

import apsw

from coterie.store import json_arrays
from coterie.store.connections import Readers
from coterie.store.queries import WORKSPACE as SQL
from coterie.store.reads import number


class StoredOrganization(NamedTuple):
    """An organization. `properties` are JSON; `oid`, which counts them in order of arrival, is 0 before it is stored."""

    oid: int
    id: str
    external_id: str
    name: str | None
    properties: bytes
    created_at: int
    updated_at: int


def find(connection: apsw.Connection, id: str | None, external_id: str | None) -> StoredOrganization | None:
    """By exactly one of the two."""
    query, wanted = ("organization_by_id", id) if id is not None else ("organization_by_external_id", external_id)
    if wanted is None or not json_arrays.is_encodable(wanted):
        return None
    return next(map(StoredOrganization._make, connection.execute(SQL[query], (wanted,)).fetchall()), None)


class OrganizationReads:
    """The part of `Store` that is about organizations."""

    _readers: Readers

    def organization(self, *, id: str | None = None, external_id: str | None = None) -> StoredOrganization | None:
        """By exactly one of the two."""
        with self._readers.borrow() as connection:
            return find(connection, id, external_id)

    def organizations(self, *, offset: int, limit: int) -> tuple[list[StoredOrganization], int]:
        """Oldest first; and how many there are in all."""
        with self._readers.snapshot() as connection:
            bound = {"offset": offset, "limit": limit}
            found = map(StoredOrganization._make, connection.execute(SQL["organizations_by_place"], bound))
            return list(found), number(connection, "count_organizations")


class OrganizationWrites:
    """The part of `Transaction` that is about organizations."""

    _connection: apsw.Connection

    def organization(self, external_id: str) -> StoredOrganization | None:
        return find(self._connection, None, external_id)

    def put_organization(self, organization: StoredOrganization) -> None:
        """One that has its external id is written over, but for `id` and `created_at`."""
        self._connection.execute(SQL["put_organization"], organization._asdict())
