"""Segments and properties are made, changed and deleted, and whatever uses them follows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coterie import prop
from coterie import segment as member_of
from coterie.clock import ManualClock
from coterie.errors import (
    Conflict,
    IdempotencyConflict,
    InvalidInput,
    InvalidRule,
    LimitExceeded,
    NotFound,
    PropertyInUse,
    SegmentInUse,
)
from coterie.model import Action, Cause, IdempotencyRecord, IdempotentReplay, Origin, ProfileInput, SegmentKind
from coterie.rules.values import Instant, Kind
from coterie.settings import Settings
from coterie.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace(tmp_path / "one.sqlite", clock=ManualClock(Instant(1_772_323_200_000))) as opened:
        for number in range(10):
            opened.profiles.put(
                ProfileInput(
                    external_id=f"u{number}", properties={"n": number, "plan": "pro" if number % 2 else "free"}
                )
            )
        yield opened


def names(workspace: Workspace, segment_id: str) -> list[str | None]:
    return [one.external_id for one in workspace.segments.members(segment_id).items]


def test_an_edited_rule_moves_members_and_dependants_once_and_in_order(workspace: Workspace) -> None:
    high = workspace.segments.create("high", prop("n") >= 8)
    low = workspace.segments.create("low", ~member_of(high.id))
    before = workspace.transitions.list(limit=100).items[-1].sequence
    edited = workspace.segments.update(high.id, rule=prop("n") >= 7)
    assert (edited.version, edited.member_count) == (2, 3)
    assert names(workspace, low.id) == ["u0", "u1", "u2", "u3", "u4", "u5", "u6"]
    moved = workspace.transitions.list(after=before).items
    assert [(one.segment_id, one.action, one.cause) for one in moved] == [
        (high.id, Action.ENTER, Cause.DEFINITION),
        (low.id, Action.EXIT, Cause.DEFINITION),
    ]


def test_an_edit_from_true_to_1_is_an_edit(workspace: Workspace) -> None:
    workspace.profiles.put(ProfileInput(external_id="u1", properties={"flag": True}))
    flagged = workspace.segments.create("flagged", prop("flag") == True)  # noqa: E712 - a rule, not a comparison
    assert workspace.segments.update(flagged.id, rule=prop("flag") == 1).version == 2
    assert names(workspace, flagged.id) == []


def test_a_segment_in_use_is_not_deleted_and_the_error_names_its_users(workspace: Workspace) -> None:
    high = workspace.segments.create("high", prop("n") >= 8)
    user = workspace.segments.create("not high", ~member_of(high.id))
    with pytest.raises(SegmentInUse) as caught:
        workspace.segments.delete(high.id)
    assert caught.value.users == ((user.id, "not high"),)
    assert workspace.segments.get(high.id).member_count == 2
    workspace.segments.delete(user.id)
    workspace.segments.delete(high.id)
    with pytest.raises(NotFound):
        workspace.segments.get(high.id)


def test_a_deleted_segment_is_left_by_all_its_members_in_the_feed(workspace: Workspace) -> None:
    high = workspace.segments.create("high", prop("n") >= 8)
    workspace.segments.delete(high.id)
    assert [one.action for one in workspace.transitions.list().items] == [Action.ENTER] * 2 + [Action.EXIT] * 2
    assert workspace.check().faults == ()


def test_a_rule_cannot_lead_back_to_its_own_segment(workspace: Workspace) -> None:
    first = workspace.segments.create("first", prop("n") >= 8)
    second = workspace.segments.create("second", member_of(first.id))
    for rule in (member_of(second.id), ~member_of(first.id)):
        with pytest.raises(InvalidRule, match="depend on itself"):
            workspace.segments.update(first.id, rule=rule)
    assert names(workspace, second.id) == ["u8", "u9"]


def test_an_unknown_segment_in_a_rule_is_refused(workspace: Workspace) -> None:
    with pytest.raises(InvalidRule):
        workspace.segments.create("x", member_of("0198f1f0-0000-7000-8000-000000000000"))


def test_a_static_segment_holds_whom_it_was_given(workspace: Workspace) -> None:
    chosen = workspace.segments.create("list", kind=SegmentKind.STATIC)
    outside = workspace.segments.create("outside", ~member_of(chosen.id))
    ids = [one.id for one in workspace.profiles.list().items]
    assert workspace.segments.add_members(chosen.id, ids[:3] + ids[:1]) == 3
    assert workspace.segments.add_members(chosen.id, ids[2:4]) == 1
    assert workspace.segments.remove_members(chosen.id, ids[:1]) == 1
    assert names(workspace, chosen.id) == ["u1", "u2", "u3"]
    assert workspace.segments.get(outside.id).member_count == 7
    assert workspace.profiles.get(ids[1]).lists == (chosen.id,)
    workspace.profiles.update(ids[1], ProfileInput(lists=[]))
    assert names(workspace, chosen.id) == ["u2", "u3"]
    workspace.profiles.delete(ids[2])
    assert names(workspace, chosen.id) == ["u3"]
    assert workspace.check().faults == ()


def test_an_unknown_profile_in_a_list_change_changes_nothing(workspace: Workspace) -> None:
    chosen = workspace.segments.create("list", kind=SegmentKind.STATIC)
    ids = [one.id for one in workspace.profiles.list().items]
    with pytest.raises(NotFound) as caught:
        workspace.segments.add_members(chosen.id, [ids[0], "0198f1f0-0000-7000-8000-000000000000"])
    assert caught.value.path == (1,)
    assert names(workspace, chosen.id) == []


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda ws: ws.segments.create("", prop("n") > 1), InvalidInput),
        (lambda ws: ws.segments.create("x" * 256, prop("n") > 1), LimitExceeded),
        (lambda ws: ws.segments.create("no rule"), InvalidInput),
        (lambda ws: ws.segments.create("both", prop("n") > 1, kind=SegmentKind.STATIC), InvalidInput),
        (lambda ws: ws.segments.add_members(ws.segments.create("d", prop("n") > 1).id, []), InvalidInput),
    ],
)
def test_what_makes_no_segment_is_refused(workspace: Workspace, change: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        change(workspace)  # type: ignore[operator]  # one of the lambdas above


def test_an_origin_is_kept_until_the_rule_changes(workspace: Workspace) -> None:
    origin = Origin("sendkit", {"match_type": "all"})
    made = workspace.segments.create("x", prop("n") > 1, origin=origin)
    assert workspace.segments.update(made.id, name="y").origin == origin
    assert workspace.segments.update(made.id, rule=prop("n") > 2).origin is None


# --- properties


def test_a_declaration_converts_what_is_stored_and_moves_members(workspace: Workspace) -> None:
    text = workspace.segments.create("as text", prop("n") == "3")
    change = workspace.properties.declare("n", Kind.TEXT)
    assert (change.converted, change.dropped) == (10, 0)
    assert names(workspace, text.id) == ["u3"]
    change = workspace.properties.declare("plan", Kind.NUMBER)
    assert (change.converted, change.dropped) == (0, 10)
    assert "plan" not in workspace.profiles.get(external_id="u1").properties
    assert workspace.check().faults == ()


def test_a_declaration_that_empties_a_segment_says_so(workspace: Workspace) -> None:
    high = workspace.segments.create("high", prop("n") >= 5)
    warning = workspace.properties.declare("n", Kind.TEXT).warnings[0]
    assert (warning.code, warning.path) == ("kind_mismatch", (high.id, "operator"))
    assert warning.message.startswith("high: ")
    assert workspace.properties.declare("n", Kind.NUMBER).warnings == ()


def test_a_declared_property_converts_or_refuses_what_is_sent(workspace: Workspace) -> None:
    workspace.properties.declare("born_at", Kind.TIME)
    workspace.profiles.put(ProfileInput(external_id="u1", properties={"born_at": "1990-05-17"}))
    assert workspace.profiles.get(external_id="u1").properties["born_at"] == Instant(642_902_400_000)
    with pytest.raises(InvalidInput):
        workspace.profiles.put(ProfileInput(external_id="u1", properties={"born_at": "soon"}))


def test_a_property_in_use_is_not_deleted(workspace: Workspace) -> None:
    user = workspace.segments.create("pro", prop("plan") == "pro")
    plan = next(one for one in workspace.properties.list() if one.name == "plan")
    with pytest.raises(PropertyInUse) as caught:
        workspace.properties.delete(plan.id)
    assert caught.value.users == ((user.id, "pro"),)
    workspace.segments.delete(user.id)
    workspace.properties.delete(plan.id)
    assert [one.name for one in workspace.properties.list()] == ["n"]
    assert all("plan" not in one.properties for one in workspace.profiles.list().items)
    assert workspace.check().faults == ()


def test_a_field_of_every_profile_is_no_property(workspace: Workspace) -> None:
    with pytest.raises(Conflict):
        workspace.properties.declare("email", Kind.TEXT)


# --- once


def test_a_receipt_makes_a_write_happen_once(tmp_path: Path) -> None:
    clock = ManualClock(Instant(1_772_323_200_000))
    idempotency = IdempotencyRecord("key-1", "fingerprint", lambda answer: b"created")
    with Workspace(tmp_path / "one.sqlite", clock=clock) as workspace:
        workspace.segments.create("x", prop("n") > 1, idempotency=idempotency)
    with Workspace(tmp_path / "one.sqlite", clock=clock) as workspace:
        with pytest.raises(IdempotentReplay) as caught:
            workspace.segments.create("x", prop("n") > 1, idempotency=idempotency)
        assert caught.value.answer == b"created"
        with pytest.raises(IdempotencyConflict):
            workspace.segments.create(
                "y", prop("n") > 1, idempotency=IdempotencyRecord("key-1", "other", lambda answer: b"")
            )
        assert workspace.segments.list().total == 1
        clock.advance(Settings().idempotency_kept_for * 1000 + 1)
        workspace.profiles.put(
            ProfileInput(external_id="u1"), idempotency=IdempotencyRecord("key-2", "fingerprint", lambda answer: b"")
        )
        workspace.segments.create("x", prop("n") > 1, idempotency=idempotency)
        assert workspace.segments.list().total == 2


def test_a_refused_write_leaves_no_receipt(workspace: Workspace) -> None:
    idempotency = IdempotencyRecord("key-1", "fingerprint", lambda answer: b"created")
    with pytest.raises(InvalidInput):
        workspace.segments.create("", prop("n") > 1, idempotency=idempotency)
    assert workspace.segments.create("x", prop("n") > 1, idempotency=idempotency).name == "x"
