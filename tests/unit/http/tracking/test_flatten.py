"""Nested documents as flat properties: every shape that trackers send, without loss."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.errors import InvalidValue, LimitExceeded
from coterie.http.tracking.flatten import DEPTH_MAX, flatten

CASES: list[tuple[str, Any, Any]] = [
    (
        "flat values stay",
        {"a": "x", "b": 1, "c": 0.5, "d": True, "e": None},
        {"a": "x", "b": 1, "c": 0.5, "d": True, "e": None},
    ),
    (
        "an object by dots",
        {"address": {"city": "Bonn", "geo": {"lat": 1.5}}},
        {"address.city": "Bonn", "address.geo.lat": 1.5},
    ),
    ("an empty object holds nothing", {"a": {}}, {}),
    ("an object with a time in it is an object", {"visit": {"time": "2026-03-01"}}, {"visit.time": "2026-03-01"}),
    ("a list of texts", {"tags": ["a", "b", "a"]}, {"tags": ["a", "b", "a"]}),
    ("an empty list", {"tags": []}, {"tags": []}),
    (
        "items of a list become text",
        {"x": [1, 2.5, 3.0, True, "a", None]},
        {"x": ["1", "2.5", "3", "true", "a"]},
    ),
    ("lists in lists are one", {"x": [["a"], ["b", ["c"]]]}, {"x": ["a", "b", "c"]}),
    (
        "a list of objects is a list for each key",
        {"products": [{"sku": "A", "price": 9.99}, {"sku": "B", "tags": ["x", "y"]}]},
        {"products.sku": ["A", "B"], "products.price": ["9.99"], "products.tags": ["x", "y"]},
    ),
    ("objects below objects of a list", {"p": [{"maker": {"name": "N"}}]}, {"p.maker.name": ["N"]}),
    ("texts and objects in one list", {"p": ["a", {"b": "c"}]}, {"p": ["a"], "p.b": ["c"]}),
    ("objects of which nothing is known", {"p": [{"a": None}, {}]}, {"p": []}),
    ("the largest exact whole number", {"n": 2**53, "m": -(2**53)}, {"n": 2**53, "m": -(2**53)}),
    ("one more is text", {"n": 2**53 + 1, "m": -(2**53) - 1}, {"n": "9007199254740993", "m": "-9007199254740993"}),
    ("as it is in a list", {"n": [2**64]}, {"n": ["18446744073709551616"]}),
    ("the later of two with one name", {"a": {"b": 1}, "a.b": 2}, {"a.b": 2}),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "flat"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_flat(sent: dict[str, Any], flat: dict[str, Any]) -> None:
    flattened = flatten(sent, ("properties",))
    assert flattened == flat
    assert {name: type(value) for name, value in flattened.items()} == {
        name: type(value) for name, value in flat.items()
    }


def test_a_prefix_goes_before_every_name() -> None:
    assert flatten({"a": {"b": 1}, "c": [{"d": 2}]}, (), prefix="group.") == {"group.a.b": 1, "group.c.d": ["2"]}


def nested(levels: int, *, lists: bool) -> dict[str, Any]:
    value: Any = 1
    for _ in range(levels):
        value = [value] if lists else {"a": value}
    return {"a": value}


@pytest.mark.parametrize("lists", [True, False])
def test_depth_is_bounded(lists: bool) -> None:
    assert flatten(nested(DEPTH_MAX, lists=lists), ("properties",))
    with pytest.raises(LimitExceeded) as caught:
        flatten(nested(DEPTH_MAX + 1, lists=lists), ("properties",))
    assert caught.value.path == ("properties",)


def test_an_infinity_in_a_list_is_refused_with_its_place() -> None:
    with pytest.raises(InvalidValue) as caught:
        flatten({"a": ["x", float("inf")]}, ("properties",))
    assert caught.value.path == ("properties", "a", 1)


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


def leaves(value: Any) -> int:
    match value:
        case dict():
            return sum(leaves(item) for item in value.values())
        case list():
            return sum(leaves(item) for item in value if item is not None)
        case _:
            return 1


@settings(deadline=None)
@given(st.dictionaries(st.from_regex(r"[a-z]{1,3}", fullmatch=True), JSON, max_size=4))
def test_everything_comes_out_flat(sent: dict[str, Any]) -> None:
    for value in flatten(sent, ()).values():
        assert value is None or isinstance(value, str | int | float | bool) or all(type(item) is str for item in value)


KEYS = st.from_regex(r"[a-z]{1,3}", fullmatch=True)


@settings(deadline=None)
@given(
    st.recursive(
        st.dictionaries(KEYS, SCALARS.filter(lambda value: value is not None), max_size=3),
        lambda inner: st.dictionaries(KEYS, inner, max_size=3),
    )
)
def test_no_value_is_lost_on_the_way(sent: dict[str, Any]) -> None:
    assert len(flatten(sent, ())) == leaves(sent)
