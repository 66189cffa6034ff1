"""A stable share of all profiles: which ones a sample takes, from their numbers and a salt and nothing else.

A profile's number is mixed with a seed, which comes of the salt, into one of 2**64 outcomes, all as likely; the sample takes those below a bound.
So a sample of 10 percent is part of one of 20 percent with the same salt, and two salts draw independently. It is splitmix64 because that
mixes well and is a handful of multiplications and shifts, the same in Python, NumPy and SQL.
"""

from __future__ import annotations

from hashlib import sha256

SPACE = 2**64
"""How many outcomes there are."""

_MASK = SPACE - 1


def seed_of(salt: str) -> int:
    """The number that the salt adds to each profile's."""
    return int.from_bytes(sha256(f"coterie sample {salt}".encode()).digest()[:8], "big")


def bound_of(percent: float) -> int:
    """The outcome below which a profile is in: all of them for 100 percent."""
    return round(percent / 100 * SPACE)


def mix(number: int, seed: int) -> int:
    """The outcome for the profile with this number: splitmix64's finaliser of their sum."""
    mixed = (number + seed) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    return mixed ^ (mixed >> 31)


def in_sample(number: int, seed: int, below: int) -> bool:
    """Whether the profile with this number is in."""
    return mix(number, seed) < below
