"""A workspace with something in every table, written through the store, and all of it read back.

`versions/<number>.sql` is this story as written by that version of the schema, stored as SQL text.
When the schema gets a new version, run

    python -m tests.unit.store.story

which writes the file of the newest version, and commit it; those of older versions are never
written again. All of them contain the same story as far as their version could store it: `story_of`
returns the part in each.
"""

from __future__ import annotations

import io
import tempfile
from dataclasses import replace
from itertools import chain
from pathlib import Path

import apsw
import apsw.shell
from pyroaring import BitMap

from coterie.rules.values import Instant
from coterie.store import migrations
from coterie.store.change_times import decode_change_times, encode_change_times
from coterie.store.destinations import Progress, StoredAttempt, StoredDelivery, StoredDestination, StoredSecret
from coterie.store.document import decode
from coterie.store.organizations import StoredOrganization
from coterie.store.rows import StoredAlias, StoredEventProperty
from coterie.store.store import Store
from coterie.store.transaction import Transaction
from tests.unit.store.samples import NOW, block, conversation, declared, event, message, profile, segment

DESTINATION = StoredDestination(
    1, "d", "https://example.com/hook", None, None, '["enter"]', None, "failing", "It answered 500.",
    6, 2, NOW, None, NOW, NOW,
)  # fmt: skip
SECRET = StoredSecret(1, "whsec_c2VjcmV0", NOW, None)
DELIVERY = StoredDelivery(1, 5, 2, NOW, NOW + 60_000)
ATTEMPT = StoredAttempt(5, NOW, 500, "It answered 500.", 0.25, NOW + 60_000, False)
ORGANIZATION = StoredOrganization(1, "o", "acme", "Acme", b'{"plan":"pro"}', NOW, NOW)

VERSIONS = Path(__file__).parent / "versions"


def version_file(version: int) -> Path:
    return VERSIONS / f"{version:04d}.sql"


def write_story(path: Path) -> None:
    store = Store.open(path, now=NOW, zone="Europe/Berlin")
    store.write(_write)
    store.write(_write_activity)
    store.write(_write_destinations)
    store.write(lambda tx: tx.put_organization(ORGANIZATION))
    store.write(lambda tx: tx.delete_profile(2))
    store.write(lambda tx: tx.delete_segment(3))
    store.close()


def _write(tx: Transaction) -> None:
    tx.insert_profiles(
        [
            profile(
                0,
                external_id="u-0",
                email="anna@example.com",
                plan="pro",
                mrr=42.0,
                ok=True,
                at=Instant(5),
                tags=("a", "b"),
            ),
            profile(1, email="ben@example.com", email_is_unique=True),
            profile(2, external_id="gone"),
            profile(3, external_id="u-3", email="ben@example.com", word="Füße 🦶"),
        ]
    )
    for sid, kind in ((1, "dynamic"), (2, "static"), (3, "dynamic")):
        tx.insert_segment(segment(sid, kind=kind))
    tx.add_list_members(2, [0, 3], NOW)
    tx.append_transitions([block(1, [0, 1, 3], cause="definition"), block(4, [0, 3], sid=2), block(6, [2], sid=3)])
    tx.save_membership(1, BitMap([0, 1, 3]), 6)
    tx.append_transitions([block(7, [1], action="exit", cause="time")])
    tx.put_property(declared("plan", "text"))
    tx.put_answer("key", "print", b'{"id":1}', NOW)


def _write_activity(tx: Transaction) -> None:
    """Version 2."""
    tx.insert_events(
        [
            event(0, 0, total=9.5, at=NOW - 1, message_id="0193f2c8-0000-4000-8000-00000000000f"),
            event(1, 3, name="visit", message_id="not a UUID"),
            event(2, 2, name="visit"),  # its profile will be deleted
            event(3, 0, when=Instant(7)),
        ]
    )
    tx.put_event_properties([StoredEventProperty("order", "total", ("text", "number"), NOW)])
    tx.put_conversations([conversation(0, 3, external_id="c-0", product_id="p", message_count=1), conversation(1, 2)])
    tx.insert_messages([message(0, 0, external_id="m-0")])
    tx.put_aliases([StoredAlias("anonymous_id", "browser", 3), StoredAlias("email", "old@example.com", 2)])
    tx.suppress([b"mark"], NOW)
    tx.put_merged(2, "id-of-2-kept")  # version 6
    (stored,) = tx.profiles([0])
    tx.update_profiles([stored._replace(changes=encode_change_times({"plan": NOW + 5}), updated_at=NOW + 5)])


def _write_destinations(tx: Transaction) -> None:
    """Version 3."""
    did = tx.insert_destination(DESTINATION)
    tx.put_destination_secrets([SECRET])
    tx.record_progress(Progress(replace(DESTINATION, did=did), [DELIVERY], [], [ATTEMPT]))


def read_story(store: Store) -> dict[str, object]:
    numbers = store.write(lambda tx: ((tx.next_pid(), tx.next_sid()), (tx.next_eid(), tx.next_cid())))
    with store.read() as reads:
        everyone = next(reads.all_profiles())
        return {
            "zone": (store.zone, store.created_at),
            "profiles": [
                (stored.pid, stored.external_id, stored.email, bool(stored.email_is_unique), decode(stored.document))
                for stored in everyone
            ],
            "segments": [(segment.sid, segment.kind) for segment in reads.segments()],
            "ever": sorted(reads.segment_ids()),
            "lists": {sid: list(members) for sid, members in reads.list_members().items()},
            "members": {sid: list(members) for sid, members in reads.memberships().items()},
            "transitions": [
                (each.sequence, each.sid, each.action, each.pid) for each in reads.transitions(after=0, limit=100)
            ],
            "properties": reads.properties(),
            "answer": reads.find_answer("key"),
            "next": numbers[0],
            "changes": {stored.pid: decode_change_times(stored, decode(stored.document)) for stored in everyone},
            "events": [*chain.from_iterable(reads.events_of_pids([0, 1, 2, 3]).values())],
            "event properties": reads.event_properties(),
            "conversations": [*chain.from_iterable(reads.all_conversations())],
            "messages": reads.messages(0, limit=9),
            "aliases": [alias for pid in range(4) for alias in reads.aliases_of(pid)],
            "suppressed": reads.suppressed([b"mark", b"other"]),
            "next activity": numbers[1],
            "destinations": (
                reads.destinations(),
                reads.destination_secrets(),
                reads.deliveries(),
                reads.attempts(1, 9),
            ),
            "organizations": (reads.organizations(offset=0, limit=9), reads.count_organizations()),
            "merged": reads.ids_of([2]),
        }


def story_of(version: int) -> dict[str, object]:
    """The part of the story in the file of a version."""
    story = dict(STORY)
    for since, before in (
        (6, BEFORE_MERGED),
        (4, BEFORE_ORGANIZATIONS),
        (3, BEFORE_DESTINATIONS),
        (2, BEFORE_ACTIVITY),
    ):
        if version < since:
            story |= before
    return story


STORY: dict[str, object] = {
    "zone": ("Europe/Berlin", NOW),
    "profiles": [
        (0, "u-0", "anna@example.com", False,
         {"plan": "pro", "mrr": 42.0, "ok": True, "at": Instant(5), "tags": ("a", "b")}),
        (1, None, "ben@example.com", True, {}),
        (3, "u-3", "ben@example.com", False, {"word": "Füße 🦶"}),
    ],
    "segments": [(1, "dynamic"), (2, "static")],
    "ever": [1, 2, 3],
    "lists": {2: [0, 3]},
    "members": {1: [0, 3], 2: [0, 3]},
    "transitions": [
        (1, 1, "enter", 0), (2, 1, "enter", 1), (3, 1, "enter", 3), (4, 2, "enter", 0), (5, 2, "enter", 3),
        (6, 3, "enter", 2), (7, 1, "exit", 1),
    ],
    "properties": [declared("plan", "text")],
    "answer": ("print", b'{"id":1}'),
    "next": (4, 4),
    "changes": {0: {"plan": NOW + 5}, 1: {}, 3: {}},
    "events": [
        event(0, 0, total=9.5, at=NOW - 1, message_id="0193f2c8-0000-4000-8000-00000000000f"),
        event(3, 0, when=Instant(7)),
        event(1, 3, name="visit", message_id="not a UUID"),
    ],
    "event properties": [StoredEventProperty("order", "total", ("text", "number"), NOW)],
    "conversations": [conversation(0, 3, external_id="c-0", product_id="p", message_count=1)],
    "messages": [message(0, 0, external_id="m-0")],
    "aliases": [StoredAlias("anonymous_id", "browser", 3)],
    "suppressed": {b"mark"},
    "next activity": (4, 2),
    "destinations": ([DESTINATION], [SECRET], [DELIVERY], [ATTEMPT]),
    "organizations": ([ORGANIZATION], 1),
    "merged": {2: "id-of-2-kept"},
}  # fmt: skip

BEFORE_MERGED: dict[str, object] = {"merged": {}}
BEFORE_ORGANIZATIONS: dict[str, object] = {"organizations": ([], 0)}
BEFORE_DESTINATIONS: dict[str, object] = {"destinations": ([], [], [], [])}

BEFORE_ACTIVITY: dict[str, object] = {
    # Change times were not stored: all properties changed at the profile's updated_at.
    "changes": {
        0: dict.fromkeys(("plan", "mrr", "ok", "at", "tags", "external_id", "email"), NOW),
        1: {"email": NOW},
        3: dict.fromkeys(("word", "external_id", "email"), NOW),
    },
    "events": [], "event properties": [], "conversations": [], "messages": [], "aliases": [],
    "suppressed": set(), "next activity": (0, 0),
}  # fmt: skip


def dump(path: Path) -> str:
    """The database as SQL text."""
    text = io.StringIO()
    apsw.shell.Shell(stdout=text, db=apsw.Connection(str(path))).process_command(".dump")
    return "\n".join(line for line in text.getvalue().splitlines() if not line.startswith("--")).strip() + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "story.sqlite"
        write_story(made)
        version_file(migrations.WORKSPACE[-1].version).write_text(dump(made), encoding="utf-8")
