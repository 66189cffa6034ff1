"""Merge two profiles that turn out to be one person."""

from __future__ import annotations

from coterie.errors import InvalidInput
from coterie.live.writes.draft import UNIDENTIFIED, Draft, Identity
from coterie.live.writes.unit_of_work import UnitOfWork
from coterie.model import Cause


def merge(work: UnitOfWork, winner: Draft, loser: Draft) -> None:
    """Move all that the loser has to the winner, and delete the loser.

    The winner keeps its own values and takes those it lacks. The loser's identifiers become the
    winner's, or its aliases. Raises InvalidInput for a profile and itself, before anything changes.
    """
    if winner is loser:
        raise InvalidInput("A profile cannot be merged into itself.", path=("loser_id",))
    _move_lists(work, winner, loser)
    _fill_values(work, winner, loser)
    identifiers = work.identifiers_of(loser)
    merged = _merged_identity(winner, loser)
    work.identify(loser, UNIDENTIFIED)
    if winner.external_id is None or winner.email is None:
        work.identify(winner, merged)
    own = (("external_id", winner.external_id), ("email", winner.email))
    for kind, value in identifiers:
        if (kind, value) not in own:
            work.put_alias(kind, value, winner)
    work.activity.transfer(loser, winner)
    loser.deleted = loser.touched = True
    loser.cause = winner.cause = Cause.MERGE
    winner.touch(work.now)


def _merged_identity(winner: Draft, loser: Draft) -> Identity:
    external_id = loser.external_id if winner.external_id is None else winner.external_id
    with_email = loser if winner.email is None else winner
    return Identity(external_id, with_email.email, with_email.email_is_unique)


def _fill_values(work: UnitOfWork, winner: Draft, loser: Draft) -> None:
    for name, value in loser.values.items():
        if name not in winner.values:
            at = loser.changed_at(name)
            winner.values[name] = value
            winner.changed.add(name)
            winner.changes[name] = int(work.now if at is None else at)


def _move_lists(work: UnitOfWork, winner: Draft, loser: Draft) -> None:
    for sid in work.lists_of(loser) - work.lists_of(winner):
        winner.lists_added |= {sid}
        winner.lists_removed -= {sid}
