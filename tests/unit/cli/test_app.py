"""Help, errors and exit codes: what all commands share."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import coterie
from coterie.cli import app
from coterie.cli.exits import MEANINGS, Exit, exit_for
from coterie.errors import CoterieError, DataDirectoryBusy, InvalidRule, NotFound, SegmentInUse
from coterie.store.control import Control
from coterie.store.directory import control_path
from tests.unit.cli.running import Shell


def commands(command: Any, name: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for child_name, child in getattr(command, "commands", {}).items():
        if getattr(child, "commands", None):
            yield from commands(child, (*name, child_name))
        else:
            yield (*name, child_name), child


EVERY = dict(commands(typer.main.get_command(app)))


def test_the_commands_are_those_that_were_promised() -> None:
    promised = ("serve", "demo", "import", "export", "preview", "segments", "keys", "check", "compact")
    assert {name[0] for name in EVERY} == set(promised)
    listed = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "120"}).stdout
    places = [listed.index(f"│ {name} ") for name in promised]
    assert places == sorted(places)


@pytest.mark.parametrize("name", EVERY, ids=" ".join)
def test_every_command_explains_itself_with_an_example(name: tuple[str, ...]) -> None:
    examples = inspect.cleandoc(EVERY[name].help).partition("```\n")[2].partition("```")[0].splitlines()
    assert any(f"coterie {' '.join(name)}" in line for line in examples)
    assert all(parameter.help for parameter in EVERY[name].params), [
        parameter.name for parameter in EVERY[name].params if not parameter.help
    ]
    result = CliRunner().invoke(app, [*name, "--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    lines = {line.strip() for line in result.stdout.splitlines()}
    assert lines.issuperset(examples)  # each on a line of its own


def test_the_exit_codes_are_in_the_help() -> None:
    help_ = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).stdout
    for code, meaning in MEANINGS.items():
        assert f"{int(code)}: {meaning.split('`')[0].strip()}" in help_


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidRule("x"), Exit.USAGE),
        (NotFound("x"), Exit.NO),
        (SegmentInUse("x", users=()), Exit.NO),
        (DataDirectoryBusy("x"), Exit.DATA),
        (CoterieError("x"), Exit.NO),
    ],
)
def test_each_error_has_its_exit_code(error: CoterieError, code: Exit) -> None:
    assert exit_for(error) is code


def test_the_version_is_the_package_s(empty: Shell) -> None:
    assert empty("--version").out == f"coterie {coterie.__version__}\n"


def test_a_directory_that_is_not_there_is_not_made_by_asking(empty: Shell) -> None:
    for words in (["check"], ["preview", "{}"], ["export", "profiles"], ["segments", "list"], ["keys", "list"]):
        assert "There is no Coterie data directory" in empty(*words, code=1).err
    assert not empty.data.exists()


def test_a_workspace_that_is_not_there_is_not_made_by_asking(shell: Shell) -> None:
    assert "There is no workspace nobody" in shell("segments", "list", "--workspace", "nobody", code=1).err
    assert shell("check", "--json").json()["workspaces"].keys() == {"default"}


def test_a_busy_directory_names_who_has_it(shell: Shell) -> None:
    with coterie.open(shell.data):
        output = shell("segments", "list", code=3)
    assert "is in use by" in output.err
    assert "hint" in output.err


def test_a_damaged_directory_is_said_to_be(shell: Shell) -> None:
    control_path(shell.data).write_bytes(b"not a database, by any means" * 100)
    assert shell("check", code=3).err.startswith("Error: ")


def test_with_json_an_error_is_json_too(shell: Shell) -> None:
    output = shell("segments", "show", "Nobody", "--json", code=1)
    assert output.out == ""
    assert json.loads(output.err)["error"]["code"] == "not_found"


def test_with_debug_the_error_itself_comes_through(shell: Shell) -> None:
    result = CliRunner().invoke(app, ["--debug", "segments", "show", "Nobody", "--data", str(shell.data)])
    assert isinstance(result.exception, NotFound)


def test_a_fault_of_our_own_is_a_sentence_and_a_code_of_its_own(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Control, workspace: str | None = None) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(Control, "keys", broken)
    output = shell("keys", "list", code=70)
    assert "ZeroDivisionError: oh" in output.err
    assert "--debug" in output.err


def test_wrong_usage_is_2(shell: Shell) -> None:
    shell("preview", code=2)
    shell("nonsense", code=2)
    shell("segments", "list", "--nonsense", code=2)
    shell("serve", "--port", "many", code=2)


def test_what_is_in_the_data_is_never_read_as_markup(shell: Shell) -> None:
    name = "[red]not red[/red] [link=x] :smile:"
    shell("segments", "create", name, '{"property": "plan", "operator": "equals", "value": "[bold]"}')
    assert name in shell("segments", "list").out
    assert name in shell("segments", "show", name).out
    assert "[bold]" in shell("segments", "list").out


def test_each_wrong_setting_in_the_environment_is_named(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COTERIE_BATCH_ROWS_MAX", "many")
    monkeypatch.setenv("COTERIE_LOG_LEVEL", "loud")
    output = shell("check", code=2).err
    assert "COTERIE_BATCH_ROWS_MAX is wrong" in output
    assert "COTERIE_LOG_LEVEL is wrong" in output
    assert "pydantic" not in output
    monkeypatch.delenv("COTERIE_BATCH_ROWS_MAX")
    monkeypatch.setenv("COTERIE_LOG_LEVEL", "INFO")
    shell("check")
