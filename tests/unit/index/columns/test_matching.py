"""Texts in Arrow: folding, containing and regular expressions agree with Python and RE2."""

from __future__ import annotations

from unittest import mock

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.index.columns import substring_search
from coterie.index.columns.matching import Matchable, folded_array, text_array
from coterie.index.columns.substring_search import containing
from coterie.rules.kernel import TextMatch
from coterie.rules.text import is_found
from coterie.rules.values import fold

TEXTS = st.lists(st.none() | st.text(alphabet="abABkKsSſ\u212aßẞΣσςİıIiµμé.@1 \n😀", max_size=7), max_size=30)
PATTERNS = (
    "a", "^a", "b$", "ab", "A", "[A-B]", "[^a]", "k", "\u212a", "s", "ſ", "ß", "Σ", "ς", "İ", "i", "µ", "\\w", "\\W",
    "\\d", "\\s", ".", "\\bab\\b", "(?-i)A", "(?s)a.b", "a.b", "(?m)^b", "[[:upper:]]", "\\p{Lu}", "\\pL",
    "(ab|ba)[a-k]", "😀", "a{2}", "^$", "",
)  # fmt: skip


@settings(deadline=None)
@given(TEXTS)
def test_folding_is_the_law_s(texts: list[str | None]) -> None:
    assert folded_array(text_array(texts)).to_pylist() == [None if one is None else fold(one) for one in texts]


@settings(deadline=None)
@given(TEXTS)
def test_the_original_is_kept(texts: list[str | None]) -> None:
    matchable = Matchable.of(texts)
    assert [matchable.text(place) for place in range(len(texts))] == texts
    assert matchable.original_array().to_pylist() == texts


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(PATTERNS), st.booleans(), st.integers(0, 5))
def test_arrow_matches_as_the_law_does(texts: list[str | None], pattern: str, cased: bool, start: int) -> None:
    start = min(start, len(texts))
    verdicts = Matchable.of(texts).judge(TextMatch("p", "regex", pattern, cased), start, len(texts))
    assert verdicts.tolist() == [one is not None and is_found(pattern, one, cased) for one in texts[start:]]


@given(TEXTS, st.text(alphabet="abß😀 ", min_size=1, max_size=4), st.integers(0, 5), st.sampled_from((4, 16, 2**18)))
def test_containing_is_python_s_in(texts: list[str | None], pattern: str, start: int, at_a_time: int) -> None:
    expected = [one is not None and pattern in one for one in texts[start:]]
    for kind in (pa.string(), pa.large_string()):
        with mock.patch.object(substring_search, "BYTES", at_a_time):
            assert containing(pa.array(texts, type=kind).slice(start), pattern).tolist() == expected


@pytest.mark.parametrize("pattern", ["ab3a", "bab", "abab3ab", "b3ab", "ab", "3", "abab3aba"])
@pytest.mark.parametrize("at_a_time", [5, 64, 2**18])
def test_wherever_in_the_buffer_the_pattern_is(pattern: str, at_a_time: int) -> None:
    texts = ["x" * (number % 5) + f"abab{number % 7}ab" for number in range(500)]
    with mock.patch.object(substring_search, "BYTES", at_a_time):
        assert containing(pa.array(texts), pattern).tolist() == [pattern in text for text in texts]
