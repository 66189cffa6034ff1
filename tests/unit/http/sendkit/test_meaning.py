"""The meaning of the grammar, compared with an independent interpreter, and of rules read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import event, given, settings
from hypothesis import strategies as st

from coterie.http.sendkit.from_rule import opaque, write_definition
from coterie.rules import nodes
from coterie.rules.evaluate import evaluate
from coterie.rules.moment import Moment
from coterie.rules.nodes import Not, PropertyCondition, Rule
from coterie.rules.values import Instant, Kind, Value
from tests import strategies as ours
from tests.unit.http.sendkit.context import LIST_ID, MRR, PLAN, RENEWS, SEGMENT_ID, context_with, declared, read
from tests.unit.http.sendkit.drawn import NOW, View, contacts, documents
from tests.unit.http.sendkit.interpreter import Interpreter

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia"])
KINDS = {PLAN.id: "string", MRR.id: "number", RENEWS.id: "date"}
NAMES = {item.id: item.name for item in (PLAN, MRR, RENEWS)}


@settings(max_examples=600, deadline=None)
@given(documents, st.lists(contacts, min_size=1, max_size=4), ZONES)
def test_a_translated_segment_holds_for_whom_the_grammar_says(
    document: dict[str, Any], people: list[dict[str, Any]], zone: str
) -> None:
    definition = read(document, context_with(zone=zone))
    interpreter = Interpreter(KINDS, NAMES, NOW, ZoneInfo(zone))
    moment = Moment(Instant.of(NOW), ZoneInfo(zone))
    for contact in people:
        wanted = interpreter.matches(document, contact)
        event(f"matches: {wanted}")
        assert evaluate(definition.rule, View(contact), moment) is wanted


@settings(max_examples=200, deadline=None)
@given(documents, ZONES)
def test_the_echo_is_the_document_itself_when_it_was_sent_in_full(document: dict[str, Any], zone: str) -> None:
    assert read(document, context_with(zone=zone)).document == document


@settings(max_examples=300, deadline=None)
@given(documents, st.lists(contacts, min_size=1, max_size=4), ZONES)
def test_a_rule_made_here_is_said_again_with_the_same_meaning(
    document: dict[str, Any], people: list[dict[str, Any]], zone: str
) -> None:
    world = context_with(zone=zone)
    rule = read(document, world).rule
    written = write_definition(rule, world)
    event(f"can be expressed: {written is not None}")
    if written is not None:
        again = read(written, world).rule
        moment = Moment(Instant.of(NOW), ZoneInfo(zone))
        for contact in people:
            assert evaluate(again, View(contact), moment) is evaluate(rule, View(contact), moment)


# --- random rules of our own language -------------------------------------------------------------

AS_CUSTOM = {name: name for name in ours.PROPERTIES}
AS_RESERVED = {"plan": "first_name", "mrr": "unsubscribed", "signed_up_at": "created_at", "tags": "external_id"}
DECLARED = (
    declared("plan", Kind.TEXT, 1), declared("mrr", Kind.NUMBER, 2), declared("signed_up_at", Kind.TIME, 3),
    declared("tags", Kind.TEXT, 4),
)  # fmt: skip


class OurView:
    """A profile from the language's own strategies. Its values may be of any kind."""

    def __init__(self, values: Mapping[str, Value], names: Mapping[str, str], member: bool) -> None:
        self._values = {names.get(name, name): value for name, value in values.items()}
        self._member = member

    def value(self, name: str) -> Value | None:
        return self._values.get(name)

    def is_member(self, segment_id: str) -> bool:
        return self._member is (segment_id == LIST_ID)


def renamed(rule: Rule, names: Mapping[str, str]) -> Rule:
    match rule:
        case nodes.All(children=children):
            return nodes.All(tuple(renamed(child, names) for child in children))
        case nodes.Any(children=children):
            return nodes.Any(tuple(renamed(child, names) for child in children))
        case Not(child=child):
            return Not(renamed(child, names))
        case PropertyCondition():
            return replace(rule, property=names.get(rule.property, rule.property))
        case _:
            return rule


def shallow() -> st.SearchStrategy[Rule]:
    """Random conditions, negated or not, in two levels: what the grammar may express."""
    leaf = ours.property_conditions() | st.sampled_from((LIST_ID, SEGMENT_ID)).map(nodes.SegmentCondition)
    condition: st.SearchStrategy[Rule] = leaf | leaf.map(Not)
    children = st.lists(condition, min_size=1, max_size=2).map(tuple)
    group: st.SearchStrategy[Rule] = children.map(nodes.All) | children.map(nodes.Any)
    more = st.lists(condition | group, min_size=1, max_size=2).map(tuple)
    return condition | more.map(nodes.All) | more.map(nodes.Any)


@settings(max_examples=700, deadline=None)
@given(
    shallow() | ours.rules(segments=(LIST_ID, SEGMENT_ID)),
    st.lists(ours.profiles(), min_size=1, max_size=4),
    ours.moments(),
    st.sampled_from([AS_CUSTOM, AS_RESERVED]),
    st.booleans(),
)
def test_what_is_said_of_a_rule_made_elsewhere_means_exactly_that_rule(
    rule: Rule, profiles: list[Mapping[str, Value]], moment: Moment, names: Mapping[str, str], member: bool
) -> None:
    world = context_with(*DECLARED, zone=str(moment.zone))
    rule = renamed(rule, names)
    written = write_definition(rule, world)
    event(f"can be expressed: {written is not None}")
    if written is None:
        return
    again = read(written, world).rule
    for values in profiles:
        view = OurView(values, names, member)
        assert evaluate(again, view, moment) is evaluate(rule, view, moment), written


def test_what_cannot_be_said_is_a_condition_that_can_be_read() -> None:
    assert read(opaque(SEGMENT_ID)).rule == nodes.SegmentCondition(SEGMENT_ID)
    assert read(opaque(SEGMENT_ID)).document == opaque(SEGMENT_ID)
