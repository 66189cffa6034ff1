"""Reports the outcome of messages to operators: a metric, and a log line for dropped ones.

Neither holds identifiers or contents, only codes and counts. The answer names the messages.
"""

from __future__ import annotations

from collections import Counter

from starlette.requests import Request

from coterie.http.auth import Caller
from coterie.http.logging import log
from coterie.http.metrics import Metrics
from coterie.http.tracking.ingest import Ingested


def count_messages(request: Request, caller: Caller, ingested: Ingested) -> None:
    """Count every message by kind and outcome, and log the dropped ones."""
    metrics: Metrics = request.app.state.metrics
    dropped = Counter(message.kind for message in ingested.dropped)
    for outcome, counts in (("stored", ingested.stored), ("duplicate", ingested.duplicate), ("dropped", dropped)):
        for kind, count in counts.items():
            metrics.count_tracked(kind, outcome, count)
    if ingested.dropped:
        log().warning(
            "tracking_dropped",
            workspace=caller.key.workspace,
            key_id=caller.key.id,
            request_id=request.state.request_id,
            kinds=dict(dropped),
            codes=dict(Counter(message.problem.code for message in ingested.dropped)),
        )
