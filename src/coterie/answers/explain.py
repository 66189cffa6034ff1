"""Why is this profile in, or out? The law itself, condition by condition, with the values it looked at."""

from __future__ import annotations

from coterie.answers.preview import name_of
from coterie.answers.profiles import StoredView, find_stored
from coterie.errors import NotFound
from coterie.live.engine import Engine
from coterie.live.round import stored_document
from coterie.model import Explanation, Verdict
from coterie.rules.evaluate import Judgement, judge
from coterie.rules.values import Instant


def explain(engine: Engine, profile_id: str, segment_id: str) -> Explanation:
    engine.catch_up()
    with engine.visible.reading():
        stored = find_stored(engine, profile_id, None, None)
        segment = engine.book.by_id.get(segment_id)
        if segment is None:
            raise NotFound(f"There is no segment {segment_id}.")
        moment = engine.moment()
        verdict = None
        if segment.rule is not None:
            view = StoredView(stored_document(stored), stored.pid, engine)
            verdict = _verdict(judge(segment.rule, view, moment, name_of(engine)))
        member = stored.pid in segment.members
        last = engine.store.last_transition(segment.sid, stored.pid)
    return Explanation(
        profile_id=stored.id,
        segment_id=segment.id,
        member=member,
        since=Instant(last.at) if last else None,
        verdict=verdict,
        as_of=moment.now,
    )


def _verdict(judged: Judgement) -> Verdict:
    below = tuple(_verdict(child) for child in judged.children)
    return Verdict(judged.path, judged.sentence, judged.holds, judged.actual, below)
