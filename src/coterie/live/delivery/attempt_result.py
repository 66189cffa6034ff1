"""The result of one attempt at a delivery."""

from __future__ import annotations

from dataclasses import dataclass

GONE = 410
MAY_ASK_TO_WAIT = (429, 503)
"""The statuses whose `Retry-After` is honoured."""


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """The `status` of the response, None without one, and `error`, None for a success."""

    status: int | None
    error: str | None
    took: float  # seconds
    retry_after: int | None = None  # milliseconds, where the receiver asked to wait

    @property
    def delivered(self) -> bool:
        """Whether the receiver has accepted the message."""
        return self.error is None

    @property
    def gone(self) -> bool:
        """Whether the receiver wants no more deliveries, ever."""
        return self.status == GONE


def status_error(status: int) -> str | None:
    """A sentence for a status that means failure, None for a success."""
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return f"The receiver answered {status}, a redirect; redirects are not followed."
    return f"The receiver answered {status}."
