"""System segments: the seven that every workspace has. `coterie/system_segments.json` defines them.

Opening a workspace creates those it lacks; the `preset_id` in its origin identifies each. To add
one, add it to the file. A rule that changes in the file does not change segments that exist.
"""

from __future__ import annotations

from collections.abc import Iterable
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
    """A system segment, as the file defines it."""

    preset_id: str
    name: str
    description: str
    rule: NormalRule

    @property
    def origin(self) -> Origin:
        """The origin that identifies the segment in a workspace."""
        return Origin(DIALECT, {PRESET: self.preset_id})


@cache
def system_segments() -> tuple[SystemSegment, ...]:
    """The system segments, in the order of the file."""
    text = files("coterie").joinpath("system_segments.json").read_bytes()
    return tuple(
        SystemSegment(entry["preset_id"], entry["name"], entry["description"], parse(entry["rule"], ANY_SIZE))
        for entry in orjson.loads(text)
    )


def missing_segments(origins: Iterable[Origin | None]) -> list[SystemSegment]:
    """The system segments that are not among segments of these origins."""
    present = {origin.document.get(PRESET) for origin in origins if origin is not None and origin.dialect == DIALECT}
    return [segment for segment in system_segments() if segment.preset_id not in present]


def create_missing(engine: Engine, jobs: SegmentJobs) -> None:
    """Create the system segments that the workspace lacks, each in a commit of its own."""
    with engine.reading():
        origins = [segment.to_model().origin for segment in engine.segments.by_sid.values()]
    for segment in missing_segments(origins):
        engine.define(
            partial(
                jobs.create,
                name=segment.name,
                rule=segment.rule,
                kind=SegmentKind.SYSTEM,
                description=segment.description,
                origin=segment.origin,
            )
        )
