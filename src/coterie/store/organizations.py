"""Organizations."""

from __future__ import annotations

from typing import NamedTuple

from coterie.rules.names import is_encodable
from coterie.store.query_runner import QueryRunner


class StoredOrganization(NamedTuple):
    """A row of `organizations`. `properties` is JSON; `oid` numbers rows by arrival, 0 before."""

    oid: int
    id: str
    external_id: str
    name: str | None
    properties: bytes
    created_at: int
    updated_at: int


class OrganizationReads(QueryRunner):
    """The queries on organizations."""

    def organization(self, *, id: str | None = None, external_id: str | None = None) -> StoredOrganization | None:
        """The organization with exactly one of the two identifiers."""
        query, value = ("organization_by_id", id) if id is not None else ("organization_by_external_id", external_id)
        if value is None or not is_encodable(value):
            return None
        return next(map(StoredOrganization._make, self._rows(query, (value,))), None)

    def organizations(self, *, offset: int, limit: int) -> list[StoredOrganization]:
        """A page, oldest first."""
        rows = self._rows("organizations_by_place", {"offset": offset, "limit": limit})
        return list(map(StoredOrganization._make, rows))

    def count_organizations(self) -> int:
        return self._number("count_organizations")


class OrganizationWrites(OrganizationReads):
    """The writes of organizations."""

    def put_organization(self, organization: StoredOrganization) -> None:
        """Insert, or replace the one with the same external id; `id` and `created_at` stay."""
        self._write("put_organization", organization._asdict())
