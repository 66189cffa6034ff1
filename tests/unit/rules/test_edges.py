"""Edges: whatever time alone changes, some row crossed an edge then."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.rules.activity import ActivityRow
from coterie.rules.build import conversation, event, prop, sequence
from coterie.rules.calendar import next_midnight
from coterie.rules.edges import Edge, edges
from coterie.rules.kernel import (
    AT,
    Anniversary,
    ChangedAt,
    Conversations,
    EventsNamed,
    Followed,
    Leaf,
    Measured,
    Source,
    TimeInCalendar,
)
from coterie.rules.lower import leaves, lower
from coterie.rules.moment import Moment
from coterie.rules.nodes import Rule
from coterie.rules.values import DAY, Instant
from coterie.rules.walk import changes, columns, sources
from tests.strategies import activity_conditions, conversations, events, moments
from tests.unit.rules.views import View, kernel_matches

UTC = ZoneInfo("UTC")
ORDERS = EventsNamed("order")


def edges_of(rule: Rule) -> frozenset[Edge]:
    (leaf,) = leaves(lower(rule, UTC))
    return edges(leaf)


def shifts(source: Source | None, column: str | ChangedAt, *distances: int) -> set[Edge]:
    return {Edge(source, column, distance, None) for distance in distances}


@settings(max_examples=250)
@given(st.one_of(activity_conditions()), events(), conversations(), moments(), st.integers(1, 40 * DAY))
def test_a_verdict_changes_by_time_only_where_an_edge_is_crossed(
    rule: Rule, happened: Mapping[str, list[ActivityRow]], said: list[ActivityRow], moment: Moment, ahead: int
) -> None:
    later = Moment(Instant(moment.now + ahead), moment.zone)
    view = View(happened=happened, said=said)
    for leaf in leaves(lower(rule, moment.zone)):
        if kernel_matches(leaf, view, moment) is not kernel_matches(leaf, view, later):
            assert any(_crossed(edge, view, moment, later) for edge in edges(leaf))


def _crossed(edge: Edge, view: View, moment: Moment, later: Moment) -> bool:
    assert edge.source is not None
    rows = view.activity(edge.source)
    values = [row.at if edge.column == AT else row.values.get(str(edge.column)) for row in rows]
    times = [value for value in values if isinstance(value, Instant)]
    if edge.shift is not None:
        return any(moment.now < at + edge.shift <= later.now for at in times)
    return bool(times) and next_midnight(moment) <= later.now


def test_windows_have_the_edges_at_which_events_enter_and_leave() -> None:
    assert edges_of(event("order").count() > 1) == shifts(ORDERS, AT, 0)
    assert edges_of(event("order").last("1s").count() > 1) == shifts(ORDERS, AT, 0, 1_000)
    assert edges_of(event("order").before("1s").count() > 1) == shifts(ORDERS, AT, 1_000)
    assert edges_of(event("order").last("1s").change("n") > 1) == shifts(ORDERS, AT, 0, 1_000, 2_000)
    assert edges_of(event("order").calendar("today").count() > 1) == {
        *shifts(ORDERS, AT, 0), Edge(ORDERS, AT, None, TimeInCalendar(AT, "today")),
    }  # fmt: skip


def test_moving_conditions_inside_where_and_on_times_have_edges_too() -> None:
    where = prop("due").in_next("1s") & prop("day").anniversary_in_next("7d")
    assert edges_of(conversation().where(where).count() > 1) == {
        *shifts(Conversations(), AT, 0),
        *shifts(Conversations(), "due", -1_000, 0),
        Edge(Conversations(), "day", None, Anniversary("day", 7)),
    }
    assert edges_of(event("order").last_at().more_than_ago("1s")) == shifts(ORDERS, AT, 0, 1_000)
    assert edges_of(event("order").last_value("due").in_last("1s")) == {
        *shifts(ORDERS, AT, 0), *shifts(ORDERS, "due", 0, 1_000),
    }  # fmt: skip
    assert edges_of(event("order").first_at().in_calendar("today")) == {
        *shifts(ORDERS, AT, 0), Edge(ORDERS, AT, None, TimeInCalendar(AT, "today")),
    }  # fmt: skip


def test_a_sequence_has_the_edges_of_each_of_its_steps() -> None:
    rule = sequence("order", event("paid").where(prop("due").more_than_ago("1s")), last="1m")
    paid = EventsNamed("paid")
    assert edges_of(rule) == {
        *shifts(ORDERS, AT, 0, 60_000), *shifts(paid, AT, 0, 60_000), *shifts(paid, "due", 1_000),
    }  # fmt: skip


def test_what_is_of_the_profile_itself_has_edges_in_its_own_columns() -> None:
    assert edges_of(prop("t").in_last("1s")) == shifts(None, "t", 0, 1_000)
    assert edges_of(prop("plan").held_for("1s")) == shifts(None, ChangedAt("plan"), 1_000)
    assert edges_of(prop("t").anniversary_in_next("7d")) == {Edge(None, "t", None, Anniversary("t", 7))}
    assert edges_of(prop("plan") == "pro") == frozenset()


def test_the_sources_columns_and_changes_that_a_rule_looks_at() -> None:
    rule = (
        (event("order").where((prop("total") > 5) | prop("gift").is_set()).sum("total") > 1)
        & sequence("view", event("order").where(prop("total") > 5))
        & (event().distinct("page") > 1)
        & (conversation().count() > 1)
        & prop("plan").held_for("7d")
        & prop("created_at").held_for("7d")
    )
    lowered = lower(rule, UTC)
    view, anything, said = EventsNamed("view"), EventsNamed(None), Conversations()
    assert sources(lowered) == {ORDERS, view, anything, said}
    assert columns(lowered) == {(ORDERS, "total"), (ORDERS, "gift"), (anything, "page")}
    assert changes(lowered) == {"plan"}
    subjects = {type(_subject(leaf)) for leaf in leaves(lowered)}
    assert {Measured, Followed} <= subjects


def _subject(leaf: Leaf) -> object:
    return getattr(leaf, "property", None)
