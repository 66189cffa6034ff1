"""`coterie import events`."""

from __future__ import annotations

import json

import coterie
from tests.unit.cli.running import Shell

ORDERS = "Customer,Date,Total\nc-1,2026-03-01,50\nc-1,2026-03-02,70\nc-9,2026-03-02,10\n"
AS_ORDERS = ("--name", "order_placed", "--map", "Customer=external_id", "--map", "Date=at", "--map", "Total=total")


def test_events_go_in_and_make_their_profiles_and_a_second_run_stores_what_is_new(shell: Shell) -> None:
    file = shell.file("orders.csv", ORDERS)
    output = shell("import", "events", file, *AS_ORDERS)
    assert output.out == "stored 3 duplicate 0 refused 0\n"
    assert any("Date" in line and "at" in line for line in output.err.splitlines())
    assert any(
        all(word in line for word in ("Total", "property 'total'", "number")) for line in output.err.splitlines()
    )
    assert shell("import", "events", file, *AS_ORDERS).out == "stored 0 duplicate 3 refused 0\n"
    shell.file("orders.csv", ORDERS + "c-9,2026-03-03,20\n")
    assert shell("import", "events", file, *AS_ORDERS, "--json").json() == {
        "rows": 4, "stored": 1, "duplicate": 3, "refused": 0, "interrupted": False, "remarks": [],
    }  # fmt: skip
    with coterie.open(shell.data) as workspace:
        c9 = workspace.profiles.get(external_id="c-9")
        timeline = workspace.events.timeline(c9.id).items
        assert [(event.name, event.at.iso()[:10], dict(event.properties)) for event in timeline] == [
            ("order_placed", "2026-03-03", {"total": 20.0}),
            ("order_placed", "2026-03-02", {"total": 10.0}),
        ]
        assert workspace.counts()["profiles"] == 4


def test_a_bad_row_is_told_by_the_column_as_the_file_calls_it(shell: Shell) -> None:
    file = shell.file("orders.csv", ORDERS + "c-1,soon,5\nc-1,2026-03-04,x\n,2026-03-04,5\n")
    output = shell("import", "events", file, *AS_ORDERS, "--type", "Total=number", "--json", code=1)
    assert [(row["line"], row["column"]) for row in map(json.loads, output.err.splitlines())] == [
        (5, "Date"), (6, "Total"), (7, None),
    ]  # fmt: skip
    output = shell("import", "events", file, *AS_ORDERS, "--at-format", "%Y-%m-%d", code=1)
    assert "line 5, column 'Date': 'soon' is not written as %Y-%m-%d" in output.err


def test_what_comes_on_standard_input_needs_a_source(shell: Shell) -> None:
    line = b'{"name": "e", "external_id": "c-1"}\n'
    words = ("import", "events", "-", "--format", "ndjson")
    assert "--source" in shell(*words, stdin=line, code=2).err
    assert shell(*words, "--source", "log", stdin=line).out == "stored 1 duplicate 0 refused 0\n"
    assert shell(*words, "--source", "log", stdin=line).out == "stored 0 duplicate 1 refused 0\n"
    assert shell(*words, "--source", "another", stdin=line).out == "stored 1 duplicate 0 refused 0\n"


def test_a_property_keeps_the_kind_it_has_in_the_workspace(shell: Shell) -> None:
    shell("import", "events", shell.file("a.csv", "email,at,code\na@example.com,2026-03-01,0x\n"), "--name", "e")
    output = shell(
        "import", "events", shell.file("b.csv", "email,at,code\na@example.com,2026-03-02,12\n"), "--name", "e"
    )
    assert any(
        all(word in line for word in ("code", "text", "as in the workspace")) for line in output.err.splitlines()
    )
