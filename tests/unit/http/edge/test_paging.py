"""Addresses of other pages, and paths into what was sent."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from coterie.http.paging import link
from coterie.http.problem_paths import dotted


def test_a_link_keeps_the_address_and_has_only_the_query_it_is_given() -> None:
    scope = {
        "type": "http", "method": "GET", "scheme": "https", "server": ("example.com", 443), "path": "/things",
        "query_string": b"page=1&secret=x", "headers": [],
    }  # fmt: skip
    assert link(Request(scope), page=2, order="a b") == "https://example.com/things?page=2&order=a+b"


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
