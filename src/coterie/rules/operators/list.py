"""Operators over lists of text. A list is a set to them: order and repetition do not matter."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from coterie.rules.kernel import ListIncludes, Lowered, Subject
from coterie.rules.moment import Moment
from coterie.rules.nodes import Operand
from coterie.rules.operand_shapes import SOME
from coterie.rules.operators.declaration import Example, Lowering, Operator, complement
from coterie.rules.values import Kind, Value, fold


def _items(texts: object, case_sensitive: bool) -> frozenset[str]:
    assert isinstance(texts, tuple)
    return frozenset(text if case_sensitive else fold(text) for text in texts)


def _includes_any(value: Value, operand: Operand, case_sensitive: bool, moment: Moment) -> bool:
    return not _items(value, case_sensitive).isdisjoint(_items(operand, case_sensitive))


def _includes_all(value: Value, operand: Operand, case_sensitive: bool, moment: Moment) -> bool:
    return _items(value, case_sensitive) >= _items(operand, case_sensitive)


def _including(*, every: bool) -> Lowering:
    def lowers(subject: Subject, operand: Operand, case_sensitive: bool, zone: ZoneInfo) -> Lowered:
        items = _items(operand, case_sensitive)
        return ListIncludes(subject, items, every and len(items) > 1, case_sensitive)  # all of one is any of one

    return lowers


_LIST = frozenset({Kind.LIST})

includes_any = Operator(
    name="includes_any",
    reads="{subject} includes any of {operand}",
    kinds=_LIST,
    takes=SOME,
    meaning=_includes_any,
    lowers=_including(every=False),
    case_option=True,
    summary="At least one of the texts listed is in the list.",
    examples=(
        Example(["Sales", "beta"], ["beta", "vip"], True),
        Example(["sales"], ["beta", "vip"], False),
        Example([], ["beta"], False),
        Example("beta", ["beta"], False),
        Example(None, ["beta"], False),
    ),
)

includes_all = Operator(
    name="includes_all",
    reads="{subject} includes all of {operand}",
    kinds=_LIST,
    takes=SOME,
    meaning=_includes_all,
    lowers=_including(every=True),
    case_option=True,
    summary="Every one of the texts listed is in the list.",
    examples=(
        Example(["beta", "VIP", "sales"], ["vip", "beta"], True),
        Example(["beta", "beta"], ["beta", "vip"], False),
        Example([], ["beta"], False),
        Example(None, ["beta"], False),
    ),
)

includes_none = complement(
    "includes_none",
    of=includes_any,
    reads="{subject} includes none of {operand}",
    summary="None of the texts listed is in the list, or there is no list.",
    examples=(
        Example(["sales"], ["beta", "vip"], True),
        Example(["sales", "beta"], ["beta", "vip"], False),
        Example([], ["beta"], True),
        Example("beta", ["beta"], True),
        Example(None, ["beta"], True),
    ),
)

DECLARED = (includes_any, includes_all, includes_none)
