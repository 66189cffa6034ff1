"""Nested properties are flattened, and nested again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.errors import InvalidInput
from coterie.http.greenflash.properties import OF_CONVERSATION, OF_EVENT, OF_PARTICIPANT, Naming, flatten, nest
from coterie.http.problem_paths import dotted
from coterie.rules.values import Instant

PLAIN = Naming(lambda key: key, lambda name: name)


def test_paths_have_dots() -> None:
    sent = {"plan": "pro", "app": {"version": "1.2", "build": {"number": 7}}, "tags": ["a"], "ok": True, "none": None}
    assert flatten(sent, (), PLAIN) == {
        "plan": "pro", "app.version": "1.2", "app.build.number": 7, "tags": ["a"], "ok": True, "none": None,
    }  # fmt: skip


def test_a_literal_key_wins_over_a_path() -> None:
    assert flatten({"a.b": 1, "a": {"b": 2}}, (), PLAIN) == {"a.b": 1}
    assert flatten({"a": {"b": 2}, "a.b": 1}, (), PLAIN) == {"a.b": 1}


def test_a_value_replaces_everything_under_its_name() -> None:
    held = ("app.version", "app.build", "app", "application", "plan")
    assert flatten({"app": {"version": "2"}}, (), PLAIN, held) == {"app.version": "2", "app.build": None, "app": None}
    assert flatten({"app": None}, (), PLAIN, held) == {"app": None, "app.version": None, "app.build": None}
    assert flatten({"app": {}}, (), PLAIN, held) == {"app": None, "app.version": None, "app.build": None}
    assert flatten({"app.version": "2"}, (), PLAIN, held) == {"app.version": "2"}


def test_properties_named_like_a_field_are_kept_apart() -> None:
    sent = {"email": "x", "name": {"first": "Ada"}, "properties": {"a": 1}, "plan": "pro"}
    stored = {"properties.email": "x", "name.first": "Ada", "properties.properties.a": 1, "plan": "pro"}
    assert flatten(sent, (), OF_PARTICIPANT) == stored
    assert nest({**stored, "name": "Ada", "organization_id": "o"}, OF_PARTICIPANT) == sent
    assert flatten({"email": {"work": "y"}}, (), OF_PARTICIPANT, stored) == {
        "email.work": "y",
        "properties.email": None,
    }
    assert flatten({"properties": {"b": 2}}, (), OF_PARTICIPANT, stored) == {
        "properties.properties.b": 2, "properties.properties.a": None,
    }  # fmt: skip
    assert flatten({"value": 1}, (), OF_EVENT) == {"properties.value": 1}
    assert nest({"rating.min": 1.0, "channel": "web"}, OF_CONVERSATION) == {"channel": "web"}


def test_values_as_json() -> None:
    values = {"a": 1.0, "b": 0.5, "c": ("x",), "d": Instant(0), "e": True, "f": 1e300}
    assert nest(values, PLAIN) == {
        "a": 1,
        "b": 0.5,
        "c": ["x"],
        "d": "1970-01-01T00:00:00.000Z",
        "e": True,
        "f": 1e300,
    }
    assert isinstance(nest(values, PLAIN)["a"], int)


def test_a_name_that_is_a_value_and_the_beginning_of_others_stands_beside_them() -> None:
    assert nest({"a": 1.0, "a.b": 2.0, "a.b.c": 3.0}, PLAIN) == {"a": 1, "a.b": 2, "a.b.c": 3}


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        ({"a": [1]}, "properties.a.0"),
        ({"a": {"b": ["x", {"c": 1}]}}, "properties.a.b.1"),
        ({"a": [["x"]]}, "properties.a.0"),
        ({"a": [None]}, "properties.a.0"),
        ({"a" * 256: 1}, f"properties.{'a' * 256}"),
    ],
)
def test_what_is_not_a_value_is_refused_at_its_path(sent: Any, path: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        flatten(sent, ("properties",), PLAIN)
    assert dotted(caught.value.path) == path


def test_endless_nesting_is_refused() -> None:
    deep: dict[str, Any] = {"": 1}
    for _ in range(900):
        deep = {"": deep}
    with pytest.raises(InvalidInput, match="256 characters; the limit is 255"):
        flatten(deep, ("properties",), PLAIN)


KEYS = st.text("abc", min_size=1, max_size=2)
LEAVES = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=3), st.booleans())


@given(
    st.dictionaries(
        KEYS, st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, min_size=1, max_size=3)), max_size=4
    )
)
def test_properties_without_dots_and_empty_objects_come_back_unchanged(sent: dict[str, Any]) -> None:
    assert nest(flatten(sent, (), OF_PARTICIPANT), OF_PARTICIPANT) == sent
