"""Organizations as they are shown. Thin over the store."""

from __future__ import annotations

from coterie.errors import InvalidInput, NotFound
from coterie.live.engine import Engine
from coterie.live.writes.organizations import shown
from coterie.model import Organization, Page


def get(engine: Engine, organization_id: str | None, external_id: str | None) -> Organization:
    """One organization, by exactly one identifier. Raises NotFound, InvalidInput."""
    if (organization_id is None) == (external_id is None):
        raise InvalidInput("Ask for an organization by its id or by its external_id.")
    with engine.store.read() as reads:
        found = reads.organization(id=organization_id, external_id=external_id)
    if found is None:
        raise NotFound(f"There is no organization {organization_id or external_id}.")
    return shown(found)


def listed(engine: Engine, offset: int, limit: int) -> Page[Organization]:
    """Oldest first, by place; `total` is exact."""
    with engine.store.read() as reads:
        found, total = reads.organizations(offset=offset, limit=limit), reads.count_organizations()
    return Page(tuple(map(shown, found)), None, total)
