"""Every operator keeps what its declaration says."""

from __future__ import annotations

import inspect
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from coterie.rules.coerce import read_value
from coterie.rules.evaluate import evaluate
from coterie.rules.limits import RuleLimits
from coterie.rules.lower import lower
from coterie.rules.moment import Moment
from coterie.rules.nodes import PropertyCondition
from coterie.rules.operand_shapes import NOTHING
from coterie.rules.operators import (
    COMPLEMENTS,
    OPERATORS,
    Example,
    Operator,
    change,
    equality,
    list,
    number,
    presence,
    text,
    time,
)
from coterie.rules.read_operand import read_operand
from coterie.rules.values import Instant, Kind, Value
from tests.unit.rules.views import View, kernel_matches

UTC = ZoneInfo("UTC")
NAMES = [
    "equals",
    "not_equals",
    "in",
    "not_in",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "matches",
    "greater_than",
    "at_least",
    "less_than",
    "at_most",
    "between",
    "before",
    "after",
    "on",
    "in_last",
    "not_in_last",
    "more_than_ago",
    "in_next",
    "in_calendar",
    "not_in_calendar",
    "anniversary_in_next",
    "changed_in_last",
    "not_changed_in_last",
    "held_for",
    "not_held_for",
    "includes_any",
    "includes_all",
    "includes_none",
    "is_set",
    "is_not_set",
]
EXAMPLES = [(operator, example) for operator in OPERATORS.values() for example in operator.examples]
every_operator = pytest.mark.parametrize("operator", OPERATORS.values(), ids=OPERATORS)
ONE_OF_EACH: dict[Kind, Value] = {
    Kind.TEXT: "x",
    Kind.NUMBER: 1.0,
    Kind.BOOLEAN: True,
    Kind.TIME: Instant(0),
    Kind.LIST: ("x",),
}


def moment_of(example: Example) -> Moment:
    now = example.now or "2026-03-15T12:00:00Z"
    return Moment(Instant.of(datetime.fromisoformat(now)), UTC)


def condition_of(operator: Operator, example: Example) -> PropertyCondition:
    return PropertyCondition("x", operator.name, read_operand(operator, example.operand, RuleLimits()))


def view_of(operator: Operator, example: Example) -> View:
    """The example's value as what the operator looks at: the property, or when it changed."""
    if example.value is None:
        return View()
    value = read_value(example.value, (), UTC)
    if not operator.of_change:
        return View({"x": value})
    assert isinstance(value, Instant)
    return View({"x": "whatever it is"}, changed={"x": value})


def test_the_language_has_these_operators_and_no_others() -> None:
    assert sorted(OPERATORS) == sorted(NAMES)


@pytest.mark.parametrize(
    ("operator", "example"),
    EXAMPLES,
    ids=[f"{operator.name}: {example.value!r} {example.operand!r}" for operator, example in EXAMPLES],
)
def test_examples_hold_as_declared_in_the_law_and_in_the_kernel(operator: Operator, example: Example) -> None:
    condition, view, moment = condition_of(operator, example), view_of(operator, example), moment_of(example)
    assert evaluate(condition, view, moment) is example.holds
    assert kernel_matches(lower(condition, UTC), view, moment) is example.holds


@every_operator
def test_examples_show_it_true_and_false_and_for_a_missing_value(operator: Operator) -> None:
    assert {example.holds for example in operator.examples} == {True, False}
    missing = [example for example in operator.examples if example.value is None]
    assert [example.holds for example in missing] == [operator.complement_of is not None]


@every_operator
def test_it_is_false_for_values_of_other_kinds_unless_it_is_a_complement(operator: Operator) -> None:
    condition = condition_of(operator, operator.examples[0])
    if operator.of_change:
        return  # values of every kind change
    for kind in set(Kind) - operator.kinds:
        asked = evaluate(condition, View({"x": ONE_OF_EACH[kind]}), moment_of(operator.examples[0]))
        assert asked is (operator.complement_of is not None), kind


@pytest.mark.parametrize("name", [name for name, operator in OPERATORS.items() if operator.complement_of])
def test_a_negative_operator_is_the_exact_opposite_of_its_twin(name: str) -> None:
    twin = OPERATORS[COMPLEMENTS[name]]
    for example in (*OPERATORS[name].examples, *twin.examples):
        view, moment = view_of(twin, example), moment_of(example)
        operand = read_operand(twin, example.operand, RuleLimits())
        assert evaluate(PropertyCondition("x", name, operand), view, moment) is not evaluate(
            PropertyCondition("x", twin.name, operand), view, moment
        )


def test_every_operator_called_not_something_has_a_positive_twin() -> None:
    assert {name for name in OPERATORS if "not" in name.split("_") or name.endswith("_none")} == {
        operator.name for operator in OPERATORS.values() if operator.complement_of
    }


@every_operator
def test_it_says_how_it_reads_and_what_it_is_for(operator: Operator) -> None:
    assert set(re.findall(r"{(\w+)}", operator.reads)) == (
        {"subject"} if operator.takes is NOTHING else {"subject", "operand"}
    )
    assert operator.summary.endswith(".")
    assert operator.kinds


def test_each_declaration_in_a_room_is_registered() -> None:
    for room in (equality, text, number, time, change, list, presence):
        declared = {value for _, value in inspect.getmembers(room) if isinstance(value, Operator)}
        assert {operator.name for operator in declared} == {operator.name for operator in room.DECLARED}
        assert all(OPERATORS[operator.name] is operator for operator in declared)


@pytest.mark.parametrize("room", [text, list], ids=["text", "list"])
def test_case_can_be_asked_for_wherever_text_is_compared(room: object) -> None:
    assert all(operator.case_option for operator in room.DECLARED)  # type: ignore[attr-defined]  # a module of declarations


@pytest.mark.parametrize(
    ("name", "value", "operand"),
    [
        ("equals", "Pro", "pro"),
        ("in", "Pro", ["pro"]),
        ("contains", "Prose", "pro"),
        ("starts_with", "Prose", "pro"),
        ("ends_with", "SonicPro", "pro"),
        ("matches", "Pro", "^pro$"),
        ("includes_any", ("Pro",), ["pro"]),
        ("includes_all", ("Pro", "Beta"), ["pro", "beta"]),
    ],
)
def test_text_is_compared_ignoring_case_unless_asked(name: str, value: Value, operand: object) -> None:
    read = read_operand(OPERATORS[name], operand, RuleLimits())
    view, moment = View({"x": value}), Moment(Instant(0), UTC)
    for cased in (False, True):
        condition = PropertyCondition("x", name, read, case_sensitive=cased)
        assert evaluate(condition, view, moment) is not cased
        assert kernel_matches(lower(condition, UTC), view, moment) is not cased
