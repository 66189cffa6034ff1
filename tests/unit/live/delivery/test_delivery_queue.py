"""What is sent to a destination, and what a result changes: days of it in milliseconds."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.live.delivery.attempt_result import AttemptResult
from coterie.live.delivery.delivery_queue import BY_HAND, FAILURES_TO_OPEN
from coterie.live.delivery.schedule import ABANDONED_AFTER, DAY, HOUR, MINUTE, PROBE_DELAY_MAX, SECOND
from coterie.model import DestinationState
from tests.unit.live.delivery.world import (
    BROKEN,
    DOWN,
    GONE,
    OK,
    START,
    World,
    new_queue,
    no_jitter,
    reopened,
    transition,
)

ACTIVE, FAILING, DISABLED = DestinationState.ACTIVE, DestinationState.FAILING, DestinationState.DISABLED


def test_a_receiver_that_answers_gets_the_log_in_order() -> None:
    world = World(lambda sequence, now: OK, 1_000)
    world.run(START + DAY)
    assert world.delivered == list(range(1, 1_001))
    assert (world.queue.cursor, world.queue.state, world.queue.waiting) == (1_000, ACTIVE, {})


def test_an_outage_of_three_days_adds_only_a_few_waiting_deliveries_and_loses_nothing() -> None:
    back = START + 3 * DAY
    world = World(lambda sequence, now: OK if now >= back else DOWN, 10_000)
    world.run(back - 1)
    assert world.queue.state is FAILING
    assert world.most_waiting <= FAILURES_TO_OPEN
    assert world.queue.cursor <= FAILURES_TO_OPEN
    assert len(world.attempts) < 3 * DAY / PROBE_DELAY_MAX * 1.3  # one probe at a time, at most so often

    world.run(back + DAY)
    assert sorted(world.delivered) == list(range(1, 10_001))
    assert len(world.delivered) == 10_000  # and nothing twice
    assert world.queue.state is ACTIVE
    first_back = next(at for at, _, delivered in world.attempts if delivered)
    assert first_back - back <= PROBE_DELAY_MAX * 1.2  # its return is noticed soon
    last = max(at for at, _, delivered in world.attempts if delivered)
    assert last - first_back < 10_000 * world.took + MINUTE  # and then all goes out at once


def test_one_message_that_always_fails_does_not_hold_up_the_others() -> None:
    world = World(lambda sequence, now: BROKEN if sequence == 7 else OK, 1_000)
    world.run(START + MINUTE)
    assert sorted(world.delivered) == [sequence for sequence in range(1, 1_001) if sequence != 7]
    assert list(world.queue.waiting) == [7]
    assert world.queue.cursor == 1_000


def test_a_delivery_is_abandoned_after_five_days_and_the_result_says_so() -> None:
    world = World(lambda sequence, now: BROKEN if sequence == 7 else OK, 20)
    while world.now < START + 6 * DAY:  # something new every hour, so the destination is seen to be alive
        world.run(world.now + HOUR)
        world.now, world.length = max(world.now, world.attempts[-1][0] + HOUR), world.length + 1
    assert world.queue.waiting == {}
    assert [decision for decision in world.decisions if decision.abandoned] != []
    failures = [at for at, sequence, _ in world.attempts if sequence == 7]
    assert ABANDONED_AFTER <= failures[-1] - failures[0] < ABANDONED_AFTER + 2 * HOUR
    assert world.queue.state is ACTIVE


@pytest.mark.parametrize(("count", "held_up"), [(10, 10 * MINUTE), (100, HOUR), (400, 3 * HOUR)])
def test_many_bad_messages_in_a_row_hold_up_the_others_for_a_while_only(count: int, held_up: int) -> None:
    bad = range(10, 10 + count)
    world = World(lambda sequence, now: BROKEN if sequence in bad else OK, 2_000)
    world.run(START + 5 * HOUR)
    assert set(world.delivered) == set(range(1, 2_001)) - set(bad)
    assert max(at for at, _, delivered in world.attempts if delivered) - START < held_up
    assert sorted(world.queue.waiting) == list(bad)
    assert world.queue.cursor == 2_000


@pytest.mark.parametrize("slots", [1, 4])
def test_a_receiver_that_fails_half_of_the_time_gets_everything(slots: int) -> None:
    dice = random.Random(1)
    world = World(lambda s, now: OK if dice.random() < 0.5 else BROKEN, 500, new_queue(slots=slots), jitter=dice.random)
    world.run(START + DAY)
    assert sorted(set(world.delivered)) == list(range(1, 501))
    assert world.queue.state is ACTIVE


def test_five_days_of_failures_only_disable_it_with_a_reason() -> None:
    world = World(lambda sequence, now: DOWN, 50)
    world.run(START + 30 * DAY)
    assert world.queue.state is DISABLED
    assert world.queue.reason is not None
    assert "since 2026-03-01" in world.queue.reason
    assert "The connection failed." in world.queue.reason
    assert ABANDONED_AFTER <= world.now - START < ABANDONED_AFTER + 2 * PROBE_DELAY_MAX
    assert world.queue.next_at(world.now) is None

    world.receiver = lambda sequence, now: OK
    world.queue.enable()
    world.run(world.now + HOUR)
    assert sorted(world.delivered) == list(range(1, 51))  # also what failed first: it waited
    assert world.queue.state is ACTIVE


def test_one_success_begins_the_five_days_anew() -> None:
    world = World(lambda sequence, now: OK if 4 * DAY < now - START < 4 * DAY + HOUR else DOWN, 10_000, took=MINUTE)
    world.run(START + 8 * DAY)
    assert world.queue.state is FAILING
    world.run(START + 11 * DAY)
    assert world.queue.state is DISABLED


def test_410_disables_at_once_and_loses_nothing() -> None:
    world = World(lambda sequence, now: GONE if sequence == 5 else OK, 10)
    world.run(START + DAY)
    assert world.delivered == [1, 2, 3, 4]
    assert world.queue.state is DISABLED
    assert "410" in (world.queue.reason or "")
    assert world.queue.cursor == 4
    world.receiver = lambda sequence, now: OK
    world.queue.enable()
    world.run(START + 2 * DAY)
    assert world.delivered == list(range(1, 11))


def test_a_receiver_that_asks_to_wait_is_obeyed() -> None:
    busy = AttemptResult(429, "The receiver answered 429.", 0.01, retry_after=10 * MINUTE)
    world = World(lambda sequence, now: busy if not world.attempts else OK, 5)
    world.run(START + DAY)
    assert [at - START for at, _, _ in world.attempts][:2] == [10, 10 + 10 * MINUTE + 10]
    assert sorted(world.delivered) == [1, 2, 3, 4, 5]


def test_while_the_breaker_is_half_open_one_probe_goes_out_at_a_time() -> None:
    world = World(lambda sequence, now: DOWN, 100, new_queue(slots=4))
    world.turn()
    assert world.queue.breaker_open
    assert world.turn() is False
    due = world.queue.next_at(world.now)
    assert due is not None
    world.now = due
    (delivery,) = world.queue.start(world.now, 64)
    assert world.queue.start(world.now, 64) == []
    world.answer(delivery)


def test_no_more_are_in_flight_than_there_are_slots_and_the_first_needs_no_room() -> None:
    queue = new_queue(slots=4)
    queue.extend([transition(sequence) for sequence in range(1, 11)], 10)
    first = queue.start(START, 0)
    assert [delivery.sequence for delivery in first] == [1]
    assert queue.start(START, 0) == []
    assert [delivery.sequence for delivery in queue.start(START, 10)] == [2, 3, 4]
    assert queue.cursor == 0
    queue.finish(first[0], OK, START, no_jitter)
    assert queue.cursor == 1


def test_transitions_of_one_profile_do_not_overtake_one_another() -> None:
    queue = new_queue(slots=4)
    queue.extend([transition(1, pid=1), transition(2, pid=2), transition(3, pid=1), transition(4, pid=4)], 4)
    first, _ = queue.start(START, 10)
    assert queue.start(START, 10) == []
    queue.finish(first, OK, START, no_jitter)
    assert [delivery.sequence for delivery in queue.start(START, 10)] == [3, 4]


def test_the_cursor_waits_for_the_slowest() -> None:
    queue = new_queue(slots=4)
    queue.extend([transition(sequence) for sequence in range(1, 5)], 4)
    slow, *others = queue.start(START, 10)
    for delivery in others:
        queue.finish(delivery, OK, START, no_jitter)
    assert queue.cursor == 0
    queue.finish(slow, BROKEN, START, no_jitter)
    assert queue.cursor == 4
    assert list(queue.waiting) == [1]


def test_with_too_many_waiting_nothing_new_goes_out() -> None:
    world = World(lambda sequence, now: BROKEN if sequence % 2 else OK, 1_000, new_queue(waiting_max=10))
    world.run(START + DAY)
    assert world.most_waiting == 10
    assert world.queue.cursor < 1_000
    world.receiver = lambda sequence, now: OK
    world.run(START + 3 * DAY)
    assert sorted(world.delivered) == list(range(1, 1_001))


def test_a_destination_disabled_by_hand_sends_nothing_and_keeps_its_place() -> None:
    world = World(lambda sequence, now: OK, 10)
    world.turn()
    world.queue.disable(BY_HAND)
    world.run(START + DAY)
    assert world.delivered == [1]
    assert world.queue.next_at(world.now) is None
    world.queue.enable()
    world.run(START + 2 * DAY)
    assert world.delivered == list(range(1, 11))


def test_a_replay_delivers_again_and_ignores_results_of_deliveries_in_flight() -> None:
    world = World(lambda sequence, now: BROKEN if sequence == 3 else OK, 10)
    world.run(START + MINUTE)
    late = world.queue.start(world.now + HOUR, 10)  # the retry of 3 is out
    assert [delivery.sequence for delivery in late] == [3]
    world.queue.rewind(1)
    assert world.queue.waiting == {}
    assert world.queue.finish(late[0], OK, world.now, no_jitter) is None
    world.receiver = lambda sequence, now: OK
    world.attempts.clear()
    world.run(world.now + DAY)
    assert world.delivered == list(range(2, 11))


def test_new_filters_read_the_log_again_and_keep_waiting_deliveries() -> None:
    world = World(lambda sequence, now: BROKEN if sequence == 3 else OK, 10)
    world.run(START + MINUTE)
    assert [delivery.sequence for delivery in world.queue.start(world.now + HOUR, 10)] == [3]
    world.queue.reread(world.queue.cursor)
    world.receiver = lambda sequence, now: OK
    world.run(world.now + DAY)
    assert sorted(world.delivered) == list(range(1, 11))


def test_a_clock_that_goes_back_does_no_harm() -> None:
    world = World(lambda sequence, now: BROKEN if len(world.attempts) < 5 else OK, 20)
    world.run(START + MINUTE)
    world.now = START - DAY
    world.run(START + DAY)
    assert sorted(world.delivered) == list(range(1, 21))


@given(
    answers=st.lists(st.sampled_from([OK, BROKEN, DOWN, replace(BROKEN, retry_after=30 * SECOND)]), max_size=60),
    crashes=st.sets(st.integers(0, 60), max_size=5),
    slots=st.integers(1, 4),
    seed=st.integers(0, 1_000),
)
def test_whatever_is_answered_and_whenever_it_crashes_everything_is_delivered(
    answers: list[AttemptResult], crashes: set[int], slots: int, seed: int
) -> None:
    """And the cursor never passes a transition that is neither delivered nor waiting."""
    left = list(answers)
    dice = random.Random(seed)
    world = World(lambda sequence, now: left.pop() if left else OK, 30, new_queue(slots=slots), jitter=dice.random)
    for turn in range(400):
        sent = world.turn()
        done = set(world.delivered) | world.queue.waiting.keys()
        assert set(range(1, world.queue.cursor + 1)) <= done
        if turn in crashes:
            world.queue.start(world.now, 64)  # under way when it crashes
            world.queue = reopened(world.queue)
        elif not sent:
            due = world.queue.next_at(world.now)
            if due is None:
                break
            world.now = due
    assert set(world.delivered) == set(range(1, 31))
    assert world.queue.waiting == {}
    assert world.queue.cursor == 30
