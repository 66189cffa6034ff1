"""Two profiles turn out to be one person: what the one has moves to the other, and its names go on to mean that one."""

from __future__ import annotations

from coterie.errors import InvalidInput
from coterie.live.draft import Draft
from coterie.live.round import Round
from coterie.model import Cause


def merge(round_: Round, winner: Draft, loser: Draft) -> None:
    """Events, conversations, lists and names move; the winner's values win, what it lacks is filled from the loser. The loser is no more.

    Raises InvalidInput for a profile and itself, before anything is changed.
    """
    if winner is loser:
        raise InvalidInput("A profile cannot be merged into itself.", path=("loser_id",))
    _move_lists(round_, winner, loser)
    _fill(round_, winner, loser)
    names = round_.names_of(loser)
    external_id, email, keyed = loser.external_id, loser.email, loser.email_keyed
    round_.identify(loser, None, None, email_keyed=False)
    if winner.external_id is None or winner.email is None:
        takes_email = winner.email is None
        round_.identify(
            winner,
            external_id if winner.external_id is None else winner.external_id,
            email if takes_email else winner.email,
            email_keyed=keyed if takes_email else winner.email_keyed,
        )
    own = (("external_id", winner.external_id), ("email", winner.email))
    for kind, value in names:
        if (kind, value) not in own:
            round_.put_alias(kind, value, winner)
    round_.happenings.hand_over(loser, winner)
    loser.deleted = loser.touched = True
    loser.cause = winner.cause = Cause.MERGE
    winner.touch(round_.now)


def _fill(round_: Round, winner: Draft, loser: Draft) -> None:
    for name, value in loser.values.items():
        if name not in winner.values:
            at = loser.changed_at(name)
            winner.values[name] = value
            winner.changed.add(name)
            winner.changes[name] = int(round_.now if at is None else at)


def _move_lists(round_: Round, winner: Draft, loser: Draft) -> None:
    for sid in round_.lists_of(loser) - round_.lists_of(winner):
        winner.lists_added |= {sid}
        winner.lists_removed -= {sid}
