"""The shapes of our own face, one file a resource: what may be sent, and exactly what is answered.

Each shape carries an example; the API description, the docs page and the fuzz tests read these. Unknown keys are refused, types are
never bent (`"5"` is not a number). To add a field: here, and in `translate.py`.
"""

from __future__ import annotations

from coterie.http.native.schema.answers import (
    Added,
    Comparison,
    Explanation,
    NodeCount,
    OperatorList,
    OperatorShown,
    Preview,
    PreviewAsked,
    ProfileIds,
    Removed,
    Transition,
    TransitionPage,
    Verdict,
)  # fmt: skip
from coterie.http.native.schema.base import Problem, ProblemDocument, Shape
from coterie.http.native.schema.profiles import (
    BatchAnswer,
    BatchCounts,
    BatchItem,
    NewProfile,
    Profile,
    ProfilePage,
    ProfileWritten,
)  # fmt: skip
from coterie.http.native.schema.properties import (
    KindSummary,
    Property,
    PropertyChanged,
    PropertyDeclaration,
    PropertyList,
    PropertySummary,
    TopValue,
)  # fmt: skip
from coterie.http.native.schema.segments import (
    NewSegment,
    Origin,
    Segment,
    SegmentChange,
    SegmentList,
    SegmentPage,
    SegmentUser,
)  # fmt: skip

__all__ = [
    "Added",
    "BatchAnswer",
    "BatchCounts",
    "BatchItem",
    "Comparison",
    "Explanation",
    "KindSummary",
    "NewProfile",
    "NewSegment",
    "NodeCount",
    "OperatorList",
    "OperatorShown",
    "Origin",
    "Preview",
    "PreviewAsked",
    "Problem",
    "ProblemDocument",
    "Profile",
    "ProfileIds",
    "ProfilePage",
    "ProfileWritten",
    "Property",
    "PropertyChanged",
    "PropertyDeclaration",
    "PropertyList",
    "PropertySummary",
    "Removed",
    "Segment",
    "SegmentChange",
    "SegmentList",
    "SegmentPage",
    "SegmentUser",
    "Shape",
    "TopValue",
    "Transition",
    "TransitionPage",
    "Verdict",
]
