"""Why is this profile in, or out? The law itself, condition by condition, with the values it looked at.

The values are the index's and not the store's: the index and the members change together, so that verdict and membership are of one commit.
"""

from __future__ import annotations

from coterie.answers.preview import name_of
from coterie.answers.profiles import find_stored
from coterie.errors import NotFound
from coterie.live.engine import Engine
from coterie.live.tick import Indexed
from coterie.model import Explanation, Verdict
from coterie.rules.evaluate import Judgement, judge
from coterie.rules.values import Instant
from coterie.store.records import StoredTransition


def explain(engine: Engine, profile_id: str, segment_id: str) -> Explanation:
    """One profile and one segment: in or out, since when, and each condition with its verdict. Raises NotFound."""
    pid = find_stored(engine, profile_id, None, None).pid
    with engine.reading() as moment:
        if engine.index.value("created_at", pid) is None:  # deleted since it was looked up; everybody has this
            raise NotFound(f"There is no profile {profile_id}.")
        segment = engine.book.by_id.get(segment_id)
        if segment is None:
            raise NotFound(f"There is no segment {segment_id}.")
        verdict = None
        if segment.rule is not None:
            verdict = _verdict(judge(segment.rule, Indexed(pid, engine.index, engine.book), moment, name_of(engine)))
        member = pid in segment.members
        last = _last_transition(engine, segment.sid, pid)
    return Explanation(
        profile_id=profile_id,
        segment_id=segment_id,
        member=member,
        since=Instant(last.at) if last else None,
        verdict=verdict,
        as_of=moment.now,
    )


def _last_transition(engine: Engine, sid: int, pid: int) -> StoredTransition | None:
    """Of those that are visible: the store may be a commit ahead of the memberships."""
    last = engine.store.last_transition(sid, pid)
    if last is None or last.sequence <= engine.last_sequence:
        return last
    every = engine.store.transitions(after=0, limit=engine.last_sequence, sid=sid, pid=pid)
    return next((one for one in reversed(every) if one.sequence <= engine.last_sequence), None)


def _verdict(judged: Judgement) -> Verdict:
    below = tuple(_verdict(child) for child in judged.children)
    return Verdict(judged.path, judged.sentence, judged.holds, judged.actual, below)
