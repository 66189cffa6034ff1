"""Samples: a stable share of all profiles, drawn by profile number and salt.

A profile's number is mixed with a seed, made from the salt, into one of 2**64 equally likely
outcomes; the sample takes the outcomes below a bound. So a sample of 10 percent is part of the
sample of 20 percent with the same salt, and two salts draw independently. splitmix64 mixes well,
and is a few multiplications and shifts, the same in Python, NumPy and SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from coterie.errors import Path
from coterie.rules.measures import RuleReader
from coterie.rules.nodes import SampleCondition
from coterie.rules.operands import describe_json

SPACE = 2**64
"""The number of outcomes."""

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


def read_sample(raw: object, path: Path, reader: RuleReader) -> SampleCondition | None:
    """The condition, or None after reporting its problems to `reader`."""
    if not isinstance(raw, Mapping):
        reader.add(
            f"“sample” is an object, not {describe_json(raw)}.", path, 'Such as {"percent": 10, "salt": "spring"}.'
        )
        return None
    reader.known_keys(raw, ("percent", "salt"), path)
    percent, salt = raw.get("percent"), raw.get("salt", "")
    salt = "" if salt == "" else reader.name(salt, "“salt”", (*path, "salt"))
    if isinstance(percent, int | float) and not isinstance(percent, bool) and 0 < percent <= 100:
        return None if salt is None else SampleCondition(float(percent), salt)
    at = (*path, "percent") if "percent" in raw else path
    reader.add(f"“percent” is a number above 0 and at most 100, not {describe_json(percent)}.", at)
    return None
