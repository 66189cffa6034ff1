"""Every leaf is named by what judges its kind of value, or refused; none is silently false."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pytest

from coterie.index.columns.dictionary import Booleans, Dictionary, Lists, TextDictionary
from coterie.index.columns.matching import Matchable
from coterie.index.columns.ordered import ValueMatcher
from coterie.index.resolve import OnDays, ResolvedLeaf, kind_of_leaf
from coterie.rules.kernel import (
    BooleanIs,
    IsSet,
    ListIncludes,
    NumberIn,
    NumberRange,
    TextIn,
    TextMatch,
    TimeRange,
)
from coterie.rules.values import Kind

LEAVES: list[ResolvedLeaf] = [
    IsSet("p"),
    TextIn("p", frozenset({"a"})),
    TextMatch("p", "contains", "a"),
    NumberIn("p", frozenset({1.0})),
    NumberRange("p", low=0.0),
    BooleanIs("p", value=True),
    TimeRange("p", low=0),
    OnDays("p", frozenset({(1, 1)})),
    ListIncludes("p", frozenset({"a"}), every=False),
]


@pytest.mark.parametrize("dictionary", [TextDictionary, Lists, Booleans])
@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: type(leaf).__name__)
def test_a_dictionary_answers_the_leaves_of_its_kind_and_refuses_others(
    dictionary: type[Dictionary], leaf: ResolvedLeaf
) -> None:
    if kind_of_leaf(leaf) in (None, dictionary.kind):
        assert not dictionary().truth(leaf)[0]
    else:
        with pytest.raises(TypeError, match="is not asked of"):
            dictionary().truth(leaf)


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: type(leaf).__name__)
def test_so_do_texts_numbers_and_times(leaf: ResolvedLeaf) -> None:
    kind = kind_of_leaf(leaf)
    texts = Matchable.of(["a", None])
    if kind in (None, Kind.TEXT):
        assert texts.judge(leaf, 0, 2).tolist() == [True, False]
    else:
        with pytest.raises(TypeError, match="is not asked of"):
            texts.judge(leaf, 0, 2)
    for of, values in ((Kind.NUMBER, np.array([1.0])), (Kind.TIME, np.array([1]))):
        matcher = ValueMatcher(of, ZoneInfo("UTC"))
        if matcher.suits(leaf):
            assert matcher.matches(leaf, values).all()
        else:
            with pytest.raises(TypeError, match="is not asked of"):
                matcher.matches(leaf, values)


class UnknownLeaf:
    """A leaf shape that nobody has been taught."""

    property = "p"


@pytest.mark.parametrize("dictionary", [TextDictionary, Lists, Booleans])
def test_an_unknown_leaf_is_an_error_and_not_false_for_everybody(dictionary: type[Dictionary]) -> None:
    with pytest.raises(TypeError, match="is not asked of"):
        dictionary().truth(UnknownLeaf())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="is not asked of"):
        Matchable.of(["a"]).judge(UnknownLeaf(), 0, 1)  # type: ignore[arg-type]
    with pytest.raises(AssertionError):
        kind_of_leaf(UnknownLeaf())  # type: ignore[arg-type]
