"""Operands that are values, or have values in them: none, one, several, a low and a high end."""

from __future__ import annotations

from coterie.rules.limits import RuleLimits
from coterie.rules.nodes import Operand
from coterie.rules.operand_shapes.declaration import OperandShape, Ref, Schema
from coterie.rules.operands import (
    InvalidOperand,
    describe_json,
    is_number,
    never,
    operand_over_limit,
    read_moment,
    read_number,
    read_scalar,
)
from coterie.rules.values import Kind
from coterie.rules.words import value_words


def _read_nothing(raw: object, taker: str, kinds: frozenset[Kind], limits: RuleLimits) -> Operand:
    if raw is not None:
        raise InvalidOperand(f"{taker} takes no value.", hint="Leave “value” out.")
    return None


NOTHING = OperandShape(
    name="nothing",
    wanted="nothing",
    meaning="absent",
    read=_read_nothing,
    schema=lambda kinds, limits, ref: {"type": "null"},
    samples=(None,),
    arguments="none",
    suggested=False,
)


_SCALARS: dict[Kind, Schema] = {
    Kind.TEXT: {"type": "string"},
    Kind.NUMBER: {"type": "number"},
    Kind.BOOLEAN: {"type": "boolean"},
}


def _any_of(schemas: list[Schema]) -> Schema:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _item_kinds(kinds: frozenset[Kind]) -> frozenset[Kind]:
    """The items of a list are texts."""
    return frozenset({Kind.TEXT}) if Kind.LIST in kinds else kinds


def _read_same(raw: object, taker: str, kinds: frozenset[Kind], limits: RuleLimits) -> Operand:
    return read_scalar(raw, kinds, taker, limits)


def _same_schema(kinds: frozenset[Kind], limits: RuleLimits, ref: Ref) -> Schema:
    return _any_of([schema for kind, schema in _SCALARS.items() if kind in kinds])


SAME = OperandShape(
    name="same",
    wanted="one value to compare with",
    meaning="one value of the operator's kinds",
    read=_read_same,
    schema=_same_schema,
    of_its_kinds=True,
)


def _read_some(raw: object, taker: str, kinds: frozenset[Kind], limits: RuleLimits) -> Operand:
    if not isinstance(raw, list | tuple):
        raise InvalidOperand(
            f"{taker} takes a list, not {describe_json(raw)}.", hint='Write a list, such as ["a", "b"].'
        )
    if not raw:
        raise InvalidOperand(f"{taker} takes a list with at least one value; this one is empty.")
    if len(raw) > limits.operand_values_max:
        raise operand_over_limit(taker, len(raw), "values", limits.operand_values_max, "operand_values_max")
    items = [_read_item(item, place, _item_kinds(kinds), taker, limits) for place, item in enumerate(raw)]
    texts = tuple(item for item in items if isinstance(item, str))
    numbers = tuple(item for item in items if isinstance(item, float))
    if texts and numbers:
        raise InvalidOperand(f"{taker} takes all texts or all numbers, not a mixture.")
    return texts or numbers


def _read_item(raw: object, place: int, kinds: frozenset[Kind], taker: str, limits: RuleLimits) -> object:
    try:
        return read_scalar(raw, kinds, f"each value of {taker}", limits, verb="must be")
    except InvalidOperand as error:
        error.path = (place,)
        raise


def _some_schema(kinds: frozenset[Kind], limits: RuleLimits, ref: Ref) -> Schema:
    size = {"minItems": 1, "maxItems": limits.operand_values_max}
    items = [schema for kind, schema in _SCALARS.items() if kind in _item_kinds(kinds)]
    return _any_of([{"type": "array", "items": schema, **size} for schema in items])


SOME = OperandShape(
    name="some",
    wanted="a list of values",
    meaning="a list of texts, or of numbers, not empty",
    read=_read_some,
    schema=_some_schema,
    arguments="several",
    of_its_kinds=True,
)


def _read_range(raw: object, taker: str, kinds: frozenset[Kind], limits: RuleLimits) -> Operand:
    if not isinstance(raw, list | tuple) or len(raw) != 2:
        raise InvalidOperand(f"{taker} takes a list of two, the low end and the high end, not {describe_json(raw)}.")
    if Kind.NUMBER in kinds and (Kind.TIME not in kinds or all(is_number(end) for end in raw)):
        low, high = (read_number(end, taker) for end in raw)
        if low > high:
            raise InvalidOperand("The low end is above the high end.", hint="Swap them.")
        return low, high
    if Kind.NUMBER in kinds and any(is_number(end) for end in raw):
        raise InvalidOperand(f"{taker} takes two numbers or two times, not one of each.")
    first, last = (read_moment(end, taker) for end in raw)
    if never(first, last):
        raise InvalidOperand("The first end is later than the second.", hint="Swap them.")
    return first, last


def _range_schema(kinds: frozenset[Kind], limits: RuleLimits, ref: Ref) -> Schema:
    two: Schema = {"type": "array", "minItems": 2, "maxItems": 2}
    return {"anyOf": [{**two, "items": {"type": "number"}}, {**two, "items": ref("Moment")}]}


def _range_words(operand: Operand) -> str:
    assert isinstance(operand, tuple)
    return " and ".join(map(value_words, operand))


RANGE = OperandShape(
    name="range",
    wanted="a list of two: the low end and the high end",
    meaning="`[low, high]`: two numbers, or two instants or dates; both ends are inside",
    read=_read_range,
    schema=_range_schema,
    words=_range_words,
    arguments="pair",
    of_its_kinds=True,
)

DECLARED = (NOTHING, SAME, SOME, RANGE)
