"""Events come in: read at the door, each given to the profile it names, once for each message id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from coterie.errors import InvalidInput, InvalidValue, LimitExceeded, Path
from coterie.live.writes.resolution import IdentityResolution
from coterie.live.writes.unit_of_work import UnitOfWork, put_each
from coterie.model import EventInput, EventOutcome, EventWrite, Rejected, Unset
from coterie.rules.coerce import read_declared, read_value
from coterie.rules.values import EXACT_INTEGER_MAX, Instant, Kind, Value, unfit_text
from coterie.settings import Settings

MESSAGE_ID_LENGTH_MAX = 255


class EventWrites:
    """Reads events and applies them to a unit of work."""

    def __init__(self, settings: Settings, zone: ZoneInfo, resolution: IdentityResolution) -> None:
        self._settings = settings
        self._zone = zone
        self._resolution = resolution
        self._limits = settings.value_limits()

    def put(self, work: UnitOfWork, sent: EventInput) -> EventWrite:
        """Apply one. Raises InvalidInput, NotFound, IdentityConflict, Suppressed, before anything is changed."""
        self._check_name(sent.name)
        at = read_instant(sent.at, work.now, self._zone, ("at",))
        values = self.read_values(sent.properties)
        message_id = self._message_id(sent.message_id)
        known = None if message_id is None else work.activity.known(message_id)
        if known is not None:
            draft = work.by_pid(known) if isinstance(known, int) else known
            return EventWrite("" if draft is None else draft.id, EventOutcome.DUPLICATE)
        draft = self._resolution.find_or_make(work, sent.profile)
        work.activity.add_event(draft, sent.name, at, message_id, values)
        return EventWrite(draft.id, EventOutcome.STORED)

    def put_many(self, work: UnitOfWork, sent: Sequence[EventInput]) -> list[EventWrite | Rejected]:
        """Apply many, in order; one that is wrong is refused and the others go in."""
        self._resolution.load(work, [one.profile for one in sent])
        ids: list[Any] = [one.message_id for one in sent]
        work.activity.look_up([one for one in ids if isinstance(one, str) and unfit_text(one) is None])
        return put_each(lambda one: self.put(work, one), sent)

    # --- at the door

    def read_values(self, sent: Mapping[str, object], under: str = "properties") -> dict[str, Value]:
        """Properties through the door; null is the same as not sent. Raises InvalidValue, LimitExceeded."""
        if len(sent) > self._settings.profile_properties_max:
            raise LimitExceeded(
                f"There are at most {self._settings.profile_properties_max} properties (profile_properties_max).",
                path=(under,),
            )
        read: dict[str, Value] = {}
        for name, raw in sent.items():
            self._check_property(name, under)
            if type(raw) is bool:
                read[name] = raw
            elif type(raw) is int and -EXACT_INTEGER_MAX <= raw <= EXACT_INTEGER_MAX:
                read[name] = float(raw)
            elif raw is not None:
                read[name] = read_value(raw, (under, name), self._zone, self._limits)
        return read

    def _check_property(self, name: object, under: str) -> None:
        longest = self._settings.property_name_length_max
        if not isinstance(name, str) or not name or (why := unfit_text(name)) is not None:
            raise InvalidValue(
                "A property needs a name." if not name else f"The property's name {why}.", path=(under, str(name))
            )
        if len(name) > longest:
            raise LimitExceeded(
                f"A property's name has at most {longest} characters (property_name_length_max).", path=(under, name)
            )

    def _check_name(self, name: object) -> None:
        longest = self._settings.property_name_length_max
        if not isinstance(name, str) or not name:
            raise InvalidInput("An event needs a name.", path=("name",), hint="Such as order_placed.")
        if (why := unfit_text(name)) is not None:
            raise InvalidInput(f"The event's name {why}.", path=("name",))
        if len(name) > longest:
            raise LimitExceeded(
                f"An event's name has at most {longest} characters (property_name_length_max).", path=("name",)
            )

    @staticmethod
    def _message_id(raw: object) -> str | None:
        if raw is None:
            return None
        if not isinstance(raw, str) or not raw or unfit_text(raw) is not None:
            raise InvalidInput("message_id is a text that is not empty.", path=("message_id",))
        if len(raw) > MESSAGE_ID_LENGTH_MAX:
            raise LimitExceeded(f"message_id has at most {MESSAGE_ID_LENGTH_MAX} characters.", path=("message_id",))
        return raw


def read_instant(raw: object, now: Instant, zone: ZoneInfo, path: Path) -> Instant:
    """An instant as ISO 8601 text, an aware datetime or an Instant; `now` where it was not sent. Raises InvalidValue."""
    if isinstance(raw, Unset):
        return now
    if isinstance(raw, Mapping) and raw.keys() == {"time"}:
        raw = raw["time"]
    if isinstance(raw, str | datetime) or type(raw) is Instant:
        found = read_declared(raw, Kind.TIME, zone, path)
        assert isinstance(found, Instant)
        return found
    raise InvalidValue("This is not a time.", path=path, hint="ISO 8601: 2026-03-01T09:30:00Z.")
