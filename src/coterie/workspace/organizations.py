"""`workspace.organizations`: write and read organizations."""

from __future__ import annotations

from collections.abc import Mapping

from coterie.errors import not_found, one_identifier
from coterie.live.engine import Engine
from coterie.live.writes.organizations import put_organization, to_model
from coterie.model import UNSET, Organization, Page, Unset


class Organizations:
    """The organizations of one open workspace."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(
        self, external_id: str, *, name: str | None | Unset = UNSET, properties: Mapping[str, object] | None = None
    ) -> Organization:
        """Create an organization, or change it.

        A name left UNSET and properties not named stay; None removes. Raises InvalidInput.
        """
        settings = self._engine.settings
        return self._engine.write(lambda work: put_organization(work, settings, external_id, name, properties or {}))

    def get(self, organization_id: str | None = None, *, external_id: str | None = None) -> Organization:
        """One organization, by exactly one identifier. Raises NotFound, InvalidInput."""
        if (organization_id is None) == (external_id is None):
            raise one_identifier("an organization")
        with self._engine.store.read() as reads:
            stored = reads.organization(id=organization_id, external_id=external_id)
        if stored is None:
            raise not_found("organization", organization_id or external_id)
        return to_model(stored)

    def list(self, *, offset: int = 0, limit: int = 100) -> Page[Organization]:
        """Organizations by offset, oldest first; `total` is exact."""
        with self._engine.store.read() as reads:
            stored, total = reads.organizations(offset=offset, limit=limit), reads.count_organizations()
        return Page(tuple(map(to_model, stored)), None, total)
