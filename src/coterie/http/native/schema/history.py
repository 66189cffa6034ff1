"""The past of a segment: what changed between two instants, and its size over time."""

from __future__ import annotations

from pydantic import Field

from coterie.http.native.schema.base import EARLIER, LATER, SEGMENT_ID, Moment, Shape, example


class Moves(Shape):
    """Transitions. Who came and went again in between is counted each time."""

    enter: int
    exit: int


class Difference(Shape):
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
    from_: Moment = Field(alias="from")
    to: Moment
    count_from: int
    count_to: int
    entered: int = Field(description="In at the end, and not at the beginning.")
    left: int = Field(description="In at the beginning, and not at the end.")
    causes: dict[str, Moves] = Field(description="The transitions in between by their cause.")


class SizeAt(Shape):
    at: Moment
    count: int
    entered: int = Field(description="Transitions into the segment since the point before.")
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
