"""Full scans, shared by threads: every thread takes the next block until none is left.

NumPy and Arrow release the interpreter's lock while they work, so two threads are nearly twice as
fast. The calling thread works too, and does small scans alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from coterie.index.bits import Words
from coterie.index.columns.part import BLOCK, Scan

SHARED_FROM: Final = 2**20
"""From this many rows on, over all scans of one call, threads pay off.

Rows of parts with smaller blocks cost more, and count for more.
"""


@dataclass(frozen=True, slots=True)
class Job:
    """The scan of one part for one leaf; the verdicts go to `words`."""

    scan: Scan
    length: int
    words: Words
    block: int = BLOCK


class Scanner:
    """Runs scans in at most `threads` threads, the caller's included."""

    def __init__(self, threads: int) -> None:
        self._helper_count = threads - 1
        self._pool = ThreadPoolExecutor(self._helper_count, thread_name_prefix="coterie-scan") if threads > 1 else None

    def run(self, jobs: Sequence[Job]) -> None:
        """Run all `jobs`. Raises what any of them raises."""
        blocks = [
            (job, start, min(start + job.block, job.length))
            for job in jobs
            for start in range(0, job.length, job.block)
        ]
        cost = sum(job.length * BLOCK // job.block for job in jobs)
        block_numbers = itertools.count()  # `next` of it is atomic

        def work() -> None:
            while (number := next(block_numbers)) < len(blocks):
                _scan(*blocks[number])

        helpers: list[Future[None]] = []
        if self._pool is not None and len(blocks) > 1 and cost >= SHARED_FROM:
            helpers = [self._pool.submit(work) for _ in range(self._helper_count)]
        work()
        for helper in helpers:
            if not helper.cancel():
                helper.result()


def _scan(job: Job, start: int, stop: int) -> None:
    packed = np.packbits(job.scan(start, stop), bitorder="little")
    job.words.view(np.uint8)[start >> 3 : (start >> 3) + len(packed)] = packed
