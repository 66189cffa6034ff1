"""The law, and its explanations."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from coterie.rules.build import prop, segment
from coterie.rules.evaluate import Judgement, evaluate, judge
from coterie.rules.moment import Moment
from coterie.rules.nodes import All, Any, Not, PropertyCondition, Rule
from coterie.rules.values import DAY, Instant, Value
from coterie.rules.walk import properties, segments, walk
from coterie.rules.write import write_rule
from tests.strategies import PROPERTIES, moments, profiles, rules
from tests.unit.rules.views import View

NOW = Moment(Instant(1_773_576_000_000), ZoneInfo("UTC"))
ADA = View({"plan": "Enterprise", "mrr": 120.0, "tags": ("VIP",)}, ("s-1",))


def holds(rule: Rule, view: View = ADA) -> bool:
    return evaluate(rule, view, NOW)


def test_all_any_and_not_are_what_they_say() -> None:
    yes, no = prop("plan") == "enterprise", prop("plan") == "free"
    table = {
        (yes & yes): True, (yes & no): False, (no & no): False,
        (yes | yes): True, (yes | no): True, (no | no): False,
        All((yes,)): True, Any((no,)): False, ~yes: False, ~no: True,
    }  # fmt: skip
    for rule, expected in table.items():
        assert holds(rule) is expected, rule


def test_a_missing_value_fails_every_positive_condition_and_not_turns_that_around() -> None:
    assert not holds(prop("nothing") < 5)
    assert not holds(prop("nothing") >= 5)
    assert holds(~(prop("nothing") < 5))
    assert holds(prop("nothing") != "x")


def test_membership_of_other_segments() -> None:
    assert holds(segment("s-1"))
    assert holds(~segment("s-2"))


def test_bounds_of_time_are_to_the_millisecond() -> None:
    edge = NOW.now - 7 * DAY
    assert not holds(prop("t").in_last("7d"), View({"t": Instant(edge)}))
    assert holds(prop("t").in_last("7d"), View({"t": Instant(edge + 1)}))
    assert holds(prop("t").more_than_ago("7d"), View({"t": Instant(edge)}))
    assert holds(prop("t").in_last("7d"), View({"t": NOW.now}))
    assert holds(prop("t").in_next("1s"), View({"t": Instant(NOW.now + 1_000)}))


@pytest.mark.parametrize(
    ("zone", "day", "inside", "outside"),
    [
        ("America/Santiago", "2024-09-08", "2024-09-08T04:00:00.000Z", "2024-09-08T03:59:59.999Z"),
        ("America/Havana", "2024-11-03", "2024-11-03T04:00:00.000Z", "2024-11-03T03:59:59.999Z"),
        ("Europe/Berlin", "2026-10-25", "2026-10-25T22:59:59.999Z", "2026-10-25T23:00:00.000Z"),
        ("Asia/Kathmandu", "2026-03-01", "2026-02-28T18:15:00.000Z", "2026-03-01T18:15:00.000Z"),
    ],
)
def test_dates_are_days_of_the_zone(zone: str, day: str, inside: str, outside: str) -> None:
    moment = Moment(NOW.now, ZoneInfo(zone))
    first, last = (prop("t").between(at, at).operand[0] for at in (inside, outside))
    assert evaluate(prop("t").on(day), View({"t": first}), moment)
    assert not evaluate(prop("t").on(day), View({"t": last}), moment)


@given(rules(), profiles(), moments())
def test_not_is_a_true_complement(rule: Rule, profile: Mapping[str, Value], moment: Moment) -> None:
    assert evaluate(Not(rule), View(profile), moment) is not evaluate(rule, View(profile), moment)


@given(rules(), moments())
def test_a_rule_looks_at_nothing_but_the_properties_and_segments_it_names(rule: Rule, moment: Moment) -> None:
    class Watched(View):
        def value(self, name: str) -> Value | None:
            assert name in properties(rule)
            return None

        def is_member(self, segment_id: str) -> bool:
            assert segment_id in segments(rule)
            return False

    evaluate(rule, Watched(), moment)
    assert properties(rule) <= set(PROPERTIES)


# --- explaining -----------------------------------------------------------------------------------


def nodes_of(judgement: Judgement) -> list[Judgement]:
    return [judgement, *(node for child in judgement.children for node in nodes_of(child))]


@given(rules(), profiles(), moments())
def test_every_node_is_judged_as_the_law_says_and_found_at_its_path(
    rule: Rule, profile: Mapping[str, Value], moment: Moment
) -> None:
    view = View(profile, ("segment-1",))
    judged = nodes_of(judge(rule, view, moment, lambda _: None))
    assert [(node.path, node.rule) for node in judged] == list(walk(rule))
    for node in judged:
        assert node.holds is evaluate(node.rule, view, moment)
        assert node.actual == (view.value(node.rule.property) if isinstance(node.rule, PropertyCondition) else None)
        written: object = write_rule(rule)
        for step in node.path:
            written = written[step]  # type: ignore[index]  # paths lead through objects and lists
        assert written == write_rule(node.rule)


def test_an_explanation_tells_each_condition_with_its_value() -> None:
    rule = (prop("plan") == "enterprise") & ((prop("mrr") > 500) | segment("s-1"))
    explained = judge(rule, ADA, NOW, {"s-1": "Friends"}.get)
    assert [(node.sentence, node.holds, node.actual) for node in nodes_of(explained)] == [
        ("plan is enterprise and (mrr is greater than 500 or is in the segment “Friends”)", True, None),
        ("plan is enterprise", True, "Enterprise"),
        ("mrr is greater than 500 or is in the segment “Friends”", True, None),
        ("mrr is greater than 500", False, 120.0),
        ("is in the segment “Friends”", True, None),
    ]
