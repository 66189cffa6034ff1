"""`coterie.open`: a directory is created, locked, shared by nobody, released; errors say why."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import coterie
from coterie import prop
from coterie.clock import ManualClock
from coterie.errors import DataDirectoryBusy, InvalidInput, StoreError
from coterie.rules.values import Instant
from coterie.server import Server
from coterie.settings import Settings
from coterie.store.control import Control
from coterie.store.store import Store


def test_a_directory_is_open_once_in_a_process_and_again_after_the_close(tmp_path: Path) -> None:
    first = coterie.open(tmp_path / "data")
    first.put([{"external_id": "u1", "n": 1}])
    with pytest.raises(DataDirectoryBusy, match="this same process"):
        coterie.open(tmp_path / "data")
    assert first.count(prop("n") == 1) == 1  # the second attempt took nothing away
    first.close()
    first.close()
    with coterie.open(tmp_path / "data") as again:
        assert again.count(prop("n") == 1) == 1


def test_a_zone_is_for_good(tmp_path: Path) -> None:
    with coterie.open(tmp_path, zone="Europe/Berlin") as workspace:
        assert workspace.zone == "Europe/Berlin"
    with coterie.open(tmp_path) as workspace:
        assert workspace.zone == "Europe/Berlin"
    with pytest.raises(InvalidInput, match="Europe/Berlin"):
        coterie.open(tmp_path, zone="UTC")
    with coterie.open(tmp_path, zone="Europe/Berlin"):
        pass  # the refusal let go of the directory


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "/etc/passwd", "../UTC", "Europe", "\0"])
def test_a_zone_that_is_none_is_refused_and_leaves_the_directory_free(tmp_path: Path, zone: str) -> None:
    with pytest.raises(InvalidInput):
        coterie.open(tmp_path, workspace="other", zone=zone)
    assert not (tmp_path / "workspaces" / "other.sqlite").exists()
    coterie.open(tmp_path, workspace="other").close()


def test_a_directory_that_is_a_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StoreError, match="cannot be made"):
            coterie.open(path)
    assert (tmp_path / "file").read_text() == "not a directory"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_that_is_read_only_says_so(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o500)
    with pytest.raises(StoreError):
        coterie.open(tmp_path / "data")


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", "x" * 64, ".hidden"])
def test_a_workspace_name_that_is_no_file_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput):
        coterie.open(tmp_path, workspace=name)
    coterie.open(tmp_path).close()


def test_a_close_that_fails_still_lets_go_of_the_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = coterie.open(tmp_path)

    def broken(store: Store) -> None:
        raise StoreError("The disk failed.")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "close", broken)
        with pytest.raises(StoreError, match="The disk failed"):
            workspace.close()
    coterie.open(tmp_path).close()


def test_an_opening_that_fails_leaves_no_thread_and_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    coterie.open(tmp_path).close()
    before = threading.active_count()
    with monkeypatch.context() as patched:
        patched.setattr(Control, "put_workspace", _refuse)
        with pytest.raises(StoreError):
            coterie.open(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(Store, "write", _refuse)
        with pytest.raises(StoreError):
            coterie.open(tmp_path)
    assert threading.active_count() == before
    coterie.open(tmp_path).close()


def _refuse(*args: object) -> None:
    raise StoreError("The disk is full.")


def test_many_threads_that_ask_for_a_workspace_get_the_same_one(tmp_path: Path) -> None:
    clock = ManualClock(Instant(1_772_323_200_000))
    with Server.open(Settings(data=tmp_path), clock=clock) as server, ThreadPoolExecutor(8) as threads:
        for name in ("one", "two"):
            got = list(threads.map(server.make_workspace, [name] * 8))
            assert len(set(map(id, got))) == 1
        assert sorted(server.workspaces()) == ["default", "one", "two"]


def test_workspaces_whose_control_file_was_lost_are_taken_in_again(tmp_path: Path) -> None:
    with Server.open(Settings(data=tmp_path, zone="Asia/Tokyo")) as server:
        ids = [server.make_workspace(name).id for name in ("default", "other")]
    for lost in tmp_path.glob("control.sqlite*"):
        lost.unlink()
    with Server.open(Settings(data=tmp_path)) as server:
        assert [server.workspace(name).id for name in ("default", "other")] == ids
        assert server.workspace("other").zone == "Asia/Tokyo"
        assert server.control.keys() == []


def test_a_closed_server_opens_nothing_any_more(tmp_path: Path) -> None:
    server = Server.open(Settings(data=tmp_path))
    server.close()
    for ask in (
        lambda: server.workspace("default"),
        lambda: server.make_workspace("new"),
        lambda: server.authenticate("x"),
    ):
        with pytest.raises(StoreError):
            ask()
    server.close()
    coterie.open(tmp_path).close()


def test_a_batch_of_dicts_is_put_row_by_row(tmp_path: Path) -> None:
    with coterie.open(tmp_path) as workspace:
        report = workspace.put(
            [{"external_id": "u1", "n": 1}, {"n": 2}, {"external_id": "u1", "n": 1}, {"email": "no"}]
        )
        assert (report.created, report.unchanged, [place for place, _ in report.refused]) == (1, 1, [1, 3])
