"""Checks against a workspace: missing segments, unknown properties, wrong kinds, cycles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from coterie.errors import InvalidRule
from coterie.model import CONVERSATION_FIELDS
from coterie.rules.build import conversation, event, prop, sample, segment, sequence
from coterie.rules.check import check, find_cycle
from coterie.rules.check_activity import CONVERSATION_KINDS
from coterie.rules.nodes import Rule
from coterie.rules.values import Kind


@dataclass
class KnownWorkspace:
    seen: Mapping[str, frozenset[Kind]] = field(default_factory=dict)
    types: Mapping[str, Kind] = field(default_factory=dict)
    segments: tuple[str, ...] = ()
    events: Mapping[str, Mapping[str, frozenset[Kind]]] = field(default_factory=dict)
    said: Mapping[str, frozenset[Kind]] = field(default_factory=dict)

    def has_event(self, name: str) -> bool:
        return name in self.events

    def event_kinds(self, name: str, property: str) -> frozenset[Kind] | None:
        return self.events[name].get(property)

    def conversation_kinds(self, property: str) -> frozenset[Kind] | None:
        assert property not in CONVERSATION_FIELDS, "these are known without asking"
        return self.said.get(property)

    def kinds_of(self, name: str) -> frozenset[Kind] | None:
        return self.seen.get(name)

    def declared(self, name: str) -> Kind | None:
        return self.types.get(name)

    def has_segment(self, segment_id: str) -> bool:
        return segment_id in self.segments


KNOWN = KnownWorkspace(
    seen={"plan": frozenset({Kind.TEXT}), "mixed": frozenset({Kind.TEXT, Kind.NUMBER}), "emptied": frozenset()},
    types={"mrr": Kind.NUMBER, "born_on": Kind.TIME},
    segments=("vips",),
    events={"order": {"total": frozenset({Kind.NUMBER}), "sku": frozenset({Kind.TEXT}), "emptied": frozenset()}},
    said={"channel": frozenset({Kind.TEXT})},
)


@pytest.mark.parametrize(
    "rule",
    [
        prop("plan") == "pro",
        prop("plan").is_in(["a", "b"]),
        prop("plan").matches("a"),
        prop("plan").is_set(),
        prop("mixed") == 1,
        prop("mixed") == "1",
        prop("mrr").between(1, 2),
        prop("born_on").between("2026-01-01", "2026-02-01"),
        prop("born_on").anniversary_in_next("7d"),
        prop("emptied") == 1,
        prop("email").ends_with("@acme.com"),
        prop("created_at").in_last("7d"),
        segment("vips"),
        prop("plan").held_for("7d"),
        event("order").where(prop("total") > 5).sum("total") > 5,
        event("order").last_value("sku") == "a",
        event("order").sum("emptied") > 5,
        event("order").where(prop("emptied") == "a").any(),
        event("order").count() > 5,
        event().where(prop("whatever") == 1).sum("anything") > 5,
        conversation().where((prop("channel") == "phone") & (prop("cqi") > 3)).mean("sentiment") > 0,
        sequence("order", event("order").where(prop("total") > 5)),
        sample(10),
    ],
)
def test_what_makes_sense_has_no_warnings(rule: Rule) -> None:
    assert check(rule, KNOWN) == ()


def test_an_unknown_property_is_a_warning_at_its_place() -> None:
    (warning,) = check((prop("plan") == "pro") & ~(prop("plam") == "pro"), KNOWN)
    assert (warning.code, warning.path) == ("unknown_property", ("all", 1, "not", "property"))
    assert "“plam”" in warning.message


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (prop("plan") > 5, "“plan” has only ever been text, and this compares number, so it is true for no one."),
        (prop("plan") == 5, "compares number"),
        (prop("plan") != 5, "true for everyone"),
        (prop("plan").between("2026-01-01", "2026-02-01"), "compares time"),
        (prop("mrr") == "5", "“mrr” is declared as number, and this compares text"),
        (prop("mrr").is_in(["5"]), "compares text"),
        (prop("mrr") == True, "compares boolean"),  # noqa: E712 - this makes a rule
        (prop("mixed").includes_none("a"), "true for everyone"),
        (prop("email").in_last("7d"), "“email” is declared as text"),
    ],
)
def test_kinds_that_never_meet_are_a_warning(rule: Rule, words: str) -> None:
    (warning,) = check(rule, KNOWN)
    assert (warning.code, warning.path) == ("kind_mismatch", ("operator",))
    assert words in warning.message


@pytest.mark.parametrize(
    ("rule", "code", "path", "words"),
    [
        (
            event("odrer").where(prop("nope") == 1).any(),
            "unknown_event",
            ("event", "name"),
            "No event “odrer” has been sent so far.",
        ),
        (
            event("order").sum("totl") > 1,
            "unknown_property",
            ("event", "of"),
            "No order event has had a property “totl” so far.",
        ),
        (
            event("order").where(~prop("totl").is_set()).any(),
            "unknown_property",
            ("event", "where", "not", "property"),
            "“totl”",
        ),
        (
            event("order").sum("sku") > 1,
            "kind_mismatch",
            ("event", "of"),
            "“sku” of order events has only ever been text, and sum takes numbers, so it is always 0.",
        ),
        (event("order").mean("sku") > 1, "kind_mismatch", ("event", "of"), "so it is always missing."),
        (
            event("order").last_value("total") == "5",
            "kind_mismatch",
            ("operator",),
            "“total” of order events has only ever been number, and this compares text, so it is true for no one.",
        ),
        (
            event("order").where(prop("sku") != 5).any(),
            "kind_mismatch",
            ("event", "where", "operator"),
            "so it is true for every order event.",
        ),
        (
            event("order").calendar("tomorrow").any(),
            "empty_window",
            ("event", "window"),
            "The window tomorrow is in the future",
        ),
        (
            conversation().where(prop("chanel") == "x").any(),
            "unknown_property",
            ("conversation", "where", "property"),
            "No conversation has had a property “chanel” so far.",
        ),
        (conversation().sum("topics") > 1, "kind_mismatch", ("conversation", "of"), "only ever been list"),
        (sequence("order", "paid"), "unknown_event", ("sequence", 1, "event", "name"), "“paid”"),
        (
            sequence("order", event("order").where(prop("x") == 1)),
            "unknown_property",
            ("sequence", 1, "event", "where", "property"),
            "“x”",
        ),
        (sequence("order", "order", calendar="next_year"), "empty_window", ("window",), "next year"),
        (prop("plam").changed_in_last("7d"), "unknown_property", ("property",), "“plam”"),
    ],
)
def test_what_is_odd_about_what_happened_is_a_warning(
    rule: Rule, code: str, path: tuple[str | int, ...], words: str
) -> None:
    (warning,) = check(rule, KNOWN)
    assert (warning.code, warning.path) == (code, path)
    assert words in warning.message


def test_the_fields_of_a_conversation_are_those_of_the_model() -> None:
    assert set(CONVERSATION_KINDS) == set(CONVERSATION_FIELDS)


def test_every_segment_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(InvalidRule) as refusal:
        check(segment("vips") & (segment("gone") | ~segment("lost")), KNOWN)
    assert [each.path for each in refusal.value.problems] == [
        ("all", 1, "any", 0, "segment"),
        ("all", 1, "any", 1, "not", "segment"),
    ]


# --- cycles ---------------------------------------------------------------------------------------


def test_a_segment_of_itself_is_a_circle() -> None:
    assert find_cycle("a", ~segment("a"), {}.get) == ("a", "a")


def test_a_circle_through_others_is_told_by_its_shortest_way() -> None:
    others = {
        "b": segment("c") & segment("d"),
        "c": segment("d"),
        "d": segment("a") | segment("b"),
        "e": prop("x").is_set(),
    }
    assert find_cycle("a", segment("e") & segment("b"), others.get) == ("a", "b", "d", "a")


def test_using_the_same_segment_twice_is_no_circle() -> None:
    others = {"b": segment("d"), "c": segment("d"), "d": prop("x").is_set()}
    assert find_cycle("a", segment("b") | segment("c") | segment("static"), others.get) is None


def test_a_chain_of_fifty_thousand_segments_is_followed_to_its_end() -> None:
    others = {str(number): segment(str(number + 1)) for number in range(1, 50_000)}
    assert find_cycle("0", segment("1"), others.get) is None
    cycle = find_cycle("0", segment("1"), {**others, "50000": segment("0")}.get)
    assert cycle is not None
    assert len(cycle) == 50_002
