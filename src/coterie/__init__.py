"""Coterie: audience segmentation in one process.

    import coterie
    from coterie import prop

    with coterie.open("data") as ws:
        ws.put([{"external_id": "u1", "plan": "enterprise", "mrr": 250}])
        segment = ws.create_segment("Big accounts", (prop("plan") == "enterprise") & (prop("mrr") > 100))
        print(segment.member_count)

The names below are the public library. Everything else may move between versions.
"""

from coterie import errors
from coterie.errors import CoterieError
from coterie.library import LocalWorkspace, PutReport, open
from coterie.model import Profile, ProfileInput, Segment, SegmentKind
from coterie.rules.build import prop, segment
from coterie.rules.nodes import Rule
from coterie.rules.values import Instant, Kind
from coterie.workspace import Workspace

__version__ = "0.1.0"

__all__ = [
    "CoterieError", "Instant", "Kind", "LocalWorkspace", "Profile", "ProfileInput", "PutReport", "Rule", "Segment",
    "SegmentKind", "Workspace", "errors", "open", "prop", "segment",
]  # fmt: skip
