"""The parts of a column, one per kind of value that some profile has; and views, for a few rows.

A `Part` holds the values of one kind for all pids. A `View` holds those of a handful of rows:
gathered from a part, or about to be written to one. Both answer leaves. A part answers block by
block, so that the work stays in the processor's cache and is shared by threads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from coterie.index.bits import Bools, Pids
from coterie.index.resolve import Asked
from coterie.rules.values import Kind, Value

BLOCK = 2**20
"""Rows of one block of codes: a megabyte or two.

Smaller ones fit nearer caches, but threads would pass the interpreter's lock too often.
"""

Scan: TypeAlias = Callable[[int, int], Bools]
"""The verdicts of the rows from `start` to before `stop`.

`start` is a multiple of 64, and `stop` not past the part's length.
"""


class View(Protocol):
    """The values of one kind of a few rows."""

    def judge(self, leaf: Asked) -> Bools: ...
    def present(self) -> Bools: ...
    def value(self, place: int) -> Value | None: ...


class Part(Protocol):
    """The values of one kind of all rows.

    `length` is how far it reaches: rows past it have no value. `block` is the best number of rows
    to ask at a time, a multiple of 64.
    """

    kind: Kind
    count: int
    length: int
    block: int

    def scan(self, leaf: Asked) -> Scan | None:
        """How to answer `leaf` for all rows; None when no row meets it."""
        ...

    def gather(self, pids: Pids) -> View: ...
    def put(self, pids: Pids, view: View) -> None:
        """Write the rows of `view`; those without a value there have none here from now on."""
        ...

    def put_one(self, pid: int, value: Value | None) -> None:
        """The same for one row; faster than `put`."""
        ...

    def clear(self, pids: Pids) -> None: ...
    def value(self, pid: int) -> Value | None: ...
    def present(self, pids: Pids) -> Bools: ...
    def begin_load(self) -> None:
        """A bulk load begins; nobody asks until it ends."""
        ...

    def settle(self) -> None:
        """The end of a bulk load: do whatever was put off."""
        ...

    def bytes(self) -> int: ...


T = TypeVar("T", bound=np.generic)


def grown(array: npt.NDArray[T], length: int) -> npt.NDArray[T]:
    """`array` with room for `length`, at least doubled.

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
    """`array[pids]`, zero for pids past `length`."""
    if len(pids) == 0 or int(pids.max()) < length:
        return array[pids]
    values = np.zeros(len(pids), dtype=array.dtype)
    inside = pids < length
    values[inside] = array[pids[inside]]
    return values
