"""Activity of a profile: an event or a conversation, as a rule sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from coterie.rules.values import Instant, Value


class ActivityRow(NamedTuple):
    """One event or conversation.

    `at` is the instant of the event, or of the conversation's latest message. `values` are its own
    properties.
    """

    at: Instant
    values: Mapping[str, Value]
