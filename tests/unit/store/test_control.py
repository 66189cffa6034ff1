"""Workspaces and keys."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from coterie.errors import Conflict, InvalidInput, NotFound
from coterie.model import Scope
from coterie.store.control import LAST_USED_INTERVAL, Control, StoredWorkspace
from coterie.store.directory import control_path
from tests.unit.store.samples import NOW

MAKE_A_KEY = """
import sys
from pathlib import Path
from coterie.model import Scope
from coterie.store.control import Control
Control.open(Path(sys.argv[1]), 0).create_key("default", sys.argv[2], Scope.READ, 0)
"""


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    opened = Control.open(tmp_path, NOW)
    yield opened
    opened.close()


def test_a_key_opens_its_workspace_with_its_scope(control: Control) -> None:
    key, secret = control.create_key("default", "Website", Scope.WRITE, NOW)
    assert secret.startswith("ck_")
    assert len(secret) == 46
    assert secret.isascii()
    opened = control.authenticate(secret, NOW)
    assert opened is not None
    assert (opened.id, opened.name, opened.workspace, opened.scope) == (key.id, "Website", "default", Scope.WRITE)
    assert secret.startswith(opened.prefix)
    assert len(opened.prefix) == 9


@pytest.mark.parametrize("secret", ["", "ck_", "ck_nobody", "\ud800", "a\0b", "x" * 1_000_000])
def test_other_secrets_open_nothing(control: Control, secret: str) -> None:
    control.create_key("default", "Website", Scope.WRITE, NOW)
    assert control.authenticate(secret, NOW) is None


def test_a_secret_is_not_in_the_file(control: Control, tmp_path: Path) -> None:
    _, secret = control.create_key("default", "Website", Scope.WRITE, NOW)
    control.close()
    assert secret.encode() not in control_path(tmp_path).read_bytes()


def test_two_keys_never_have_the_same_secret(control: Control) -> None:
    assert len({control.create_key("default", "k", Scope.READ, NOW)[1] for _ in range(50)}) == 50


def test_a_key_revoked_by_another_process_is_refused_by_the_next_request(control: Control, tmp_path: Path) -> None:
    key, secret = control.create_key("default", "Website", Scope.WRITE, NOW)
    assert control.authenticate(secret, NOW) is not None
    elsewhere = Control.open(tmp_path, NOW)
    revoked = elsewhere.revoke_key(key.id, NOW + 1)
    elsewhere.close()
    assert revoked.revoked_at == NOW + 1
    assert control.authenticate(secret, NOW + 2) is None
    assert control.revoke_key(key.id, NOW + 9).revoked_at == NOW + 1, "the first time counts"
    assert [key.revoked_at for key in control.keys(None)] == [NOW + 1], "it is still listed"


def test_revoking_an_unknown_key_is_an_error(control: Control) -> None:
    with pytest.raises(NotFound):
        control.revoke_key("nothing", NOW)


def test_keys_are_listed_oldest_first_and_by_workspace(control: Control) -> None:
    for name, workspace, at in (("b", "default", 5), ("a", "default", 3), ("c", "other", 4)):
        control.create_key(workspace, name, Scope.READ, at)
    assert [key.name for key in control.keys(None)] == ["a", "c", "b"]
    assert [key.name for key in control.keys("default")] == ["a", "b"]
    assert control.keys("nowhere") == []


def test_the_last_use_is_recorded_once_a_minute_at_most(control: Control) -> None:
    _, secret = control.create_key("default", "Website", Scope.WRITE, NOW)

    def noted_after(now: int) -> int | None:
        control.authenticate(secret, now)
        return control.keys()[0].last_used_at

    assert control.keys()[0].last_used_at is None
    assert noted_after(NOW) == NOW
    assert noted_after(NOW + LAST_USED_INTERVAL - 1) == NOW
    assert noted_after(NOW + LAST_USED_INTERVAL) == NOW + LAST_USED_INTERVAL
    assert noted_after(NOW - 1_000_000) == NOW + LAST_USED_INTERVAL, "a clock set back does not rewrite history"


def test_a_file_that_cannot_be_written_does_not_stop_requests(control: Control) -> None:
    _, secret = control.create_key("default", "Website", Scope.WRITE, NOW)
    control._writer.pragma("query_only", True)
    assert control.authenticate(secret, NOW) is not None
    assert control.keys()[0].last_used_at is None


def test_the_bootstrap_key_is_a_full_key_of_default_however_often_it_is_put(control: Control) -> None:
    secret = "a-secret-from-the-environment"
    first = control.put_bootstrap_key(secret, NOW)
    assert (first.workspace, first.scope) == ("default", Scope.ADMIN)
    assert control.put_bootstrap_key(secret, NOW + 1).id == first.id
    assert len(control.keys()) == 1
    opened = control.authenticate(secret, NOW)
    assert opened is not None
    assert opened.id == first.id
    assert len(first.prefix) < len(secret) / 3, "a short secret is not given away by its prefix"


def test_a_revoked_bootstrap_key_does_not_come_back_with_the_next_start(control: Control) -> None:
    key = control.put_bootstrap_key("leaked-secret", NOW)
    control.revoke_key(key.id, NOW + 1)
    assert control.put_bootstrap_key("leaked-secret", NOW + 2).revoked_at == NOW + 1
    assert control.authenticate("leaked-secret", NOW + 3) is None


def test_a_blank_or_conflicting_bootstrap_key_is_refused(control: Control) -> None:
    with pytest.raises(InvalidInput, match="blank"):
        control.put_bootstrap_key("  ", NOW)
    _, secret = control.create_key("other", "Website", Scope.ADMIN, NOW)
    with pytest.raises(Conflict, match="workspace other"):
        control.put_bootstrap_key(secret, NOW)


def test_workspaces_are_recorded_once(control: Control, tmp_path: Path) -> None:
    assert control.workspaces() == []
    control.put_workspace("default", "id-1", "UTC", NOW)
    control.put_workspace("default", "id-1", "UTC", NOW)
    control.put_workspace("acme", "id-2", "Europe/Berlin", NOW)
    default = StoredWorkspace("default", "id-1", "UTC", NOW)
    assert control.workspaces() == [StoredWorkspace("acme", "id-2", "Europe/Berlin", NOW), default]
    assert control.find_workspace("default") == default
    assert control.find_workspace("nowhere") is None
    control.close()
    again = Control.open(tmp_path, NOW)
    assert len(again.workspaces()) == 2
    again.close()


def test_processes_that_make_the_file_at_the_same_moment_all_use_the_same(tmp_path: Path) -> None:
    arguments = [[sys.executable, "-c", MAKE_A_KEY, str(tmp_path / "data"), str(number)] for number in range(4)]
    children = [subprocess.Popen(words) for words in arguments]
    assert [child.wait() for child in children] == [0, 0, 0, 0]
    control = Control.open(tmp_path / "data", NOW)
    assert sorted(key.name for key in control.keys(None)) == ["0", "1", "2", "3"]
    control.close()
