"""Every query is one statement that SQLite understands, is used, and finds its rows by an index."""

from __future__ import annotations

import re
from pathlib import Path

import apsw
import pytest

import coterie.store
from coterie.store import migrations, queries
from tests.unit.store.samples import in_memory

SOURCES = "\n".join(path.read_text() for path in Path(coterie.store.__path__[0]).glob("*.py"))
SCANS_ON_PURPOSE = {
    "all_profiles", "segments", "segment_ids", "properties", "static_segments", "last_sequence", "membership_snapshots",
    "blocks_since_snapshots", "check_sequences", "check_bitmaps", "event_names", "event_properties",
    "count_conversations",
    "check_event_pids", "check_event_nids", "check_message_counts", "check_profile_documents", "check_event_documents",
    "check_conversation_properties", "check_conversation_analyses", "check_changes", "check_extras",
    "destinations", "destination_secrets", "deliveries",
}  # fmt: skip


def control() -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    migrations.migrate(connection, migrations.CONTROL, Path(":memory:"))
    return connection


def plan(connection: apsw.Connection, sql: str) -> list[str]:
    names = set(re.findall(r":(\w+)", sql))
    count = max([int(number) for number in re.findall(r"\?(\d+)", sql)], default=sql.count("?"))
    values: apsw.Bindings = dict.fromkeys(names) if names else [None] * count
    return [str(row[3]) for row in connection.execute(f"explain query plan {sql}", values)]


def is_scan(step: str) -> bool:
    """Of a table or an index; not of a list that was bound, nor of what another step has found."""
    return step.startswith("SCAN") and not any(word in step for word in ("VIRTUAL TABLE", "CONSTANT", "SCAN (subquery"))


@pytest.mark.parametrize("name", queries.WORKSPACE)
def test_workspace_query(name: str) -> None:
    sql = queries.WORKSPACE[name]
    steps = [] if sql.startswith("pragma") else plan(in_memory(), sql)
    scans = [step for step in steps if is_scan(step)]
    assert not scans or name in SCANS_ON_PURPOSE | {"blocks_that_may_hold"}, scans
    assert f'"{name}"' in SOURCES, "nobody asks this"


def test_looking_for_a_profile_opens_no_block_that_cannot_hold_it() -> None:
    steps = plan(in_memory(), queries.WORKSPACE["blocks_that_may_hold"])
    assert "SEARCH transitions USING INDEX transitions_one (low=?)" in steps
    assert "SCAN transitions USING INDEX transitions_many" in steps


def test_event_heads_are_read_from_an_index_alone_and_in_its_order() -> None:
    steps = plan(in_memory(), queries.WORKSPACE["event_heads"])
    assert any("USING COVERING INDEX events_nid (nid=? AND (at,pid)>" in step for step in steps), steps
    assert not any("TEMP B-TREE" in step for step in steps)


@pytest.mark.parametrize("name", queries.CONTROL)
def test_control_query(name: str) -> None:
    plan(control(), queries.CONTROL[name])
    assert f'"{name}"' in SOURCES, "nobody asks this"


def test_a_file_of_queries() -> None:
    text = "-- about it\n\n-- name: one\nselect 1;\n\n-- of two\n-- name: two\nselect\n  2;\n"
    assert dict(queries.parse(text)) == {"one": "select 1", "two": "select\n  2"}
    with pytest.raises(ValueError, match="called one"):
        queries.parse("-- name: one\nselect 1;\n-- name: one\nselect 2;\n")
