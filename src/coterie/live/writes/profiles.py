"""Write profiles: create, update, merge and delete them, and record in their drafts what changes.

An input that changes nothing writes nothing: no row, no transition, not even `updated_at`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

from coterie.errors import InvalidInput, InvalidValue, Path, none_of, not_found, over_limit
from coterie.live.writes.draft import UNIDENTIFIED, Draft, Identity
from coterie.live.writes.identifiers import (
    Identifiers,
    coerce_identifiers,
    find_profile,
    has_identifiers,
    resolve_identity,
)
from coterie.live.writes.merging import merge
from coterie.live.writes.resolution import (
    ANONYMOUS_ID,
    IdentityResolution,
    coerce_anonymous_id,
    find_by_id,
    refuse_suppressed,
    suppression_mark,
)
from coterie.live.writes.unit_of_work import UnitOfWork, put_each
from coterie.model import PROFILE_FIELDS, UNSET, Outcome, ProfileInput, ProfileWrite, Rejected, Unset
from coterie.rules.coerce import read_declared, read_value
from coterie.rules.names import check_property_name, field_not_property
from coterie.rules.values import EXACT_INTEGER_MAX, Kind, Value
from coterie.settings import Settings

_TEXT = (None, Kind.TEXT)
_NUMBER = (None, Kind.NUMBER)
_BOOLEAN = (None, Kind.BOOLEAN)


class ProfileWrites:
    """Applies profiles to a unit of work. `sid_of_list` finds a static segment by id, or None."""

    def __init__(
        self, settings: Settings, zone: ZoneInfo, sid_of_list: Callable[[str], int | None],
        resolution: IdentityResolution,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._zone = zone
        self._text_max = settings.text_length_max
        self._properties_max = settings.profile_properties_max
        self._limits = settings.value_limits()
        self._sid_of_list = sid_of_list
        self._resolution = resolution

    def put(self, work: UnitOfWork, sent: ProfileInput, match: str) -> ProfileWrite:
        """Create or update a profile. `match` is "external_id" or "email".

        Raises InvalidInput, InvalidValue, LimitExceeded, NotFound, IdentityConflict, Suppressed,
        before anything changes.
        """
        identifiers = coerce_identifiers(sent, self._settings)
        values = self._coerce_values(work, sent.properties)
        lists = self._lists(sent.lists)
        anonymous_id = coerce_anonymous_id(sent.anonymous_id, self._settings)
        identifiers, draft, claimed = self._find(work, identifiers, anonymous_id, match)
        identity: Identity | None = None
        if draft is None and not identifiers.has_name and isinstance(anonymous_id, str):
            identity = UNIDENTIFIED
        elif draft is None or match == "email" or not has_identifiers(draft, identifiers):
            identity = resolve_identity(work, draft, identifiers, match)
        self._refuse_too_many({} if draft is None else draft.values, values)
        if draft is None:
            refuse_suppressed(work, identifiers, anonymous_id)  # the last check: from here on, nothing raises
            draft = work.create()
            self._apply(work, draft, identity, values, lists)
            self._resolution.link(work, draft, anonymous_id)
            return ProfileWrite(draft.id, Outcome.CREATED)
        changed = self._apply(work, draft, identity, values, lists)
        self._resolution.link(work, draft, anonymous_id)
        if not changed:
            return ProfileWrite(draft.id, Outcome.UNCHANGED)
        return ProfileWrite(draft.id, Outcome.CLAIMED if claimed else Outcome.UPDATED)

    def put_many(self, work: UnitOfWork, profiles: Sequence[ProfileInput], match: str) -> list[ProfileWrite | Rejected]:
        """Create or update many profiles, in order; an invalid one is rejected by itself."""
        self._resolution.load(work, profiles)
        return put_each(lambda profile: self.put(work, profile, match), profiles)

    def delete(self, work: UnitOfWork, profile_id: str, *, erase: bool = False) -> None:
        """Delete a profile and its activity. Raises NotFound.

        `erase` also suppresses its identifiers for good.
        """
        draft = find_by_id(work, profile_id)
        if draft is None:
            raise not_found("profile", profile_id)
        if erase:
            work.tx.suppress([suppression_mark(kind, value) for kind, value in work.identifiers_of(draft)], work.now)
            work.tx.set_meta("has_suppressions", "1")
            work.has_suppressions = True
        work.tx.delete_merged([value for kind, value in work.aliases_of(draft) if kind == "id"])
        work.activity.delete(draft)
        draft.deleted = draft.touched = True

    def merge(self, work: UnitOfWork, winner_id: str, loser_id: str) -> str:
        """Merge the loser into the winner, and return the winner's id.

        Two ids of one profile change nothing. Raises NotFound, InvalidInput, LimitExceeded.
        """
        winner, loser = find_by_id(work, winner_id), find_by_id(work, loser_id)
        if winner is None:
            raise not_found("profile", winner_id, path=("winner_id",))
        if loser is None:
            raise not_found("profile", loser_id, path=("loser_id",))
        if winner is loser and winner_id != loser_id:
            return winner.id
        self._refuse_too_many(winner.values, loser.values)
        merge(work, winner, loser)
        return winner.id

    def change_list(self, work: UnitOfWork, sid: int, profile_ids: Sequence[str], *, adding: bool) -> int:
        """Add profiles to a static segment, or remove them. Raises NotFound.

        Returns how many moved.
        """
        work.load(ids=profile_ids)
        drafts: dict[int, Draft] = {}
        for place, profile_id in enumerate(profile_ids):
            draft = find_by_id(work, profile_id)
            if draft is None:
                raise not_found("profile", profile_id, path=(place,))
            drafts[draft.pid] = draft
        moving = [draft for draft in drafts.values() if (sid in work.lists_of(draft)) != adding]
        for draft in moving:
            self._change_list(draft, sid, adding=adding)
        return len(moving)

    # --- finding

    @staticmethod
    def _find(
        work: UnitOfWork, sent: Identifiers, anonymous_id: str | Unset, match: str
    ) -> tuple[Identifiers, Draft | None, bool]:
        """The identifiers without aliases, the profile (None: new), and whether they claim it."""
        if isinstance(sent.id, str) and work.by_id(sent.id) is None:
            merged_into = work.by_alias("id", sent.id)
            sent = sent if merged_into is None else sent._replace(id=merged_into.id)
        if not isinstance(sent.id, str) and not sent.has_name and isinstance(anonymous_id, str):
            return sent, work.by_alias(ANONYMOUS_ID, anonymous_id), False
        draft, claimed = find_profile(work, sent, match)
        if draft is None and isinstance(sent.external_id, str):
            draft = work.by_alias("external_id", sent.external_id)
            if draft is not None:
                return sent._replace(external_id=UNSET), draft, False
        if draft is None and isinstance(sent.email, str) and not isinstance(sent.external_id, str):
            draft = work.by_alias("email", sent.email)
            if draft is not None:
                return sent._replace(email=UNSET), draft, False
        if draft is None and isinstance(anonymous_id, str):
            anonymous = work.by_alias(ANONYMOUS_ID, anonymous_id)
            if anonymous is not None and anonymous.external_id is None and anonymous.email is None:
                return sent, anonymous, True
        return sent, draft, claimed

    # --- on input

    def _coerce_values(self, work: UnitOfWork, properties: Mapping[str, object]) -> dict[str, Value | None]:
        """The values in the declared kinds of their properties; None removes a property."""
        kinds = work.kinds
        values: dict[str, Value | None] = {}
        for name, raw in properties.items():
            declared = kinds.get(name)
            if declared is None and name not in kinds:
                self._check_name(name)
            # Nearly every value is one of these plain cases: no call; `rules/coerce.py` agrees.
            if (type(raw) is str and declared in _TEXT and self._is_plain(raw)) or (
                type(raw) is bool and declared in _BOOLEAN
            ):
                values[name] = raw
            elif type(raw) is int and declared in _NUMBER and -EXACT_INTEGER_MAX <= raw <= EXACT_INTEGER_MAX:
                values[name] = float(raw)
            elif raw is None:
                values[name] = None
            elif declared is None:
                values[name] = read_value(raw, ("properties", name), self._zone, self._limits)
            else:
                values[name] = read_declared(raw, declared, self._zone, ("properties", name), self._limits)
        return values

    def _is_plain(self, text: str) -> bool:
        return text.isascii() and "\0" not in text and len(text) <= self._text_max

    def _check_name(self, name: object) -> None:
        path: Path = ("properties", str(name))
        if name in PROFILE_FIELDS or name == "id":
            raise InvalidValue(field_not_property(name), path=path)
        check_property_name(name, self._settings.property_name_length_max, path, error=InvalidValue)

    def _lists(self, lists: Sequence[str] | Unset) -> set[int] | None:
        if isinstance(lists, Unset):
            return None
        sids = set()
        for place, list_id in enumerate(lists):
            sid = self._sid_of_list(list_id) if isinstance(list_id, str) else None
            if sid is None:
                raise InvalidInput(none_of("list", list_id), path=("lists", place))
            sids.add(sid)
        return sids

    def _refuse_too_many(self, stored: Mapping[str, Value], values: Mapping[str, Value | None]) -> None:
        limit = self._properties_max
        if len(stored) + len(values) <= limit:
            return
        set_names = {name for name, value in values.items() if value is not None}
        count = len((stored.keys() | set_names) - (values.keys() - set_names))
        if count > limit:
            raise over_limit("The profile", count, "properties", limit, "profile_properties_max", path=("properties",))

    # --- changing the draft

    def _apply(
        self, work: UnitOfWork, draft: Draft, identity: Identity | None, values: Mapping[str, Value | None],
        lists: set[int] | None,
    ) -> bool:  # fmt: skip
        changed = False
        if identity is not None and draft.identity != identity:
            changed = True
            work.identify(draft, identity)
        changed = self._put_values(work, draft, values) or changed
        if lists is not None:
            changed = self._put_lists(work, draft, lists) or changed
        if changed:
            draft.touch(work.now)
        return changed

    @staticmethod
    def _put_values(work: UnitOfWork, draft: Draft, values: Mapping[str, Value | None]) -> bool:
        present = draft.values
        kinds = work.kinds
        changed = False
        for name, value in values.items():
            if value is None:
                if name not in present:
                    continue
                del present[name]
            else:
                before = present.get(name)
                if before == value and type(before) is type(value):
                    continue
                present[name] = value
                if name not in kinds:
                    work.add_property(name)
            draft.note_change(name, work.now)
            changed = True
        return changed

    def _put_lists(self, work: UnitOfWork, draft: Draft, lists: set[int]) -> bool:
        before = work.lists_of(draft)
        for sid in lists - before:
            self._change_list(draft, sid, adding=True)
        for sid in before - lists:
            self._change_list(draft, sid, adding=False)
        return lists != before

    @staticmethod
    def _change_list(draft: Draft, sid: int, *, adding: bool) -> None:
        """Add the profile to a list, or remove it. Both in one commit cancel out."""
        changed = frozenset((sid,))
        to, back = (draft.lists_added, draft.lists_removed) if adding else (draft.lists_removed, draft.lists_added)
        to, back = (to, back - changed) if sid in back else (to | changed, back)
        draft.lists_added, draft.lists_removed = (to, back) if adding else (back, to)
        draft.touched = True
