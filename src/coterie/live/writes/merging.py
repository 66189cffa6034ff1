"""Two profiles turn out to be one person: what the one has moves to the other, and its names go on to mean that one."""

from __future__ import annotations

from coterie.errors import InvalidInput
from coterie.live.writes.draft import Draft
from coterie.live.writes.unit_of_work import UnitOfWork
from coterie.model import Cause


def merge(work: UnitOfWork, winner: Draft, loser: Draft) -> None:
    """Events, conversations, lists and names move; the winner's values win, what it lacks is filled from the loser. The loser is no more.

    Raises InvalidInput for a profile and itself, before anything is changed.
    """
    if winner is loser:
        raise InvalidInput("A profile cannot be merged into itself.", path=("loser_id",))
    _move_lists(work, winner, loser)
    _fill(work, winner, loser)
    names = work.names_of(loser)
    external_id, email, email_is_unique = loser.external_id, loser.email, loser.email_is_unique
    work.identify(loser, None, None, email_is_unique=False)
    if winner.external_id is None or winner.email is None:
        takes_email = winner.email is None
        work.identify(
            winner,
            external_id if winner.external_id is None else winner.external_id,
            email if takes_email else winner.email,
            email_is_unique=email_is_unique if takes_email else winner.email_is_unique,
        )
    own = (("external_id", winner.external_id), ("email", winner.email))
    for kind, value in names:
        if (kind, value) not in own:
            work.put_alias(kind, value, winner)
    work.activity.hand_over(loser, winner)
    loser.deleted = loser.touched = True
    loser.cause = winner.cause = Cause.MERGE
    winner.touch(work.now)


def _fill(work: UnitOfWork, winner: Draft, loser: Draft) -> None:
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
