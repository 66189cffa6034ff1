"""A regular expression's required literals: every text that matches contains one."""

from __future__ import annotations

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.index.columns.prefilter import prefilter
from coterie.rules.text import is_found
from coterie.rules.values import fold

PIECES = (
    "ab",
    "Ka",
    "s",
    "\\.",
    ".",
    "[a-c]",
    "[^x]",
    "\\d",
    "(",
    "(?:",
    ")",
    "|",
    "*",
    "+",
    "?",
    "{2}",
    "{0,2}",
    "^",
    "$",
    "-",
    "\\b",
    "é",
)


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        ("^(info|sales)[0-9]+@example", [{"@example"}, {"info", "sales"}]),
        ("-(tech|labs)\\.com$", [{".com"}, {"tech", "labs"}]),
        ("acme", [{"acme"}]),
        ("acm?e", [{"ac"}]),
        ("(acme)?", []),
        ("acme|", []),
        ("a{2}", []),
        ("(abc){2,}", [{"abc"}]),
        ("(abc){0,3}x", []),
        ("[ab]cd", [{"cd"}]),
        ("(?i)abc", []),
        ("\\Qabc\\E", []),
        ("[[:alpha:]]abc", []),
        ("x*yz", [{"yz"}]),
        ("", []),
    ],
)
def test_what_is_required(pattern: str, literals: list[set[str]]) -> None:
    assert [set(one) for one in prefilter(pattern)] == literals


@settings(max_examples=600, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join),
    st.lists(st.text(alphabet="abcKxs.-0é ", max_size=8), min_size=10, max_size=10),
)
def test_whatever_matches_contains_one(pattern: str, texts: list[str]) -> None:
    sets = prefilter(pattern)
    try:
        re2.compile(pattern)
    except re2.error:
        return
    for text in texts:
        if text.isascii() and is_found(pattern, text, cased=False):
            assert all(any(literal in fold(text) for literal in literals) for literals in sets)
