"""Property values survive being stored, kind and all."""

from __future__ import annotations

import math
from typing import cast

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.rules.values import INSTANT_MAX, INSTANT_MIN, Instant, Kind, Value, kind_of
from coterie.store.document import decode, decode_columns, encode

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
VALUES = st.one_of(
    TEXT,
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(INSTANT_MIN, INSTANT_MAX).map(Instant),
    st.lists(TEXT).map(tuple),
)


@given(st.dictionaries(TEXT, VALUES))
def test_every_document_comes_back_as_it_was(values: dict[str, Value]) -> None:
    back = decode(encode(values))
    assert back == values
    assert [(name, kind_of(value)) for name, value in back.items()] == [
        (name, kind_of(value)) for name, value in values.items()
    ]


NAMES = st.sampled_from(["a", "b", "{", "["])


@given(st.lists(st.dictionaries(NAMES, VALUES), max_size=5))
def test_columns_of_many_documents_are_what_each_of_them_says(documents: list[dict[str, Value]]) -> None:
    array = "[" + ",".join(encode(document).decode() for document in documents) + "]"
    for name, column in decode_columns(array, ["a", "b", "{", "[", "nothing"]).items():
        wanted = [decode(encode(document)).get(name) for document in documents]
        assert [(type(value), value) for value in column] == [(type(value), value) for value in wanted]


@pytest.mark.parametrize("number", [0.0, 42.0, -1.0, 0.1, 1e16, 1e300, 5e-324, float(2**53), 1.7976931348623157e308])
def test_a_number_comes_back_as_a_float(number: float) -> None:
    back = decode(encode({"n": number}))["n"]
    assert type(back) is float
    assert back == number


def test_times_numbers_lists_and_texts_stay_apart() -> None:
    back = decode(encode({"at": Instant(0), "tags": (), "n": 0.0, "text": '{"time":0}', "bracket": "[]"}))
    assert {name: kind_of(value) for name, value in back.items()} == {
        "at": Kind.TIME,
        "tags": Kind.LIST,
        "n": Kind.NUMBER,
        "text": Kind.TEXT,
        "bracket": Kind.TEXT,
    }


def test_a_property_may_be_called_time() -> None:
    values: dict[str, Value] = {"time": Instant(5), "[": "{", "{": ("[",), "": ""}
    assert decode(encode(values)) == values


def test_numpys_numbers_and_texts_are_stored_as_plain_ones() -> None:
    values = cast("dict[str, Value]", {"n": numpy.float64(1.5), "t": numpy.str_("x")})
    back = decode(encode(values))
    assert back == {"n": 1.5, "t": "x"}
    assert type(back["n"]) is float


def test_other_types_are_refused() -> None:
    with pytest.raises(TypeError):
        encode(cast("dict[str, Value]", {"x": object()}))
    with pytest.raises(TypeError):
        encode({"x": "\ud800"})


def test_the_store_leaves_it_to_coercion_to_reject_what_json_cannot_express() -> None:
    assert encode({"x": math.inf}) == b'{"x":null}', "rules.coerce refuses it long before"
