"""Cursors: ours come back as they were, anything else is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.errors import InvalidCursor
from coterie.http.fault import dotted
from coterie.http.paging import OFFSET_MAX, cursor_at, next_cursor, offset_of


@given(st.integers(0, OFFSET_MAX))
def test_a_cursor_of_ours_comes_back(offset: int) -> None:
    assert offset_of(cursor_at(offset)) == offset


@given(st.text())
def test_no_other_text_is_a_cursor(text: str) -> None:
    with pytest.raises(InvalidCursor) as caught:
        assert cursor_at(offset_of(text)) != text
    assert caught.value.path == ("cursor",)


@pytest.mark.parametrize(
    "cursor", ["", "x", "bzA=", "bzA", "by0x", "bzk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "\u00e9", "b%31"]
)
def test_some_that_look_like_it(cursor: str) -> None:
    if cursor == cursor_at(0):
        assert offset_of(cursor) == 0
        return
    with pytest.raises(InvalidCursor):
        offset_of(cursor)


@pytest.mark.parametrize(
    ("offset", "count", "total", "following"),
    [(0, 10, 30, 10), (20, 10, 30, None), (0, 0, 0, None), (40, 0, 30, None), (20, 9, 30, 29)],
)
def test_the_last_page_has_no_next(offset: int, count: int, total: int, following: int | None) -> None:
    expected = None if following is None else cursor_at(following)
    assert next_cursor(offset, count, total) == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("rule", "all", 0, "value"), "rule.all.0.value"),
        (("properties", "order.total"), 'properties."order.total"'),
        (("properties", 'a"b'), 'properties."a\\"b"'),
        (("properties", ""), 'properties.""'),
        (("properties", "größe"), "properties.größe"),
        ((), ""),
    ],
)
def test_paths_read_in_one_way_only(path: tuple[str | int, ...], text: str) -> None:
    assert dotted(path) == text
