"""Organizations: made, changed, found, listed, and there after a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coterie.clock import ManualClock
from coterie.errors import InvalidInput, LimitExceeded, NotFound
from coterie.rules.values import Instant
from coterie.workspace import Workspace

START = Instant(1_772_532_000_000)


def opened(path: Path, clock: ManualClock | None = None) -> Workspace:
    return Workspace(path, clock=clock or ManualClock(START))


def test_what_is_not_sent_stays_and_none_removes(tmp_path: Path) -> None:
    clock = ManualClock(START)
    with opened(tmp_path / "w.db", clock) as workspace:
        made = workspace.organizations.put("acme", name="Acme", properties={"a": [1, {"b": None}], "c": 2})
        assert (made.name, made.properties, made.created_at) == ("Acme", {"a": [1, {"b": None}], "c": 2}, START)
        clock.advance(1_000)
        assert workspace.organizations.put("acme") == made
        changed = workspace.organizations.put("acme", name=None, properties={"c": None, "d": "x"})
        assert (changed.id, changed.name, changed.properties) == (made.id, None, {"a": [1, {"b": None}], "d": "x"})
        assert (changed.created_at, changed.updated_at) == (START, START + 1_000)


def test_one_is_found_by_either_id_and_all_are_listed_oldest_first(tmp_path: Path) -> None:
    with opened(tmp_path / "w.db") as workspace:
        made = [workspace.organizations.put(name) for name in ("c", "a", "b")]
        assert workspace.organizations.get(made[0].id) == workspace.organizations.get(external_id="c") == made[0]
        page = workspace.organizations.list(offset=1, limit=1)
        assert (page.items, page.total) == ((made[1],), 3)
        for unknown in ({"external_id": "d"}, {"organization_id": "c"}, {"external_id": "\ud800"}):
            with pytest.raises(NotFound):
                workspace.organizations.get(**unknown)
        with pytest.raises(InvalidInput):
            workspace.organizations.get()
    with opened(tmp_path / "w.db") as again:
        assert again.organizations.list().items == tuple(made)


@pytest.mark.parametrize(
    ("external_id", "more", "error", "path"),
    [
        ("", {}, InvalidInput, ("external_id",)),
        ("a\0", {}, InvalidInput, ("external_id",)),
        ("x" * 256, {}, LimitExceeded, ("external_id",)),
        ("x", {"name": "\ud800"}, InvalidInput, ("name",)),
        ("x", {"properties": {"a": 2**70}}, InvalidInput, ("properties",)),
        ("x", {"properties": {"a": "x" * 70_000}}, LimitExceeded, ("properties",)),
    ],
)
def test_what_is_refused_is_not_stored(
    tmp_path: Path, external_id: str, more: Any, error: type[InvalidInput], path: tuple[str, ...]
) -> None:
    with opened(tmp_path / "w.db") as workspace:
        with pytest.raises(error) as caught:
            workspace.organizations.put(external_id, **more)
        assert caught.value.path == path
        assert workspace.organizations.list().total == 0


def test_writing_one_moves_nobody(tmp_path: Path) -> None:
    with opened(tmp_path / "w.db") as workspace:
        workspace.organizations.put("acme")
        assert workspace.transitions.list().items == ()
        assert workspace.check().faults == ()
