"""Write events: coerce each one, find its profile, and store it once for each message id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from coterie.errors import InvalidValue, Path, over_limit
from coterie.live.writes.resolution import IdentityResolution
from coterie.live.writes.unit_of_work import UnitOfWork, put_each
from coterie.model import EventInput, EventOutcome, EventWrite, Rejected, Unset
from coterie.rules.coerce import read_declared, read_value
from coterie.rules.names import check_event_name, check_property_name, check_text, unfit_text
from coterie.rules.values import EXACT_INTEGER_MAX, Instant, Kind, Value
from coterie.settings import Settings

MESSAGE_ID_LENGTH_MAX = 255


class EventWrites:
    """Applies events to a unit of work."""

    def __init__(self, settings: Settings, zone: ZoneInfo, resolution: IdentityResolution) -> None:
        self._settings = settings
        self._zone = zone
        self._resolution = resolution
        self._limits = settings.value_limits()

    def put(self, work: UnitOfWork, event: EventInput) -> EventWrite:
        """Store an event.

        Raises InvalidInput, NotFound, IdentityConflict, Suppressed, before anything changes.
        """
        check_event_name(event.name, self._settings.property_name_length_max, ("name",))
        at = coerce_instant(event.at, work.now, self._zone, ("at",))
        values = self.coerce_values(event.properties)
        message_id = self._message_id(event.message_id)
        stored_for = None if message_id is None else work.activity.profile_of_message(message_id)
        if stored_for is not None:
            profile = work.by_pid(stored_for) if isinstance(stored_for, int) else stored_for
            return EventWrite("" if profile is None else profile.id, EventOutcome.DUPLICATE)
        draft = self._resolution.find_or_create(work, event.profile)
        work.activity.add_event(draft, event.name, at, message_id, values)
        return EventWrite(draft.id, EventOutcome.STORED)

    def put_many(self, work: UnitOfWork, events: Sequence[EventInput]) -> list[EventWrite | Rejected]:
        """Store many events, in order; an invalid one is rejected by itself."""
        self._resolution.load(work, [event.profile for event in events])
        work.activity.load_message_ids(loadable_message_ids(events))
        return put_each(lambda event: self.put(work, event), events)

    # --- on input

    def coerce_values(self, properties: Mapping[str, object], under: str = "properties") -> dict[str, Value]:
        """The values of an event's or a conversation's properties, without nulls.

        Raises InvalidValue, LimitExceeded.
        """
        count, limit = len(properties), self._settings.profile_properties_max
        if count > limit:
            raise over_limit(f"`{under}`", count, "entries", limit, "profile_properties_max", path=(under,))
        longest = self._settings.property_name_length_max
        values: dict[str, Value] = {}
        for name, raw in properties.items():
            check_property_name(name, longest, (under, str(name)), error=InvalidValue)
            if type(raw) is bool:
                values[name] = raw
            elif type(raw) is int and -EXACT_INTEGER_MAX <= raw <= EXACT_INTEGER_MAX:
                values[name] = float(raw)
            elif raw is not None:
                values[name] = read_value(raw, (under, name), self._zone, self._limits)
        return values

    @staticmethod
    def _message_id(raw: object) -> str | None:
        if raw is None:
            return None
        return check_text(raw, MESSAGE_ID_LENGTH_MAX, "message_id", ("message_id",))


def loadable_message_ids(events: Sequence[EventInput]) -> list[str]:
    """The message ids that a query can look for; the others are refused one by one."""
    ids = (event.message_id for event in events)
    return [message_id for message_id in ids if isinstance(message_id, str) and unfit_text(message_id) is None]


def coerce_instant(raw: object, now: Instant, zone: ZoneInfo, path: Path) -> Instant:
    """An instant from ISO 8601 text, an aware datetime or an Instant; `now` where none was sent.

    Raises InvalidValue.
    """
    if isinstance(raw, Unset):
        return now
    if isinstance(raw, Mapping) and raw.keys() == {"time"}:
        raw = raw["time"]
    if isinstance(raw, str | datetime) or type(raw) is Instant:
        instant = read_declared(raw, Kind.TIME, zone, path)
        assert isinstance(instant, Instant)
        return instant
    raise InvalidValue("This is not a time.", path=path, hint="ISO 8601: 2026-03-01T09:30:00Z.")
