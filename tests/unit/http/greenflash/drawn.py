"""Strategies for filters of every kind, and for conversations they look at."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from coterie.http.greenflash.grammar import FLAGS, SCORES
from coterie.rules.values import DAY
from tests.unit.http.greenflash.context import OTHER, PRODUCT, analysis, conversation_prop, count, flag, last_seen, prop

NOW = 1_774_443_600_000  # 2026-03-25T13:00:00Z
ZONE = "Europe/Berlin"

NUMBERS = st.sampled_from([0, 0.3, 0.5, 0.6, 1, 1.0, 2, 5])
TEXTS = st.sampled_from(["web", "WEB", "app", "we"])
SCALARS = st.one_of(NUMBERS, TEXTS, st.booleans())
KEYS = st.sampled_from(["channel", "plan", "app.version", "topics"])


@st.composite
def compared(draw: st.DrawFn, make: Any) -> Any:
    operator = draw(st.sampled_from(["eq", "neq", "contains", "gt", "lt"]))
    value = draw({"contains": TEXTS, "gt": NUMBERS, "lt": NUMBERS}.get(operator, SCALARS))
    return make(draw(KEYS), operator, value)


LENGTHS = st.sampled_from(["30m", "24h", "7d", "2w", "5d"])
RULES = st.one_of(
    st.builds(analysis, st.sampled_from(sorted(SCORES)), st.sampled_from(["gt", "lt", "eq", "gte", "lte"]), NUMBERS),
    st.builds(flag, st.sampled_from(sorted(FLAGS)), st.booleans()),
    compared(prop),
    compared(conversation_prop),
    st.builds(count, st.sampled_from(["gte", "lte"]), st.integers(0, 4)),
    st.builds(last_seen, st.sampled_from(["within", "before"]), LENGTHS),
)
DATES = st.sampled_from(["2026-03-20", "2026-03-18T13:00:00Z", "2026-03-18T12:59:59.999Z"])
ENDS = st.sampled_from(["2026-03-24", "2026-03-25T12:00:00Z", "2026-03-20"])
RANGES = st.fixed_dictionaries(
    {}, optional={"preset": st.sampled_from(["7d", "30d", "90d", "all"]), "from": DATES, "to": ENDS}
)
PRODUCTS = st.lists(st.sampled_from([PRODUCT, OTHER]), min_size=1, max_size=2)


def filters() -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {"rules": st.lists(RULES, min_size=1, max_size=3)}, optional={"dateRange": RANGES, "productIds": PRODUCTS}
    )


def instants() -> st.SearchStrategy[int]:
    """Instants around now, and around the ends of every window."""
    ages = [0, 1, 60_000, 30 * 60_000, DAY, 5 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY]
    fixed = [1_773_961_200_000, 1_774_393_200_000, 1_774_440_000_000, 1_774_047_600_000]  # days begin and end in Berlin
    about = [NOW - age for age in ages] + fixed
    return st.builds(lambda at, off: at + off, st.sampled_from(about), st.sampled_from([-1, 0, 1, 60_000]))


def conversations() -> st.SearchStrategy[Any]:
    """Conversations as the plain interpreter reads them."""
    scores = st.fixed_dictionaries(
        {}, optional=dict.fromkeys(sorted(SCORES), st.sampled_from([0.0, 0.3, 0.5, 0.6, 1.0]))
    )
    flags = st.fixed_dictionaries({}, optional=dict.fromkeys(sorted(FLAGS), st.booleans()))
    own = st.fixed_dictionaries({}, optional=dict.fromkeys(["channel", "plan", "app.version", "topics"], SCALARS))
    return st.fixed_dictionaries(
        {
            "at": instants(),
            "product": st.sampled_from([PRODUCT, OTHER, None]),
            "scores": scores,
            "flags": flags,
            "own": own,
        }
    )
