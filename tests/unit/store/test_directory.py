"""One process at a time has a data directory open; the second is told who the first is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from coterie.errors import DataDirectoryBusy, InvalidInput, StoreError
from coterie.store.directory import DirectoryLock, control_path, find_holder, lock_path, prepare, workspace_path
from tests.unit.store.samples import NOW

HOLD = """
import sys, time
from pathlib import Path
from coterie.store.directory import DirectoryLock
lock = DirectoryLock.take(Path(sys.argv[1]), command="coterie serve --data somewhere", now=1772357400000)
lock.announce("http://127.0.0.1:8080")
print("held", flush=True)
time.sleep(60)
"""


def test_the_layout(tmp_path: Path) -> None:
    data = tmp_path / "deep" / "data"
    prepare(data)
    prepare(data)
    assert data.stat().st_mode & 0o777 == 0o700
    assert (data / "workspaces").is_dir()
    assert control_path(data) == data / "control.sqlite"
    assert workspace_path(data, "default") == data / "workspaces" / "default.sqlite"


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", "A", "-a", "a.b", "x" * 64, "é", "a\n"])
def test_a_workspace_name_is_safe_as_a_file_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput):
        workspace_path(tmp_path, name)


def test_a_second_process_learns_which_one_is_first(tmp_path: Path) -> None:
    first = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(DataDirectoryBusy) as caught:
            DirectoryLock.take(tmp_path, command="coterie check", now=NOW)
        message = caught.value.message
        assert f"process {first.pid} " in message
        assert "`coterie serve --data somewhere`" in message
        assert "since 2026-03-01T09:30:00.000Z" in message
        assert "at http://127.0.0.1:8080" in message
        assert caught.value.hint
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    DirectoryLock.take(tmp_path, command="coterie check", now=NOW).release()  # the crash has let go


def test_the_same_process_is_refused_too_until_it_releases_the_lock(tmp_path: Path) -> None:
    lock = DirectoryLock.take(tmp_path, command="notebook", now=NOW)
    with pytest.raises(DataDirectoryBusy, match="this same process"):
        DirectoryLock.take(tmp_path, command="notebook", now=NOW)
    assert json.loads(lock_path(tmp_path).read_text())["process"] == os.getpid()
    lock.release()
    lock.release()
    assert find_holder(tmp_path) is None
    with pytest.raises(StoreError, match="released"):
        lock.announce("http://x")
    DirectoryLock.take(tmp_path, command="notebook", now=NOW).release()


def test_a_longer_entry_of_an_earlier_holder_leaves_no_tail(tmp_path: Path) -> None:
    lock_path(tmp_path).write_text("{" + "x" * 500)
    lock = DirectoryLock.take(tmp_path, command="c", now=NOW)
    assert find_holder(tmp_path) == lock.holder
    lock.release()


def test_a_lock_file_caught_half_written_still_gives_a_clear_error(tmp_path: Path) -> None:
    lock = DirectoryLock.take(tmp_path, command="c", now=NOW)
    lock_path(tmp_path).write_text("{")
    with pytest.raises(DataDirectoryBusy, match="another process"):
        DirectoryLock.take(tmp_path, command="d", now=NOW)
    lock.release()


def test_a_directory_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        DirectoryLock.take(tmp_path / "file" / "data", command="c", now=NOW)
    with pytest.raises(StoreError, match="cannot be made"):
        DirectoryLock.take(tmp_path / "file", command="c", now=NOW)
