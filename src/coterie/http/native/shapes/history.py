"""The past of a segment: what changed between two instants, and its size over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from coterie.http.native.shapes.base import EARLIER, LATER, SEGMENT_ID, Moment
from coterie.http.native.shapes.shape import Answer, From, Json, Shape, example


class Moves(Shape):
    """Numbers of transitions. A profile that entered or left several times is counted each time."""

    enter: int
    exit: int


def _by_cause(causes: Mapping[str, Mapping[str, int]]) -> Json:
    return {cause: dict(transitions) for cause, transitions in causes.items()}


class Difference(Answer):
    """What changed after `from` and up to `to`."""

    model_config = example(
        {
            "segment_id": SEGMENT_ID,
            "from": EARLIER,
            "to": LATER,
            "count_from": 40,
            "count_to": 42,
            "entered": 5,
            "left": 3,
            "causes": {"facts": {"enter": 6, "exit": 1}, "time": {"enter": 0, "exit": 3}},
        }
    )

    segment_id: str
    from_: Annotated[Moment, From(attribute="from_at")] = Field(alias="from")
    to: Annotated[Moment, From(attribute="to_at")]
    count_from: int
    count_to: int
    entered: int = Field(description="Members at the end that were not members at the beginning.")
    left: int = Field(description="Members at the beginning that were not members at the end.")
    causes: Annotated[dict[str, Moves], From(_by_cause)] = Field(description="The transitions in between, by cause.")


class SizeAt(Answer):
    at: Moment
    count: int
    entered: int = Field(description="Transitions into the segment since the previous point.")
    left: int


class SizeSeries(Shape):
    model_config = example(
        {
            "items": [
                {"at": EARLIER, "count": 40, "entered": 0, "left": 0},
                {"at": LATER, "count": 42, "entered": 6, "left": 4},
            ]
        }
    )

    items: list[SizeAt]
