"""Facts of different kinds in one commit: units end at a rejected fact or a duplicate event, an
identity conflict has an alternative, and facts put together are written all or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coterie.clock import ManualClock
from coterie.errors import CoterieError, InvalidInput
from coterie.model import (
    ConversationInput,
    ConversationWrite,
    EventInput,
    EventOutcome,
    EventWrite,
    Fact,
    FirstAccepted,
    MergeProfiles,
    Outcome,
    ProfileInput,
    ProfileRef,
    ProfileWrite,
    Rejected,
)  # fmt: skip
from coterie.rules.build import conversation, prop
from coterie.rules.values import Instant
from coterie.workspace import Workspace
from tests.unit.live.grouped import engine_of, in_one_commit

ANN = ProfileRef(external_id="ann")
TALK = ConversationInput(external_id="c", profile=ANN)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace(tmp_path / "w.sqlite", clock=ManualClock(Instant(1_772_532_000_250))) as opened:
        yield opened


def plan(name: str) -> ProfileInput:
    return ProfileInput(external_id="ann", properties={"plan": name})


def test_they_are_put_in_their_order_and_each_unit_is_answered_with_its_last(workspace: Workspace) -> None:
    answers = workspace.put_facts(
        [[plan("free")], [EventInput("order", ANN)], [plan("pro"), EventInput("paid", ANN)], []]
    )
    ann = workspace.profiles.get(external_id="ann")
    assert answers == [
        ProfileWrite(ann.id, Outcome.CREATED), EventWrite(ann.id, EventOutcome.STORED),
        EventWrite(ann.id, EventOutcome.STORED), ProfileWrite("", Outcome.UNCHANGED),
    ]  # fmt: skip
    assert ann.properties == {"plan": "pro"}


def test_they_are_one_commit(workspace: Workspace) -> None:
    workspace.segments.create("Free", prop("plan") == "free")
    workspace.put_facts([[plan("free")], [plan("pro")]])
    assert workspace.transitions.list().items == ()


def test_a_conversation_and_its_profile_are_one_commit(workspace: Workspace) -> None:
    workspace.segments.create("Free with talk", (prop("plan") == "free") & (conversation().count() >= 1))
    profile, talk = workspace.put_together([plan("free"), ConversationInput(external_id="c", profile=ANN)])
    ann = workspace.profiles.get(external_id="ann")
    assert profile == ProfileWrite(ann.id, Outcome.CREATED)
    assert isinstance(talk, ConversationWrite)
    assert (talk.profile_id, talk.outcome) == (ann.id, Outcome.CREATED)
    (entered,) = workspace.transitions.list().items
    assert entered.profile_id == ann.id


def test_a_unit_may_end_with_a_conversation(workspace: Workspace) -> None:
    talk, refused = workspace.put_facts([[plan("free"), TALK], [plan("pro"), ConversationInput(external_id="d")]])
    assert isinstance(talk, ConversationWrite)
    assert isinstance(refused, Rejected)
    assert workspace.profiles.get(external_id="ann").properties == {"plan": "pro"}


@pytest.mark.parametrize(
    "refused",
    [
        ConversationInput(external_id="c"),
        EventInput("", ANN),
        ProfileInput(external_id="ann", properties={"x": "\0"}),
        MergeProfiles(ProfileRef(external_id="bob"), ProfileRef(id="nobody")),
    ],
)
def test_facts_put_together_are_all_written_or_none(workspace: Workspace, refused: Fact) -> None:
    before = workspace.profiles.list().total
    with pytest.raises(CoterieError) as alone:
        workspace.put_together([refused])
    with pytest.raises(CoterieError) as together:
        workspace.put_together([plan("free"), refused, plan("pro")])
    assert (type(together.value), together.value.problems) == (type(alone.value), alone.value.problems)
    assert workspace.profiles.list().total == before
    assert workspace.transitions.list().items == ()


def test_what_shares_a_commit_with_facts_that_are_undone_is_written(workspace: Workspace) -> None:
    batch = engine_of(workspace).mixed_batch
    good, bad, late = in_one_commit(
        workspace,
        [
            lambda work: batch.put_together(work, [plan("free")]),
            lambda work: batch.put_together(work, [plan("pro"), EventInput("", ANN)]),
            lambda work: batch.put_together(work, [EventInput("late", ANN)]),
        ],
    )
    assert isinstance(bad.exception(), InvalidInput)
    ann = workspace.profiles.get(external_id="ann")
    assert ann.properties == {"plan": "free"}
    assert good.result() == [ProfileWrite(ann.id, Outcome.CREATED)]
    assert late.result() == [EventWrite(ann.id, EventOutcome.STORED)]


def test_what_follows_a_known_event_is_not_put(workspace: Workspace) -> None:
    said = [EventInput("group", ANN, message_id="1"), plan("free")]
    workspace.put_facts([said])
    workspace.put_facts([[plan("pro")]])
    (again,) = workspace.put_facts([said])
    assert isinstance(again, EventWrite)
    assert again.outcome is EventOutcome.DUPLICATE
    assert workspace.profiles.get(external_id="ann").properties == {"plan": "pro"}


def test_what_follows_a_refused_fact_is_not_put_and_other_units_are(workspace: Workspace) -> None:
    refused, stored = workspace.put_facts([[EventInput("", ANN), plan("free")], [plan("pro")]])
    assert isinstance(refused, Rejected)
    assert refused.problems[0].path == ("name",)
    assert isinstance(stored, ProfileWrite)
    assert workspace.profiles.get(external_id="ann").properties == {"plan": "pro"}


def test_either_is_the_second_only_where_the_first_contradicts(workspace: Workspace) -> None:
    workspace.profiles.put(ProfileInput(email="first@example.com"), match="email")
    workspace.profiles.put(ProfileInput(email="second@example.com"), match="email")
    claim = ProfileInput(external_id="ann", email="second@example.com")
    contradiction = ProfileInput(external_id="ann", email="first@example.com", properties={"x": 1})
    otherwise = ProfileInput(external_id="ann", properties={"x": 2})
    workspace.put_facts([[FirstAccepted(claim, otherwise)]])
    assert workspace.profiles.get(external_id="ann").properties == {}
    workspace.put_facts([[FirstAccepted(contradiction, otherwise)]])
    ann = workspace.profiles.get(external_id="ann")
    assert (ann.email, dict(ann.properties)) == ("second@example.com", {"x": 2.0})


def test_an_alternative_is_refused_like_any_other(workspace: Workspace) -> None:
    bad = ProfileInput(external_id="ann", properties={"x": "\0"})
    (refused,) = workspace.put_facts([[FirstAccepted(bad, plan("free"))]])
    assert isinstance(refused, Rejected)
    assert workspace.profiles.list().total == 0


def test_the_same_person_is_made_where_nobody_knows_either(workspace: Workspace) -> None:
    said = MergeProfiles(ANN, ProfileRef(external_id="old", anonymous_id="browser"))
    first, again = workspace.put_facts([[said], [said]])
    ann = workspace.profiles.get(external_id="ann")
    assert first == ProfileWrite(ann.id, Outcome.UPDATED)
    assert again == ProfileWrite(ann.id, Outcome.UNCHANGED)
    assert workspace.profiles.get(external_id="old").id == workspace.profiles.get(anonymous_id="browser").id == ann.id
    assert workspace.profiles.list().total == 1
