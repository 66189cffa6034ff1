"""Hypothesis strategies: valid segment documents, and contacts that nearly match them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from coterie.http.sendkit.grammar import OPERATORS, RESERVED, FieldType
from coterie.rules.values import Instant, Value
from tests.unit.http.sendkit.context import LIST_ID, MRR, OTHER_LIST_ID, PLAN, RENEWS, SEGMENT_ID

NOW = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
FIELDS: dict[str, FieldType] = {name: field.type for name, field in RESERVED.items()}
PROPERTIES = {PLAN: FieldType.TEXT, MRR: FieldType.NUMBER, RENEWS: FieldType.DATE}

texts = st.sampled_from(["", "a", "A", "ab", "Ab", "b", "1", "true", "é", "É", "0.5"])
numbers = st.sampled_from([0.0, 0.5, 1.0, 2.0, -1.0, 10.0])
moments = st.builds(
    lambda days, seconds: NOW + timedelta(days=days, seconds=seconds),
    st.sampled_from([0, -1, -7, -30, 1, -31, -14]),
    st.sampled_from([0, 1, -1, 43_200, -43_200, 43_199, 39_600, 36_000, -36_001]),
)


def sent_text(part: bool) -> st.SearchStrategy[object]:
    sent = texts | st.sampled_from([1, 0.5, True, False])
    return sent.filter(lambda text: text != "") if part else sent


sent_number: st.SearchStrategy[object] = st.sampled_from([0, 1, 2, -1, 0.5, 10, "1", "0.5", "2.0", "-1"])
days = st.sampled_from(["2026-03-28", "2026-03-29", "2026-03-30", "2026-03-22", "2026-02-27"])
sent_moment = days | moments.map(lambda at: at.strftime("%Y-%m-%d %H:%M:%S")) | moments.map(lambda at: at.isoformat())


def value_for(kind: FieldType, operator: str) -> st.SearchStrategy[object]:
    if operator in ("is_set", "is_not_set"):
        return st.none()
    match kind:
        case FieldType.TEXT:
            single = sent_text("contains" in operator or operator.endswith("_with"))
        case FieldType.NUMBER:
            single = sent_number
        case FieldType.BOOLEAN:
            single = st.sampled_from([True, False, "true", "False"])
        case FieldType.LIST:
            single = st.sampled_from([LIST_ID, OTHER_LIST_ID])
        case FieldType.SEGMENT:
            single = st.just(SEGMENT_ID)
        case FieldType.DATE if operator.endswith("_days"):
            single = st.sampled_from([1, 7, 30, "14"])
        case FieldType.DATE:
            single = days if operator.endswith("equals") else sent_moment
    return st.lists(single, min_size=1, max_size=3) if operator in ("in", "not_in") else single


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, object]:
    if draw(st.booleans()):
        field, kind = draw(st.sampled_from(sorted(FIELDS.items())))
        named: dict[str, object] = {"field": field, "type": "reserved", "property_id": None}
    else:
        item = draw(st.sampled_from(list(PROPERTIES)))
        kind = PROPERTIES[item]
        named = {
            "field": draw(st.sampled_from([item.name, item.name.upper()])),
            "type": "property",
            "property_id": item.id,
        }
    operator = draw(st.sampled_from(OPERATORS[kind]))
    return {**named, "operator": operator, "value": draw(value_for(kind, operator))}


words = st.sampled_from(["all", "any"])
groups = st.builds(
    lambda word, held: {"match_type": word, "conditions": held}, words, st.lists(conditions(), min_size=1, max_size=3)
)
documents: st.SearchStrategy[dict[str, Any]] = st.builds(
    lambda word, held: {"match_type": word, "filters": {"groups": held}},
    words,
    st.lists(groups, min_size=1, max_size=3),
)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


contacts: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "email": texts,
        "first_name": maybe(texts),
        "last_name": maybe(texts),
        "user_id": maybe(texts),
        "unsubscribed": maybe(st.booleans()),
        "created_at": moments,
        "updated_at": moments,
        "lists": st.sets(st.sampled_from([LIST_ID, OTHER_LIST_ID])),
        "segments": st.sets(st.just(SEGMENT_ID)),
        "properties": st.fixed_dictionaries({"plan": maybe(texts), "mrr": maybe(numbers), "renews_on": maybe(moments)}),
    }
)


class View:
    """A drawn contact as our law looks at it."""

    def __init__(self, contact: Mapping[str, Any]) -> None:
        held = {**contact, **contact["properties"], "external_id": contact["user_id"]}
        self._values = {
            name: Instant.of(value) if isinstance(value, datetime) else value for name, value in held.items()
        }
        self._in = contact["lists"] | contact["segments"]

    def value(self, name: str) -> Value | None:
        value: Value | None = self._values.get(name)
        return value

    def is_member(self, segment_id: str) -> bool:
        return segment_id in self._in
