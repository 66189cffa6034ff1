"""Preview a rule: the count of every node, a sample, the sentence, and what saving would change."""

from __future__ import annotations

from coterie.answers.profiles import models_of
from coterie.errors import not_found
from coterie.live.engine import Engine
from coterie.model import Comparison, NodeCount, Preview
from coterie.rules.check import check
from coterie.rules.describe import describe
from coterie.rules.lower import lower
from coterie.rules.nodes import Rule
from coterie.rules.walk import children, walk


def preview(engine: Engine, rule: Rule, compare_to: str | None, sample: int) -> Preview:
    """Count a rule and every node of it, all of one moment.

    Raises InvalidRule, NotFound (`compare_to`).
    """
    nodes = [node for _, node in walk(rule)]
    lowered = [lower(node, engine.zone) for node in nodes]
    engine.prepare(lowered[0])
    with engine.reading() as moment:
        warnings = check(rule, engine.catalogue)  # here: a segment that it names could be deleted by the next commit
        counts = iter(engine.index.counts(lowered, moment, engine.segments.members_of))
        matching = engine.index.select(lowered[0], moment, engine.segments.members_of)
        total = engine.index.alive
        comparison = None
        if compare_to is not None:
            segment = engine.segments.by_id.get(compare_to)
            if segment is None:
                raise not_found("segment", compare_to, path=("compare_to",))
            stay = matching.intersection_cardinality(segment.members)
            comparison = Comparison(compare_to, len(matching) - stay, len(segment.members) - stay, stay)
        chosen = list(matching[:sample]) if sample else []

    def tree(node: Rule, path: tuple[str | int, ...]) -> NodeCount:
        count = next(counts)  # in the order of `walk`: parents first
        below = tuple(tree(child, path + step) for step, child in children(node))
        return NodeCount(path, describe(node, name_of(engine)), count, below)

    counted = tree(rule, ())
    return Preview(
        count=counted.count,
        total=total,
        tree=counted,
        sample=tuple(models_of(engine, chosen)),
        sentence=describe(rule, name_of(engine)),
        warnings=warnings,
        as_of=moment.now,
        comparison=comparison,
    )


class _Names:
    """Segment names by id, for sentences."""

    def __init__(self, engine: Engine) -> None:
        self._by_id = engine.segments.by_id

    def __call__(self, segment_id: str) -> str | None:
        segment = self._by_id.get(segment_id)
        return None if segment is None else segment.stored.name


def name_of(engine: Engine) -> _Names:
    """Look up the name of a segment for a sentence; None where it was deleted."""
    return _Names(engine)
