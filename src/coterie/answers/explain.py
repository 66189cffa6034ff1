"""Why is this profile in, or out? The law's verdict on each condition, and when time changes it.

Each verdict comes with the value that the condition looked at and what that was counted from. The
values are the index's, not the store's: the index and the members change together, so verdict and
membership are of one commit. They are copied inside `reading()` and judged after it, because a
forecast can take a while.
"""

from __future__ import annotations

from coterie.answers.contributions import contributions
from coterie.answers.next_change import NextChange, find_next_change
from coterie.answers.preview import name_of
from coterie.answers.profiles import find_stored
from coterie.answers.snapshot import ProfileSnapshot, take_snapshot
from coterie.errors import not_found
from coterie.live.engine import Engine
from coterie.model import Explanation, Verdict
from coterie.rules.evaluate import Judgement, judge
from coterie.rules.moment import Moment
from coterie.rules.values import Instant
from coterie.store.rows import StoredTransition


def explain(engine: Engine, profile_id: str, segment_id: str) -> Explanation:
    """Explain the membership of one profile in one segment: since when, why, and until when.

    Raises NotFound.
    """
    stored = find_stored(engine, profile_id)
    pid = stored.pid
    with engine.reading() as moment:
        if engine.index.value("created_at", pid) is None:  # every profile has it: deleted since it was looked up
            raise not_found("profile", profile_id)
        segment = engine.segments.by_id.get(segment_id)
        if segment is None:
            raise not_found("segment", segment_id)
        profile = take_snapshot(engine, pid, segment)
        member = pid in segment.members
        last = _last_transition(engine, segment.sid, pid)
    verdict, change = None, NextChange(None, None)
    if segment.rule is not None:
        verdict = _verdict(engine, judge(segment.rule, profile, moment, name_of(engine)), profile, moment)
        change = find_next_change(segment_id, profile, moment)
    return Explanation(
        profile_id=stored.id,
        segment_id=segment_id,
        member=member,
        since=Instant(last.at) if last else None,
        verdict=verdict,
        as_of=moment.now,
        changes_at=change.changes_at,
        changes_known_until=change.known_until,
    )


def _last_transition(engine: Engine, sid: int, pid: int) -> StoredTransition | None:
    """The last visible one: the store may be a commit ahead of the memberships."""
    with engine.store.read() as reads:
        last = reads.last_transition(sid, pid)
        if last is None or last.sequence <= engine.last_sequence:
            return last
        transitions = reads.transitions(after=0, limit=engine.last_sequence, sid=sid, pid=pid)
    visible = (transition for transition in reversed(transitions) if transition.sequence <= engine.last_sequence)
    return next(visible, None)


def _verdict(engine: Engine, judged: Judgement, profile: ProfileSnapshot, moment: Moment) -> Verdict:
    latest, count = contributions(engine, judged.rule, profile, moment)
    below = tuple(_verdict(engine, child, profile, moment) for child in judged.children)
    return Verdict(judged.path, judged.sentence, judged.holds, judged.actual, below, latest, count)
