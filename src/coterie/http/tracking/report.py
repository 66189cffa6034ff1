"""What became of messages, for those who run the server: a metric by kind and fate, and one line of log where something was dropped.

No identifiers and no contents: codes and counts. The answer names the messages.
"""

from __future__ import annotations

from collections import Counter

from starlette.requests import Request

from coterie.http.auth import Caller
from coterie.http.logging import log
from coterie.http.metrics import Metrics
from coterie.http.tracking.put import Outcome


def report(request: Request, caller: Caller, outcome: Outcome) -> None:
    """Count every message, and log those that were dropped."""
    metrics: Metrics = request.app.state.metrics
    dropped = Counter(one.kind for one in outcome.dropped)
    for fate, counts in (("stored", outcome.stored), ("duplicate", outcome.duplicate), ("dropped", dropped)):
        for kind, count in counts.items():
            metrics.count_tracked(kind, fate, count)
    if outcome.dropped:
        log().warning(
            "tracking_dropped",
            workspace=caller.key.workspace,
            key_id=caller.key.id,
            request_id=request.state.request_id,
            kinds=dict(dropped),
            codes=dict(Counter(one.problem.code for one in outcome.dropped)),
        )
