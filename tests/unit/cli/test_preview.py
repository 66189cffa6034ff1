"""`coterie preview`."""

from __future__ import annotations

import json

import pytest

from tests.unit.cli.running import PLAN_IS_PRO, Shell

RULE = json.dumps(
    {
        "all": [
            json.loads(PLAN_IS_PRO),
            {
                "any": [
                    {"property": "mrr", "operator": "greater_than", "value": 100},
                    {"property": "tags", "operator": "includes_any", "value": ["vip"]},
                ]
            },
            {"not": {"property": "email", "operator": "is_not_set"}},
        ]
    }
)


def test_the_count_each_condition_s_own_the_sentence_and_the_people(shell: Shell) -> None:
    lines = shell("preview", RULE).out.splitlines()
    assert lines[0] == "1 of 3 profiles (33.3%)"
    assert lines[1].startswith("plan is pro and (mrr is greater than 100 or ")
    tree = [line.rstrip() for line in lines[4:11]]
    assert tree == [
        "    1  all of",
        "    2    plan is pro",
        "    2    any of",
        "    1      mrr is greater than 100",
        "    1      tags includes any of vip",
        "    2    not",
        "    1      email is not set",
    ]
    assert lines[-2].split() == ["external_id", "email", "mrr", "plan", "tags"]
    assert lines[-1].split() == ["c-1", "ada@example.com", "250", "pro", "beta"]


def test_scripts_get_all_of_it_as_json(shell: Shell) -> None:
    answer = shell("preview", RULE, "--json").json()
    assert (answer["count"], answer["total"], answer["comparison"], answer["warnings"]) == (1, 3, None, [])
    assert answer["tree"]["children"][1]["children"][0] == {
        "path": ["all", 1, "any", 0], "sentence": "mrr is greater than 100", "count": 1, "children": [],
    }  # fmt: skip
    assert [profile["external_id"] for profile in answer["sample"]] == ["c-1"]


@pytest.mark.parametrize("how", ["argument", "file", "standard input"])
def test_a_rule_comes_from_the_argument_a_file_or_standard_input(shell: Shell, how: str) -> None:
    match how:
        case "argument":
            output = shell("preview", PLAN_IS_PRO)
        case "file":
            output = shell("preview", f"@{shell.file('rule.json', PLAN_IS_PRO)}")
        case _:
            output = shell("preview", "-", stdin=PLAN_IS_PRO)
    assert output.out.startswith("2 of 3 profiles")


def test_compared_with_a_segment_it_says_who_would_come_and_go(shell: Shell) -> None:
    shell("segments", "create", "Pro", PLAN_IS_PRO)
    other = '{"property": "external_id", "operator": "in", "value": ["c-2", "c-3"]}'
    assert "1 enter, 1 leave, 1 stay" in shell("preview", other, "--compare-to", "Pro").out
    comparison = shell("preview", other, "--compare-to", "Pro", "--json").json()["comparison"]
    assert (comparison["enter"], comparison["leave"], comparison["stay"]) == (1, 1, 1)


def test_an_unknown_property_is_a_warning_beside_the_answer(shell: Shell) -> None:
    output = shell("preview", '{"property": "colour", "operator": "is_set"}')
    assert output.out.startswith("0 of 3 profiles")
    assert "Warning" in output.err
    assert "colour" in output.err


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ('{"all": [', "The rule is not JSON"),
        ("[" * 100_000, "The rule is not JSON"),
        ("@no-such-file.json", "cannot be read"),
        ('{"all": []}', "at    all"),
        ('{"property": "plan", "operator": "is_like", "value": "pro"}', "is_like"),
        ('{"property": "mrr", "operator": "matches", "value": "("}', "value"),
        ('{"segment": "nobody"}', "segment"),
        ('{"event": {"name": "order", "measure": "counts"}, "operator": "at_least", "value": 1}', "measure"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_wrong_usage(shell: Shell, rule: str, says: str) -> None:
    output = shell("preview", rule, code=2)
    assert output.err.startswith("Error: ")
    assert says in output.err
    assert output.out == ""


def test_every_fault_of_a_rule_is_told_and_for_scripts_as_json(shell: Shell) -> None:
    rule = '{"all": [{"property": "plan", "operator": "x"}, {"operator": "equals"}]}'
    assert shell("preview", rule, code=2).err.count("Error: ") >= 2
    error = json.loads(shell("preview", rule, "--json", code=2).err)["error"]
    assert error["code"] == "invalid_rule"
    assert {tuple(problem["path"][:2]) for problem in error["problems"]} == {("all", 0), ("all", 1)}
