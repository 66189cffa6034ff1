"""One profile answers many subjects at many moments as if each were asked afresh."""

from __future__ import annotations

from operator import attrgetter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.index import Changes, Index, OneProfile, ProfileActivity, Row
from coterie.rules import edges
from coterie.rules.kernel import (
    AT,
    Anniversary,
    Complement,
    EventsNamed,
    Lowered,
    Measured,
    MeasureSubject,
    NumberRange,
    PropertyLeaf,
    Source,
    TimeAround,
)
from coterie.rules.moment import Moment
from coterie.rules.values import DAY, Instant
from tests.strategies import NOW, moments
from tests.unit.index.activity.drawn import Drawn, World, drawn_rows, subject_leaves
from tests.unit.rules.plain_subjects import subject_value

UTC = ZoneInfo("UTC")
BUY = EventsNamed("buy")
LAST_30_DAYS = (TimeAround(AT, 1 - 30 * DAY, 0),)


@settings(max_examples=300, deadline=None)
@given(st.lists(subject_leaves(), min_size=1, max_size=6), st.lists(moments(), min_size=1, max_size=4), drawn_rows(30))
def test_each_subject_at_each_moment_is_what_the_plain_form_says(
    leaves: list[PropertyLeaf], asked: list[Moment], drawn: Drawn
) -> None:
    world = World()
    for number, (source, _, at, values) in enumerate(drawn):
        world.rows[source][number] = Row(number, 0, at, values)
    activity = world.activity(0)
    profile = OneProfile(lambda source: ProfileActivity.of(sorted(activity(source), key=attrgetter("at"))))
    for moment in (*asked, *asked):
        for leaf in leaves:
            assert isinstance(leaf.property, MeasureSubject)
            value = profile.value(leaf.property, moment)
            expected = subject_value(leaf.property, activity, moment)
            assert value == expected
            assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("where", "times"), [(NumberRange("total", low=5.0), 1), (Complement(Anniversary("due", 1)), 2)]
)
def test_rows_are_fetched_once_and_matched_again_only_where_the_moment_matters(
    where: Lowered, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[Source] = []
    matched: list[Lowered] = []

    def fetch(source: Source) -> ProfileActivity:
        fetched.append(source)
        return ProfileActivity.of([])

    monkeypatch.setattr(
        "coterie.index.activity.one_profile.depends_on_time",
        lambda where: matched.append(where) or edges.depends_on_time(where),
    )
    profile = OneProfile(fetch)
    for now in (NOW, NOW + DAY, NOW):
        for measure, of in (("count", None), ("sum", "total"), ("last", "total")):
            profile.value(Measured(BUY, measure, of, LAST_30_DAYS, where), Moment(Instant(now), UTC))
    assert fetched == [BUY]
    assert len(matched) == times


def test_it_stays_as_it_was_when_something_is_published_later() -> None:
    index = Index(zone=UTC)
    index.load([([0], [{}])])
    index.load_activity(BUY, [])
    subject = Measured(BUY, "count", None, LAST_30_DAYS, None)
    before = index.one_profile(0)
    assert before.value(subject, Moment(Instant(NOW), UTC)) == 0.0
    staged = index.stage([0], [{}], frozenset(), Changes({BUY: [Row(1, 0, NOW, {})]}))
    assert index.one_profile(0).value(subject, Moment(Instant(NOW), UTC)) == 0.0
    assert index.one_profile(0, staged).value(subject, Moment(Instant(NOW), UTC)) == 1.0
    index.publish(staged)
    assert before.value(subject, Moment(Instant(NOW), UTC)) == 0.0
    assert index.one_profile(0).value(subject, Moment(Instant(NOW), UTC)) == 1.0
    assert [row.at for row in index.one_profile(0).activity(BUY)] == [NOW]
