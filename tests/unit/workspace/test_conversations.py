"""Pages of conversations and organizations: a page and its total are of one commit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coterie.clock import ManualClock
from coterie.model import ConversationInput, ProfileRef
from coterie.rules.values import Instant
from coterie.store.store import Reads
from coterie.workspace import Workspace

NOW = Instant(1_772_323_200_000)
ADA = ProfileRef(external_id="ada")


def before(monkeypatch: pytest.MonkeyPatch, name: str, write: Callable[[], object]) -> None:
    """Let another thread's `write` be committed right before the read called `name`."""
    read = getattr(Reads, name)

    def late(*args: Any, **named: Any) -> Any:
        write()
        return read(*args, **named)

    monkeypatch.setattr(Reads, name, late)


def test_conversations_and_their_total_are_of_one_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Workspace(tmp_path / "one.sqlite", clock=ManualClock(NOW)) as workspace:
        workspace.conversations.put(ConversationInput(external_id="first", profile=ADA))
        more = ConversationInput(external_id="second", profile=ADA)
        before(monkeypatch, "count_conversations", lambda: workspace.conversations.put(more))
        page = workspace.conversations.list(offset=0, limit=10)
        assert [conversation.external_id for conversation in page.items] == ["first"]
        assert page.total == 1
        assert workspace.conversations.list(offset=0, limit=10).total == 2


def test_organizations_and_their_total_are_of_one_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Workspace(tmp_path / "one.sqlite", clock=ManualClock(NOW)) as workspace:
        workspace.organizations.put("acme")
        before(monkeypatch, "count_organizations", lambda: workspace.organizations.put("globex"))
        page = workspace.organizations.list(offset=0, limit=10)
        assert [organization.external_id for organization in page.items] == ["acme"]
        assert page.total == 1


def test_a_conversation_whose_profile_is_deleted_meanwhile_is_answered_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Workspace(tmp_path / "one.sqlite", clock=ManualClock(NOW)) as workspace:
        write = workspace.conversations.put(ConversationInput(external_id="first", profile=ADA))
        ada = workspace.profiles.get(external_id="ada").id
        gone: list[None] = []
        before(monkeypatch, "ids_of", lambda: gone or gone.append(workspace.profiles.delete(ada)))
        assert workspace.conversations.get(write.id).profile_id == ada
