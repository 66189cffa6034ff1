"""Destinations as they are made and changed while deliveries go on."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from coterie.errors import InvalidInput, LimitExceeded, NotFound, StoreError
from coterie.live.delivery.schedule import HOUR
from coterie.model import Action, Cause, DestinationState, ProfileInput
from coterie.workspace import Workspace
from tests.unit.live.delivery.place import Place, body_of, defined, sequences, shown, until, verified
from tests.unit.live.delivery.receivers import receiving


def test_filters_narrow_by_segment_action_and_cause(place: Place, ws: Workspace) -> None:
    with receiving() as chosen, receiving() as leaving, receiving() as defining:
        defined(ws, "first")
        second = defined(ws, "second")
        ws.destinations.create(chosen.url, segments=[second])
        ws.destinations.create(leaving.url, actions=[Action.EXIT])
        by_definition, _ = ws.destinations.create(defining.url, causes=[Cause.DEFINITION])
        place.move(ws, 3)
        ws.profiles.put(ProfileInput(external_id="u0", properties={"n": 0}))
        third = defined(ws, "third")
        until(lambda: (len(chosen.heard), len(leaving.heard), len(defining.heard)) == (4, 2, 2))
        assert {body_of(request)["data"]["segment"]["name"] for request in chosen.heard} == {"second"}
        assert {body_of(request)["type"] for request in leaving.heard} == {"segment.exited"}
        assert {body_of(request)["data"]["segment"]["id"] for request in defining.heard} == {third}
        last = ws.counts()["transitions"]
        until(lambda: shown(ws, by_definition).delivered_sequence == last)  # also past what its filter let go


def test_a_replay_sends_again_with_the_same_ids(place: Place, ws: Workspace) -> None:
    with receiving() as receiver:
        defined(ws)
        destination, _ = ws.destinations.create(receiver.url)
        place.move(ws, 10)
        until(lambda: len(receiver.heard) == 10)
        ws.destinations.replay(destination.id, 4)
        until(lambda: len(receiver.heard) == 17)
        assert sorted(sequences(receiver)[10:]) == list(range(4, 11))
        assert len({request.headers["webhook-id"] for request in receiver.heard}) == 10


def test_a_secret_that_is_rotated_signs_beside_the_new_one_until_it_expires(place: Place) -> None:
    with receiving() as receiver:
        with place.open() as ws:
            defined(ws)
            destination, old = ws.destinations.create(receiver.url)
            new = ws.destinations.rotate_secret(destination.id, overlap_for=3_600)
        with place.open() as ws:
            place.move(ws)
            until(lambda: len(receiver.heard) == 1)
            assert verified(receiver.heard[0], old.secret)
            assert verified(receiver.heard[0], new.secret)
            place.wait(ws, HOUR)
            place.move(ws)
            until(lambda: len(receiver.heard) == 2)
            assert not verified(receiver.heard[1], old.secret)
            assert verified(receiver.heard[1], new.secret)
            at_once = ws.destinations.rotate_secret(destination.id, overlap_for=0)
            place.move(ws)
            until(lambda: len(receiver.heard) == 3)
            assert [verified(receiver.heard[2], new_secret.secret) for new_secret in (new, at_once)] == [False, True]
            for _ in range(4):
                ws.destinations.rotate_secret(destination.id)
            with pytest.raises(LimitExceeded):
                ws.destinations.rotate_secret(destination.id)
            ws.destinations.rotate_secret(destination.id, 0)


def test_a_change_that_cannot_be_written_is_undone_in_memory(
    place: Place, ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as receiver:
        destination, _ = ws.destinations.create(receiver.url)

        def full(_: object) -> None:
            raise StoreError("The disk is full.")

        with monkeypatch.context() as broken:
            broken.setattr(ws._engine.store, "write", full)
            for change in (
                lambda: ws.destinations.update(destination.id, enabled=False, description="new"),
                lambda: ws.destinations.replay(destination.id, 1),
                lambda: ws.destinations.rotate_secret(destination.id),
                lambda: ws.destinations.delete(destination.id),
                lambda: ws.destinations.create(receiver.url),
            ):
                with pytest.raises(StoreError):
                    change()
        assert ws.destinations.list() == [destination]


def test_a_deleted_destination_gets_nothing_more(place: Place, ws: Workspace) -> None:
    with receiving() as receiver:
        defined(ws)
        destination, _ = ws.destinations.create(receiver.url)
        place.move(ws)
        until(lambda: shown(ws, destination).delivered_sequence == 1)
        ws.destinations.delete(destination.id)
        place.move(ws)
        time.sleep(0.1)
        assert sequences(receiver) == [1]
        with pytest.raises(NotFound):
            ws.destinations.get(destination.id)
        with ws._engine.store.read() as reads:
            assert (reads.destinations(), reads.destination_secrets(), reads.deliveries()) == ([], [], [])


def test_a_url_that_is_no_longer_valid_disables_only_its_destination(place: Place) -> None:
    with receiving() as receiver:
        with place.open() as ws:
            defined(ws)
            destination, _ = ws.destinations.create(receiver.url)
            other, _ = ws.destinations.create(receiver.url)
            with ws._engine.store.read() as reads:
                stored = replace(reads.destinations()[0], url="ftp://example.com/")
            ws._engine.store.write(lambda tx: tx.update_destination(stored))
        with place.open() as ws:
            disabled = shown(ws, destination)
            assert disabled.state is DestinationState.DISABLED
            assert "begins with https://" in (disabled.state_reason or "")
            with pytest.raises(InvalidInput):
                ws.destinations.update(destination.id, enabled=True)
            place.move(ws)
            until(lambda: shown(ws, other).delivered_sequence == 1)
            ws.destinations.update(destination.id, url=receiver.url, enabled=True)
            until(lambda: shown(ws, destination).delivered_sequence == 1)


def test_a_new_destination_begins_now_or_after_a_sequence(place: Place, ws: Workspace) -> None:
    with receiving() as from_now, receiving() as from_three:
        defined(ws)
        place.move(ws, 5)
        ws.destinations.create(from_now.url)
        ws.destinations.create(from_three.url, after=3)
        place.move(ws)
        until(lambda: (sequences(from_now), sorted(sequences(from_three))) == ([6], [4, 5, 6]))
        with pytest.raises(InvalidInput):
            ws.destinations.create(from_now.url, after=7)


def test_a_workspace_without_destinations_runs_no_thread_for_them(ws: Workspace) -> None:
    assert ws._deliveries._deciding is None
