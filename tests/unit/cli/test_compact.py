"""`coterie compact`."""

from __future__ import annotations

from pathlib import Path

import coterie
from coterie.model import EventInput, ProfileRef
from tests.unit.cli.running import Shell

SECRET = "a secret that nobody else has"


def files_with(data: Path, text: str) -> list[str]:
    return [file.name for file in data.rglob("*") if file.is_file() and text.encode() in file.read_bytes()]


def test_what_was_deleted_is_in_no_file_any_more(shell: Shell) -> None:
    with coterie.open(shell.data) as workspace:
        ada = workspace.profiles.get(external_id="c-1").id
        sent = [EventInput("note", ProfileRef(id=ada), properties={"text": f"{SECRET} {n}"}) for n in range(2_000)]
        workspace.events.put_many(sent)
        assert files_with(shell.data, SECRET)
        workspace.profiles.delete(ada, erase=True)
    sizes = shell("compact", "--json").json()["default"]
    assert sizes["after"] < sizes["before"]
    assert files_with(shell.data, SECRET) == []
    assert files_with(shell.data, "ada@example.com") == []
    assert shell("check").out.endswith("Sound.\n")
    assert "MB after" in shell("compact").out


def test_a_directory_that_is_not_there_is_not_made(empty: Shell) -> None:
    shell_said = empty("compact", code=1)
    assert "There is no Coterie data directory" in shell_said.err
    assert not empty.data.exists()
