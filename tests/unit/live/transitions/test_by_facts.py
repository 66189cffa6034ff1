"""A few rows are judged by the law, many by the index, with the same transitions in order."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie import prop
from coterie import segment as member_of
from coterie.clock import ManualClock
from coterie.live.transitions import by_facts
from coterie.live.writes.unit_of_work import UnitOfWork
from coterie.model import Action, Cause, ProfileInput, SegmentKind
from coterie.rules.nodes import Rule
from coterie.rules.values import Instant, Value
from coterie.workspace import Workspace
from tests.strategies import NOW, PROPERTIES, profiles, rules
from tests.unit.live.grouped import engine_of, in_one_commit
from tests.unit.live.renaming import renamed

PEOPLE = 12
Moves = list[tuple[int, str, Action, Cause, str | None]]


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, int, ProfileInput]:
    """What is done, to whom, and what is sent."""
    values: dict[str, Value | None] = dict(draw(profiles()))
    for name in draw(st.lists(st.sampled_from(PROPERTIES), max_size=2)):
        values[name] = None
    how = draw(st.sampled_from(("put", "put", "put", "delete", "list", "unlist")))
    return how, draw(st.integers(0, PEOPLE + 3)), ProfileInput(properties=values)


CHAIN = 3


@given(
    st.lists(rules(segments=()), min_size=2, max_size=4),
    st.lists(rules(segments=("before", "list")), min_size=CHAIN, max_size=CHAIN),
    st.lists(profiles(), min_size=PEOPLE, max_size=PEOPLE),
    st.lists(changes(), min_size=1, max_size=10),
)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_law_and_the_columns_find_the_same_moves(
    tmp_path_factory: pytest.TempPathFactory,
    plain: list[Rule],
    chained: list[Rule],
    people: list[dict[str, Value]],
    then: list[tuple[str, int, ProfileInput]],
) -> None:
    directory = tmp_path_factory.mktemp("two")
    found = [_moves(directory / f"{few}.sqlite", few, plain, chained, people, then) for few in (10_000, -1)]
    assert found[0] == found[1]


def _moves(
    path: Path, few: int, plain: list[Rule], chained: list[Rule], people: list[dict[str, Value]],
    then: list[tuple[str, int, ProfileInput]],
) -> Moves:  # fmt: skip
    with pytest.MonkeyPatch.context() as patched, Workspace(path, clock=ManualClock(Instant(NOW))) as workspace:
        patched.setattr(by_facts, "ROWS_BY_LAW_MAX", few)
        workspace.profiles.put_many([_person(place, ProfileInput(properties=one)) for place, one in enumerate(people)])
        listed = workspace.segments.create("list", kind=SegmentKind.STATIC).id
        ids = [one.id for one in workspace.profiles.list().items]
        workspace.segments.add_members(listed, ids[::3])
        known = [workspace.segments.create("plain", rule).id for rule in plain]
        for rule in chained:  # each may use the one before it, so dependants are several levels deep
            known.append(workspace.segments.create("chained", renamed(rule, {"before": known[-1], "list": listed})).id)
        before = workspace.counts()["transitions"]

        def run(work: UnitOfWork) -> None:
            profiles = engine_of(workspace).profiles
            for how, place, sent in then:
                draft = work.by_external_id(f"u{place}")
                if draft is None or how == "put":
                    profiles.put(work, _person(place, sent), "external_id")
                elif how == "delete":
                    profiles.delete(work, draft.id)
                else:
                    profiles.change_list(work, 1, [draft.id], adding=how == "list")

        in_one_commit(workspace, [run])[0].result()
        assert workspace.check().faults == ()
        names = {one.id: one.external_id for one in workspace.profiles.list().items}
        places = {one.id: place for place, one in enumerate(workspace.segments.list().items)}
        return [
            (one.sequence, str(places[one.segment_id]), one.action, one.cause, names.get(one.profile_id or ""))
            for one in workspace.transitions.list(after=before, limit=1000).items
        ]


def _person(place: int, sent: ProfileInput) -> ProfileInput:
    return ProfileInput(external_id=f"u{place}", properties=sent.properties)


@pytest.mark.parametrize("few", [10_000, -1])
def test_a_segment_of_a_list_follows_in_the_commit_that_changes_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(by_facts, "ROWS_BY_LAW_MAX", few)
    with Workspace(tmp_path / "one.sqlite", clock=ManualClock(Instant(NOW))) as workspace:
        chosen = workspace.segments.create("list", kind=SegmentKind.STATIC)
        outside = workspace.segments.create("outside", ~member_of(chosen.id) & (prop("n") >= 0))
        either = workspace.segments.create("either", member_of(outside.id) | (prop("n") == 5))
        workspace.profiles.put_many([ProfileInput(external_id=f"u{n}", properties={"n": n}) for n in range(6)])
        ids = [one.id for one in workspace.profiles.list().items]
        before = workspace.counts()["transitions"]
        workspace.segments.add_members(chosen.id, [ids[1], ids[5]])
        assert [
            (one.segment_id, one.action, one.profile_id) for one in workspace.transitions.list(after=before).items
        ] == [
            (chosen.id, Action.ENTER, ids[1]),
            (chosen.id, Action.ENTER, ids[5]),
            (outside.id, Action.EXIT, ids[1]),
            (outside.id, Action.EXIT, ids[5]),
            (either.id, Action.EXIT, ids[1]),
        ]
        # A list and a value in one commit: entering one and leaving the other may cancel out.
        workspace.profiles.put_many(
            [
                ProfileInput(external_id="u1", lists=[], properties={"n": -1}),
                ProfileInput(external_id="new", lists=[chosen.id]),
            ]
        )
        assert workspace.segments.get(outside.id).member_count == 4
        assert workspace.segments.get(chosen.id).member_count == 2
        assert workspace.check().faults == ()
