"""Coterie: audience segmentation in one process.

    import coterie
    from coterie import prop

    with coterie.open("data") as ws:
        ws.put([{"external_id": "u1", "plan": "enterprise", "mrr": 250}])
        rule = (prop("plan") == "enterprise") & (prop("mrr") > 100)
        big = ws.segments.create("Big accounts", rule)
        print(big.member_count)

The names below are the public library. Everything else may move between versions.
"""

from coterie import errors
from coterie.clock import ManualClock
from coterie.errors import CoterieError
from coterie.library import LocalWorkspace, PutReport, open
from coterie.model import (
    Action,
    Cause,
    ConversationInput,
    ConversationWrite,
    EventInput,
    EventWrite,
    Fact,
    FactWrite,
    FirstAccepted,
    MergeProfiles,
    MessageInput,
    Profile,
    ProfileInput,
    ProfileRef,
    ProfileWrite,
    PutInOrganization,
    Rejected,
    Segment,
    SegmentKind,
)
from coterie.rules.build import conversation, event, prop, sample, segment, sequence
from coterie.rules.nodes import Rule
from coterie.rules.values import Instant, Kind
from coterie.workspace import Workspace

__version__ = "0.1.0"

__all__ = [
    "Action", "Cause", "ConversationInput", "ConversationWrite", "CoterieError", "EventInput", "EventWrite", "Fact",
    "FactWrite", "FirstAccepted", "Instant", "Kind", "LocalWorkspace", "ManualClock", "MergeProfiles", "MessageInput",
    "Profile", "ProfileInput", "ProfileRef", "ProfileWrite", "PutInOrganization", "PutReport", "Rejected", "Rule",
    "Segment", "SegmentKind", "Workspace", "conversation", "errors", "event", "open", "prop", "sample", "segment",
    "sequence",
]  # fmt: skip
