"""Faults that a hostile reader found, in aliases of merged profiles and in conversations."""

from __future__ import annotations

from pathlib import Path

import pytest

from coterie.clock import ManualClock
from coterie.errors import InvalidInput, InvalidValue, LimitExceeded
from coterie.model import ConversationInput, MessageInput, ProfileInput, ProfileRef, SegmentKind
from coterie.rules.values import Instant
from coterie.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "one.sqlite", clock=ManualClock(Instant(1_772_366_400_000)))


def test_the_feed_says_who_left_by_a_merge_until_the_winner_is_deleted(workspace: Workspace) -> None:
    with workspace:
        workspace.segments.create("all", workspace.parse_rule({"property": "email", "operator": "is_set"}))
        winner, loser = (workspace.profiles.put(ProfileInput(email=one)).id for one in ("w@x.io", "l@x.io"))
        workspace.profiles.merge(winner, loser)
        seen = [(one.action, one.profile_id) for one in workspace.transitions.list().items]
        assert seen == [("enter", winner), ("enter", loser), ("exit", loser)]
        assert workspace.transitions.list(profile_id=loser).items == workspace.transitions.list(profile_id=winner).items
        workspace.profiles.delete(winner)
        assert {one.profile_id for one in workspace.transitions.list().items} == {None}


def test_a_merged_profile_is_put_on_lists_by_its_old_id(workspace: Workspace) -> None:
    with workspace:
        kept = workspace.segments.create("kept", kind=SegmentKind.STATIC)
        winner, loser = (workspace.profiles.put(ProfileInput(email=one)).id for one in ("w@x.io", "l@x.io"))
        workspace.profiles.merge(winner, loser)
        assert workspace.segments.add_members(kept.id, [loser]) == 1
        assert [one.id for one in workspace.segments.members(kept.id).items] == [winner]


def test_somebody_elses_conversation_is_not_taken(workspace: Workspace) -> None:
    with workspace:
        first = workspace.conversations.put(ConversationInput(external_id="c", profile=ProfileRef(external_id="a")))
        again = workspace.conversations.put(ConversationInput(external_id="c", profile=ProfileRef(external_id="a")))
        assert again.id == first.id
        with pytest.raises(InvalidInput, match="another profile's"):
            workspace.conversations.put(ConversationInput(external_id="c", profile=ProfileRef(external_id="b")))
        assert [one.external_id for one in workspace.profiles.list().items] == ["a"]


@pytest.mark.parametrize(
    ("analysis", "error", "says"),
    [
        ({"topics": ["x"] * 1_001}, LimitExceeded, "1,?000"),
        ({"topics": ["a\0"]}, InvalidValue, "U\\+0000|NUL"),
        ({"sentiment": True}, InvalidValue, "a number"),
        ({"sentiment": 2**53 + 1}, InvalidValue, "text"),
        ({"jailbreak_detected": "yes"}, InvalidValue, "true or false"),
        ({"mood": 1}, InvalidValue, "no 'mood'"),
    ],
)
def test_an_analysis_keeps_to_the_limits_of_all_values(
    workspace: Workspace, analysis: dict[str, object], error: type[Exception], says: str
) -> None:
    with workspace, pytest.raises(error, match=says):
        workspace.conversations.put(
            ConversationInput(external_id="c", profile=ProfileRef(external_id="a"), analysis=analysis)
        )


def test_a_message_holds_no_nul(workspace: Workspace) -> None:
    with workspace, pytest.raises(InvalidValue):
        workspace.conversations.put(
            ConversationInput(profile=ProfileRef(external_id="a"), messages=[MessageInput("user", "a\0b")])
        )
