"""Hypothesis strategies for the language: random rules, random profiles, random moments.

Names, texts, numbers and instants come from small pools on purpose, so that operands and values meet often: at the edge, folded, of the
wrong kind. Every rule that `rules()` makes can be read, lowered and evaluated.
"""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from coterie.rules.calendar import CALENDAR_WORDS
from coterie.rules.limits import RuleLimits
from coterie.rules.moment import Moment
from coterie.rules.nodes import All, Any, Not, PropertyCondition, Rule, SegmentCondition
from coterie.rules.operands import never, read_operand
from coterie.rules.operators import OPERATORS, Operator, Takes
from coterie.rules.values import DAY, Instant, Kind, Value

PROPERTIES = ("plan", "mrr", "signed_up_at", "tags", 'a."b" 😀')
SEGMENTS = ("segment-1", "segment-2")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "America/Santiago", "Asia/Kathmandu", "Pacific/Apia")
LIMITS = RuleLimits()

NOW = 1_773_576_000_000
"""2026-03-15T12:00:00Z: the instant around which times are drawn."""

_TEXTS = (
    "", "a", "A", "ab", "Ab", "b", "ß", "SS", "ς", "Σ", "σ", "İ", "i", "ı", "I", "K", "k", "1", "true", "é", "e\u0301",
    "😀", "a b", "'", '"', "%", "_", "\\", ".", "a\nb", "2026-03-01", "\u1c89", "\u1c8a",
)  # fmt: skip
_NUMBERS = (0.0, 1.0, -1.0, 0.1, 0.5, 10.0, 100.0, 1e300, -1e300, 5e-324, 2.0**53, 2.0**53 - 1)
_DURATIONS = ("1s", "30m", "1h", "24h", "1d", "7d", "30d", "1w", "365d")
_PATTERNS = ("a", "^a", "b$", "^$", "a|b", "[a-c]+", r"\d", ".", ".*", "ß", "(?-i)A", r"\bk\b")
_DATES = (
    "2026-03-14",
    "2026-03-15",
    "2026-03-16",
    "2026-03-08",
    "2026-03-29",
    "2024-02-29",
    "2011-12-30",
    "2026-04-05",
)


def texts() -> st.SearchStrategy[str]:
    return st.sampled_from(_TEXTS) | st.text(alphabet="abAB ßσΣİıKé😀.1", max_size=6)


def numbers() -> st.SearchStrategy[float]:
    return st.sampled_from(_NUMBERS) | st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0)


def instants() -> st.SearchStrategy[Instant]:
    """Near now and a whole number of days or hours from it, give or take a millisecond; and now and then anywhere in four centuries."""
    near = st.builds(
        lambda days, hours, edge: Instant(NOW + days * DAY + hours * 3_600_000 + edge),
        st.sampled_from((0, 0, 1, -1, 7, -7, 30, -30, 365, -365, -730)),
        st.integers(-14, 14),
        st.sampled_from((-1, 0, 0, 1)),
    )
    return near | st.integers(-200 * 366 * DAY, 200 * 366 * DAY).map(Instant)


def lists() -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(texts(), max_size=4).map(tuple)


def values() -> st.SearchStrategy[Value]:
    """A value of any kind."""
    return texts() | numbers() | st.booleans() | instants() | lists()


def profiles() -> st.SearchStrategy[Mapping[str, Value]]:
    """The properties of a profile: any of `PROPERTIES`, each of whatever kind."""
    return st.dictionaries(st.sampled_from(PROPERTIES), values(), max_size=len(PROPERTIES))


def moments() -> st.SearchStrategy[Moment]:
    """A moment near `NOW`, in some zone."""
    return st.builds(Moment, _near_now(), st.sampled_from(ZONES).map(ZoneInfo))


def _near_now() -> st.SearchStrategy[Instant]:
    drift = st.sampled_from((0, 0, DAY, -DAY, 7 * DAY, 14 * DAY + 1, -15 * DAY, 351 * DAY)) | st.integers(-DAY, DAY)
    return drift.map(lambda ahead: Instant(NOW + ahead))


# --- rules ------------------------------------------------------------------------------------------------------------


def rules(*, segments: tuple[str, ...] = SEGMENTS) -> st.SearchStrategy[Rule]:
    """A rule of conditions on properties, and on the `segments` given (none for none), in groups up to a few levels deep."""
    leaf: st.SearchStrategy[Rule] = property_conditions()
    if segments:
        leaf = leaf | property_conditions() | st.sampled_from(segments).map(SegmentCondition)
    return st.recursive(
        leaf,
        lambda below: st.one_of(
            st.lists(below, min_size=1, max_size=4).map(lambda children: All(tuple(children))),
            st.lists(below, min_size=1, max_size=4).map(lambda children: Any(tuple(children))),
            below.map(Not),
        ),
        max_leaves=8,
    )


@st.composite
def property_conditions(draw: st.DrawFn) -> PropertyCondition:
    operator = OPERATORS[draw(st.sampled_from([name for name, one in OPERATORS.items() if not one.of_change]))]
    document = draw(operand_documents(operator))
    operand = read_operand(operator, document, LIMITS)
    on_text = isinstance(operand, str) or (isinstance(operand, tuple) and isinstance(operand[0], str))
    cased = operator.case_option and on_text and draw(st.booleans())
    return PropertyCondition(draw(st.sampled_from(PROPERTIES)), operator.name, operand, cased)


def operand_documents(operator: Operator) -> st.SearchStrategy[object]:
    """JSON values that the operator takes."""
    match operator.takes:
        case Takes.NOTHING:
            return st.none()
        case Takes.SAME:
            part = operator.kinds == {Kind.TEXT}
            choices: list[st.SearchStrategy[object]] = []
            if Kind.TEXT in operator.kinds:
                choices.append(texts().filter(bool) if part else texts())
            if Kind.NUMBER in operator.kinds:
                choices.append(numbers())
            if Kind.BOOLEAN in operator.kinds:
                choices.append(st.booleans())
            return st.one_of(choices)
        case Takes.SOME:
            some = st.lists(texts(), min_size=1, max_size=4)
            return some if Kind.LIST in operator.kinds else some | st.lists(numbers(), min_size=1, max_size=4)
        case Takes.RANGE:
            two = st.lists(numbers(), min_size=2, max_size=2).map(sorted)
            return two | st.tuples(_moment_documents(), _moment_documents()).filter(_in_order).map(list)
        case Takes.INSTANT:
            return _moment_documents()
        case Takes.DATE:
            return st.sampled_from(_DATES)
        case Takes.DURATION:
            return st.sampled_from(_DURATIONS)
        case Takes.DAYS:
            return st.sampled_from(("1d", "2d", "7d", "1w", "30d", "366d"))
        case Takes.WORD:
            return st.sampled_from(CALENDAR_WORDS)
        case Takes.PATTERN:
            return st.sampled_from(_PATTERNS)


def _moment_documents() -> st.SearchStrategy[str]:
    return instants().map(Instant.iso) | st.sampled_from(_DATES)


def _in_order(ends: tuple[str, str]) -> bool:
    on_or_after = OPERATORS["after"]
    first, last = (read_operand(on_or_after, end, LIMITS) for end in ends)
    assert not isinstance(first, str | float | tuple)
    return not never(first, last)  # type: ignore[arg-type]  # `after` takes an instant or a date
