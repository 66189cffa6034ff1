"""Properties: what is declared of them, and what is known of their values."""

from __future__ import annotations

from pydantic import Field

from coterie.http.native.schema.base import EARLIER, LATER, PROPERTY_ID, KindName, Moment, Problem, Shape, example

SHOWN = {
    "id": PROPERTY_ID,
    "name": "plan",
    "type": "text",
    "fallback": None,
    "created_at": EARLIER,
    "updated_at": LATER,
}


class Property(Shape):
    """`type` is null for a property that was seen and never declared: its values keep the kinds they were sent with."""

    model_config = example(SHOWN)

    id: str
    name: str
    type: KindName | None
    fallback: str | None = Field(description="For templates; never part of matching.")
    created_at: Moment
    updated_at: Moment


class PropertyList(Shape):
    """Every property that was declared or seen, by name."""

    model_config = example({"items": [SHOWN]})

    items: list[Property]


class PropertyDeclaration(Shape):
    """What is not named stays as it is."""

    model_config = example({"type": "text"})

    type: KindName | None = Field(
        None,
        description="Stored values are converted; those that cannot be become missing. null: values keep their kinds.",
    )
    fallback: str | None = Field(None, description="For templates; never part of matching.")


class PropertyChanged(Shape):
    model_config = example({"property": SHOWN, "converted": 120, "dropped": 3, "warnings": []})

    property: Property
    converted: int = Field(description="Stored values that were converted.")
    dropped: int = Field(description="Stored values that could not be and are gone.")
    warnings: list[Problem] = Field(
        description="Segments whose rules now compare with another kind than the property has; `path` begins with the segment's id."
    )


class TopValue(Shape):
    value: str | bool
    count: int


class KindSummary(Shape):
    """The values of one kind. `top` for text, boolean and list; `low` and `high` for number and time."""

    kind: KindName
    count: int = Field(description="Profiles that have one.")
    distinct: int | None = Field(description="null where there were too many to count.")
    top: list[TopValue]
    low: float | str | None
    high: float | str | None


class PropertySummary(Shape):
    model_config = example(
        {
            **SHOWN,
            "count": 9_000,
            "kinds": [
                {
                    "kind": "text",
                    "count": 9_000,
                    "distinct": 3,
                    "top": [{"value": "free", "count": 6_000}, {"value": "enterprise", "count": 500}],
                    "low": None,
                    "high": None,
                }
            ],
        }
    )

    id: str
    name: str
    type: KindName | None
    fallback: str | None
    created_at: Moment
    updated_at: Moment
    count: int = Field(description="Profiles that have any value.")
    kinds: list[KindSummary]
