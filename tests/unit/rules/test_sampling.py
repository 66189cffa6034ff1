"""Samples are stable, of about the right size, nested, and independent for different salts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coterie.rules.sampling import SPACE, bound_of, in_sample, mix, seed_of

EVERYBODY = range(20_000)


def drawn(percent: float, salt: str = "") -> set[int]:
    return {number for number in EVERYBODY if in_sample(number, seed_of(salt), bound_of(percent))}


def test_splitmix_is_what_everybody_calls_so() -> None:
    golden = 0x9E3779B97F4A7C15  # the published generator seeded with 0 mixes its multiples
    assert [mix(golden * number % SPACE, 0) for number in (1, 2, 3)] == [
        0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F,
    ]  # fmt: skip


def test_a_sample_has_about_its_share() -> None:
    for percent in (1, 10, 50, 90):
        assert abs(len(drawn(percent)) / len(EVERYBODY) - percent / 100) < 0.01


def test_a_hundred_percent_is_everybody_and_a_larger_sample_has_the_smaller_in_it() -> None:
    assert drawn(100) == set(EVERYBODY)
    assert drawn(5) <= drawn(10) <= drawn(10.5)


def test_two_salts_are_drawn_apart() -> None:
    both = drawn(10, "a") & drawn(10, "b")
    assert abs(len(both) / len(EVERYBODY) - 0.01) < 0.003


@given(st.floats(0, 100, exclude_min=True))
def test_a_bound_is_within_the_space(percent: float) -> None:
    assert 0 <= bound_of(percent) <= SPACE
