"""Questions about rules and membership: the preview of a rule, and the explanation of a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from coterie import errors
from coterie.http.native.shapes.base import (  # fmt: skip
    EARLIER,
    LATER,
    PROFILE_ID,
    SEGMENT_ID,
    Id,
    Moment,
    Path,
    Problem,
    Rule,
    Value,
)
from coterie.http.native.shapes.profiles import EXAMPLE as PROFILE
from coterie.http.native.shapes.profiles import Profile
from coterie.http.native.shapes.segments import RULE
from coterie.http.native.shapes.shape import Answer, From, Json, Shape, example
from coterie.http.problem_paths import moved

SAMPLE_MAX = 100

_LEAVES = [
    {"path": "all.0", "sentence": "plan is “enterprise”", "count": 500, "children": []},
    {"path": "all.1", "sentence": "mrr is at least 100", "count": 900, "children": []},
]
TREE = {"path": "", "sentence": "plan is “enterprise” and mrr is at least 100", "count": 42, "children": _LEAVES}


class PreviewAsked(Shape):
    model_config = example({"rule": RULE, "compare_to": SEGMENT_ID, "sample": 1})

    rule: Rule
    compare_to: Id | None = Field(
        None, description="A stored segment: the answer says how many profiles would enter, leave and stay."
    )
    sample: int = Field(10, ge=0, le=SAMPLE_MAX, description="How many of the matching profiles to return.")


class NodeCount(Answer):
    """How many profiles one node of the rule matches on its own."""

    path: Path
    sentence: str
    count: int
    children: list[NodeCount]


class Comparison(Answer):
    """What updating the segment to this rule would do."""

    segment_id: str
    enter: int
    leave: int
    stay: int


def _in_rule(warnings: Sequence[errors.Problem]) -> list[Json]:
    return [Problem.of(warning) for warning in moved(warnings, ("rule",))]


class Preview(Answer):
    model_config = example(
        {
            "count": 42,
            "total": 10_000,
            "tree": TREE,
            "sample": [PROFILE],
            "sentence": TREE["sentence"],
            "warnings": [],
            "as_of": LATER,
            "comparison": {"segment_id": SEGMENT_ID, "enter": 2, "leave": 1, "stay": 40},
        }
    )

    count: int
    total: int = Field(description="All profiles.")
    tree: NodeCount
    sample: list[Profile]
    sentence: str
    warnings: Annotated[list[Problem], From(_in_rule)]
    as_of: Moment
    comparison: Comparison | None


class Counted(Answer):
    """An event or a conversation that contributed to a measure."""

    name: str | None = Field(description="The name of the event; null for a conversation.")
    at: Moment
    values: dict[str, Value]


class Verdict(Answer):
    """The verdict of one node of the rule for the profile. `actual` is the value it was decided by:
    null where it is missing, and for a group."""

    path: Path
    sentence: str
    holds: bool
    actual: Value | None
    counted: list[Counted] = Field(
        description="The latest events or conversations that contributed to `actual`, newest first."
    )
    counted_count: int = Field(description="How many contributed, those not listed included.")
    children: list[Verdict]


class Explanation(Answer):
    model_config = example(
        {
            "profile_id": PROFILE_ID,
            "segment_id": SEGMENT_ID,
            "member": True,
            "since": EARLIER,
            "verdict": {
                "path": "",
                "sentence": "mrr is at least 100",
                "holds": True,
                "actual": 120,
                "counted": [],
                "counted_count": 0,
                "children": [],
            },
            "as_of": LATER,
            "changes_at": None,
            "changes_known_until": None,
        }
    )

    profile_id: str
    segment_id: str
    member: bool
    since: Moment | None = Field(description="When the profile last entered or left; null if it never did.")
    verdict: Verdict | None = Field(description="null for a static segment.")
    as_of: Moment
    changes_at: Moment | None = Field(
        description="When it next enters or leaves if only time passes; null if it never will."
    )
    changes_known_until: Moment | None = Field(
        description="If no change was found: up to which instant that is certain. null if it is certain for ever."
    )
