"""Answers build themselves from the model: by name, by the type of a field, by `From`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from pydantic import Field

from coterie.http.native.shapes.base import Moment, Path, Value
from coterie.http.native.shapes.shape import Answer, From, Json, reader_of
from coterie.rules.values import Instant

AT = Instant(1_774_449_000_000)
ISO = "2026-03-25T14:30:00.000Z"


@dataclass(frozen=True)
class Source:
    """Whatever attributes it is given."""

    attributes: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self.attributes[name]


def source(**attributes: Any) -> Source:
    return Source(attributes)


class Leaf(Answer):
    name: str


class Tree(Answer):
    path: Path
    at: Moment
    never: Moment | None
    values: dict[str, Value]
    maybe: Value | None
    leaf: Leaf | None
    leaves: list[Leaf]
    moments: list[Moment]
    children: list[Tree]
    renamed: Annotated[str, From(attribute="inner.name")]
    from_: Annotated[Moment, From(attribute="start")] = Field(alias="from")
    rounded: Annotated[float, From(lambda seconds: round(seconds, 1))]


def tree(**changes: Any) -> Source:
    attributes = {
        "path": ("all", 0),
        "at": AT,
        "never": None,
        "values": {"n": 2.0, "t": AT, "l": ("a",)},
        "maybe": 1.5,
        "leaf": source(name="x"),
        "leaves": (source(name="y"), source(name="z")),
        "moments": (AT,),
        "children": (),
        "inner": source(name="i"),
        "start": AT,
        "rounded": 0.123,
    }
    return Source({**attributes, **changes})


JSON: Json = {
    "path": "all.0",
    "at": ISO,
    "never": None,
    "values": {"n": 2, "t": {"time": ISO}, "l": ["a"]},
    "maybe": 1.5,
    "leaf": {"name": "x"},
    "leaves": [{"name": "y"}, {"name": "z"}],
    "moments": [ISO],
    "children": [],
    "renamed": "i",
    "from": ISO,
    "rounded": 0.1,
}


def test_a_field_takes_the_attribute_of_its_name_as_its_type_writes_it() -> None:
    assert Tree.of(tree()) == JSON
    assert list(Tree.of(tree())) == list(JSON), "in the order of the shape"


def test_what_is_absent_is_null() -> None:
    assert Tree.of(tree(leaf=None, maybe=None)) == {**JSON, "leaf": None, "maybe": None}


def test_a_shape_may_have_parts_of_its_own_shape() -> None:
    assert Tree.of(tree(children=(tree(), tree()))) == {**JSON, "children": [JSON, JSON]}


class Doubled(Answer):
    number: int

    @classmethod
    def of(cls, source: Any, /) -> Json:
        return {"number": source.number * 2}


class Holder(Answer):
    first: Doubled
    others: list[Doubled]


def test_a_shape_that_overrides_of_is_built_so_inside_others_too() -> None:
    holder = source(first=source(number=1), others=[source(number=2)])
    assert Holder.of(holder) == {"first": {"number": 2}, "others": [{"number": 4}]}


def test_an_attribute_that_the_model_does_not_have_is_an_error() -> None:
    with pytest.raises(KeyError):
        Leaf.of(source())


def test_a_shape_is_compiled_once() -> None:
    assert reader_of(Leaf) is reader_of(Leaf)
