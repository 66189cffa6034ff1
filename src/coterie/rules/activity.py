"""What happened to a profile at an instant: an event, or a conversation, as a rule sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from coterie.rules.values import Instant, Value


class ActivityRow(NamedTuple):
    """`at` is the event's instant, or that of the conversation's latest message. `values` are its own properties."""

    at: Instant
    values: Mapping[str, Value]
