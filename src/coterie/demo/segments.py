"""Segments over the demo's people: at least one for each feature of the language.

`{"segment": NAME}` stands for the segment of that name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PAYING = {"property": "plan", "operator": "in", "value": ["starter", "pro", "enterprise"]}
ACTIVE = {"property": "last_seen_at", "operator": "in_last", "value": "7d"}

EXPORT = {"property": "feature", "operator": "equals", "value": "export"}
API = {"property": "feature", "operator": "equals", "value": "api"}


@dataclass(frozen=True, slots=True)
class Sketch:
    """A segment to be made. Without a rule it is a static list, of the first `members` people."""

    name: str
    description: str
    rule: dict[str, Any] | None
    members: int = 0


SEGMENTS = (
    Sketch(
        "Enterprise customers",
        "Everybody on the largest plan.",
        {"property": "plan", "operator": "equals", "value": "enterprise"},
    ),
    Sketch("Active this week", "Seen within seven days, to the millisecond. People leave it while you watch.", ACTIVE),
    Sketch(
        "Slipping away",
        "They pay, and have not been seen for thirty days.",
        {"all": [PAYING, {"property": "last_seen_at", "operator": "more_than_ago", "value": "30d"}]},
    ),
    Sketch(
        "Trial ends within three days",
        "The moment for a word from a person.",
        {"property": "trial_ends_at", "operator": "in_next", "value": "3d"},
    ),
    Sketch(
        "New this month",
        "Signed up in the calendar month, in the workspace's time zone.",
        {"property": "signed_up_at", "operator": "in_calendar", "value": "this_month"},
    ),
    Sketch(
        "Birthday in the next seven days",
        "Whatever the year they were born in.",
        {"property": "birthday", "operator": "anniversary_in_next", "value": "7d"},
    ),
    Sketch(
        "More than 1,000 a month",
        "The accounts that carry the company.",
        {"property": "mrr", "operator": "greater_than", "value": 1000},
    ),
    Sketch(
        "German-speaking countries",
        "Germany, Austria and Switzerland.",
        {"property": "country", "operator": "in", "value": ["DE", "AT", "CH"]},
    ),
    Sketch(
        "Engineers by title",
        "A regular expression over what people say of themselves.",
        {"property": "job_title", "operator": "matches", "value": r"\b(engineer|developer|cto)\b"},
    ),
    Sketch(
        "Champions",
        "Marked as champions, or as satisfied as can be.",
        {
            "any": [
                {"property": "tags", "operator": "includes_any", "value": ["champion"]},
                {"property": "satisfaction", "operator": "at_least", "value": 9},
            ]
        },
    ),
    Sketch(
        "Ready for a larger plan",
        "Small plan, many seats, often here, and not in trouble.",
        {
            "all": [
                {"property": "plan", "operator": "equals", "value": "starter"},
                {"property": "seats", "operator": "between", "value": [5, 8]},
                {"property": "last_seen_at", "operator": "in_last", "value": "14d"},
                {"not": {"property": "tags", "operator": "includes_any", "value": ["at risk"]}},
            ]
        },
    ),
    Sketch(
        "Free readers we know little about",
        "They read the newsletter; no company and no title are known.",
        {
            "all": [
                {"property": "plan", "operator": "equals", "value": "free"},
                {"property": "newsletter", "operator": "equals", "value": True},
                {"property": "company", "operator": "is_not_set"},
                {"property": "job_title", "operator": "is_not_set"},
            ]
        },
    ),
    Sketch(
        "Here five times in 30 days",
        "Counted from events; each visit stops counting thirty days after its own instant.",
        {
            "event": {"name": "signed_in", "measure": "count", "window": {"last": "30d"}},
            "operator": "at_least",
            "value": 5,
        },
    ),
    Sketch(
        "Paid more than 1,000 in 90 days",
        "The sum of their invoices in dollars.",
        {
            "event": {
                "name": "invoice_paid",
                "measure": "sum",
                "of": "amount",
                "window": {"last": "90d"},
                "where": {"property": "currency", "operator": "equals", "value": "USD"},
            },
            "operator": "greater_than",
            "value": 1000,
        },
    ),
    Sketch(
        "Exports, but never used the API",
        "What somebody did not do is a condition like any other.",
        {
            "all": [
                {
                    "event": {"name": "feature_used", "measure": "any", "where": EXPORT},
                    "operator": "equals",
                    "value": True,
                },
                {
                    "event": {"name": "feature_used", "measure": "none", "where": API},
                    "operator": "equals",
                    "value": True,
                },
            ]
        },
    ),
    Sketch(
        "Looked at prices, then upgraded within a week",
        "A sequence of two events.",
        {"sequence": [{"event": {"name": "prices_viewed"}}, {"event": {"name": "plan_upgraded"}, "within": "7d"}]},
    ),
    Sketch(
        "Thinking of buying",
        "Their talks with the assistant in the last 60 days, by commercial intent.",
        {
            "conversation": {"measure": "mean", "of": "commercial_intent", "window": {"last": "60d"}},
            "operator": "at_least",
            "value": 0.6,
        },
    ),
    Sketch(
        "Frustrated about a bug",
        "At least one talk about a bug in the last 30 days with high frustration.",
        {
            "conversation": {
                "measure": "max",
                "of": "frustration",
                "window": {"last": "30d"},
                "where": {"property": "topics", "operator": "includes_any", "value": ["bug"]},
            },
            "operator": "at_least",
            "value": 0.7,
        },
    ),
    Sketch(
        "A tenth, for an experiment",
        "Drawn by number and salt: the same people every time.",
        {"sample": {"percent": 10, "salt": "experiment 1"}},
    ),
    Sketch("Invited to the beta", "A list kept by hand.", None, members=40),
    Sketch(
        "Next for the beta",
        "Active champions who have not been invited. It follows three other segments.",
        {
            "all": [
                {"segment": "Champions"},
                {"segment": "Active this week"},
                {"not": {"segment": "Invited to the beta"}},
            ]
        },
    ),
)


def with_ids(rule: Any, ids: dict[str, str]) -> Any:
    """The rule, with the names of segments replaced by their ids."""
    match rule:
        case {"segment": name}:
            return {"segment": ids[name]}
        case dict():
            return {key: with_ids(value, ids) for key, value in rule.items()}
        case list():
            return [with_ids(item, ids) for item in rule]
        case _:
            return rule
