"""The messages of one request into a workspace: translated, put in one commit in their order, and each one's fate told.

A batch whose messages all have an id is put once: sent again while the receipt is kept (`idempotency_kept_for`), it is answered as before and changes
nothing, its profiles included. After that, and in any other batch, its events are still known by their ids.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from coterie.errors import CoterieError
from coterie.http.tracking.envelope import Dropped
from coterie.http.tracking.reading import Sent, message_id_of, sent_of
from coterie.http.tracking.translate import CALLS, Request, read
from coterie.model import AnsweredBefore, EventOutcome, EventWrite, Fact, Receipt, Refused
from coterie.settings import Settings
from coterie.workspace import Workspace

UNKNOWN = "unknown"

Render = Callable[[Sequence[Dropped]], bytes]


@dataclass(slots=True)
class Outcome:
    """What became of the messages: `stored` and `duplicate` count by kind. `answer` is set where it was given before."""

    stored: dict[str, int] = field(default_factory=dict)
    duplicate: dict[str, int] = field(default_factory=dict)
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
    messages = _translated(raw, kind, request, settings, outcome)
    receipt = None
    if kind is None and not outcome.dropped and all(message.sent.message_id for message in messages):
        receipt = Receipt(*_known_as(messages), lambda results: render(_settled(messages, results, Outcome()).dropped))
    try:
        results = workspace.put_facts([message.facts for message in messages], receipt=receipt) if messages else []
    except AnsweredBefore as before:
        for message in messages:
            _count(outcome.duplicate, message.sent.kind)
        outcome.answer = before.answer
        return outcome
    return _settled(messages, results, outcome)


def _translated(
    raw: Sequence[object], kind: str | None, request: Request, settings: Settings, outcome: Outcome
) -> list[_Read]:
    messages = []
    for index, one in enumerate(raw):
        try:
            sent = sent_of(one, kind, settings)
            messages.append(_Read(index, sent, read(sent.kind, sent.message, request)))
        except CoterieError as error:
            outcome.dropped.append(Dropped(index, _kind(one, kind), message_id_of(one), error.problems[0]))
    return messages


def _kind(raw: object, kind: str | None) -> str:
    """What a message that could not be read is, of the few kinds there are: it is counted under that name."""
    said = kind or (raw.get("type") if isinstance(raw, dict) else None)
    return said if isinstance(said, str) and said in CALLS else UNKNOWN


def _known_as(messages: Sequence[_Read]) -> tuple[str, str]:
    """The receipt's key and fingerprint: what the messages say, and nothing of the request that carried them."""
    digest = sha256()
    for message in messages:
        digest.update(sha256(message.sent.text).digest())
    known = digest.hexdigest()
    return f"tracking:{known}", known


def _settled(messages: Sequence[_Read], results: object, outcome: Outcome) -> Outcome:
    """Each message with what the workspace said of it. (`object`: so a receipt is given it.)"""
    assert isinstance(results, list)
    for message, result in zip(messages, results, strict=True):
        sent = message.sent
        if isinstance(result, Refused):
            outcome.dropped.append(Dropped(message.index, sent.kind, sent.message_id, result.problems[0]))
        elif isinstance(result, EventWrite) and result.outcome is EventOutcome.DUPLICATE:
            _count(outcome.duplicate, sent.kind)
        else:
            _count(outcome.stored, sent.kind)
    return outcome


def _count(counts: dict[str, int], kind: str) -> None:
    counts[kind] = counts.get(kind, 0) + 1
