"""A plain interpreter of filters, against the law on the rules they are translated to.

The interpreter follows the table of the dialect.
"""

from __future__ import annotations

from datetime import datetime
from math import fsum
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.http.greenflash.grammar import FLAGS, SCORES, conversation_name
from coterie.rules.activity import ActivityRow
from coterie.rules.evaluate import evaluate
from coterie.rules.moment import Moment
from coterie.rules.values import DAY, Instant, Value
from tests.unit.http.greenflash.context import context_with, read
from tests.unit.http.greenflash.drawn import NOW, SCALARS, ZONE, conversations, filters, instants
from tests.unit.rules.views import View

Json = Any
UNITS = {"m": 60_000, "h": 3_600_000, "d": DAY, "w": 7 * DAY}


def holds(sent: Json, user: Json) -> bool:
    scope = [conversation for conversation in user["conversations"] if in_scope(conversation, sent)]
    return all(rule_holds(rule, user, scope) for rule in sent["rules"])


def in_scope(conversation: Json, sent: Json) -> bool:
    dates = sent.get("dateRange", {})
    days = {"7d": 7, "30d": 30, "90d": 90}.get(dates.get("preset"))
    return (
        conversation["at"] <= NOW
        and (days is None or conversation["at"] > NOW - days * DAY)
        and ("from" not in dates or conversation["at"] >= first(dates["from"]))
        and ("to" not in dates or conversation["at"] <= last(dates["to"]))
        and ("productIds" not in sent or conversation["product"] in sent["productIds"])
    )


def first(date: str) -> int:
    at = datetime.fromisoformat(date)
    return round((at if at.tzinfo else at.replace(tzinfo=ZoneInfo(ZONE))).timestamp() * 1000)


def last(date: str) -> int:
    return first(date) if "T" in date else first(date) + DAY - 1  # none of the days drawn has another length


def rule_holds(rule: Json, user: Json, scope: list[Json]) -> bool:
    match rule["type"]:
        case "analysis":
            scores = [
                conversation["scores"][rule["field"]]
                for conversation in scope
                if rule["field"] in conversation["scores"]
            ]
            return bool(scores) and compare(fsum(scores) / len(scores), rule["operator"], rule["value"])
        case "analysis_flag":
            return any(conversation["flags"].get(rule["field"]) is True for conversation in scope) == rule["value"]
        case "property":
            return of_value(user["properties"].get(rule["key"]), rule)
        case "conversation_property":
            if rule["operator"] == "neq":
                return not any(
                    of_value(conversation["own"].get(rule["key"]), {**rule, "operator": "eq"}) for conversation in scope
                )
            return any(of_value(conversation["own"].get(rule["key"]), rule) for conversation in scope)
        case "conversation_count":
            return compare(len(scope), rule["operator"], rule["value"])
        case _:
            every = (
                [conversation["at"] for conversation in user["conversations"]] + user["events"] + [user["updated_at"]]
            )
            latest = max(at for at in every if at <= NOW)
            length = int(rule["value"][:-1]) * UNITS[rule["value"][-1]]
            return (latest > NOW - length) == (rule["operator"] == "within")


def compare(value: float, operator: str, wanted: float) -> bool:
    return {
        "gt": value > wanted, "lt": value < wanted, "eq": value == wanted,
        "gte": value >= wanted, "lte": value <= wanted,
    }[operator]  # fmt: skip


def of_value(value: Json, rule: Json) -> bool:
    """Text ignores case. A value compares with its own kind only."""
    wanted, operator = rule["value"], rule["operator"]
    if operator == "neq":
        return not of_value(value, {**rule, "operator": "eq"})
    if isinstance(value, str) and isinstance(wanted, str):
        text, wanted_text = value.lower(), wanted.lower()
        return wanted_text in text if operator == "contains" else operator == "eq" and text == wanted_text
    if isinstance(value, bool) or isinstance(wanted, bool):
        return operator == "eq" and value is wanted
    if isinstance(value, int | float) and isinstance(wanted, int | float):
        return operator in ("eq", "gt", "lt") and compare(value, operator, wanted)
    return False


def stored(value: Json) -> Value:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def as_view(user: Json) -> View:
    """The same user, as rules see it."""
    conversations = []
    for conversation in user["conversations"]:
        values: dict[str, Value] = {SCORES[name]: stored(value) for name, value in conversation["scores"].items()}
        values |= {FLAGS[name]: value for name, value in conversation["flags"].items()}
        values |= {conversation_name(key): stored(value) for key, value in conversation["own"].items()}
        if conversation["product"]:
            values["product_id"] = conversation["product"]
        conversations.append(ActivityRow(Instant(conversation["at"]), values))
    properties: dict[str, Value] = {key: stored(value) for key, value in user["properties"].items()}
    properties["updated_at"] = Instant(user["updated_at"])
    happened = {"signed_up": [ActivityRow(Instant(at), {}) for at in user["events"]]}
    return View(properties, happened=happened, said=conversations)


USERS = st.fixed_dictionaries(
    {
        "properties": st.fixed_dictionaries({}, optional=dict.fromkeys(["channel", "plan", "app.version"], SCALARS)),
        "conversations": st.lists(conversations(), max_size=5),
        "events": st.lists(instants(), max_size=2),
        "updated_at": instants().map(lambda at: min(at, NOW)),
    }
)


@given(filters(), USERS)
@settings(max_examples=600, deadline=None)
def test_the_rule_means_what_the_filters_mean(sent: Json, user: Json) -> None:
    rule = read(sent, context_with(zone=ZONE))
    assert evaluate(rule, as_view(user), Moment(Instant(NOW), ZoneInfo(ZONE))) == holds(sent, user)
