"""Why is this profile in, or out? The law itself, condition by condition, with the values it looked at and what they were counted from; and when that changes.

The values are the index's and not the store's: the index and the members change together, so that verdict and membership are of one commit. What the law
needs is copied inside `reading()` and judged after it, because looking ahead can take a while.
"""

from __future__ import annotations

from coterie.answers.contributions import counted
from coterie.answers.next_change import Foresight, foresee
from coterie.answers.preview import name_of
from coterie.answers.profiles import find_stored
from coterie.answers.snapshot import Seen, take
from coterie.errors import NotFound
from coterie.live.engine import Engine
from coterie.model import Explanation, Verdict
from coterie.rules.evaluate import Judgement, judge
from coterie.rules.moment import Moment
from coterie.rules.values import Instant
from coterie.store.rows import StoredTransition


def explain(engine: Engine, profile_id: str, segment_id: str) -> Explanation:
    """One profile and one segment: in or out, since when, each condition with its verdict, and when time alone changes it. Raises NotFound."""
    stored = find_stored(engine, profile_id)
    pid = stored.pid
    with engine.reading() as moment:
        if engine.index.value("created_at", pid) is None:  # deleted since it was looked up; everybody has this
            raise NotFound(f"There is no profile {profile_id}.")
        segment = engine.segments.by_id.get(segment_id)
        if segment is None:
            raise NotFound(f"There is no segment {segment_id}.")
        seen = take(engine, pid, segment)
        member = pid in segment.members
        last = _last_transition(engine, segment.sid, pid)
    verdict, ahead = None, Foresight(None, None)
    if segment.rule is not None:
        verdict = _verdict(engine, judge(segment.rule, seen, moment, name_of(engine)), seen, moment)
        ahead = foresee(segment_id, seen, moment)
    return Explanation(
        profile_id=stored.id,
        segment_id=segment_id,
        member=member,
        since=Instant(last.at) if last else None,
        verdict=verdict,
        as_of=moment.now,
        changes_at=ahead.changes_at,
        changes_known_until=ahead.known_until,
    )


def _last_transition(engine: Engine, sid: int, pid: int) -> StoredTransition | None:
    """Of those that are visible: the store may be a commit ahead of the memberships."""
    with engine.store.read() as reads:
        last = reads.last_transition(sid, pid)
        if last is None or last.sequence <= engine.last_sequence:
            return last
        every = reads.transitions(after=0, limit=engine.last_sequence, sid=sid, pid=pid)
    return next((one for one in reversed(every) if one.sequence <= engine.last_sequence), None)


def _verdict(engine: Engine, judged: Judgement, seen: Seen, moment: Moment) -> Verdict:
    shown, count = counted(engine, judged.rule, seen, moment)
    below = tuple(_verdict(engine, child, seen, moment) for child in judged.children)
    return Verdict(judged.path, judged.sentence, judged.holds, judged.actual, below, shown, count)
