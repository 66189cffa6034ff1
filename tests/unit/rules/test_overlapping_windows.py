"""A window that is the overlap of several: `{"all": [{"last": "7d"}, {"from": "2026-03-20"}]}`."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.errors import InvalidRule
from coterie.rules.activity import ActivityRow
from coterie.rules.describe import describe
from coterie.rules.evaluate import evaluate
from coterie.rules.kernel import AT, Measured, NumberRange, TimeAround, TimeRange
from coterie.rules.limits import RuleLimits
from coterie.rules.lower import lower
from coterie.rules.moment import Moment
from coterie.rules.nodes import Rule
from coterie.rules.read import read_rule
from coterie.rules.values import DAY, Instant
from coterie.rules.write import write_rule
from tests.unit.rules.views import View, kernel_matches

NOW = Instant(1_774_443_600_000)  # 2026-03-25T13:00:00Z
UTC = ZoneInfo("UTC")
WEEK, SINCE = {"last": "7d"}, {"from": "2026-03-20"}


def counted(window: Any, value: int = 1) -> dict[str, Any]:
    return {"conversation": {"measure": "count", "window": window}, "operator": "at_least", "value": value}


def read(document: Any) -> Rule:
    return read_rule(document, RuleLimits())


def test_it_is_written_and_told_as_it_was_read() -> None:
    document = counted({"all": [WEEK, SINCE]})
    assert write_rule(read(document)) == document
    told = describe(read(document), lambda _: None)
    assert told == "the number of conversations in the last 7 days and from 20 March 2026 on is at least 1"


def test_it_lowers_to_the_leaves_of_each_in_one_order() -> None:
    lowered = lower(read(counted({"all": [WEEK, SINCE, {"from": "2026-03-20"}]})), UTC)
    assert isinstance(lowered, NumberRange)
    assert isinstance(lowered.property, Measured)
    assert set(lowered.property.window) == {
        TimeAround(AT, 1 - 7 * DAY, 0),
        TimeRange(AT, 1_773_964_800_000, None),
        TimeAround(AT, None, 0),
    }
    assert lower(read(counted({"all": [SINCE, SINCE, WEEK]})), UTC) == lowered


@pytest.mark.parametrize(
    ("window", "path"),
    [
        ({"all": []}, ("all",)),
        ({"all": [WEEK]}, ("all",)),
        ({"all": [WEEK] * 5}, ("all",)),
        ({"all": WEEK}, ("all",)),
        ({"all": [WEEK, {"all": [WEEK, SINCE]}]}, ("all", 1)),
        ({"all": [WEEK, None]}, ("all", 1)),
        ({"all": [WEEK, {"last": "x"}]}, ("all", 1, "last")),
        ({"all": [WEEK, SINCE], "last": "7d"}, ("last",)),
    ],
)
def test_what_is_no_overlap_is_refused(window: Any, path: tuple[str | int, ...]) -> None:
    with pytest.raises(InvalidRule) as caught:
        read(counted(window))
    assert caught.value.path == ("conversation", "window", *path)


WINDOWS = st.sampled_from(
    [
        WEEK,
        {"last": "1d"},
        {"before": "2d"},
        {"calendar": "this_week"},
        SINCE,
        {"to": "2026-03-24"},
        {"from": "2026-03-21", "to": "2026-03-23"},
    ]
)
ATS = st.integers(-10 * DAY, DAY).map(lambda off: Instant(NOW + off)) | st.sampled_from(
    [Instant(NOW - age) for age in (0, 1, DAY - 1, DAY, 2 * DAY, 7 * DAY - 1, 7 * DAY)]
)


@given(st.lists(WINDOWS, min_size=2, max_size=4), st.lists(ATS, max_size=6))
@settings(max_examples=150, deadline=None)
def test_what_lies_in_it_lies_in_each_and_the_kernel_agrees(windows: list[Any], ats: list[Instant]) -> None:
    moment = Moment(NOW, UTC)

    def within(window: Any, at: Instant) -> bool:
        return evaluate(read(counted(window)), View(said=[ActivityRow(at, {})]), moment)

    count = sum(all(within(window, at) for window in windows) for at in ats)
    view = View(said=[ActivityRow(at, {}) for at in ats])
    for value in (count, count + 1):
        rule = read(counted({"all": windows}, value))
        assert evaluate(rule, view, moment) is kernel_matches(lower(rule, UTC), view, moment) is (value <= count)
