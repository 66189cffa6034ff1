"""`coterie segments`."""

from __future__ import annotations

import json

from tests.unit.cli.running import PLAN_IS_PRO, Shell


def test_a_segment_is_made_listed_shown_and_deleted(shell: Shell) -> None:
    output = shell("segments", "create", "Pro", PLAN_IS_PRO, "--description", "They pay")
    assert output.err == "Segment 'Pro' is made, with 2 members.\n"
    assert shell("segments", "list").out.splitlines()[1].split() == ["2", "Pro", "dynamic", "plan", "is", "pro"]
    listed = shell("segments", "list", "--json").json()
    assert listed[0]["rule"] == json.loads(PLAN_IS_PRO)
    assert listed[0]["sentence"] == "plan is pro"
    details = shell("segments", "show", "Pro")
    assert "They pay" in details.out
    assert '"operator": "equals"' in details.out
    assert shell("segments", "show", listed[0]["id"], "--json").json()["member_count"] == 2
    shell("segments", "delete", "Pro")
    assert shell("segments", "list", "--json").json() == []
    assert "There are no segments yet" in shell("segments", "list").err


def test_a_static_segment_is_filled_by_hand(shell: Shell) -> None:
    shell("segments", "create", "Beta", "--static")
    assert shell("segments", "add", "Beta", "c-1", "grace@example.com").err == "2 put in; 'Beta' has 2 members.\n"
    assert shell("segments", "add", "Beta", "c-1").err == "0 put in; 'Beta' has 2 members.\n"
    assert shell("segments", "remove", "Beta", "c-1").err == "1 taken out; 'Beta' has 1 members.\n"
    assert "There is no profile c-99" in shell("segments", "add", "Beta", "c-99", code=1).err


def test_members_are_shown_with_what_the_rule_looks_at(shell: Shell) -> None:
    shell("segments", "create", "Paying", '{"property": "mrr", "operator": "greater_than", "value": 0}')
    lines = shell("segments", "members", "Paying").out.splitlines()
    assert [line.split() for line in lines] == [
        ["external_id", "email", "mrr"],
        ["c-1", "ada@example.com", "250"],
        ["c-3", "–", "40"],
    ]
    answer = shell("segments", "members", "Paying", "--limit", "1", "--json").json()
    assert answer["total"] == 2
    assert len(answer["members"]) == 1


def test_why_somebody_is_in_or_not(shell: Shell) -> None:
    rule = '{"all": [%s, {"not": {"property": "mrr", "operator": "greater_than", "value": 100}}]}' % PLAN_IS_PRO  # noqa: UP031 - the rule has braces of its own
    shell("segments", "create", "Small", rule)
    output = shell("segments", "explain", "Small", "ada@example.com").out
    assert output.splitlines()[0] == "ada@example.com is not in 'Small'"
    assert [line.split() for line in output.splitlines()[2:]] == [
        ["no", "all", "of"],
        ["yes", "plan", "is", "pro", "pro"],
        ["no", "not"],
        ["yes", "mrr", "is", "greater", "than", "100", "250"],
    ]
    answer = shell("segments", "explain", "Small", "c-3", "--json").json()
    assert answer["member"] is True
    assert answer["since"] is not None
    assert answer["verdict"]["children"][0]["actual"] == "pro"


def test_who_came_and_went(shell: Shell) -> None:
    shell("segments", "create", "Pro", PLAN_IS_PRO)
    shell("import", "profiles", shell.file("change.csv", "external_id,plan\nc-1,free\n"))
    answer = shell("segments", "transitions", "Pro", "--json").json()
    assert [(item["sequence"], item["action"], item["cause"]) for item in answer["transitions"]] == [
        (1, "enter", "definition"), (2, "enter", "definition"), (3, "exit", "facts"),
    ]  # fmt: skip
    output = shell("segments", "transitions", "--profile", "c-1", "--action", "exit")
    assert len(output.out.splitlines()) == 2
    assert "--after 1" in shell("segments", "transitions", "--limit", "1").err


def test_what_is_in_the_way_is_said_and_what_is_not_there_too(shell: Shell) -> None:
    made = shell("segments", "create", "Pro", PLAN_IS_PRO, "--json").json()
    shell("segments", "create", "Not pro", f'{{"not": {{"segment": "{made["id"]}"}}}}')
    assert "Not pro" in shell("segments", "delete", "Pro", code=1).err
    assert "Did you mean 'Not pro'?" in shell("segments", "show", "not", code=1).err
    shell("segments", "create", "Pro", PLAN_IS_PRO)
    assert "2 segments are called 'Pro'" in shell("segments", "show", "Pro", code=1).err
    assert "A segment needs a rule" in shell("segments", "create", "Empty", code=2).err
    assert "static list" in shell("segments", "create", "Both", PLAN_IS_PRO, "--static", code=2).err
    assert "There is no profile" in shell("segments", "explain", "Not pro", "nobody", code=1).err
