"""What a segment was, as JSON. Pure; see `translate.py`."""

from __future__ import annotations

from collections.abc import Iterable

from coterie.http.native.translate import Json
from coterie.model import Difference, SizeAt


def difference_out(told: Difference) -> Json:
    return {
        "segment_id": told.segment_id,
        "from": told.from_at.iso(),
        "to": told.to_at.iso(),
        "count_from": told.count_from,
        "count_to": told.count_to,
        "entered": told.entered,
        "left": told.left,
        "causes": {str(cause): dict(moves) for cause, moves in told.causes.items()},
    }


def sizes_out(series: Iterable[SizeAt]) -> Json:
    points = [{"at": one.at.iso(), "count": one.count, "entered": one.entered, "left": one.left} for one in series]
    return {"items": points}
