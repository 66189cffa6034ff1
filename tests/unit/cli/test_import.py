"""`coterie import profiles`.

It is long because it has the whole report of each import, as a person reads it.
"""

from __future__ import annotations

import errno
import gzip
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import coterie
from coterie.importing import run as importing
from coterie.importing.opening import Source
from coterie.workspace.profiles import Profiles
from tests.unit.cli.conftest import PEOPLE
from tests.unit.cli.running import Shell


def test_people_go_in_and_a_second_run_changes_nothing_and_says_so(empty: Shell) -> None:
    file = empty.file("people.csv", PEOPLE)
    assert empty("import", "profiles", file).out == "created 3 updated 0 unchanged 0 refused 0\n"
    assert empty("import", "profiles", file).out == "created 0 updated 0 unchanged 3 refused 0\n"
    with coterie.open(empty.data) as workspace:
        ada = workspace.profiles.get(external_id="c-1")
        assert ada.email == "ada@example.com"
        assert dict(ada.properties) == {
            "plan": "pro",
            "mrr": 250.0,
            "tags": ("beta",),
            "signed_up_at": ada.properties["signed_up_at"],
        }
        assert "mrr" not in workspace.profiles.get(external_id="c-2").properties


def test_how_each_column_is_read_is_said_before_it_starts(empty: Shell) -> None:
    output = empty("import", "profiles", empty.file("people.csv", PEOPLE))
    for words in (("mrr", "property 'mrr'", "number", "from the first 3 rows"), ("email", "email")):
        assert any(all(word in line for word in words) for line in output.err.splitlines()), output.err


def test_every_bad_row_is_reported_by_line_column_and_reason_and_the_good_ones_go_in(empty: Shell) -> None:
    file = empty.file(
        "people.csv",
        'external_id,email,note,mrr\na,a@example.com,"two\nlines",1\nb,not an email,x,2\n'
        "c,c@example.com\n,,nobody,3\nd,d@example.com,x,4\n",
    )
    output = empty("import", "profiles", file, code=1)
    assert output.out == "created 2 updated 0 unchanged 0 refused 3\n"
    assert "line 4, column 'email': This is not an email address." in output.err
    assert "line 5: has 2 cells, the header has 4" in output.err
    assert "line 6: has neither an external id nor an email" in output.err
    again = empty("import", "profiles", file, "--json", code=1)
    assert again.json() == {
        "rows": 5,
        "created": 0,
        "claimed": 0,
        "updated": 0,
        "unchanged": 2,
        "refused": 3,
        "interrupted": False,
        "remarks": [],
    }
    assert [json.loads(line)["line"] for line in again.err.splitlines()] == [4, 5, 6]


def test_bad_rows_are_written_to_a_file_when_asked(empty: Shell, tmp_path: Path) -> None:
    rows = "".join(f"c-{n},nobody\n" for n in range(50))
    file, errors = empty.file("people.csv", f"external_id,email\n{rows}"), tmp_path / "bad.ndjson"
    output = empty("import", "profiles", file, "--errors", str(errors), code=1)
    bad_rows = [json.loads(line) for line in errors.read_text().splitlines()]
    assert [row["line"] for row in bad_rows] == list(range(2, 52))
    assert bad_rows[0]["column"] == "email"
    assert bad_rows[0]["reason"] == "This is not an email address."
    assert "50 bad rows are in" in output.err
    assert output.err.count("column 'email'") == 20  # the first ones are told on the terminal too


def test_a_column_that_was_renamed_is_named_as_in_the_file(empty: Shell) -> None:
    file = empty.file("people.csv", "Kunde,Post,Umsatz\n7,nobody,x\n")
    output = empty(
        "import",
        "profiles",
        file,
        "--map",
        "Kunde=external_id",
        "--map",
        "Post=email",
        "--map",
        "Umsatz=revenue",
        "--type",
        "Umsatz=number",
        code=1,
    )
    assert "line 2, column 'Umsatz': 'x' is not a number" in output.err
    output = empty("import", "profiles", file, "--map", "Kunde=external_id", "--map", "Post=email", code=1)
    assert "line 2, column 'Post': This is not an email address." in output.err


def test_the_reason_and_the_advice_are_two_sentences(empty: Shell) -> None:
    rows = "".join(f"c-{n},{n}\n" for n in range(1_000))
    output = empty("import", "profiles", empty.file("people.csv", f"external_id,mrr\n{rows}x,n/a\n"), code=1)
    assert (
        "(the column is read as number: from the first 1,000 rows). To read it as text: --type 'mrr=text'."
        in output.err
    )
    output = empty("import", "profiles", empty.file("more.csv", "email\nx\n"), code=1)
    assert ".." not in output.err


def test_a_column_that_one_cell_makes_text_is_remarked_on(empty: Shell) -> None:
    rows = "".join(f"c-{n},{'n/a' if n == 15 else n}\n" for n in range(1_000))
    file = empty.file("people.csv", f"external_id,mrr\n{rows}")
    remark = (
        "mrr: 999 of 1,000 values look like numbers; line 17 ('n/a') does not, so the column is text. "
        "To refuse such rows instead: --type mrr=number"
    )
    assert f"\n{remark}\n" in empty("import", "profiles", file).err
    assert empty("import", "profiles", file, "--quiet").err == ""
    assert empty("import", "profiles", file, "--json", "--workspace", "other").json()["remarks"] == [remark]
    output = empty("import", "profiles", file, "--workspace", "third", "--type", "mrr=number", code=1)
    assert "look like" not in output.err
    assert output.out == "created 999 updated 0 unchanged 0 refused 1\n"


@pytest.fixture
def interrupted_in_second_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of two rows. While the second is being stored, Ctrl-C is pressed."""
    put, batches = Profiles.put_many, []

    def pressed(self: Profiles, profiles: Any) -> Any:
        batches.append(len(profiles))
        if len(batches) == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return put(self, profiles)

    monkeypatch.setattr(importing, "BATCH_ROWS", 2)
    monkeypatch.setattr(Profiles, "put_many", pressed)


FIVE = "external_id,email\na,a@example.com\nb,nobody\nc,\nd,\ne,\n"


@pytest.mark.usefixtures("interrupted_in_second_batch")
def test_ctrl_c_stores_the_batch_under_way_and_says_how_many_are_in(empty: Shell) -> None:
    output = empty("import", "profiles", empty.file("people.csv", FIVE), code=130)
    assert output.out == ""
    assert "Interrupted. So far: created 3 updated 0 unchanged 0 refused 1. That is stored" in output.err
    with coterie.open(empty.data) as workspace:
        assert workspace.counts()["profiles"] == 3


@pytest.mark.usefixtures("interrupted_in_second_batch")
def test_ctrl_c_leaves_a_report_for_scripts_and_the_bad_rows_in_their_file(empty: Shell, tmp_path: Path) -> None:
    errors = tmp_path / "bad.ndjson"
    output = empty("import", "profiles", empty.file("people.csv", FIVE), "--json", "--errors", str(errors), code=130)
    assert output.json() == {
        "rows": 4,
        "created": 3,
        "claimed": 0,
        "updated": 0,
        "unchanged": 0,
        "refused": 1,
        "interrupted": True,
        "remarks": [],
    }
    assert [json.loads(line)["line"] for line in errors.read_text().splitlines()] == [3]


def test_ctrl_c_while_the_file_is_read_waits_for_nothing(empty: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def pressed(source: Source, plan: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("coterie.cli.commands.import_.READERS", {"csv": pressed})
    before = signal.getsignal(signal.SIGINT)
    output = empty("import", "profiles", empty.file("people.csv", FIVE), "--quiet", code=130)
    assert "So far: created 0 updated 0 unchanged 0 refused 0." in output.err
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_while_the_program_loads_shows_no_traceback() -> None:
    """Pressed while the commands are imported: at the first module that only they need."""
    loading = (
        "import builtins, os, signal, coterie; real = builtins.__import__\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # the parent may ignore it\n"
        "def pressed(name, *rest):\n"
        "    if name == 'typer': os.kill(os.getpid(), signal.SIGINT)\n"
        "    return real(name, *rest)\n"
        "builtins.__import__ = pressed\n"
        "from coterie.cli import main\n"
        "main()"
    )
    ended = subprocess.run([sys.executable, "-c", loading], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_an_empty_cell_leaves_alone_or_removes(shell: Shell) -> None:
    file = shell.file("change.csv", "external_id,mrr\nc-1,\n")
    assert "unchanged 1" in shell("import", "profiles", file).out
    assert "updated 1" in shell("import", "profiles", file, "--empty", "null").out


def test_a_declared_property_is_read_as_declared_and_what_does_not_fit_is_refused(empty: Shell) -> None:
    with coterie.open(empty.data) as workspace:
        workspace.properties.declare("zip", coterie.Kind.TEXT)
        workspace.properties.declare("born", coterie.Kind.TIME)
    file = empty.file("people.csv", "email,zip,born\na@example.com,12345,2001-02-03\nb@example.com,1,yesterday\n")
    output = empty("import", "profiles", file, code=1)
    assert (
        "line 3, column 'born': 'yesterday' is not an ISO 8601 date or time (the column is read as time: declared)"
        in output.err
    )
    with coterie.open(empty.data) as workspace:
        assert workspace.profiles.get(email="a@example.com").properties["zip"] == "12345"


def test_a_property_keeps_the_kind_it_has_in_the_workspace(shell: Shell) -> None:
    shell("import", "profiles", shell.file("more.csv", "external_id,plan\nc-9,2026\n"))
    with coterie.open(shell.data) as workspace:
        assert workspace.profiles.get(external_id="c-9").properties == {"plan": "2026"}


def test_ndjson_and_standard_input(empty: Shell) -> None:
    lines = (
        '{"external_id": "a", "plan": "pro", "n": 9007199254740993}\n'
        '{"external_id": "b", "seen": {"time": "2026-03-01T00:00:00Z"}}\n'
    )
    output = empty("import", "profiles", "-", "--format", "ndjson", stdin=lines, code=1)
    assert output.out == "created 1 updated 0 unchanged 0 refused 1\n"
    assert "line 1, column 'n':" in output.err
    packed = gzip.compress(lines.encode())
    output = empty("import", "profiles", "-", "--format", "ndjson", stdin=packed, code=1)
    assert output.out == "created 0 updated 0 unchanged 1 refused 1\n"


def forbidden(*_: object) -> None:
    raise PermissionError(errno.EACCES, "Permission denied")


def test_what_cannot_be_meant_is_wrong_usage_and_stores_nothing(empty: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        "No column is the external id or the email"
        in empty("import", "profiles", empty.file("a.csv", "name\nAda\n"), code=2).err
    )
    file = empty.file("c.csv", PEOPLE)
    with monkeypatch.context() as locked:
        locked.setattr(Path, "open", forbidden)
        assert "cannot be read: Permission denied" in empty("import", "profiles", file, code=2).err
    assert "There is no file nobody.csv" in empty("import", "profiles", "nobody.csv", code=2).err
    assert "does not say its format" in empty("import", "profiles", empty.file("people", PEOPLE), code=2).err
    assert (
        "--delimiter is one character"
        in empty("import", "profiles", empty.file("b.csv", PEOPLE), "--delimiter", "ab", code=2).err
    )
    assert (
        "cannot be written"
        in empty("import", "profiles", empty.file("c.csv", PEOPLE), "--errors", "/no/such/dir/x", code=2).err
    )
    assert (
        "invalid" in empty("import", "profiles", empty.file("d.csv", PEOPLE), "--empty", "perhaps", code=2).err.lower()
    )
    with coterie.open(empty.data) as workspace:
        assert workspace.counts()["profiles"] == 0


def test_created_at_of_the_file_is_left_out_and_that_is_said(empty: Shell) -> None:
    file = empty.file("people.csv", "external_id,created_at\na,2020-01-01\n")
    output = empty("import", "profiles", file)
    assert "Left out: created_at" in output.err
    assert (
        "created 1"
        in empty(
            "import",
            "profiles",
            empty.file("b.csv", "email,created_at\nb@example.com,2020-01-01\n"),
            "--map",
            "created_at=since",
        ).out
    )


def test_quiet_says_the_outcome_only(empty: Shell) -> None:
    output = empty("import", "profiles", empty.file("people.csv", PEOPLE), "--quiet")
    assert output.err == ""


def test_an_id_from_another_workspace_gives_way_to_the_external_id(empty: Shell) -> None:
    foreign = "01990000-0000-7000-8000-000000000001"
    file = empty.file("people.csv", f"id,external_id,email\n{foreign},a,\n{foreign},,\n")
    output = empty("import", "profiles", file, code=1)
    assert output.out == "created 1 updated 0 unchanged 0 refused 1\n"
    assert f"line 3, column 'id': There is no profile {foreign}." in output.err


def test_a_known_id_finds_the_profile_whose_email_changed(shell: Shell) -> None:
    with coterie.open(shell.data) as workspace:
        grace = workspace.profiles.get(email="grace@example.com")
    shell("import", "profiles", shell.file("change.csv", f"id,email\n{grace.id},hopper@example.com\n"))
    with coterie.open(shell.data) as workspace:
        assert workspace.profiles.get(grace.id).email == "hopper@example.com"
        assert workspace.counts()["profiles"] == 3
