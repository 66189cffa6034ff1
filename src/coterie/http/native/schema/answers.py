"""Questions and their answers: preview, members added and removed, explain, transitions, operators."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from coterie.http.native.schema.base import (
    EARLIER,
    LATER,
    PROFILE_ID,
    SEGMENT_ID,
    Id,
    KindName,
    Moment,
    Path,
    Problem,
    Rule,
    Shape,
    Value,
    example,
)  # fmt: skip
from coterie.http.native.schema.profiles import SHOWN as PROFILE
from coterie.http.native.schema.profiles import Profile
from coterie.http.native.schema.segments import RULE

SAMPLE_MAX = 100

_LEAVES = [
    {"path": "all.0", "sentence": "plan is “enterprise”", "count": 500, "children": []},
    {"path": "all.1", "sentence": "mrr is at least 100", "count": 900, "children": []},
]
TREE = {"path": "", "sentence": "plan is “enterprise” and mrr is at least 100", "count": 42, "children": _LEAVES}


class PreviewAsked(Shape):
    model_config = example({"rule": RULE, "compare_to": SEGMENT_ID, "sample": 1})

    rule: Rule
    compare_to: Id | None = Field(None, description="A saved segment: how many would enter, leave and stay.")
    sample: int = Field(10, ge=0, le=SAMPLE_MAX, description="How many members to show.")


class NodeCount(Shape):
    """How many profiles one node of the rule holds for, on its own."""

    path: Path
    sentence: str
    count: int
    children: list[NodeCount]


class Comparison(Shape):
    """What saving the rule over the segment would do."""

    segment_id: str
    enter: int
    leave: int
    stay: int


class Preview(Shape):
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
    warnings: list[Problem]
    as_of: Moment
    comparison: Comparison | None


class ProfileIds(Shape):
    model_config = example({"profile_ids": [PROFILE_ID]})

    profile_ids: list[Id] = Field(min_length=1)


class Added(Shape):
    model_config = example({"added": 1})

    added: int = Field(description="How many were not members before.")


class Removed(Shape):
    model_config = example({"removed": 1})

    removed: int = Field(description="How many were members before.")


class Counted(Shape):
    """An event or a conversation that went into a measure."""

    name: str | None = Field(description="The event's; null for a conversation.")
    at: Moment
    values: dict[str, Value]


class Verdict(Shape):
    """One node of the rule, judged for the profile. `actual` is the value that was looked at: null where missing, or for a group."""

    path: Path
    sentence: str
    holds: bool
    actual: Value | None
    counted: list[Counted] = Field(
        description="The latest events or conversations that went into `actual`, newest first."
    )
    counted_count: int = Field(description="How many there are of them, those not shown too.")
    children: list[Verdict]


class Explanation(Shape):
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
    since: Moment | None = Field(description="When it last entered or left; null when it never did.")
    verdict: Verdict | None = Field(description="null for a static segment.")
    as_of: Moment
    changes_at: Moment | None = Field(
        description="When it next enters or leaves if nothing happens but time; null where it never will."
    )
    changes_known_until: Moment | None = Field(
        description="Where nothing was found to change: how far ahead was looked. null where that holds for ever."
    )


class Transition(Shape):
    sequence: int = Field(description="From 1, without gaps.")
    segment_id: str
    segment_version: int
    profile_id: str | None = Field(description="null once the profile has been deleted.")
    action: Literal["enter", "exit"]
    cause: Literal["facts", "time", "definition", "profile_deleted", "merge"]
    at: Moment


class TransitionPage(Shape):
    """In order of sequence. `next` is what to give as `after` for those that follow; null when there are none here."""

    model_config = example(
        {
            "items": [
                {
                    "sequence": 1,
                    "segment_id": SEGMENT_ID,
                    "segment_version": 1,
                    "profile_id": PROFILE_ID,
                    "action": "enter",
                    "cause": "facts",
                    "at": LATER,
                }
            ],
            "next": 1,
        }
    )

    items: list[Transition]
    next: int | None


class OperatorExample(Shape):
    value: Any = Field(description="The profile's value; null for none.")
    operand: Any
    holds: bool
    now: str | None


class OperatorShown(Shape):
    name: str
    reads: str = Field(description="Its place in a sentence.")
    summary: str
    kinds: list[KindName]
    takes: str = Field(description="The shape of its operand.")
    case_option: bool = Field(description="Whether `case_sensitive` may be given.")
    complement_of: str | None = Field(description="The operator it is the exact opposite of.")
    examples: list[OperatorExample]


class OperatorList(Shape):
    model_config = example(
        {
            "items": [
                {
                    "name": "at_least",
                    "reads": "{subject} is at least {operand}",
                    "summary": "The number is the operand or greater.",
                    "kinds": ["number"],
                    "takes": "same",
                    "case_option": False,
                    "complement_of": None,
                    "examples": [{"value": 100, "operand": 100, "holds": True, "now": None}],
                }
            ]
        }
    )

    items: list[OperatorShown]
