"""Write conversations: create, continue and analyse them.

A conversation is mutable: its new version replaces its old one in the activity of its profile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from coterie.errors import InvalidInput, InvalidValue, NotFound, missing, not_found
from coterie.live.writes.activity import PendingConversation
from coterie.live.writes.events import EventWrites, coerce_instant
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
from coterie.rules.names import check_length, check_text, unfit_text
from coterie.rules.values import Instant, Value, kind_of
from coterie.settings import Settings
from coterie.store.document import decode, encode
from coterie.store.ids import new_id
from coterie.store.rows import StoredConversation, StoredMessage

NAME_LENGTH_MAX = 255
CONTENT_LENGTH_MAX = 1_000_000
_KIND_WORDS = {"number": "a number", "boolean": "true or false", "list": "a list of texts"}


@dataclass(frozen=True, slots=True)
class _Message:
    """A coerced message."""

    role: str
    content: str | None
    external_id: str | None
    at: Instant
    extra: bytes


class ConversationWrites:
    """Applies conversations to a unit of work."""

    def __init__(self, settings: Settings, zone: ZoneInfo, resolution: IdentityResolution, events: EventWrites) -> None:
        self._zone = zone
        self._resolution = resolution
        self._events = events
        self._limits = settings.value_limits()

    def put(self, work: UnitOfWork, conversation: ConversationInput) -> ConversationWrite:
        """Create or continue a conversation.

        Raises InvalidInput, NotFound, IdentityConflict, Suppressed, before anything changes.
        """
        columns = self._columns(work, conversation)
        properties = self._properties(conversation.properties)
        analysis = self._analysis(conversation.analysis)
        messages = [self._message(work, message, place) for place, message in enumerate(conversation.messages)]
        pending = self._find(work, conversation)
        is_new = pending is None
        if pending is None:
            pending = self._create(work, conversation)
        elif not isinstance(conversation.profile, Unset):
            self._refuse_another_profile(work, pending, conversation.profile)
        before = pending.after
        new_messages, message_writes = _deduplicate(work, pending, messages)
        after = _continue(before, columns, properties, analysis, new_messages)
        pending.messages.extend(new_messages)
        if after == before and not is_new:
            return ConversationWrite(before.id, pending.draft.id, Outcome.UNCHANGED, message_writes)
        work.activity.put_conversation(pending, after._replace(updated_at=work.now))
        outcome = Outcome.CREATED if is_new else Outcome.UPDATED
        return ConversationWrite(after.id, pending.draft.id, outcome, message_writes)

    def put_many(
        self, work: UnitOfWork, conversations: Sequence[ConversationInput]
    ) -> list[ConversationWrite | Rejected]:
        """Create or continue many conversations, in order; an invalid one is rejected by itself."""
        refs = [conversation.profile for conversation in conversations]
        self._resolution.load(work, [ref for ref in refs if not isinstance(ref, Unset)])
        return put_each(lambda conversation: self.put(work, conversation), conversations)

    # --- finding

    @staticmethod
    def _find(work: UnitOfWork, sent: ConversationInput) -> PendingConversation | None:
        """The conversation in this commit or in the store; None for a new one. Raises NotFound."""
        pending = work.activity.conversations.values()
        if isinstance(sent.id, str):
            here = next((each for each in pending if each.after.id == sent.id), None)
            stored = None if here else work.tx.conversations_by_id([sent.id]).get(sent.id)
            if here is None and stored is None:
                raise not_found("conversation", sent.id, path=("id",))
        elif isinstance(sent.external_id, str):
            name = _name(sent.external_id, "external_id")
            here = next((each for each in pending if each.after.external_id == name), None)
            stored = None if here else work.tx.conversations_by_external_id([name]).get(name)
        else:
            return None
        if here is not None or stored is None:
            return here
        draft = work.by_pid(stored.pid)
        if draft is None:
            raise NotFound("The profile of this conversation is being deleted.")
        return PendingConversation(draft, stored, stored._replace(pid=draft.pid))

    def _create(self, work: UnitOfWork, sent: ConversationInput) -> PendingConversation:
        if isinstance(sent.profile, Unset):
            raise missing("profile", "whose new conversation this is", hint="Send its profile the first time.")
        draft = self._resolution.find_or_create(work, sent.profile)
        external_id = None if isinstance(sent.external_id, Unset) else sent.external_id
        empty = StoredConversation(
            work.activity.next_cid(), new_id(work.now), external_id, draft.pid, None, None, None, None, None,
            None, b"{}", b"{}", 0, work.now, work.now,
        )  # fmt: skip
        return PendingConversation(draft, None, empty)

    def _refuse_another_profile(self, work: UnitOfWork, pending: PendingConversation, ref: ProfileRef) -> None:
        if self._resolution.find(work, ref) is not pending.draft:
            raise InvalidInput(
                "This conversation is another profile's.",
                path=("profile",),
                hint="Leave `profile` out to continue it, or give the new conversation an external_id of its own.",
            )

    # --- on input

    def _columns(self, work: UnitOfWork, sent: ConversationInput) -> dict[str, Any]:
        """The stored columns that were sent."""
        columns: dict[str, Any] = {}
        for name in ("product_id", "version_id", "model"):
            raw = getattr(sent, name)
            if not isinstance(raw, Unset):
                columns[name] = None if raw is None else _name(raw, name)
        if not isinstance(sent.started_at, Unset):
            started = sent.started_at
            columns["started_at"] = (
                None if started is None else int(coerce_instant(started, work.now, self._zone, ("started_at",)))
            )
        if not isinstance(sent.at, Unset):
            columns["sent_at"] = int(coerce_instant(sent.at, work.now, self._zone, ("at",)))
        if isinstance(sent.external_id, str):
            _name(sent.external_id, "external_id")
        return columns

    def _properties(self, sent: Mapping[str, object]) -> dict[str, Value | None]:
        values: dict[str, Value | None] = dict(self._events.coerce_values(sent))
        return values | {name: None for name, raw in sent.items() if raw is None}

    def _analysis(self, sent: Mapping[str, object]) -> dict[str, Value | None]:
        return {name: None if raw is None else self._analysis_value(name, raw) for name, raw in sent.items()}

    def _analysis_value(self, name: str, raw: object) -> Value:
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
        at = coerce_instant(sent.at, work.now, self._zone, ("messages", place, "at"))
        content = sent.content
        if content is not None:
            _check_content(content, place)
        external_id = None
        if sent.external_id is not None:
            external_id = _name(sent.external_id, "messages", place, "external_id")
        try:
            extra = orjson.dumps(dict(sent.extra))
        except TypeError as error:
            raise InvalidValue(f"This is not JSON: {error}.", path=("messages", place, "extra")) from error
        return _Message(_name(sent.role, "messages", place, "role"), content, external_id, at, extra)


def _check_content(content: object, place: int) -> None:
    path = ("messages", place, "content")
    if not isinstance(content, str):
        raise InvalidValue("The content of a message is a text.", path=path)
    if (why := unfit_text(content)) is not None:
        raise InvalidValue(f"The content {why}.", path=path)
    check_length(content, CONTENT_LENGTH_MAX, "The content", path)


def _name(raw: object, *path: str | int) -> str:
    return check_text(raw, NAME_LENGTH_MAX, str(path[-1]), path, error=InvalidValue)


# --- the new version


def _deduplicate(
    work: UnitOfWork, pending: PendingConversation, messages: Sequence[_Message]
) -> tuple[list[StoredMessage], tuple[tuple[str, bool], ...]]:
    """The messages to store; and for each message sent, its id and whether it is new."""
    cid = pending.after.cid
    named = [(cid, message.external_id) for message in messages if message.external_id is not None]
    stored = work.tx.message_ids_by_external_id(named) if named and pending.before is not None else {}
    ids = {external_id: message_id for (_, external_id), message_id in stored.items()} | pending.message_ids
    new: list[StoredMessage] = []
    writes: list[tuple[str, bool]] = []
    for message in messages:
        if message.external_id is not None and message.external_id in ids:
            writes.append((ids[message.external_id], False))
            continue
        number = pending.after.message_count + len(new)
        message_id = new_id(work.now)
        new.append(
            StoredMessage(
                cid,
                number,
                message_id,
                message.external_id,
                message.role,
                message.content,
                int(message.at),
                message.extra,
            )
        )
        writes.append((message_id, True))
        if message.external_id is not None:
            ids[message.external_id] = pending.message_ids[message.external_id] = message_id
    return new, tuple(writes)


def _continue(
    before: StoredConversation, columns: Mapping[str, Any], properties: Mapping[str, Value | None],
    analysis: Mapping[str, Value | None], new_messages: Sequence[StoredMessage],
) -> StoredConversation:  # fmt: skip
    instants = [message.at for message in new_messages]
    if before.last_message_at is not None:
        instants.append(before.last_message_at)
    return before._replace(
        **columns,
        properties=_merge(before.properties, properties),
        analysis=_merge(before.analysis, analysis),
        message_count=before.message_count + len(new_messages),
        last_message_at=max(instants, default=None),
    )


def _merge(stored: bytes, sent: Mapping[str, Value | None]) -> bytes:
    if not sent:
        return stored
    values = decode(stored)
    for name, value in sent.items():
        if value is None:
            values.pop(name, None)
        else:
            values[name] = value
    return encode(values)
