"""Organizations come in. Rules do not look at them, so writing one moves nobody: it only shares the writer's turn."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from coterie.errors import InvalidInput, LimitExceeded
from coterie.live.writes.unit_of_work import UnitOfWork
from coterie.model import Organization, Unset
from coterie.rules.values import Instant, unfit_text
from coterie.settings import Settings
from coterie.store.ids import new_id
from coterie.store.organizations import StoredOrganization


def put_organization(
    work: UnitOfWork, settings: Settings, external_id: str, name: str | None | Unset, properties: Mapping[str, object]
) -> Organization:
    """Make it, or change it: what is Unset, or a property not named, stays; None removes. Raises InvalidInput, LimitExceeded."""
    _check(external_id, settings)
    known = work.tx.organization(external_id=external_id)
    kept = orjson.loads(known.properties) if known is not None else {}
    merged = {key: value for key, value in {**kept, **properties}.items() if value is not None}
    if isinstance(name, Unset):
        name = known.name if known is not None else None
    elif name is not None and unfit_text(name) is not None:
        raise InvalidInput(f"The name {unfit_text(name)}.", path=("name",))
    wanted = StoredOrganization(
        known.oid if known is not None else 0,
        known.id if known is not None else new_id(work.now),
        external_id,
        name,
        _written(merged, settings),
        known.created_at if known is not None else work.now,
        known.updated_at if known is not None else work.now,
    )
    if wanted != known:
        wanted = wanted._replace(updated_at=work.now)
        work.tx.put_organization(wanted)
    return to_model(wanted)


def to_model(stored: StoredOrganization) -> Organization:
    """As faces see it."""
    return Organization(
        stored.id,
        stored.external_id,
        stored.name,
        orjson.loads(stored.properties),
        Instant(stored.created_at),
        Instant(stored.updated_at),
    )


def _check(external_id: str, settings: Settings) -> None:
    if not external_id or unfit_text(external_id) is not None:
        raise InvalidInput("An organization needs an external_id.", path=("external_id",))
    if len(external_id) > settings.external_id_length_max:
        raise LimitExceeded(
            f"external_id is longer than {settings.external_id_length_max} characters (external_id_length_max).",
            path=("external_id",),
        )


def _written(properties: Mapping[str, object], settings: Settings) -> bytes:
    try:
        written = orjson.dumps(properties, option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        raise InvalidInput(f"The properties are not JSON: {error}.", path=("properties",)) from error
    if len(written) > settings.text_length_max:
        raise LimitExceeded(
            f"An organization's properties have at most {settings.text_length_max} bytes (text_length_max).",
            path=("properties",),
        )
    return written
