"""Facts come in: profiles are put, updated and deleted, and the drafts of the commit record what really changed.

An input that changes nothing touches nothing: no write, no transition, not even `updated_at`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

from coterie.errors import InvalidInput, InvalidValue, LimitExceeded, NotFound, Path
from coterie.live.writes.draft import Draft
from coterie.live.writes.identifiers import Identifiers, find, read_identifiers, says_nothing_new, settle
from coterie.live.writes.merging import merge
from coterie.live.writes.resolution import (
    ANONYMOUS,
    IdentityResolution,
    find_id,
    mark_of,
    read_anonymous_id,
    refuse_suppressed,
)
from coterie.live.writes.unit_of_work import UnitOfWork, put_each
from coterie.model import PROFILE_FIELDS, UNSET, Outcome, ProfileInput, ProfileWrite, Rejected, Unset
from coterie.rules.coerce import read_declared, read_value
from coterie.rules.values import EXACT_INTEGER_MAX, Kind, Value
from coterie.settings import Settings

_TEXT = (None, Kind.TEXT)
_NUMBER = (None, Kind.NUMBER)
_BOOLEAN = (None, Kind.BOOLEAN)


class ProfileWrites:
    """Reads inputs at the door and applies them to a unit of work. `sid_of_list` finds a static segment by id, or None."""

    def __init__(
        self,
        settings: Settings,
        zone: ZoneInfo,
        sid_of_list: Callable[[str], int | None],
        resolution: IdentityResolution,
    ) -> None:
        self._settings = settings
        self._zone = zone
        self._text_max = settings.text_length_max
        self._properties_max = settings.profile_properties_max
        self._limits = settings.value_limits()
        self._sid_of_list = sid_of_list
        self._resolution = resolution

    def put(self, work: UnitOfWork, sent: ProfileInput, match: str) -> ProfileWrite:
        """Apply one input. Raises before anything is changed."""
        wanted = read_identifiers(sent, self._settings)
        values = self._read(work, sent.properties)
        lists = self._lists(sent.lists)
        anonymous = read_anonymous_id(sent.anonymous_id, self._settings)
        wanted, draft, claimed = self._find(work, wanted, anonymous, match)
        settled: tuple[str | None, str | None, bool] | None = None
        if draft is None or match == "email" or not says_nothing_new(draft, wanted):
            named = isinstance(wanted.external_id, str) or isinstance(wanted.email, str)
            if draft is None and not named and isinstance(anonymous, str):
                settled = None, None, False
            else:
                settled = settle(work, draft, wanted, match)
        self._refuse_too_many({} if draft is None else draft.values, values)
        if draft is None:
            refuse_suppressed(work, wanted, anonymous)  # the last thing that can fail
            draft = work.create()
            self._apply(work, draft, settled, values, lists)
            self._resolution.link(work, draft, anonymous)
            return ProfileWrite(draft.id, Outcome.CREATED)
        changed = self._apply(work, draft, settled, values, lists)
        self._resolution.link(work, draft, anonymous)
        if not changed:
            return ProfileWrite(draft.id, Outcome.UNCHANGED)
        return ProfileWrite(draft.id, Outcome.CLAIMED if claimed else Outcome.UPDATED)

    @staticmethod
    def _find(
        work: UnitOfWork, wanted: Identifiers, anonymous: str | Unset, match: str
    ) -> tuple[Identifiers, Draft | None, bool]:
        """What is wanted, less the names that were its before a merge; the profile meant; and whether it is thereby claimed."""
        if isinstance(wanted.id, str) and work.by_id(wanted.id) is None:
            other = work.by_alias("id", wanted.id)
            wanted = wanted if other is None else wanted._replace(id=other.id)
        named = isinstance(wanted.id, str) or isinstance(wanted.external_id, str) or isinstance(wanted.email, str)
        if not named and isinstance(anonymous, str):
            return wanted, work.by_alias(ANONYMOUS, anonymous), False
        draft, claimed = find(work, wanted, match)
        if draft is None and isinstance(wanted.external_id, str):
            draft = work.by_alias("external_id", wanted.external_id)
            if draft is not None:
                return wanted._replace(external_id=UNSET), draft, False
        if draft is None and isinstance(wanted.email, str) and not isinstance(wanted.external_id, str):
            draft = work.by_alias("email", wanted.email)
            if draft is not None:
                return wanted._replace(email=UNSET), draft, False
        if draft is None and isinstance(anonymous, str):
            unnamed = work.by_alias(ANONYMOUS, anonymous)
            if unnamed is not None and unnamed.external_id is None and unnamed.email is None:
                return wanted, unnamed, True
        return wanted, draft, claimed

    def _refuse_too_many(self, held: Mapping[str, Value], values: Mapping[str, Value | None]) -> None:
        room = self._properties_max
        if len(held) + len(values) <= room:
            return
        there_will_be = held.keys() | {name for name, value in values.items() if value is not None}
        if len(there_will_be - {name for name, value in values.items() if value is None}) > room:
            raise LimitExceeded(
                f"A profile has at most {room} properties (profile_properties_max).", path=("properties",)
            )

    def put_many(self, work: UnitOfWork, sent: Sequence[ProfileInput], match: str) -> list[ProfileWrite | Rejected]:
        """Apply many, in order; one that is wrong is refused and the others go in."""
        self._resolution.load(work, sent)
        return put_each(lambda one: self.put(work, one, match), sent)

    def delete(self, work: UnitOfWork, profile_id: str, *, erase: bool = False) -> None:
        """With everything that happened to it. Erased, its names stay out for good. Raises NotFound."""
        draft = find_id(work, profile_id)
        if draft is None:
            raise NotFound(f"There is no profile {profile_id}.")
        if erase:
            work.tx.suppress([mark_of(kind, value) for kind, value in work.names_of(draft)], work.now)
            work.tx.set_meta("has_suppressions", "1")
            work.has_suppressions = True
        work.tx.delete_merged([value for kind, value in work.aliases_of(draft) if kind == "id"])
        work.activity.forget(draft)
        draft.deleted = draft.touched = True

    def merge(self, work: UnitOfWork, winner_id: str, loser_id: str) -> str:
        """The winner's id. Merging what is one already changes nothing. Raises NotFound, InvalidInput."""
        winner, loser = find_id(work, winner_id), find_id(work, loser_id)
        for draft, profile_id, key in ((winner, winner_id, "winner_id"), (loser, loser_id, "loser_id")):
            if draft is None:
                raise NotFound(f"There is no profile {profile_id}.", path=(key,))
        assert winner is not None
        assert loser is not None
        if winner is loser and winner_id != loser_id:
            return winner.id
        self._refuse_too_many(winner.values, loser.values)
        merge(work, winner, loser)
        return winner.id

    def change_list(self, work: UnitOfWork, sid: int, profile_ids: Sequence[str], *, adding: bool) -> int:
        """Add profiles to a static segment, or take them out. Returns how many that moved."""
        work.load(ids=profile_ids)
        drafts = [(place, find_id(work, one)) for place, one in enumerate(profile_ids)]
        for place, draft in drafts:
            if draft is None:
                raise NotFound(f"There is no profile {profile_ids[place]}.", path=(place,))
        pids = {draft.pid: draft for _, draft in drafts if draft is not None}
        moved = 0
        for draft in pids.values():
            inside = sid in work.lists_of(draft)
            if inside != adding:
                self._move(draft, sid, adding=adding)
                moved += 1
        return moved

    # --- at the door

    def _read(self, work: UnitOfWork, sent: Mapping[str, object]) -> dict[str, Value | None]:
        """The values after the door, in the kinds their properties were declared with. None stands for removal."""
        kinds = work.kinds
        read: dict[str, Value | None] = {}
        for name, raw in sent.items():
            declared = kinds.get(name)
            if declared is None and name not in kinds:
                self._check_name(name)
            # The plain cases that nearly every value is, without a call; the door says the same of them.
            if (type(raw) is str and declared in _TEXT and self._is_plain(raw)) or (
                type(raw) is bool and declared in _BOOLEAN
            ):
                read[name] = raw
            elif type(raw) is int and declared in _NUMBER and -EXACT_INTEGER_MAX <= raw <= EXACT_INTEGER_MAX:
                read[name] = float(raw)
            elif raw is None:
                read[name] = None
            elif declared is None:
                read[name] = read_value(raw, ("properties", name), self._zone, self._limits)
            else:
                read[name] = read_declared(raw, declared, self._zone, ("properties", name), self._limits)
        return read

    def _is_plain(self, text: str) -> bool:
        return text.isascii() and "\0" not in text and len(text) <= self._text_max

    def _check_name(self, name: object) -> None:
        path: Path = ("properties", str(name))
        if not isinstance(name, str) or not name:
            raise InvalidValue("A property needs a name.", path=path)
        if name in PROFILE_FIELDS or name == "id":
            raise InvalidValue(f"{name} is a field of every profile, not a property.", path=path)
        if len(name) > self._settings.property_name_length_max:
            raise LimitExceeded(
                f"A property's name has at most {self._settings.property_name_length_max} characters (property_name_length_max).",
                path=path,
            )
        if "\0" in name or any("\ud800" <= character <= "\udfff" for character in name):
            raise InvalidValue("A property's name is valid Unicode without NUL.", path=path)

    def _lists(self, lists: Sequence[str] | Unset) -> set[int] | None:
        if isinstance(lists, Unset):
            return None
        sids = set()
        for place, one in enumerate(lists):
            sid = self._sid_of_list(one) if isinstance(one, str) else None
            if sid is None:
                raise InvalidInput(f"There is no list {one}.", path=("lists", place))
            sids.add(sid)
        return sids

    # --- on the draft

    def _apply(
        self, work: UnitOfWork, draft: Draft, settled: tuple[str | None, str | None, bool] | None,
        values: Mapping[str, Value | None], lists: set[int] | None,
    ) -> bool:  # fmt: skip
        changed = False
        if settled is not None and (draft.external_id, draft.email, draft.email_is_unique) != settled:
            changed = True
            external_id, email, email_is_unique = settled
            work.identify(draft, external_id, email, email_is_unique=email_is_unique)
        changed = self._put_values(work, draft, values) or changed
        if lists is not None:
            changed = self._put_lists(work, draft, lists) or changed
        if changed:
            draft.touch(work.now)
        return changed

    @staticmethod
    def _put_values(work: UnitOfWork, draft: Draft, values: Mapping[str, Value | None]) -> bool:
        held = draft.values
        kinds = work.kinds
        changed = False
        for name, value in values.items():
            if value is None:
                if name not in held:
                    continue
                del held[name]
            else:
                present = held.get(name)
                if present == value and type(present) is type(value):
                    continue
                held[name] = value
                if name not in kinds:
                    work.add_property(name)
            draft.note_change(name, work.now)
            changed = True
        return changed

    def _put_lists(self, work: UnitOfWork, draft: Draft, lists: set[int]) -> bool:
        now_in = work.lists_of(draft)
        for sid in lists - now_in:
            self._move(draft, sid, adding=True)
        for sid in now_in - lists:
            self._move(draft, sid, adding=False)
        return lists != now_in

    @staticmethod
    def _move(draft: Draft, sid: int, *, adding: bool) -> None:
        """A list joined and left in one commit ends where it began."""
        one = frozenset((sid,))
        to, back = (draft.lists_added, draft.lists_removed) if adding else (draft.lists_removed, draft.lists_added)
        to, back = (to, back - one) if sid in back else (to | one, back)
        draft.lists_added, draft.lists_removed = (to, back) if adding else (back, to)
        draft.touched = True
