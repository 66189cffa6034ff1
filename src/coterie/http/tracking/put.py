"""The messages of one request into a workspace: translated, put in one commit in their order, and each one's fate told.

A batch whose messages all have an id is put once: sent again while the record is kept (`idempotency_kept_for`), it is answered as before and changes
nothing, its profiles included. After that, and in any other batch, its events are still known by their ids.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from coterie.errors import CoterieError, LimitExceeded
from coterie.http.tracking.envelope import Dropped
from coterie.http.tracking.reading import Sent, message_id_of, plain, sent_of, text_of
from coterie.http.tracking.translate import CALLS, Request, read
from coterie.model import EventOutcome, EventWrite, Fact, IdempotencyRecord, IdempotentReplay, Rejected
from coterie.settings import Settings
from coterie.workspace import Workspace

UNKNOWN = "unknown"

Render = Callable[[Sequence[Dropped]], bytes]


@dataclass(slots=True)
class Outcome:
    """What became of the messages: `stored` and `duplicate` count by kind. `answer` is set where it was given before."""

    stored: Counter[str] = field(default_factory=Counter)
    duplicate: Counter[str] = field(default_factory=Counter)
    dropped: list[Dropped] = field(default_factory=list)
    answer: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """A message that could be translated."""

    index: int
    sent: Sent
    facts: tuple[Fact, ...]


def put(
    workspace: Workspace, raw: Sequence[object], kind: str | None, request: Request, settings: Settings, render: Render
) -> Outcome:
    """All of them; `kind` where the address says it. `render` makes the answer, inside the transaction."""
    outcome = Outcome()
    messages = _translated(raw, kind, request, settings, outcome.dropped)
    if not messages:
        return outcome
    unread = tuple(outcome.dropped)
    known = None if kind is not None else _known_as(raw)
    idempotency = None
    if known is not None:
        idempotency = IdempotencyRecord(
            f"tracking:{known}", known, lambda results: render([*unread, *_settled(messages, results).dropped])
        )
    try:
        settled = _settled(
            messages, workspace.put_facts([message.facts for message in messages], idempotency=idempotency)
        )
    except IdempotentReplay as before:
        settled = Outcome(duplicate=Counter(message.sent.kind for message in messages), answer=before.answer)
    settled.dropped.extend(unread)
    return settled


def _translated(
    raw: Sequence[object], kind: str | None, request: Request, settings: Settings, dropped: list[Dropped]
) -> list[_Read]:
    messages = []
    for index, one in enumerate(raw):
        try:
            sent = sent_of(one, kind, settings)
            messages.append(_Read(index, sent, read(sent.kind, sent.message, request)))
        except CoterieError as error:
            dropped.append(Dropped(index, _kind(one, kind), message_id_of(one), error.problems[0]))
    return messages


def _kind(raw: object, kind: str | None) -> str:
    """What a message that could not be read is, of the few kinds there are: it is counted under that name."""
    message = plain(raw)
    said = kind or (message.get("type") if isinstance(message, dict) else None)
    return said if isinstance(said, str) and said in CALLS else UNKNOWN


def _known_as(raw: Sequence[object]) -> str | None:
    """By what a batch is known when it comes again: what its messages say, and nothing of the request that carried them. None where
    one of them has no id: two that say the same may then be two."""
    if not all(message_id_of(one) for one in raw):
        return None
    digest = sha256()
    try:
        for one in raw:
            digest.update(sha256(text_of(one)).digest())
    except LimitExceeded:
        return None
    return digest.hexdigest()


def _settled(messages: Sequence[_Read], results: object) -> Outcome:
    """Each message with what the workspace said of it. (`object`, for so the idempotency record is given it.)"""
    assert isinstance(results, list)
    outcome = Outcome()
    for message, result in zip(messages, results, strict=True):
        sent = message.sent
        if isinstance(result, Rejected):
            outcome.dropped.append(Dropped(message.index, sent.kind, message_id_of(sent.message), result.problems[0]))
        elif isinstance(result, EventWrite) and result.outcome is EventOutcome.DUPLICATE:
            outcome.duplicate[sent.kind] += 1
        else:
            outcome.stored[sent.kind] += 1
    return outcome
