"""The seven segments that every workspace has."""

from __future__ import annotations

from pathlib import Path

import pytest

from coterie.clock import ManualClock
from coterie.errors import CoterieError
from coterie.live.system_segments import missing_segments, system_segments
from coterie.model import Origin, SegmentKind
from coterie.rules.build import prop
from coterie.rules.values import Instant
from coterie.rules.walk import properties, segments
from coterie.workspace import Workspace

PRESETS = (
    "churn-risk", "product-champions", "biggest-opportunity", "happy-users", "unhappy-users",
    "safety-concerns", "feature-gaps",
)  # fmt: skip


def opened(path: Path) -> Workspace:
    return Workspace(path, clock=ManualClock(Instant(1_772_532_000_000)))


def presets(workspace: Workspace) -> list[object]:
    system = workspace.segments.list(kind=SegmentKind.SYSTEM).items
    return [one.origin.document["preset_id"] for one in system if one.origin is not None]


def test_the_file_says_all_that_there_is_to_say() -> None:
    assert tuple(one.preset_id for one in system_segments()) == PRESETS
    for one in system_segments():
        assert one.name
        assert one.description.endswith(".")
        assert not properties(one.rule.rule)
        assert not segments(one.rule.rule)


def test_those_are_missing_that_have_no_segment_of_that_origin() -> None:
    origins = [None, Origin("greenflash", {"preset_id": "churn-risk"}), Origin("system", {"preset_id": "happy-users"})]
    assert [one.preset_id for one in missing_segments(origins)] == [one for one in PRESETS if one != "happy-users"]


def test_they_are_made_once_and_stay(tmp_path: Path) -> None:
    with opened(tmp_path / "w.db") as workspace:
        made = workspace.segments.list(kind=SegmentKind.SYSTEM).items
        assert presets(workspace) == list(PRESETS)
    with opened(tmp_path / "w.db") as workspace:
        assert workspace.segments.list(kind=SegmentKind.SYSTEM).items == made


def test_they_are_among_no_others(tmp_path: Path) -> None:
    with opened(tmp_path / "w.db") as workspace:
        mine = workspace.segments.create("Pro", prop("plan") == "pro")
        page = workspace.segments.list()
        assert ([one.id for one in page.items], page.total) == ([mine.id], 1)


def test_they_are_neither_changed_nor_deleted(tmp_path: Path) -> None:
    with opened(tmp_path / "w.db") as workspace:
        one = workspace.segments.list(kind=SegmentKind.SYSTEM).items[0]
        with pytest.raises(CoterieError):
            workspace.segments.update(one.id, name="Mine")
        with pytest.raises(CoterieError):
            workspace.segments.delete(one.id)
        assert workspace.segments.get(one.id) == one
