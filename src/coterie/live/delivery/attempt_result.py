"""What came of one attempt at a delivery."""

from __future__ import annotations

from dataclasses import dataclass

GONE = 410
ASKS_FOR_REST = (429, 503)


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """The receiver's `status`, None where none came; `error` says what was wrong with it, None for a success. `took` seconds."""

    status: int | None
    error: str | None
    took: float
    retry_after: int | None = None  # milliseconds, where the receiver asked for a rest

    @property
    def delivered(self) -> bool:
        """Whether the receiver has it."""
        return self.error is None

    @property
    def gone(self) -> bool:
        """Whether the receiver wants nothing more, ever."""
        return self.status == GONE


def what_is_wrong_with(status: int) -> str | None:
    """A sentence for a status that is no success, None for one that is."""
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return f"The receiver answered {status}, a redirect; they are not followed."
    return f"The receiver answered {status}."
