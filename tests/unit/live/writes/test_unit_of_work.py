"""Identifiers that change hands in one commit, and rejected items, which leave nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie import prop
from coterie.clock import ManualClock
from coterie.errors import CoterieError, LimitExceeded, NotFound
from coterie.live.writes.unit_of_work import UnitOfWork
from coterie.model import UNSET, Outcome, ProfileInput, ProfileWrite, Rejected, SegmentKind, Unset
from coterie.rules.values import Instant
from coterie.settings import Settings
from coterie.workspace import Workspace
from tests.unit.live.grouped import Run, engine_of, in_one_commit


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    settings = Settings(profile_properties_max=3)
    with Workspace(tmp_path / "one.sqlite", clock=ManualClock(Instant(1_772_323_200_000)), settings=settings) as opened:
        yield opened


def sent(
    external_id: str | None | Unset = UNSET, email: str | None | Unset = UNSET, **properties: object
) -> ProfileInput:
    return ProfileInput(external_id=external_id, email=email, properties=properties)


def outcomes(answers: list[ProfileWrite | Rejected]) -> list[str]:
    return [str(one.outcome) if isinstance(one, ProfileWrite) else one.problems[0].code for one in answers]


def there(workspace: Workspace) -> list[tuple[str | None, str | None]]:
    return [(one.external_id, one.email) for one in workspace.profiles.list(limit=1000).items]


# --- refused


def test_a_new_profile_with_too_many_properties_is_refused_and_no_nameless_one_is_made(workspace: Workspace) -> None:
    too_many: dict[str, Any] = {f"p{number}": number for number in range(4)}
    with pytest.raises(LimitExceeded):
        workspace.profiles.put(sent("u1", **too_many))
    answers = workspace.profiles.put_many([sent("u1", **too_many), sent("u2", n=1)])
    assert outcomes(answers) == ["limit_exceeded", "created"]
    assert there(workspace) == [("u2", None)]
    assert [one.name for one in workspace.properties.list()] == ["n"]


def test_the_limit_counts_the_properties_there_will_be(workspace: Workspace) -> None:
    workspace.profiles.put(sent("u1", a=1, b=2, c=3))
    workspace.profiles.put(sent("u1", a=None, d=4))
    assert sorted(workspace.profiles.get(external_id="u1").properties) == ["b", "c", "d"]
    with pytest.raises(LimitExceeded):
        workspace.profiles.put(sent("u1", e=5))
    assert workspace.profiles.put(sent("u1", never=None)).outcome is Outcome.UNCHANGED
    assert sorted(workspace.profiles.get(external_id="u1").properties) == ["b", "c", "d"]


def test_a_refused_item_changes_neither_identifiers_nor_lists(workspace: Workspace) -> None:
    chosen = workspace.segments.create("list", kind=SegmentKind.STATIC)
    one = workspace.profiles.put(sent("u1", "a@x.org", a=1, b=2, c=3)).id
    refused = [
        ProfileInput(id=one, external_id="u9", lists=[chosen.id], properties={"d": 1}),
        ProfileInput(id=one, email="new@x.org", lists=["0198f1f0-0000-7000-8000-000000000000"]),
        ProfileInput(id=one, external_id=None, email=None),
        ProfileInput(id=7, properties={"d": 1}),  # type: ignore[arg-type]  # as a program may send it
        ProfileInput(id=one, lists=[[chosen.id]]),  # type: ignore[list-item]  # likewise
        ProfileInput(id=one, email="b@x.org", properties={"d": float("nan")}),
    ]
    assert all(isinstance(answer, Rejected) for answer in workspace.profiles.put_many(refused))
    profile = workspace.profiles.get(one)
    assert (profile.external_id, profile.email, profile.lists) == ("u1", "a@x.org", ())
    assert workspace.profiles.put(sent("u9")).outcome is Outcome.CREATED
    assert workspace.check().faults == ()


# --- changing hands


def test_an_address_becomes_keyed_by_an_older_profile_when_a_younger_one_gives_it_up(workspace: Workspace) -> None:
    older = workspace.profiles.put(sent("u1", "a@x.org")).id
    younger = workspace.profiles.put(sent(UNSET, "b@x.org")).id
    workspace.profiles.update(younger, sent(UNSET, "a@x.org"))  # keyed; the older one only shares it
    answers = workspace.profiles.put_many([ProfileInput(id=younger, email="c@x.org"), sent(UNSET, "a@x.org", n=1)])
    assert outcomes(answers) == ["updated", "updated"]
    assert workspace.profiles.get(email="a@x.org").id == older
    assert workspace.check().faults == ()


def test_three_profiles_pass_their_external_ids_round(workspace: Workspace) -> None:
    ids = [workspace.profiles.put(sent(f"u{number}")).id for number in range(3)]
    moves = [(0, "spare"), (1, "u0"), (2, "u1"), (0, "u2")]
    answers = workspace.profiles.put_many([ProfileInput(id=ids[who], external_id=name) for who, name in moves])
    assert outcomes(answers) == ["updated"] * 4
    assert [workspace.profiles.get(one).external_id for one in ids] == ["u2", "u0", "u1"]


def test_an_identifier_freed_in_a_commit_is_taken_by_a_new_profile_of_the_same_commit(workspace: Workspace) -> None:
    first = workspace.profiles.put(sent("u1", "a@x.org")).id
    answers = workspace.profiles.put_many(
        [ProfileInput(id=first, external_id="u2", email=None), sent("u1", "a@x.org", n=1)]
    )
    assert outcomes(answers) == ["updated", "created"]
    assert there(workspace) == [("u2", None), ("u1", "a@x.org")]


def test_deleted_and_made_again_in_one_commit_is_a_new_profile(workspace: Workspace) -> None:
    every = workspace.segments.create("every", prop("n") >= 0)
    chosen = workspace.segments.create("list", kind=SegmentKind.STATIC)
    old = workspace.profiles.put(
        ProfileInput(external_id="u1", email="a@x.org", properties={"n": 1}, lists=[chosen.id])
    ).id
    profiles = engine_of(workspace).profiles
    works: list[Run] = [
        lambda work: profiles.put(work, sent(UNSET, "a@x.org", m=1), "email"),
        lambda work: profiles.delete(work, old),
        lambda work: profiles.delete(work, old),
        lambda work: profiles.put(work, sent("u1", "a@x.org", n=2), "external_id"),
        lambda work: profiles.put(work, ProfileInput(id=old, properties={"n": 3}), "external_id"),
        lambda work: profiles.change_list(work, 2, [old], adding=True),
    ]
    put, deleted, again, new, dead, listed = in_one_commit(workspace, works)
    assert put.result().outcome is Outcome.UPDATED
    assert deleted.exception() is None
    assert all(isinstance(one.exception(), NotFound) for one in (again, dead, listed))
    assert new.result().outcome is Outcome.CREATED
    assert [one.id for one in workspace.segments.members(every.id).items] == [new.result().id]
    assert workspace.segments.members(chosen.id).items == ()
    assert workspace.profiles.get(external_id="u1").properties == {"n": 2.0}
    assert workspace.check().faults == ()


def test_made_and_deleted_in_one_commit_was_never_there(workspace: Workspace) -> None:
    workspace.segments.create("every", prop("n") >= 0)
    profiles = engine_of(workspace).profiles
    made: list[str] = []

    def make_and_delete(work: UnitOfWork) -> None:
        made.append(profiles.put(work, sent("u1", n=1), "external_id").id)
        profiles.delete(work, made[0])

    in_one_commit(workspace, [make_and_delete, lambda work: profiles.put(work, sent("u1", n=2), "external_id")])
    assert there(workspace) == [("u1", None)]
    assert workspace.counts()["transitions"] == 1
    assert workspace.check().faults == ()


def test_the_same_item_twice_in_a_batch_is_created_and_then_unchanged(workspace: Workspace) -> None:
    answers = workspace.profiles.put_many([sent("u1", n=1), sent("u1", n=1), sent("u1", n=2)])
    assert outcomes(answers) == ["created", "unchanged", "updated"]


def test_an_address_is_found_as_it_was_folded_when_it_came(workspace: Workspace) -> None:
    workspace.profiles.put(sent(UNSET, "İΣ@x.org"))
    assert workspace.profiles.get(email="İΣ@x.org").email == workspace.profiles.list().items[0].email


# --- one commit is the same as one after the other

NAMES = st.sampled_from(("u1", "u2", "u3"))
EMAILS = st.sampled_from(("a@x.org", "b@x.org", "c@x.org"))


@st.composite
def items(draw: st.DrawFn) -> tuple[int | None, ProfileInput, str]:
    """(place of an earlier profile, or None to find it by its identifiers; the input; `match`)"""
    return (
        draw(st.none() | st.integers(0, 4)),
        ProfileInput(
            external_id=draw(NAMES | st.just(UNSET) | st.none()),
            email=draw(EMAILS | st.just(UNSET) | st.none()),
            properties=draw(st.dictionaries(st.sampled_from(("n", "m")), st.integers(0, 2) | st.none(), max_size=2)),
        ),
        draw(st.sampled_from(("external_id", "email", "delete"))),
    )


@given(st.lists(items(), min_size=1, max_size=6), st.lists(items(), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_commit_of_many_does_what_as_many_commits_do(
    tmp_path_factory: pytest.TempPathFactory,
    first: list[tuple[int | None, ProfileInput, str]],
    then: list[tuple[int | None, ProfileInput, str]],
) -> None:
    directory = tmp_path_factory.mktemp("ones")
    clock = ManualClock(Instant(1_772_323_200_000))
    together = Workspace(directory / "together.sqlite", clock=clock)
    apart = Workspace(directory / "apart.sqlite", clock=clock)
    with together, apart:
        for workspace in (together, apart):
            for item in first:
                in_one_commit(workspace, [working(workspace, item)])
        answers = [said(one) for one in in_one_commit(together, [working(together, item) for item in then])]
        one_by_one = [working(apart, item) for item in then]
        assert answers == [said(in_one_commit(apart, [work])[0]) for work in one_by_one]
        shown = [
            [(one.external_id, one.email, one.properties) for one in workspace.profiles.list().items]
            for workspace in (together, apart)
        ]
        assert shown[0] == shown[1]
        assert together.check().faults == () == apart.check().faults


def working(workspace: Workspace, item: tuple[int | None, ProfileInput, str]) -> Run:
    place, what, how = item
    known = [one.id for one in workspace.profiles.list().items]
    profiles = engine_of(workspace).profiles
    if place is not None and place < len(known):
        what = ProfileInput(known[place], what.external_id, what.email, what.properties)
        if how == "delete":
            return lambda work: profiles.delete(work, known[place])
    match = "email" if how == "email" else "external_id"
    return lambda work: profiles.put(work, what, match)


def said(answer: Future[Any]) -> str | None:
    error = answer.exception()
    if error is not None:
        assert isinstance(error, CoterieError), error
        return error.code
    return None if answer.result() is None else str(answer.result().outcome)
