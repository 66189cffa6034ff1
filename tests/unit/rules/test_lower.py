"""Lowering keeps the meaning, and gives equal leaves to equal meanings."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.rules.activity import ActivityRow
from coterie.rules.build import Activity, conversation, event, prop, sample, segment, sequence
from coterie.rules.evaluate import evaluate
from coterie.rules.kernel import (
    AT,
    And,
    BooleanIs,
    ChangedAt,
    Complement,
    Conversations,
    EventsNamed,
    Followed,
    IsSet,
    ListIncludes,
    LoweredStep,
    Measured,
    MemberOf,
    NumberIn,
    NumberRange,
    Or,
    Sampled,
    TextIn,
    TextMatch,
    TimeAround,
    TimeInCalendar,
    TimeRange,
)  # fmt: skip
from coterie.rules.lower import leaves, lower
from coterie.rules.moment import Moment
from coterie.rules.nodes import All, Any, Not, Rule
from coterie.rules.sampling import seed_of
from coterie.rules.values import DAY, Instant, Value
from tests.strategies import (
    NOW,
    SEGMENTS,
    activity_conditions,
    conversations,
    events,
    every_rule,
    moments,
    profiles,
    rules,
)
from tests.unit.rules.views import View, kernel_matches

UTC = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")


@settings(max_examples=1_000)
@given(rules(), profiles(), moments())
def test_the_lowered_rule_means_what_the_law_says(rule: Rule, profile: Mapping[str, Value], moment: Moment) -> None:
    view = View(profile, SEGMENTS[:1])
    assert kernel_matches(lower(rule, moment.zone), view, moment) is evaluate(rule, view, moment)


@given(rules(), moments())
def test_lowering_is_canonical(rule: Rule, moment: Moment) -> None:
    def check(lowered: object) -> None:
        match lowered:
            case And(children) | Or(children):
                assert len(set(children)) == len(children) > 1
                assert not any(type(child) is type(lowered) for child in children)
                for child in children:
                    check(child)
            case Complement(child):
                assert not isinstance(child, Complement)
                check(child)

    check(lower(rule, moment.zone))
    assert lower(Not(Not(rule)), moment.zone) == lower(rule, moment.zone)
    assert lower(All((rule,)), moment.zone) == lower(Any((rule,)), moment.zone) == lower(rule, moment.zone)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (prop("plan") == "Pro", prop("plan").is_in(["PRO", "pro"])),
        (prop("plan").is_in(["a", "b"]), prop("plan").is_in(["B", "a", "A"])),
        (prop("n") == 1, prop("n").between(1, 1)),
        (prop("t").in_last("7d"), prop("t").in_last("1w")),
        (prop("t").in_last("24h"), prop("t").in_last("1d")),
        (prop("t").on("2026-03-01"), prop("t").between("2026-03-01", "2026-03-01")),
        (prop("t").before("2026-03-01"), prop("t").before("2026-02-28T23:00:00Z")),
        (prop("tags").includes_any("a"), prop("tags").includes_all("A")),
        (prop("plan") != "pro", ~(prop("plan") == "pro")),
        (prop("x").is_not_set(), ~prop("x").is_set()),
    ],
)
def test_conditions_that_mean_the_same_are_equal_when_lowered(one: Rule, other: Rule) -> None:
    assert lower(one, BERLIN) == lower(other, BERLIN)


def test_values_that_python_calls_equal_are_told_apart() -> None:
    assert lower(prop("x") == True, UTC) == BooleanIs("x", True)  # noqa: E712 - this makes a rule
    assert lower(prop("x") == 1, UTC) == NumberIn("x", frozenset({1.0}))
    assert len(leaves(lower((prop("x") == True) | (prop("x") == 1), UTC))) == 2  # noqa: E712 - this makes a rule


@pytest.mark.parametrize(
    ("rule", "leaf"),
    [
        (prop("p").contains("AB"), TextMatch("p", "contains", "ab")),
        (prop("p").contains("AB", case_sensitive=True), TextMatch("p", "contains", "AB", cased=True)),
        (prop("p").matches("AB"), TextMatch("p", "regex", "AB")),
        (prop("p") == "ΣΑΣ", TextIn("p", frozenset({"σασ"}))),
        (prop("p") > 5, NumberRange("p", low=5.0, open_low=True)),
        (prop("p") <= 5, NumberRange("p", high=5.0)),
        (prop("p").between(1, 2), NumberRange("p", 1.0, 2.0)),
        (prop("p").in_last("1s"), TimeAround("p", -999, 0)),
        (prop("p").more_than_ago("1s"), TimeAround("p", None, -1_000)),
        (prop("p").in_next("1s"), TimeAround("p", 1, 1_000)),
        (prop("p").before("1970-01-02"), TimeRange("p", None, 86_399_999)),
        (prop("p").after("1970-01-02"), TimeRange("p", 2 * 86_400_000, None)),
        (prop("p").includes_none("A", "b"), Complement(ListIncludes("p", frozenset({"a", "b"}), every=False))),
        (prop("p").is_not_set(), Complement(IsSet("p"))),
        (segment("s"), MemberOf("s")),
    ],
)
def test_each_operator_has_its_shape(rule: Rule, leaf: object) -> None:
    assert lower(rule, UTC) == leaf


def test_twins_share_a_leaf() -> None:
    either = (prop("plan") == "pro") | (prop("plan") != "pro")
    assert leaves(lower(either, UTC)) == {TextIn("plan", frozenset({"pro"}))}


# --- activity -------------------------------------------------------------------------------------

SO_FAR = TimeAround(AT, None, 0)


_WORLDS = (every_rule(), profiles(), events(), conversations(), st.integers(0, 50), moments())


@settings(max_examples=400)
@given(*_WORLDS)
def test_rules_of_every_kind_mean_when_lowered_what_the_law_says(
    rule: Rule,
    profile: Mapping[str, Value],
    happened: Mapping[str, list[ActivityRow]],
    said: list[ActivityRow],
    number: int,
    moment: Moment,
) -> None:
    changed = dict.fromkeys(profile, Instant(moment.now - 7 * DAY))
    own = {"created_at": Instant(NOW - 30 * DAY), "updated_at": Instant(NOW - DAY)}
    view = View({**profile, **own}, SEGMENTS[:1], number, {**changed, **own}, happened, said)
    assert kernel_matches(lower(rule, moment.zone), view, moment) is evaluate(rule, view, moment)


@pytest.mark.soak
def test_rules_of_every_kind_mean_so_for_a_long_time() -> None:
    once = test_rules_of_every_kind_mean_when_lowered_what_the_law_says.hypothesis.inner_test  # type: ignore[attr-defined]
    settings(max_examples=20_000)(given(*_WORLDS)(once))()


@settings(max_examples=300)
@given(st.one_of(activity_conditions()), events(), conversations(), moments(), st.randoms())
def test_the_order_in_which_it_was_told_changes_nothing(
    rule: Rule, happened: Mapping[str, list[ActivityRow]], said: list[ActivityRow], moment: Moment, random: Random
) -> None:
    shuffled = {name: random.sample(those, len(those)) for name, those in happened.items()}
    one, other = View(happened=happened, said=said), View(happened=shuffled, said=random.sample(said, len(said)))
    assert evaluate(rule, one, moment) is evaluate(rule, other, moment)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (event("x").last("7d").count() > 2, event("x").last("1w").count() > 2),
        (event("x").any(), ~event("x").none()),
        (event("x").none(), event("x")._measured("any") != True),  # noqa: E712 - this makes a rule
        (event("x").none(), event("x")._measured("any") == False),  # noqa: E712
        (
            event("x").where(prop("a") == "B").between("2026-03-01", "2026-03-01").count() == 1,
            event("x").where(prop("a") == "b").between("2026-02-28T23:00:00Z", "2026-03-01T22:59:59.999Z").count() == 1,
        ),
        (
            sequence("a", event("b").within("7d")),
            sequence("a", event("b").within("1w")),
        ),
        (prop("created_at").changed_in_last("7d"), prop("created_at").in_last("7d")),
        (prop("updated_at").held_for("7d"), prop("updated_at").more_than_ago("7d")),
        (prop("x").not_held_for("7d"), ~prop("x").held_for("7d")),
        (sample(10), sample(10.0, salt="")),
    ],
)
def test_conditions_on_what_happened_that_mean_the_same_are_equal_when_lowered(one: Rule, other: Rule) -> None:
    assert lower(one, BERLIN) == lower(other, BERLIN)


@pytest.mark.parametrize(
    ("happened", "window"),
    [
        (event("x"), (SO_FAR,)),
        (event("x").last("1s"), (TimeAround(AT, -999, 0),)),
        (event("x").before("1s"), (TimeAround(AT, None, -1_000),)),
        (event("x").calendar("today"), (TimeInCalendar(AT, "today"), SO_FAR)),
        (event("x").since("1970-01-02"), (TimeRange(AT, 86_400_000, None), SO_FAR)),
        (event("x").until("1970-01-02"), (TimeRange(AT, None, 2 * 86_400_000 - 1), SO_FAR)),
    ],
)
def test_each_window_has_its_leaves(happened: Activity, window: object) -> None:
    lowered = lower(happened.count() >= 1, UTC)
    assert lowered == NumberRange(Measured(EventsNamed("x"), "count", None, window, None), low=1.0)  # type: ignore[arg-type]


def test_sequences_samples_and_changes_have_their_shapes() -> None:
    steps = (
        LoweredStep(EventsNamed("a"), None, None),
        LoweredStep(EventsNamed("b"), NumberRange("n", 1.0, None, True), 1_000),
    )
    followed = sequence("a", event("b").where(prop("n") > 1).within("1s"), last="1s")
    assert lower(followed, UTC) == BooleanIs(Followed(steps, (TimeAround(AT, -999, 0),)), True)
    assert lower(sample(50, salt="x"), UTC) == Sampled(seed_of("x"), 2**63)
    assert lower(prop("plan").held_for("1s"), UTC) == TimeAround(ChangedAt("plan"), None, -1_000)
    assert lower(conversation().first_value("topics").includes_any("a"), UTC) == ListIncludes(
        Measured(Conversations(), "first", "topics", (SO_FAR,), None), frozenset({"a"}), every=False
    )
