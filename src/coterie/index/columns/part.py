"""The parts of a column, one per kind of value that some profile has; and views, for a few rows.

A `Part` stores the values of one kind for all pids. A `View` stores those of a few rows: gathered
from a part, or about to be written to one. Both judge leaves. A part judges block by block, so that
the work stays in the processor's cache and threads can share it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from coterie.index.bits import Bools, Pids
from coterie.index.resolve import ResolvedLeaf
from coterie.rules.values import Kind, Value

BLOCK = 2**20
"""Rows of one block of codes: a megabyte or two.

Smaller blocks fit nearer caches, but threads would then pass the interpreter's lock too often.
"""

Scan: TypeAlias = Callable[[int, int], Bools]
"""Returns the verdicts of the rows from `start` to before `stop`.

`start` is a multiple of 64, and `stop` not past the part's length.
"""


class View(Protocol):
    """The values of a few rows, all of one kind."""

    def judge(self, leaf: ResolvedLeaf) -> Bools: ...
    def present(self) -> Bools: ...
    def value(self, place: int) -> Value | None: ...


class Part(Protocol):
    """The values of all rows that are of one kind.

    `length` is how far they reach: rows past it have no value. `block` is the best number of rows
    to judge at a time, a multiple of 64.
    """

    kind: Kind
    count: int
    length: int
    block: int

    def scan(self, leaf: ResolvedLeaf) -> Scan | None:
        """Return a function that judges `leaf` for a range of rows; None when no row matches."""
        ...

    def gather(self, pids: Pids) -> View: ...
    def put(self, pids: Pids, view: View) -> None:
        """Write the rows of `view`; rows without a value there lose the one they have here."""
        ...

    def put_one(self, pid: int, value: Value | None) -> None:
        """Do the same for one row; faster than `put`."""
        ...

    def clear(self, pids: Pids) -> None: ...
    def value(self, pid: int) -> Value | None: ...
    def present(self, pids: Pids) -> Bools: ...
    def begin_load(self) -> None:
        """Begin a bulk load; nobody reads until it ends."""
        ...

    def settle(self) -> None:
        """End a bulk load: do whatever was deferred."""
        ...

    def bytes(self) -> int: ...


T = TypeVar("T", bound=np.generic)


def grown(array: npt.NDArray[T], length: int) -> npt.NDArray[T]:
    """Return `array` with room for `length`, at least doubled.

    Zeros that nobody writes cost no memory, so blocks of zeros are not copied.
    """
    if length <= len(array):
        return array
    larger = np.zeros(max(length, 2 * len(array), 1024), dtype=array.dtype)
    for start in range(0, len(array), BLOCK):
        block = array[start : start + BLOCK]
        if block.any():
            larger[start : start + len(block)] = block
    return larger


def at(array: npt.NDArray[T], length: int, pids: Pids) -> npt.NDArray[T]:
    """Return `array[pids]`, zero for pids past `length`."""
    if len(pids) == 0 or int(pids.max()) < length:
        return array[pids]
    values = np.zeros(len(pids), dtype=array.dtype)
    inside = pids < length
    values[inside] = array[pids[inside]]
    return values
