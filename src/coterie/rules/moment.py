"""The moment at which a rule is asked: everything about time that an answer depends on."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from coterie.rules.values import Instant


@dataclass(frozen=True, slots=True)
class Moment:
    """`now`, and the workspace's time `zone`, in which calendar words and bare dates are cut."""

    now: Instant
    zone: ZoneInfo
