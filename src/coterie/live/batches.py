"""A batch is its items, one after the other: one that is wrong is refused by itself, and the others go in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from coterie.errors import CoterieError
from coterie.model import Rejected

Sent = TypeVar("Sent")
Answer = TypeVar("Answer")


def one_by_one(put: Callable[[Sent], Answer], sent: Iterable[Sent]) -> list[Answer | Rejected]:
    """What `put` says of each item, in order; where it raises, what is wrong with that item. It raises before it changes anything."""
    answers: list[Answer | Rejected] = []
    for one in sent:
        try:
            answers.append(put(one))
        except CoterieError as error:
            answers.append(Rejected(error.problems))
    return answers
