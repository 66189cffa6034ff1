"""The tracking dialect, mounted at `/tracking`: the calls of Segment's spec.

Segment's own clients speak it, RudderStack's, and many others.

    to_model         a call to facts of the model; start here (`flatten`, `times`)
    messages         a body to its messages (`lenient_json` for bodies that are not quite JSON)
    ingest           the messages of one request into a workspace, in one commit
    counters         metrics and the log line of dropped messages
    authentication   which key the caller has
    backpressure     how many requests may wait for the writer
    shapes examples  the bodies and answers of the API description
    envelope         answers and errors
    routes           the routes, and the `DIALECT` that gathers them

The translation is pure. Where the spec leaves a choice open, ours is in `docs/guides/tracking.md`.
"""

from __future__ import annotations

from coterie.http.tracking.routes import DIALECT

__all__ = ["DIALECT"]
