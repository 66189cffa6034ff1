"""`coterie check`."""

from __future__ import annotations

import apsw

import coterie
from coterie.live.system_segments import system_segments
from coterie.store.directory import workspace_path
from tests.unit.cli.running import PLAN_IS_PRO, Shell

SEGMENTS = 1 + len(system_segments())


def test_a_sound_directory_is_said_to_be_sound(shell: Shell) -> None:
    shell("segments", "create", "Pro", PLAN_IS_PRO)
    output = shell("check", str(shell.data))
    assert output.out.splitlines()[1].split() == ["default", "3", str(SEGMENTS), "2", "0"]
    assert output.out.splitlines()[-1] == "Sound."
    assert shell("check", "--json").json() == {
        "sound": True, "workspaces": {"default": {"profiles": 3, "segments": SEGMENTS, "transitions": 2, "faults": []}},
    }  # fmt: skip


def test_every_workspace_is_checked(shell: Shell) -> None:
    with coterie.open(shell.data, workspace="second"):
        pass
    assert set(shell("check", "--json").json()["workspaces"]) == {"default", "second"}


def test_a_directory_with_a_hole_in_its_history_is_not_sound(shell: Shell) -> None:
    shell("segments", "create", "Pro", PLAN_IS_PRO)
    shell("segments", "create", "Pro too", PLAN_IS_PRO)
    connection = apsw.Connection(str(workspace_path(shell.data, "default")))
    connection.execute("DELETE FROM transitions WHERE first_sequence = 1")
    connection.close()
    output = shell("check", code=1)
    assert output.out.splitlines()[-1].endswith("faults.")
    answer = shell("check", "--json", code=1).json()
    assert answer["sound"] is False
    assert any("Transition 1 should follow" in fault for fault in answer["workspaces"]["default"]["faults"])


def test_a_workspace_whose_file_is_gone_is_damage_and_not_an_empty_workspace(shell: Shell) -> None:
    path = workspace_path(shell.data, "default")
    path.unlink()
    assert "The file of workspace default is missing" in shell("check", code=3).err
    assert not path.exists()


def test_what_the_engine_logs_is_kept_out_of_the_answer(shell: Shell) -> None:
    shell("segments", "create", "Pro", PLAN_IS_PRO)
    connection = apsw.Connection(str(workspace_path(shell.data, "default")))
    connection.execute(
        """UPDATE profiles SET document = CAST('{"plan":"free"}' AS BLOB)"""
    )  # so that opening has to correct
    connection.close()
    output = shell("preview", PLAN_IS_PRO, "--json")
    assert output.json()["count"] == 0
    assert "membership_corrected" in output.err
