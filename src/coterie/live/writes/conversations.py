"""Conversations come in: made, continued, scored. They are mutable: what the old version contributed is taken back when a new one comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from coterie.errors import InvalidInput, InvalidValue, LimitExceeded, NotFound, missing
from coterie.live.writes.activity import PendingConversation
from coterie.live.writes.events import EventWrites, read_instant
from coterie.live.writes.resolution import IdentityResolution
from coterie.live.writes.unit_of_work import UnitOfWork, put_each
from coterie.model import (
    ANALYSIS_LISTS,
    FLAGS,
    SCORES,
    ConversationInput,
    ConversationWrite,
    MessageInput,
    Outcome,
    ProfileRef,
    Rejected,
    Unset,
)
from coterie.rules.coerce import read_value
from coterie.rules.values import Instant, Value, kind_of, unfit_text
from coterie.settings import Settings
from coterie.store.document import decode, encode
from coterie.store.ids import new_id
from coterie.store.rows import StoredConversation, StoredMessage

NAME_LENGTH_MAX = 255
CONTENT_LENGTH_MAX = 1_000_000
_KIND_WORDS = {"number": "a number", "boolean": "true or false", "list": "a list of texts"}


@dataclass(frozen=True, slots=True)
class _Message:
    """A message through the door."""

    role: str
    content: str | None
    external_id: str | None
    at: Instant
    extra: bytes


class ConversationWrites:
    """Reads conversations and applies them to a unit of work."""

    def __init__(self, settings: Settings, zone: ZoneInfo, resolution: IdentityResolution, events: EventWrites) -> None:
        self._settings = settings
        self._zone = zone
        self._resolution = resolution
        self._events = events
        self._limits = settings.value_limits()

    def put(self, work: UnitOfWork, sent: ConversationInput) -> ConversationWrite:
        """Apply one. Raises InvalidInput, NotFound, IdentityConflict, Suppressed, before anything is changed."""
        changes = self._changes(work, sent)
        properties = self._properties(sent.properties)
        analysis = self._analysis(sent.analysis)
        messages = [self._message(work, one, place) for place, one in enumerate(sent.messages)]
        pending = self._find(work, sent)
        made = pending is None
        if pending is not None and not isinstance(sent.profile, Unset):
            self._refuse_another(work, pending, sent.profile)
        if pending is None:
            if isinstance(sent.profile, Unset):
                raise missing("profile", "whose new conversation this is", hint="Send its profile the first time.")
            draft = self._resolution.find_or_make(work, sent.profile)
            external_id = None if isinstance(sent.external_id, Unset) else sent.external_id
            empty = StoredConversation(
                work.activity.next_cid(), new_id(work.now), external_id, draft.pid, None, None, None, None, None,
                None, b"{}", b"{}", 0, work.now, work.now,
            )  # fmt: skip
            pending = PendingConversation(draft, None, empty)
        before = pending.after
        new, told = self._new_messages(work, pending, messages)
        after = self._after(before, changes, properties, analysis, new)
        pending.messages.extend(new)
        if after == before and not made:
            return ConversationWrite(before.id, pending.draft.id, Outcome.UNCHANGED, told)
        work.activity.put_conversation(pending, after._replace(updated_at=work.now))
        return ConversationWrite(after.id, pending.draft.id, Outcome.CREATED if made else Outcome.UPDATED, told)

    def put_many(self, work: UnitOfWork, sent: Sequence[ConversationInput]) -> list[ConversationWrite | Rejected]:
        """Apply many, in order; one that is wrong is refused and the others go in."""
        self._resolution.load(work, [one.profile for one in sent if not isinstance(one.profile, Unset)])
        return put_each(lambda one: self.put(work, one), sent)

    # --- finding

    def _refuse_another(self, work: UnitOfWork, pending: PendingConversation, named: ProfileRef) -> None:
        if self._resolution.find(work, named) is not pending.draft:
            raise InvalidInput(
                "This conversation is another profile's.",
                path=("profile",),
                hint="Leave `profile` out to continue it, or give the new conversation an external_id of its own.",
            )

    def _find(self, work: UnitOfWork, sent: ConversationInput) -> PendingConversation | None:
        known = work.activity.conversations
        if isinstance(sent.id, str):
            here = next((one for one in known.values() if one.after.id == sent.id), None)
            stored = None if here else work.tx.conversations_by_id([sent.id]).get(sent.id)
            if here is None and stored is None:
                raise NotFound(f"There is no conversation {sent.id}.", path=("id",))
        elif isinstance(sent.external_id, str):
            wanted = _name(sent.external_id, "external_id")
            here = next((one for one in known.values() if one.after.external_id == wanted), None)
            stored = None if here else work.tx.conversations_by_external_id([wanted]).get(wanted)
        else:
            return None
        if here is not None:
            return here
        if stored is None:
            return None
        draft = work.by_pid(stored.pid)
        if draft is None:
            raise NotFound("The profile of this conversation is being deleted.")
        return PendingConversation(draft, stored, stored._replace(pid=draft.pid))

    # --- at the door

    def _changes(self, work: UnitOfWork, sent: ConversationInput) -> dict[str, Any]:
        """The stored fields that were sent."""
        changes: dict[str, Any] = {}
        for name in ("product_id", "version_id", "model"):
            raw = getattr(sent, name)
            if not isinstance(raw, Unset):
                changes[name] = None if raw is None else _name(raw, name)
        if not isinstance(sent.started_at, Unset):
            started = sent.started_at
            changes["started_at"] = (
                None if started is None else int(read_instant(started, work.now, self._zone, ("started_at",)))
            )
        if not isinstance(sent.at, Unset):
            changes["sent_at"] = int(read_instant(sent.at, work.now, self._zone, ("at",)))
        if isinstance(sent.external_id, str):
            _name(sent.external_id, "external_id")
        return changes

    def _properties(self, sent: Mapping[str, object]) -> dict[str, Value | None]:
        read: dict[str, Value | None] = dict(self._events.read_values(sent))
        return read | {name: None for name, raw in sent.items() if raw is None}

    def _analysis(self, sent: Mapping[str, object]) -> dict[str, Value | None]:
        read: dict[str, Value | None] = {}
        for name, raw in sent.items():
            read[name] = None if raw is None else self._analysed(name, raw)
        return read

    def _analysed(self, name: str, raw: object) -> Value:
        path = ("analysis", name)
        for names, kind in ((SCORES, "number"), (FLAGS, "boolean"), (ANALYSIS_LISTS, "list")):
            if name in names:
                value = read_value(raw, path, self._zone, self._limits)
                if kind_of(value) != kind:
                    raise InvalidValue(f"{name} is {_KIND_WORDS[kind]}.", path=path)
                return value
        raise InvalidValue(
            f"An analysis has no {name!r}.", path=path, hint=f"It has {', '.join((*SCORES, *FLAGS, *ANALYSIS_LISTS))}."
        )

    def _message(self, work: UnitOfWork, sent: MessageInput, place: int) -> _Message:
        at = read_instant(sent.at, work.now, self._zone, ("messages", place, "at"))
        content = sent.content
        if content is not None and not isinstance(content, str):
            raise InvalidValue("The content of a message is a text.", path=("messages", place, "content"))
        if content is not None and (why := unfit_text(content)) is not None:
            raise InvalidValue(f"The content {why}.", path=("messages", place, "content"))
        if content is not None and len(content) > CONTENT_LENGTH_MAX:
            raise LimitExceeded(
                f"A message has at most {CONTENT_LENGTH_MAX:,} characters.", path=("messages", place, "content")
            )
        external_id = None
        if sent.external_id is not None:
            external_id = _name(sent.external_id, "messages", place, "external_id")
        try:
            extra = orjson.dumps(dict(sent.extra))
        except TypeError as error:
            raise InvalidValue(f"This is not JSON: {error}.", path=("messages", place, "extra")) from error
        return _Message(_name(sent.role, "messages", place, "role"), content, external_id, at, extra)

    # --- the new version

    @staticmethod
    def _new_messages(
        work: UnitOfWork, pending: PendingConversation, messages: Sequence[_Message]
    ) -> tuple[list[StoredMessage], tuple[tuple[str, bool], ...]]:
        """Those to store, and for each that was sent its id and whether it is new."""
        cid = pending.after.cid
        asked = [(cid, one.external_id) for one in messages if one.external_id is not None]
        stored = work.tx.message_ids_by_external_id(asked) if asked and pending.before is not None else {}
        known = {external_id: message_id for (_, external_id), message_id in stored.items()} | pending.sent
        new: list[StoredMessage] = []
        told: list[tuple[str, bool]] = []
        for one in messages:
            if one.external_id is not None and one.external_id in known:
                told.append((known[one.external_id], False))
                continue
            number = pending.after.message_count + len(new)
            message_id = new_id(work.now)
            new.append(
                StoredMessage(cid, number, message_id, one.external_id, one.role, one.content, int(one.at), one.extra)
            )
            told.append((message_id, True))
            if one.external_id is not None:
                known[one.external_id] = pending.sent[one.external_id] = message_id
        return new, tuple(told)

    @staticmethod
    def _after(
        before: StoredConversation, changes: Mapping[str, Any], properties: Mapping[str, Value | None],
        analysis: Mapping[str, Value | None], new: Sequence[StoredMessage],
    ) -> StoredConversation:  # fmt: skip
        last = [one.at for one in new]
        if before.last_message_at is not None:
            last.append(before.last_message_at)
        return before._replace(
            **changes,
            properties=_merged(before.properties, properties),
            analysis=_merged(before.analysis, analysis),
            message_count=before.message_count + len(new),
            last_message_at=max(last, default=None),
        )


def _merged(stored: bytes, sent: Mapping[str, Value | None]) -> bytes:
    if not sent:
        return stored
    values = decode(stored)
    for name, value in sent.items():
        if value is None:
            values.pop(name, None)
        else:
            values[name] = value
    return encode(values)


def _name(raw: object, *path: str | int) -> str:
    if not isinstance(raw, str) or not raw:
        raise InvalidValue(f"{path[-1]} is a text that is not empty.", path=path)
    if (why := unfit_text(raw)) is not None:
        raise InvalidValue(f"{path[-1]} {why}.", path=path)
    if len(raw) > NAME_LENGTH_MAX:
        raise LimitExceeded(f"{path[-1]} has at most {NAME_LENGTH_MAX} characters.", path=path)
    return raw
