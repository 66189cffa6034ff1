"""System segments: the seven that every workspace has. What they are stands in `coterie/system_segments.json`, their rules in our own language.

They are made when a workspace is opened and does not have them, and are known again by the `preset_id` in their origin. To add one, add it to the file;
a changed rule there is for workspaces that do not have the segment yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files

import orjson

from coterie.live.engine import Engine
from coterie.live.segments import SegmentJobs
from coterie.model import Origin, SegmentKind
from coterie.rules.normalize import ANY_SIZE, NormalRule, parse

DIALECT = "system"
PRESET = "preset_id"


@dataclass(frozen=True, slots=True)
class SystemSegment:
    """One of them, as the file has it."""

    preset_id: str
    name: str
    description: str
    rule: NormalRule

    @property
    def origin(self) -> Origin:
        """By which it is known again."""
        return Origin(DIALECT, {PRESET: self.preset_id})


@cache
def system_segments() -> tuple[SystemSegment, ...]:
    """All of them, in the order of the file."""
    text = files("coterie").joinpath("system_segments.json").read_bytes()
    return tuple(
        SystemSegment(one["preset_id"], one["name"], one["description"], parse(one["rule"], ANY_SIZE))
        for one in orjson.loads(text)
    )


def missing(origins: Iterable[Origin | None]) -> Iterator[SystemSegment]:
    """Those that are not among segments of these origins."""
    there = {one.document.get(PRESET) for one in origins if one is not None and one.dialect == DIALECT}
    return (one for one in system_segments() if one.preset_id not in there)


def make_missing(engine: Engine, jobs: SegmentJobs) -> None:
    """Make those that the workspace does not have: the last step of opening it, each a commit of its own."""
    with engine.reading():
        origins = [segment.to_model().origin for segment in engine.segments.by_sid.values()]
    for one in missing(origins):
        engine.define(
            partial(
                jobs.create,
                name=one.name,
                rule=one.rule,
                kind=SegmentKind.SYSTEM,
                description=one.description,
                origin=one.origin,
            )
        )
