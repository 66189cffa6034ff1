"""A workspace that delivers, to receivers on this machine: what arrives, what waits, what a restart remembers. Time is moved by hand."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from standardwebhooks import Webhook

from coterie.clock import ManualClock
from coterie.errors import InvalidInput, LimitExceeded, NotFound, StoreError
from coterie.live.delivery.message import message_id
from coterie.live.delivery.schedule import DAY, HOUR, MINUTE
from coterie.model import Action, Cause, Destination, DestinationState, ProfileInput
from coterie.rules.build import prop
from coterie.rules.values import Instant
from coterie.settings import Settings
from coterie.workspace import Workspace
from tests.unit.live.delivery.receivers import Heard, Receiver, hangs, receiving, says

NOW = Instant(1_772_357_400_000)
SETTINGS = Settings(webhook_private_targets=True)


class Place:
    """One workspace file and its clock, opened as often as one likes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = ManualClock(NOW)
        self.numbers = itertools.count()

    def open(self, settings: Settings = SETTINGS) -> Workspace:
        return Workspace(self.path, clock=self.clock, settings=settings)

    def wait(self, ws: Workspace, milliseconds: int) -> None:
        until(lambda: not ws._deliveries._busy)
        self.clock.advance(milliseconds)
        ws._deliveries._wake.set()  # as a real clock would, at the end of its sleep

    def move(self, ws: Workspace, count: int = 1) -> None:
        """So many new people, each of whom enters every segment of `defined`."""
        ws.put_profiles([ProfileInput(external_id=f"u{next(self.numbers)}", properties={"n": 1}) for _ in range(count)])


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "place.sqlite")


@pytest.fixture
def ws(place: Place) -> Iterator[Workspace]:
    with place.open() as workspace:
        yield workspace


def defined(ws: Workspace, name: str = "All") -> str:
    return ws.create_segment(name, prop("n") >= 1).id


def until(true: Callable[[], Any], within: float = 10) -> Any:
    ends = time.monotonic() + within
    while not (found := true()):
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.005)
    return found


def body_of(heard: Heard) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(heard.body)
    return body


def sequences(receiver: Receiver) -> list[int]:
    return [body_of(one)["data"]["sequence"] for one in list(receiver.heard)]


def verified(heard: Heard, secret: str) -> bool:
    """By the library, of its signature alone: its own `verify` holds our manual clock against the machine's."""
    at = datetime.fromtimestamp(int(heard.headers["webhook-timestamp"]), UTC)
    signature = Webhook(secret).sign(heard.headers["webhook-id"], at, heard.body.decode())
    return signature in heard.headers["webhook-signature"].split(" ")


def shown(ws: Workspace, destination: Destination) -> Destination:
    return ws.get_destination(destination.id)


def test_entering_and_leaving_are_delivered_signed_and_in_order(place: Place, ws: Workspace) -> None:
    with receiving() as receiver:
        segment = ws.create_segment("Pro", prop("plan") == "pro").id
        destination, secret = ws.create_destination(receiver.url, description="The CRM")
        ada = ws.put_profile(ProfileInput(external_id="ada", email="ada@example.com", properties={"plan": "pro"})).id
        ws.put_profile(ProfileInput(external_id="ada", properties={"plan": "free"}))
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
        assert all(verified(one, secret.secret) for one in receiver.heard)
        until(lambda: shown(ws, destination).delivered_sequence == 2)
        assert [(one.sequence, one.status, one.error) for one in ws.attempts(destination.id)] == [
            (2, 200, None),
            (1, 200, None),
        ]


def test_a_profile_that_was_deleted_meanwhile_is_null(place: Place, ws: Workspace) -> None:
    with receiving() as receiver:
        defined(ws)
        destination, _ = ws.create_destination(receiver.url)
        ws.update_destination(destination.id, enabled=False)
        gone = ws.put_profile(ProfileInput(external_id="gone", email="gone@example.com", properties={"n": 1})).id
        ws.delete_profile(gone)
        ws.update_destination(destination.id, enabled=True)
        until(lambda: len(receiver.heard) == 2)
        assert [body_of(one)["data"]["profile"] for one in receiver.heard] == [None, None]
        assert body_of(receiver.heard[1])["data"]["cause"] == "profile_deleted"
        assert b"gone@" not in b"".join(one.body for one in receiver.heard)


def test_a_segment_that_was_deleted_keeps_its_id_and_has_no_name(place: Place, ws: Workspace) -> None:
    with receiving() as receiver:
        segment = defined(ws)
        place.move(ws)
        ws.delete_segment(segment)
        ws.create_destination(receiver.url, after=0)
        until(lambda: receiver.heard)
        assert body_of(receiver.heard[0])["data"]["segment"] == {"id": segment, "name": None, "version": 1}


def test_filters_narrow_by_segment_action_and_cause(place: Place, ws: Workspace) -> None:
    with receiving() as chosen, receiving() as leaving, receiving() as defining:
        defined(ws, "first")
        second = defined(ws, "second")
        ws.create_destination(chosen.url, segments=[second])
        ws.create_destination(leaving.url, actions=[Action.EXIT])
        by_definition, _ = ws.create_destination(defining.url, causes=[Cause.DEFINITION])
        place.move(ws, 3)
        ws.put_profile(ProfileInput(external_id="u0", properties={"n": 0}))
        third = defined(ws, "third")
        until(lambda: (len(chosen.heard), len(leaving.heard), len(defining.heard)) == (4, 2, 2))
        assert {body_of(one)["data"]["segment"]["name"] for one in chosen.heard} == {"second"}
        assert {body_of(one)["type"] for one in leaving.heard} == {"segment.exited"}
        assert {body_of(one)["data"]["segment"]["id"] for one in defining.heard} == {third}
        last = ws.counts()["transitions"]
        until(lambda: shown(ws, by_definition).delivered_sequence == last)  # also past what its filter let go


def test_an_outage_of_three_days_loses_nothing_and_a_restart_in_it_neither(place: Place) -> None:
    with receiving(says(500)) as receiver:
        with place.open() as ws:
            defined(ws)
            destination, _ = ws.create_destination(receiver.url)
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
            ws.create_destination(dead.url)
        ws.create_destination(alive.url)
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
            ws.create_destination(dead.url)
        ws.create_destination(alive.url)
        place.move(ws, 20)
        until(lambda: len(alive.heard) == 20)
        assert len(dead.heard) <= 5


def test_closing_abandons_what_is_under_way_and_the_next_start_sends_it_again(place: Place) -> None:
    with receiving(hangs(), says(200)) as receiver:
        with place.open() as ws:
            defined(ws)
            destination, _ = ws.create_destination(receiver.url)
            place.move(ws)
            until(lambda: receiver.heard)
            began = time.monotonic()
        assert time.monotonic() - began < 2.5
        with place.open() as ws:
            until(lambda: shown(ws, destination).delivered_sequence == 1)
        assert sequences(receiver) == [1, 1]
        assert len({one.headers["webhook-id"] for one in receiver.heard}) == 1


def test_410_disables_with_a_reason_and_enabling_it_begins_where_it_was(place: Place, ws: Workspace) -> None:
    with receiving(says(410)) as receiver:
        defined(ws)
        destination, _ = ws.create_destination(receiver.url)
        place.move(ws)
        disabled = until(lambda: (one := shown(ws, destination)).state is DestinationState.DISABLED and one)
        assert "410" in disabled.state_reason
        place.move(ws, 5)
        place.wait(ws, 10 * DAY)
        time.sleep(0.1)
        assert len(receiver.heard) == 1
        receiver.answers[:] = [says(200)]
        receiver.heard.clear()
        assert ws.update_destination(destination.id, enabled=True).state is DestinationState.ACTIVE
        until(lambda: sorted(sequences(receiver)) == [1, 2, 3, 4, 5, 6])


def test_a_rest_that_was_asked_for_is_kept(place: Place, ws: Workspace) -> None:
    with receiving(says(429, "Retry-After: 3600\r\n"), says(200)) as receiver:
        defined(ws)
        destination, _ = ws.create_destination(receiver.url)
        place.move(ws)
        until(lambda: shown(ws, destination).state is DestinationState.FAILING)
        place.move(ws, 3)
        place.wait(ws, 59 * MINUTE)
        time.sleep(0.1)
        assert len(receiver.heard) == 1
        assert ws.attempts(destination.id)[0].next_at == NOW + HOUR
        place.wait(ws, MINUTE)
        until(lambda: sorted(sequences(receiver)) == [1, 1, 2, 3, 4])


def test_five_days_of_failures_only_disable_it_and_that_is_seen_after_a_restart(place: Place) -> None:
    with receiving(says(503)) as receiver:
        with place.open() as ws:
            defined(ws)
            destination, _ = ws.create_destination(receiver.url)
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


def test_one_that_is_given_up_is_among_the_attempts_for_long(place: Place, ws: Workspace) -> None:
    def answer(sock: Any, heard: Heard) -> bool:
        return says(500 if body_of(heard)["data"]["sequence"] == 1 else 200)(sock, heard)

    with receiving(answer) as receiver:
        defined(ws)
        destination, _ = ws.create_destination(receiver.url)
        for hour in range(0, 6 * 24, 4):
            place.move(ws, 10)
            until(lambda hour=hour: shown(ws, destination).delivered_sequence == 10 * (hour // 4 + 1))
            place.wait(ws, 4 * HOUR + 50 * MINUTE)
            until(
                lambda: (
                    not any(one.next_at and one.next_at <= place.clock.now() for one in ws.attempts(destination.id, 1))
                )
            )
        until(lambda: shown(ws, destination).waiting_count == 0)
        (given_up,) = [one for one in ws.attempts(destination.id, 1_000) if one.error and one.next_at is None]
        assert given_up.sequence == 1
        assert given_up.at - NOW >= 5 * DAY
        assert len(ws.attempts(destination.id, 1_000)) <= 101


def test_a_replay_sends_again_with_the_same_ids(place: Place, ws: Workspace) -> None:
    with receiving() as receiver:
        defined(ws)
        destination, _ = ws.create_destination(receiver.url)
        place.move(ws, 10)
        until(lambda: len(receiver.heard) == 10)
        ws.replay(destination.id, 4)
        until(lambda: len(receiver.heard) == 17)
        assert sorted(sequences(receiver)[10:]) == list(range(4, 11))
        assert len({one.headers["webhook-id"] for one in receiver.heard}) == 10


def test_a_secret_that_is_rotated_signs_beside_the_new_one_until_it_expires(place: Place) -> None:
    with receiving() as receiver:
        with place.open() as ws:
            defined(ws)
            destination, old = ws.create_destination(receiver.url)
            new = ws.rotate_secret(destination.id, overlap_for=3_600)
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
            at_once = ws.rotate_secret(destination.id, overlap_for=0)
            place.move(ws)
            until(lambda: len(receiver.heard) == 3)
            assert [verified(receiver.heard[2], one.secret) for one in (new, at_once)] == [False, True]
            for _ in range(4):
                ws.rotate_secret(destination.id)
            with pytest.raises(LimitExceeded):
                ws.rotate_secret(destination.id)
            ws.rotate_secret(destination.id, 0)


def test_what_cannot_be_written_is_not_so_in_memory_either(
    place: Place, ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as receiver:
        destination, _ = ws.create_destination(receiver.url)

        def full(_: object) -> None:
            raise StoreError("The disk is full.")

        with monkeypatch.context() as broken:
            broken.setattr(ws._engine.store, "write", full)
            for change in (
                lambda: ws.update_destination(destination.id, enabled=False, description="new"),
                lambda: ws.replay(destination.id, 1),
                lambda: ws.rotate_secret(destination.id),
                lambda: ws.delete_destination(destination.id),
                lambda: ws.create_destination(receiver.url),
            ):
                with pytest.raises(StoreError):
                    change()
        assert ws.destinations() == [destination]


def test_a_file_that_cannot_be_read_for_a_while_loses_no_slot(
    place: Place, ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as receiver:
        defined(ws)
        ws.create_destination(receiver.url)
        broken = {"left": 1}
        read = ws._engine.store.profiles

        def sometimes(pids: Any) -> Any:
            if broken["left"]:
                broken["left"] -= 1
                raise StoreError("The disk failed.")
            return read(pids)

        monkeypatch.setattr(ws._engine.store, "profiles", sometimes)
        place.move(ws, 20)
        until(lambda: len(receiver.heard) == 20)


def test_one_that_is_deleted_gets_nothing_more(place: Place, ws: Workspace) -> None:
    with receiving() as receiver:
        defined(ws)
        destination, _ = ws.create_destination(receiver.url)
        place.move(ws)
        until(lambda: shown(ws, destination).delivered_sequence == 1)
        ws.delete_destination(destination.id)
        place.move(ws)
        time.sleep(0.1)
        assert sequences(receiver) == [1]
        with pytest.raises(NotFound):
            ws.get_destination(destination.id)
        store = ws._engine.store
        assert (store.destinations(), store.destination_secrets(), store.deliveries()) == ([], [], [])


def test_a_new_one_begins_now_or_where_it_is_told(place: Place, ws: Workspace) -> None:
    with receiving() as from_now, receiving() as from_three:
        defined(ws)
        place.move(ws, 5)
        ws.create_destination(from_now.url)
        ws.create_destination(from_three.url, after=3)
        place.move(ws)
        until(lambda: (sequences(from_now), sorted(sequences(from_three))) == ([6], [4, 5, 6]))
        with pytest.raises(InvalidInput):
            ws.create_destination(from_now.url, after=7)


def test_a_workspace_without_destinations_runs_no_thread_for_them(ws: Workspace) -> None:
    assert ws._deliveries._runs is None
