"""Ctrl-C, deferred while a batch is stored but not yet counted, which would falsify the report.

with Interruption() as interruption:
    for batch in ...:               # Ctrl-C raises KeyboardInterrupt at once, even on a pipe
        with interruption.held():   # Ctrl-C waits for the end of the block
            ...
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any


class Interruption:
    """Handles SIGINT during a block; does nothing outside the main thread."""

    def __init__(self) -> None:
        self._holding = False
        self._waiting = False
        self._before: Any = None

    def __enter__(self) -> Interruption:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._interrupted)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    @contextmanager
    def held(self) -> Iterator[None]:
        """A block that Ctrl-C does not tear; KeyboardInterrupt comes after it."""
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
        if self._waiting:
            raise KeyboardInterrupt

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        if not self._holding:
            raise KeyboardInterrupt
        self._waiting = True
