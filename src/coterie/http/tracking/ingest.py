"""Ingests the messages of one request in one commit and reports the outcome of each.

A batch whose messages all have an id is ingested once: a repeat within `idempotency_kept_for` is
given the first answer again and changes nothing, profiles included. After that, and in any other
batch, events are still recognised by their ids.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from coterie.errors import CoterieError, LimitExceeded
from coterie.http.tracking.envelope import Dropped
from coterie.http.tracking.messages import Message, as_sent, json_of, message_id_of, read_message
from coterie.http.tracking.to_model import CALLS, RequestContext, to_facts
from coterie.model import EventOutcome, EventWrite, Fact, IdempotencyRecord, IdempotentReplay, Rejected
from coterie.settings import Settings
from coterie.workspace import Workspace

UNKNOWN = "unknown"

Render = Callable[[Sequence[Dropped]], bytes]


@dataclass(slots=True)
class Ingested:
    """The outcome of the messages; `stored` and `duplicate` count them by kind.

    `answer` is set where the request is a repeat: the answer that was given the first time.
    """

    stored: Counter[str] = field(default_factory=Counter)
    duplicate: Counter[str] = field(default_factory=Counter)
    dropped: list[Dropped] = field(default_factory=list)
    answer: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Translated:
    """A message, its place in the batch, and the facts it became."""

    index: int
    message: Message
    facts: tuple[Fact, ...]


def ingest(
    workspace: Workspace,
    raw: Sequence[object],
    kind: str | None,
    context: RequestContext,
    settings: Settings,
    render: Render,
) -> Ingested:
    """Ingest all messages. `kind` is the one in the address, None for a batch.

    `render` makes the answer, inside the transaction.
    """
    messages, unread = _translate(raw, kind, context, settings)
    if not messages:
        return Ingested(dropped=unread)
    fingerprint = None if kind is not None else _fingerprint(raw)
    idempotency = None
    if fingerprint is not None:
        idempotency = IdempotencyRecord(
            f"tracking:{fingerprint}",
            fingerprint,
            lambda results: render([*unread, *_outcomes(messages, results).dropped]),
        )
    facts = [message.facts for message in messages]
    try:
        ingested = _outcomes(messages, workspace.put_facts(facts, idempotency=idempotency))
    except IdempotentReplay as replay:
        kinds = Counter(translated.message.kind for translated in messages)
        ingested = Ingested(duplicate=kinds, answer=replay.answer)
    ingested.dropped.extend(unread)
    return ingested


def _translate(
    raw: Sequence[object], kind: str | None, context: RequestContext, settings: Settings
) -> tuple[list[_Translated], list[Dropped]]:
    """The messages that could be translated, and those that could not."""
    messages, dropped = [], []
    for index, item in enumerate(raw):
        try:
            message = read_message(item, kind, settings)
            messages.append(_Translated(index, message, to_facts(message.kind, message.body, context)))
        except CoterieError as error:
            dropped.append(Dropped(index, _kind(item, kind), message_id_of(item), error.problems[0]))
    return messages, dropped


def _kind(raw: object, kind: str | None) -> str:
    """The kind by which an unreadable message is counted: one of `CALLS`, or `UNKNOWN`."""
    message = as_sent(raw)
    type_ = kind or (message.get("type") if isinstance(message, dict) else None)
    return type_ if isinstance(type_, str) and type_ in CALLS else UNKNOWN


def _fingerprint(raw: Sequence[object]) -> str | None:
    """A digest of the messages of a batch, whatever request carried them.

    None where a message has no id: two that look the same may then be two.
    """
    if not all(message_id_of(item) for item in raw):
        return None
    digest = sha256()
    try:
        for item in raw:
            digest.update(sha256(json_of(item)).digest())
    except LimitExceeded:
        return None
    return digest.hexdigest()


def _outcomes(messages: Sequence[_Translated], results: object) -> Ingested:
    """The outcome of each message. (`object`, because an idempotency record renders any result.)"""
    assert isinstance(results, list)
    ingested = Ingested()
    for translated, result in zip(messages, results, strict=True):
        message = translated.message
        if isinstance(result, Rejected):
            ingested.dropped.append(
                Dropped(translated.index, message.kind, message_id_of(message.body), result.problems[0])
            )
        elif isinstance(result, EventWrite) and result.outcome is EventOutcome.DUPLICATE:
            ingested.duplicate[message.kind] += 1
        else:
            ingested.stored[message.kind] += 1
    return ingested
