"""Answers that are kept."""

from __future__ import annotations

from coterie.index.bits import Words
from coterie.index.happenings.happenings import Happenings
from coterie.rules.kernel import PropertyLeaf
from coterie.rules.moment import Moment


class Kept:
    """Asked by many at once."""

    def __init__(self, happenings: Happenings, bytes_max: int) -> None:
        self._happenings = happenings
        self._bytes_max = bytes_max

    def everyone(self, leaf: PropertyLeaf, moment: Moment, rows: int) -> tuple[bool, Words]:
        return self._happenings.everyone(leaf, moment, rows)

    def clear(self) -> None:
        pass

    def bytes(self) -> int:
        return 0
