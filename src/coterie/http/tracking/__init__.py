"""The tracking dialect, mounted at `/tracking`: the calls of Segment's spec, which its own clients, RudderStack's and many others speak.

    translate     a call to facts of ours; start here (`flatten` properties of any depth, `times` when it happened)
    reading       a body to its messages (`loosely` one that is not quite JSON)
    put           the messages of a request into a workspace, in one commit
    report        what was dropped, for those who run the server
    admission     whose key it is, and whether there is room
    envelope schema routes          answers, shapes for the API description, and the addresses

The translation is pure. What we chose where the spec leaves it open is in `docs/guides/tracking.md`.
"""

from __future__ import annotations

from coterie.http.tracking.routes import DIALECT

__all__ = ["DIALECT"]
