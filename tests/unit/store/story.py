"""A workspace that has something in every table, written through the store, and all that can be read back of it.

`versions/<number>.sql` is this story as a file written by that version of the schema, kept as SQL text. When the schema gets a new version, run

    python -m tests.unit.store.story

which writes the file of the newest version, and commit it; those of older versions are never written again. All of them tell the same story: what a
later version can store besides is tested elsewhere.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import apsw
import apsw.shell
from pyroaring import BitMap

from coterie.rules.values import Instant
from coterie.store import migrations
from coterie.store.document import decode
from coterie.store.store import Store
from coterie.store.transaction import Transaction
from tests.unit.store.samples import NOW, block, declared, profile, segment

VERSIONS = Path(__file__).parent / "versions"


def version_file(version: int) -> Path:
    return VERSIONS / f"{version:04d}.sql"


def write_story(path: Path) -> None:
    store = Store.open(path, now=NOW, zone="Europe/Berlin")
    store.write(_write)
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
            profile(1, email="ben@example.com", keyed=True),
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


def read_story(store: Store) -> dict[str, object]:
    everyone = next(store.all_profiles())
    return {
        "zone": (store.zone, store.created_at),
        "profiles": [
            (one.pid, one.external_id, one.email, bool(one.email_keyed), decode(one.document)) for one in everyone
        ],
        "segments": [(one.sid, one.kind) for one in store.segments()],
        "ever": sorted(store.segment_ids()),
        "lists": {sid: list(members) for sid, members in store.list_members().items()},
        "members": {sid: list(members) for sid, members in store.memberships().items()},
        "transitions": [(one.sequence, one.sid, one.action, one.pid) for one in store.transitions(after=0, limit=100)],
        "properties": store.properties(),
        "answer": store.find_answer("key"),
        "next": store.write(lambda tx: (tx.next_pid(), tx.next_sid())),
    }


STORY = {
    "zone": ("Europe/Berlin", NOW),
    "profiles": [
        (0, "u-0", "anna@example.com", False, {"plan": "pro", "mrr": 42.0, "ok": True, "at": Instant(5), "tags": ("a", "b")}),
        (1, None, "ben@example.com", True, {}),
        (3, "u-3", "ben@example.com", False, {"word": "Füße 🦶"}),
    ],
    "segments": [(1, "dynamic"), (2, "static")],
    "ever": [1, 2, 3],
    "lists": {2: [0, 3]},
    "members": {1: [0, 3], 2: [0, 3]},
    "transitions": [
        (1, 1, "enter", 0), (2, 1, "enter", 1), (3, 1, "enter", 3), (4, 2, "enter", 0), (5, 2, "enter", 3), (6, 3, "enter", 2),
        (7, 1, "exit", 1),
    ],
    "properties": [declared("plan", "text")],
    "answer": ("print", b'{"id":1}'),
    "next": (4, 4),
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
