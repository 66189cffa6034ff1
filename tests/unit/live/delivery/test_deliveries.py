"""A workspace that delivers to receivers on this machine, on a manual clock, through restarts."""

from __future__ import annotations

import time
from typing import Any

import pytest

from coterie.errors import StoreError
from coterie.live.delivery.message import message_id
from coterie.live.delivery.schedule import DAY, HOUR, MINUTE
from coterie.model import DestinationState, ProfileInput
from coterie.rules.build import prop
from coterie.store.store import Reads
from coterie.workspace import Workspace
from tests.unit.live.delivery.place import NOW, SETTINGS, Place, body_of, defined, sequences, shown, until, verified
from tests.unit.live.delivery.receivers import Heard, hangs, receiving, says


def test_entering_and_leaving_are_delivered_signed_and_in_order(place: Place, ws: Workspace) -> None:
    with receiving() as receiver:
        segment = ws.segments.create("Pro", prop("plan") == "pro").id
        destination, secret = ws.destinations.create(receiver.url, description="The CRM")
        ada = ws.profiles.put(ProfileInput(external_id="ada", email="ada@example.com", properties={"plan": "pro"})).id
        ws.profiles.put(ProfileInput(external_id="ada", properties={"plan": "free"}))
        until(lambda: len(receiver.heard) == 2)
        entered, left = receiver.heard
        assert body_of(entered) == {
            "type": "segment.entered",
            "timestamp": NOW.iso(),
            "data": {
                "sequence": 1,
                "segment": {"id": segment, "name": "Pro", "version": 1},
                "profile": {"id": ada, "external_id": "ada", "email": "ada@example.com"},
                "cause": "facts",
                "at": NOW.iso(),
            },
        }
        assert (body_of(left)["type"], body_of(left)["data"]["sequence"]) == ("segment.exited", 2)
        assert entered.headers["webhook-id"] == message_id(ws.id, 1)
        assert all(verified(request, secret.secret) for request in receiver.heard)
        until(lambda: shown(ws, destination).delivered_sequence == 2)
        assert [
            (attempt.sequence, attempt.status, attempt.error) for attempt in ws.destinations.attempts(destination.id)
        ] == [
            (2, 200, None),
            (1, 200, None),
        ]


def test_a_profile_that_was_deleted_meanwhile_is_null(place: Place, ws: Workspace) -> None:
    with receiving() as receiver:
        defined(ws)
        destination, _ = ws.destinations.create(receiver.url)
        ws.destinations.update(destination.id, enabled=False)
        gone = ws.profiles.put(ProfileInput(external_id="gone", email="gone@example.com", properties={"n": 1})).id
        ws.profiles.delete(gone)
        ws.destinations.update(destination.id, enabled=True)
        until(lambda: len(receiver.heard) == 2)
        assert [body_of(request)["data"]["profile"] for request in receiver.heard] == [None, None]
        assert body_of(receiver.heard[1])["data"]["cause"] == "profile_deleted"
        assert b"gone@" not in b"".join(request.body for request in receiver.heard)


def test_a_segment_that_was_deleted_keeps_its_id_and_has_no_name(place: Place, ws: Workspace) -> None:
    with receiving() as receiver:
        segment = defined(ws)
        place.move(ws)
        ws.segments.delete(segment)
        ws.destinations.create(receiver.url, after=0)
        until(lambda: receiver.heard)
        assert body_of(receiver.heard[0])["data"]["segment"] == {"id": segment, "name": None, "version": 1}


def test_an_outage_of_three_days_loses_nothing_and_a_restart_in_it_neither(place: Place) -> None:
    with receiving(says(500)) as receiver:
        with place.open() as ws:
            defined(ws)
            destination, _ = ws.destinations.create(receiver.url)
            place.move(ws, 50)
            until(lambda: shown(ws, destination).state is DestinationState.FAILING)
        for _ in range(3):
            with place.open() as ws:
                place.move(ws, 50)
                ends = place.clock.now() + DAY
                before = len(receiver.heard)
                while place.clock.now() < ends:
                    place.wait(ws, 30 * MINUTE)
                    time.sleep(0.005)
                assert len(receiver.heard) > before + 10  # it goes on trying
                assert 1 <= shown(ws, destination).waiting_count < 10
        receiver.heard.clear()
        receiver.answers[:] = [says(200)]
        with place.open() as ws:
            place.wait(ws, HOUR)
            until(lambda: shown(ws, destination).delivered_sequence == 200 and not shown(ws, destination).waiting_count)
            assert sorted(set(sequences(receiver))) == list(range(1, 201))
            assert shown(ws, destination).state is DestinationState.ACTIVE


def test_a_dead_endpoint_does_not_delay_another(place: Place, ws: Workspace) -> None:
    with receiving(hangs()) as dead, receiving() as alive:
        defined(ws)
        for _ in range(5):
            ws.destinations.create(dead.url)
        ws.destinations.create(alive.url)
        began = time.monotonic()
        place.move(ws, 100)
        until(lambda: len(alive.heard) == 100)
        assert time.monotonic() - began < 5
        assert len(dead.heard) <= 5 * SETTINGS.webhook_slots_max


def test_a_destination_has_one_slot_of_its_own_whatever_the_others_take(place: Place) -> None:
    narrow = SETTINGS.model_copy(update={"webhook_flying_max": 1})
    with receiving(hangs()) as dead, receiving() as alive, place.open(narrow) as ws:
        defined(ws)
        for _ in range(5):
            ws.destinations.create(dead.url)
        ws.destinations.create(alive.url)
        place.move(ws, 20)
        until(lambda: len(alive.heard) == 20)
        assert len(dead.heard) <= 5


def test_closing_leaves_deliveries_in_flight_and_the_next_start_sends_them_again(place: Place) -> None:
    with receiving(hangs(), says(200)) as receiver:
        with place.open() as ws:
            defined(ws)
            destination, _ = ws.destinations.create(receiver.url)
            place.move(ws)
            until(lambda: receiver.heard)
            began = time.monotonic()
        assert time.monotonic() - began < 4
        with place.open() as ws:
            until(lambda: shown(ws, destination).delivered_sequence == 1)
        assert sequences(receiver) == [1, 1]
        assert len({request.headers["webhook-id"] for request in receiver.heard}) == 1


def test_410_disables_with_a_reason_and_enabling_goes_on_where_it_was(place: Place, ws: Workspace) -> None:
    with receiving(says(410)) as receiver:
        defined(ws)
        destination, _ = ws.destinations.create(receiver.url)
        place.move(ws)
        disabled = until(
            lambda: (destination_now := shown(ws, destination)).state is DestinationState.DISABLED and destination_now
        )
        counts = ws.counts()
        assert [counts[name] for name in ("destinations", "destinations_failing", "destinations_disabled")] == [1, 0, 1]
        assert "410" in disabled.state_reason
        place.move(ws, 5)
        place.wait(ws, 10 * DAY)
        time.sleep(0.1)
        assert len(receiver.heard) == 1
        receiver.answers[:] = [says(200)]
        receiver.heard.clear()
        assert ws.destinations.update(destination.id, enabled=True).state is DestinationState.ACTIVE
        until(lambda: sorted(sequences(receiver)) == [1, 2, 3, 4, 5, 6])


def test_a_retry_after_is_obeyed(place: Place, ws: Workspace) -> None:
    with receiving(says(429, "Retry-After: 3600\r\n"), says(200)) as receiver:
        defined(ws)
        destination, _ = ws.destinations.create(receiver.url)
        place.move(ws)
        until(lambda: shown(ws, destination).state is DestinationState.FAILING)
        place.move(ws, 3)
        place.wait(ws, 59 * MINUTE)
        time.sleep(0.1)
        assert len(receiver.heard) == 1
        assert ws.destinations.attempts(destination.id)[0].next_at == NOW + HOUR
        place.wait(ws, MINUTE)
        until(lambda: sorted(sequences(receiver)) == [1, 1, 2, 3, 4])


def test_five_days_of_failures_only_disable_it_and_that_is_seen_after_a_restart(place: Place) -> None:
    with receiving(says(503)) as receiver:
        with place.open() as ws:
            defined(ws)
            destination, _ = ws.destinations.create(receiver.url)
            place.move(ws, 10)
            until(lambda: shown(ws, destination).state is DestinationState.FAILING)
            while shown(ws, destination).state is not DestinationState.DISABLED:
                place.wait(ws, HOUR)
                time.sleep(0.005)
        with place.open() as ws:
            disabled = shown(ws, destination)
            assert disabled.state is DestinationState.DISABLED
            assert "since 2026-03-01T09:30" in (disabled.state_reason or "")
            assert place.clock.now() - NOW >= 5 * DAY


def test_an_abandoned_delivery_stays_among_the_attempts_for_long(place: Place, ws: Workspace) -> None:
    def answer(sock: Any, heard: Heard) -> bool:
        return says(500 if body_of(heard)["data"]["sequence"] == 1 else 200)(sock, heard)

    with receiving(answer) as receiver:
        defined(ws)
        destination, _ = ws.destinations.create(receiver.url)
        for hour in range(0, 6 * 24, 4):
            place.move(ws, 10)
            until(lambda hour=hour: shown(ws, destination).delivered_sequence == 10 * (hour // 4 + 1))
            place.wait(ws, 4 * HOUR + 50 * MINUTE)
            until(
                lambda: (
                    not any(
                        attempt.next_at and attempt.next_at <= place.clock.now()
                        for attempt in ws.destinations.attempts(destination.id, 1)
                    )
                )
            )
        until(lambda: shown(ws, destination).waiting_count == 0)
        (given_up,) = [
            attempt
            for attempt in ws.destinations.attempts(destination.id, 1_000)
            if attempt.error and attempt.next_at is None
        ]
        assert given_up.sequence == 1
        assert given_up.at - NOW >= 5 * DAY
        assert len(ws.destinations.attempts(destination.id, 1_000)) <= 101


def test_a_file_that_cannot_be_read_for_a_while_loses_no_slot(
    place: Place, ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as receiver:
        defined(ws)
        ws.destinations.create(receiver.url)
        broken = {"left": 1}
        read = Reads.profiles

        def sometimes(reads: Reads, pids: Any) -> Any:
            if broken["left"]:
                broken["left"] -= 1
                raise StoreError("The disk failed.")
            return read(reads, pids)

        monkeypatch.setattr(Reads, "profiles", sometimes)
        place.move(ws, 20)
        until(lambda: len(receiver.heard) == 20)
