"""Write organizations. No rule uses them, so writing one moves nobody."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from coterie.errors import InvalidInput, over_limit
from coterie.live.writes.unit_of_work import UnitOfWork
from coterie.model import Organization, Unset
from coterie.rules.names import check_text, unfit_text
from coterie.rules.values import Instant
from coterie.settings import Settings
from coterie.store.ids import new_id
from coterie.store.organizations import StoredOrganization


def put_organization(
    work: UnitOfWork, settings: Settings, external_id: str, name: str | None | Unset, properties: Mapping[str, object]
) -> Organization:
    """Create or update an organization. Raises InvalidInput, LimitExceeded.

    A name that is Unset, or a property that is not given, stays; None removes.
    """
    check_text(external_id, settings.external_id_length_max, "external_id", ("external_id",), "external_id_length_max")
    if isinstance(name, str) and (why := unfit_text(name)) is not None:
        raise InvalidInput(f"The name {why}.", path=("name",))
    before = work.tx.organization(external_id=external_id)
    if before is None:
        before = StoredOrganization(0, new_id(work.now), external_id, None, b"", work.now, work.now)
    merged = {**(orjson.loads(before.properties) if before.properties else {}), **properties}
    after = before._replace(
        name=before.name if isinstance(name, Unset) else name,
        properties=_encode({key: value for key, value in merged.items() if value is not None}, settings),
    )
    if after != before:
        after = after._replace(updated_at=work.now)
        work.tx.put_organization(after)
    return to_model(after)


def to_model(stored: StoredOrganization) -> Organization:
    """The organization of a stored row."""
    return Organization(
        stored.id,
        stored.external_id,
        stored.name,
        orjson.loads(stored.properties),
        Instant(stored.created_at),
        Instant(stored.updated_at),
    )


def _encode(properties: Mapping[str, object], settings: Settings) -> bytes:
    try:
        encoded = orjson.dumps(properties, option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        raise InvalidInput(f"The properties are not JSON: {error}.", path=("properties",)) from error
    size, limit = len(encoded), settings.text_length_max
    if size > limit:
        raise over_limit("The JSON of the properties", size, "bytes", limit, "text_length_max", path=("properties",))
    return encoded
