"""The sentence a rule makes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given

from coterie.rules.build import conversation, event, prop, sample, segment, sequence
from coterie.rules.describe import describe
from coterie.rules.limits import RuleLimits
from coterie.rules.nodes import All, Any, Not, Rule
from coterie.rules.read import read_rule
from tests.strategies import every_rule

NAMES = {"s-1": "Big spenders"}
PRO = prop("plan") == "pro"
RICH = prop("mrr") > 100
NEW = prop("signed_up_at").in_last("30d")


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (PRO, "plan is pro"),
        (PRO & RICH, "plan is pro and mrr is greater than 100"),
        (PRO & (RICH | NEW), "plan is pro and (mrr is greater than 100 or signed up at is in the last 30 days)"),
        ((PRO & RICH) | NEW, "(plan is pro and mrr is greater than 100) or signed up at is in the last 30 days"),
        (All((PRO, Any((RICH,)))), "plan is pro and mrr is greater than 100"),
        (
            All((Any((All((RICH, NEW)),)), PRO)),
            "(mrr is greater than 100 and signed up at is in the last 30 days) and plan is pro",
        ),
        (~PRO, "plan is not pro"),
        (~(prop("plan") != "pro"), "plan is pro"),
        (~(PRO | RICH), "not (plan is pro or mrr is greater than 100)"),
        (~RICH, "not (mrr is greater than 100)"),
        (Not(Not(PRO)), "not (plan is not pro)"),
        (segment("s-1"), "is in the segment “Big spenders”"),
        (~segment("s-1"), "is not in the segment “Big spenders”"),
        (segment("s-2"), "is in the segment “s-2”"),
        (prop("company name") == "Acme Inc.", "company name is “Acme Inc.”"),
        (prop('a."b"') == "x", 'a."b"'.join("“”") + " is x"),
        (prop("zip") == "10115", "zip is “10115”"),
        (prop("flag") == "true", "flag is “true”"),
        (prop("flag") == True, "flag is true"),  # noqa: E712 - this makes a rule
        (prop("x") == "", "x is “”"),
        (prop("x") == "and", "x is “and”"),
        (prop("x") == "{subject}", "x is “{subject}”"),
        (prop("{operand}") == "y", "“{operand}” is y"),
        (prop("n") == 0.1, "n is 0.1"),
        (prop("n") == 1_000_000, "n is 1000000"),
        (prop("n") == 1e300, "n is 1e+300"),
        (prop("n").between(1, 2.5), "n is between 1 and 2.5"),
        (prop("plan").is_in(["a"]), "plan is one of a"),
        (prop("plan").is_in(["a", "b", "c"]), "plan is one of a, b or c"),
        (prop("n").is_in(list(range(13))), "n is one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 or 3 more"),
        (prop("tags").includes_none("a", "b"), "tags includes none of a or b"),
        (prop("email").matches(r"@acme\.com$"), r"email matches /@acme\.com$/"),
        (prop("code").contains("AB", case_sensitive=True), "code contains AB (in exactly this case)"),
        (prop("t").before(date(2026, 3, 1)), "t is before 1 March 2026"),
        (prop("t") > datetime(2026, 3, 1, 9, 30, tzinfo=UTC), "t is after 1 March 2026 09:30 UTC"),
        (prop("t").after("2026-03-01T09:30:15.250Z"), "t is after 1 March 2026 09:30:15.250 UTC"),
        (prop("t").in_last("1d"), "t is in the last 1 day"),
        (prop("t").more_than_ago("4w"), "t is at least 4 weeks ago"),
        (prop("t").in_calendar("last_quarter"), "t is last quarter"),
        (prop("t").not_in_calendar("today"), "t is not today"),
        (prop("born_on").anniversary_in_next("7d"), "born on has its anniversary in the next 7 days"),
        (prop("x").is_not_set(), "x is not set"),
    ],
)
def test_rules_make_sentences(rule: Rule, sentence: str) -> None:
    assert describe(rule, NAMES.get) == sentence


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (
            {
                "event": {
                    "name": "order_placed",
                    "measure": "count",
                    "window": {"last": "30d"},
                    "where": {"property": "total", "operator": "greater_than", "value": 50},
                },
                "operator": "at_least",
                "value": 3,
            },
            "the number of order placed events in the last 30 days where total is greater than 50 is at least 3",
        ),
        (
            {
                "conversation": {"measure": "mean", "of": "commercial_intent", "window": {"last": "90d"}},
                "operator": "at_least",
                "value": 0.6,
            },
            "the mean of commercial intent of conversations in the last 90 days is at least 0.6",
        ),
        ({"event": {"name": "login", "measure": "any"}, "operator": "equals", "value": True}, "has login events"),
        ({"event": {"name": "login", "measure": "any"}, "operator": "equals", "value": False}, "has no login events"),
        (
            {
                "event": {"name": "login", "measure": "none", "window": {"calendar": "this_week"}},
                "operator": "equals",
                "value": True,
            },
            "has no login events this week",
        ),
        ({"event": {"name": "login", "measure": "none"}, "operator": "not_equals", "value": True}, "has login events"),
        (
            {"event": {"name": "login", "measure": "last_at"}, "operator": "more_than_ago", "value": "90d"},
            "the time of the last login event is at least 90 days ago",
        ),
        (
            {"event": {"name": "x", "measure": "count", "window": {"before": "30d"}}, "operator": "equals", "value": 0},
            "the number of x events at least 30 days ago is 0",
        ),
        (
            {
                "event": {"name": "x", "measure": "count", "window": {"from": "2026-01-01"}},
                "operator": "equals",
                "value": 0,
            },
            "the number of x events from 1 January 2026 on is 0",
        ),
        (
            {
                "event": {"name": "x", "measure": "count", "window": {"to": "2026-01-01"}},
                "operator": "equals",
                "value": 0,
            },
            "the number of x events until 1 January 2026 is 0",
        ),
        (
            {
                "event": {
                    "name": "x",
                    "measure": "max",
                    "of": "total",
                    "window": {"from": "2026-01-01", "to": "2026-02-01"},
                },
                "operator": "equals",
                "value": 0,
            },
            "the highest total of x events from 1 January 2026 to 1 February 2026 is 0",
        ),
    ],
)
def test_events_and_conversations_make_sentences(document: object, sentence: str) -> None:
    assert describe(read_rule(document, RuleLimits()), NAMES.get) == sentence


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (event().last("7d").count() > 3, "the number of events in the last 7 days is greater than 3"),
        (event().last("7d").any(), "has events in the last 7 days"),
        (~event("login").any(), "has no login events"),
        (~event("login").none(), "has login events"),
        (
            event("login").first_at().before(date(2026, 3, 1)),
            "the time of the first login event is before 1 March 2026",
        ),
        (
            event("order_placed").where((prop("total") > 50) | prop("gift").is_set()).last("30d").change("total") > 10,
            "the change in the mean of total of order placed events from the 30 days before "
            "to the last 30 days where (total is greater than 50 or gift is set) is greater than 10",
        ),
        (
            event("order_placed").distinct("sku") >= 3,
            "the number of different values of sku of order placed events is at least 3",
        ),
        (
            conversation().last("90d").last_value("topics").includes_any("price"),
            "the last topics of conversations in the last 90 days includes any of price",
        ),
        (sequence("signed_up", "order_placed"), "has a signed up event, followed by an order placed event"),
        (
            sequence("signed_up", event("order_placed").where(prop("total") > 50).within("7d"), "review", last="90d"),
            "has a signed up event, followed within 7 days by an order placed event "
            "where total is greater than 50, followed by a review event, all in the last 90 days",
        ),
        (
            ~sequence("signed_up", event("order_placed").within("7d"), calendar="this_year"),
            "does not have a signed up event followed within 7 days by an order placed event, all this year",
        ),
        (sample(10), "is in the 10% sample"),
        (~sample(12.5, salt="spring"), "is not in the 12.5% sample “spring”"),
        (prop("plan").changed_in_last("1d"), "plan changed in the last 1 day"),
        (prop("plan").held_for("14d"), "plan has been what it is for at least 14 days"),
        (~prop("plan").held_for("14d"), "plan has not been what it is for 14 days yet"),
        (~prop("plan").changed_in_last("14d"), "plan did not change in the last 14 days"),
    ],
)
def test_what_happened_makes_sentences(rule: Rule, sentence: str) -> None:
    assert describe(rule, NAMES.get) == sentence


def test_long_texts_are_shortened() -> None:
    assert describe(prop("x") == "a" * 65_536, NAMES.get) == f"x is {'a' * 79}…"


@given(every_rule())
def test_every_rule_makes_a_sentence_with_its_brackets_closed(rule: Rule) -> None:
    assert describe(rule, NAMES.get).strip()
