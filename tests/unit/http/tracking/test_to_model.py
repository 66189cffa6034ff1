"""The six calls as facts, and every error at its path."""

from __future__ import annotations

from typing import Any

import pytest

from coterie.errors import InvalidInput
from coterie.http.tracking.to_model import CALLS, RequestContext, to_facts
from coterie.model import UNSET, EventInput, FirstAccepted, MergeProfiles, ProfileInput, ProfileRef
from coterie.rules.values import Instant

EMAIL_LENGTH_MAX = 255
RECEIVED = Instant(1_772_532_000_250)
NOW = RequestContext(RECEIVED, EMAIL_LENGTH_MAX)
U1 = ProfileRef(external_id="u1")


def fact_of(kind: str, message: dict[str, Any], context: RequestContext = NOW) -> Any:
    (fact,) = to_facts(kind, message, context)
    return fact


# --- identify


def test_identify_puts_traits_as_properties() -> None:
    fact = fact_of(
        "identify",
        {"userId": "u1", "anonymousId": "a1", "traits": {"plan": "pro", "address": {"city": "Bonn"}, "old": None}},
    )
    assert fact == ProfileInput(
        external_id="u1", anonymous_id="a1", properties={"plan": "pro", "address.city": "Bonn", "old": None}
    )


def test_identify_of_somebody_anonymous() -> None:
    assert fact_of("identify", {"anonymousId": "a1", "traits": {}}) == ProfileInput(anonymous_id="a1")


def test_an_email_is_the_profiles_own_or_a_property_if_another_profile_has_it() -> None:
    fact = fact_of("identify", {"userId": "u1", "traits": {"email": "Ann@Example.com", "plan": "pro"}})
    assert fact == FirstAccepted(
        ProfileInput(external_id="u1", email="Ann@Example.com", properties={"plan": "pro"}),
        otherwise=ProfileInput(external_id="u1", properties={"traits.email": "Ann@Example.com", "plan": "pro"}),
    )


def test_null_removes_the_email() -> None:
    fact = fact_of("identify", {"userId": "u1", "traits": {"email": None}})
    assert isinstance(fact, FirstAccepted)
    assert fact.first == ProfileInput(external_id="u1", email=None)


@pytest.mark.parametrize("email", ["not an address", "a@" + "b" * 300, "", 42, True, ["a@b.c"]])
def test_a_value_that_is_not_an_email_stays_a_property(email: Any) -> None:
    assert fact_of("identify", {"userId": "u1", "traits": {"email": email}}) == ProfileInput(
        external_id="u1", properties={"traits.email": email}
    )


@pytest.mark.parametrize("name", ["id", "external_id", "created_at", "updated_at"])
def test_traits_named_like_fields_are_properties_under_traits(name: str) -> None:
    fact = fact_of("identify", {"userId": "u1", "traits": {name: "x", "createdAt": "2026-01-01"}})
    assert fact.properties == {f"traits.{name}": "x", "createdAt": "2026-01-01"}


def test_traits_in_the_context_lie_below_those_beside_it() -> None:
    fact = fact_of(
        "identify", {"userId": "u1", "context": {"traits": {"a": 1, "b": 2}, "ip": "1.2.3.4"}, "traits": {"b": 3}}
    )
    assert fact == ProfileInput(external_id="u1", properties={"a": 1, "b": 3})


# --- track, page, screen


def test_track_is_an_event() -> None:
    message = {
        "userId": "u1", "event": "Order Completed", "messageId": "m1", "timestamp": "2026-03-01T09:00:00Z",
        "properties": {"total": 27.5, "id": 7, "email": "x", "nothing": None, "products": [{"sku": "A"}, {"sku": "B"}]},
        "context": {"page": {"path": "/cart"}, "ip": None}, "integrations": {"All": True},
    }  # fmt: skip
    assert fact_of("track", message) == EventInput(
        "Order Completed", U1, at=Instant(1_772_355_600_000), message_id="m1",
        properties={"context.page.path": "/cart", "total": 27.5, "id": 7, "email": "x", "products.sku": ["A", "B"]},
    )  # fmt: skip


def test_the_context_of_the_request_lies_below_that_of_the_message() -> None:
    shared = RequestContext(RECEIVED, EMAIL_LENGTH_MAX, context={"device": {"type": "phone"}, "locale": "en"})
    fact = fact_of("track", {"userId": "u1", "event": "e", "context": {"locale": "de"}}, shared)
    assert fact.properties == {"context.device.type": "phone", "context.locale": "de"}


@pytest.mark.parametrize("kind", ["page", "screen"])
def test_a_page_is_an_event_of_that_name(kind: str) -> None:
    message = {
        "anonymousId": "a1",
        "name": "Pricing",
        "category": "Shop",
        "properties": {"name": "other", "path": "/p"},
    }
    assert fact_of(kind, message) == EventInput(
        kind,
        ProfileRef(anonymous_id="a1"),
        at=RECEIVED,
        properties={"name": "Pricing", "category": "Shop", "path": "/p"},
    )


def test_a_page_without_a_name_keeps_the_one_among_its_properties() -> None:
    assert fact_of("page", {"userId": "u1", "name": None, "properties": {"name": "Home"}}).properties == {
        "name": "Home"
    }


# --- group, alias


def test_group_is_an_event_and_properties_of_the_profile() -> None:
    event, profile = to_facts(
        "group", {"userId": "u1", "groupId": 7, "traits": {"industry": "Tech", "size": {"now": 3}, "old": None}}, NOW
    )
    properties = {"group_id": "7", "group.industry": "Tech", "group.size.now": 3}
    assert event == EventInput("group", U1, at=RECEIVED, properties=properties)
    assert profile == ProfileInput(external_id="u1", properties={**properties, "group.old": None})


def test_alias_merges_two_profiles() -> None:
    fact = fact_of("alias", {"previousId": "a1", "userId": "u1"})
    assert fact == MergeProfiles(U1, ProfileRef(external_id="a1", anonymous_id="a1"))


def test_an_alias_of_itself_does_nothing() -> None:
    assert to_facts("alias", {"previousId": "u1", "userId": "u1"}, NOW) == ()


# --- who


@pytest.mark.parametrize(("sent", "read_as"), [("42", "42"), (42, "42"), (42.0, "42"), (2**70, str(2**70))])
def test_numbers_are_taken_as_ids(sent: Any, read_as: str) -> None:
    fact = fact_of("track", {"userId": sent, "event": "e", "messageId": sent})
    assert (fact.profile.external_id, fact.message_id) == (read_as, read_as)


@pytest.mark.parametrize("nobody", [None, ""])
def test_null_and_the_empty_text_are_absent(nobody: Any) -> None:
    assert fact_of("identify", {"userId": nobody, "anonymousId": "a1"}).external_id is UNSET


REFUSED: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    *[(kind, {"event": "e", "groupId": "g"}, ("userId",)) for kind in CALLS if kind != "alias"],
    ("track", {"userId": "u1"}, ("event",)),
    ("track", {"userId": "u1", "event": ""}, ("event",)),
    ("track", {"userId": "u1", "event": 7}, ("event",)),
    ("track", {"userId": "u1", "event": "e", "properties": "x"}, ("properties",)),
    ("track", {"userId": "u1", "event": "e", "properties": ["x"]}, ("properties",)),
    ("track", {"userId": "u1", "event": "e", "context": 1}, ("context",)),
    ("track", {"userId": "u1", "event": "e", "timestamp": "now"}, ("timestamp",)),
    ("track", {"userId": ["u1"], "event": "e"}, ("userId",)),
    ("track", {"userId": True, "event": "e"}, ("userId",)),
    ("track", {"userId": "u1", "event": "e", "messageId": {}}, ("messageId",)),
    ("identify", {"userId": "u1", "traits": 1}, ("traits",)),
    ("identify", {"userId": "u1", "context": {"traits": 1}}, ("context", "traits")),
    ("group", {"userId": "u1"}, ("groupId",)),
    ("group", {"userId": "u1", "groupId": "g", "traits": "x"}, ("traits",)),
    ("alias", {"userId": "u1"}, ("previousId",)),
    ("alias", {"previousId": "a1"}, ("userId",)),
    ("identity", {"userId": "u1"}, ("type",)),
]


@pytest.mark.parametrize(("kind", "message", "path"), REFUSED)
def test_a_call_that_cannot_be_read_is_refused_with_its_path(
    kind: str, message: dict[str, Any], path: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        to_facts(kind, message, NOW)
    assert caught.value.path == path


def test_php_writes_an_empty_object_as_a_list() -> None:
    assert fact_of("identify", {"userId": "u1", "traits": [], "context": []}) == ProfileInput(external_id="u1")
