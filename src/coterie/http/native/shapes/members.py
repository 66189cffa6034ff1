"""Members of static segments: added and removed."""

from __future__ import annotations

from pydantic import Field

from coterie.http.native.shapes.base import PROFILE_ID, Id
from coterie.http.native.shapes.shape import Shape, example


class ProfileIds(Shape):
    model_config = example({"profile_ids": [PROFILE_ID]})

    profile_ids: list[Id] = Field(min_length=1)


class Added(Shape):
    model_config = example({"added": 1})

    added: int = Field(description="How many of them were not members before.")


class Removed(Shape):
    model_config = example({"removed": 1})

    removed: int = Field(description="How many of them were members before.")
