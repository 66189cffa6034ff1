"""Conversations: made, grown, scored, listed; what they were before counts no more."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.http.native.api import Api

ABSENT = "0198f1f0-0000-7000-8000-000000000000"
INTENT = {"conversation": {"measure": "mean", "of": "commercial_intent"}, "operator": "at_least", "value": 0.6}


def chat(name: str = "c-1", **more: Any) -> dict[str, Any]:
    return {"external_id": name, "profile": {"external_id": "ada"}, **more}


def test_a_conversation_grows_and_its_segments_follow(api: Api) -> None:
    eager = api.segment(INTENT)
    made = api.call(
        "POST",
        "/conversations",
        chat(analysis={"commercial_intent": 0.9}, messages=[{"role": "user", "content": "Hi", "external_id": "m-1"}]),
    )
    assert (made.status_code, made.json()["outcome"]) == (201, "created")
    conversation = made.json()["id"]
    assert made.headers["Location"] == f"/v1/conversations/{conversation}"
    assert api.members(eager) == ["ada"]
    more = {
        "external_id": "c-1",
        "messages": [{"role": "user", "external_id": "m-1"}, {"role": "assistant", "content": "Hello"}],
    }
    grown = api.ok("POST", "/conversations", more)
    assert (grown["id"], grown["outcome"], [message["new"] for message in grown["messages"]]) == (
        conversation,
        "updated",
        [False, True],
    )
    assert api.ok("POST", "/conversations", {"external_id": "c-1"})["outcome"] == "unchanged"
    scored = api.ok("PUT", f"/conversations/{conversation}/analysis", {"commercial_intent": 0.2, "topics": ["price"]})
    assert scored["outcome"] == "updated"
    assert api.members(eager) == []
    document = api.ok("GET", f"/conversations/{conversation}")
    assert document["analysis"] == {"commercial_intent": 0.2, "topics": ["price"]}
    assert (document["message_count"], document["external_id"], document["product_id"]) == (2, "c-1", None)
    api.ok("PUT", f"/conversations/{conversation}/analysis", {"commercial_intent": None})
    assert api.ok("GET", f"/conversations/{conversation}")["analysis"] == {"topics": ["price"]}


def test_messages_are_paged_in_order(api: Api) -> None:
    roles = ["user", "assistant", "user"]
    made = api.ok(
        "POST",
        "/conversations",
        chat(messages=[{"role": role, "content": str(n), "extra": {"n": [n]}} for n, role in enumerate(roles)]),
    )
    address = f"/conversations/{made['id']}/messages"
    first = api.ok("GET", f"{address}?limit=2")
    second = api.ok("GET", f"{address}?limit=2&cursor={first['next']}")
    assert [message["content"] for message in first["items"] + second["items"]] == ["0", "1", "2"]
    assert second["next"] is None
    assert second["items"][0]["extra"] == {"n": [2]}
    assert second["items"][0]["id"] == made["messages"][2]["id"]


def test_a_batch_of_conversations(api: Api) -> None:
    answered = api.ok(
        "POST", "/conversations", [chat("a"), {"external_id": "b"}, chat("a"), chat("c", analysis={"mood": 1}), 5]
    )
    assert [item["outcome"] for item in answered["items"]] == ["created", "refused", "unchanged", "refused", "refused"]
    assert answered["counts"] == {"created": 1, "updated": 0, "unchanged": 1, "refused": 3}
    assert [item["problems"][0]["path"] for item in answered["items"] if item["problems"]] == [
        "profile",
        "analysis.mood",
        None,
    ]
    assert answered["items"][1]["messages"] == []


def test_they_are_listed_and_found(api: Api) -> None:
    api.ok(
        "POST",
        "/conversations",
        [chat("a", product_id="p"), chat("b"), {**chat("c", product_id="p"), "profile": {"external_id": "bea"}}],
    )
    (ada,) = api.ok("GET", "/profiles?external_id=ada")["items"]

    def external_ids(query: str) -> list[str]:
        return [conversation["external_id"] for conversation in api.ok("GET", f"/conversations{query}")["items"]]

    assert external_ids("") == ["a", "b", "c"]
    assert external_ids(f"?profile={ada['id']}") == ["a", "b"]
    assert external_ids("?product=p") == ["a", "c"]
    assert external_ids("?external_id=b") == ["b"]
    assert external_ids("?external_id=absent") == []
    first = api.ok("GET", "/conversations?limit=2")
    assert [
        conversation["external_id"] for conversation in api.ok("GET", f"/conversations?cursor={first['next']}")["items"]
    ] == ["c"]


@pytest.mark.parametrize(
    ("profile", "conversation", "refusal"),
    [
        ({"external_id": "gone"}, {"external_id": "x"}, ("suppressed", "profile.external_id")),
        ({"id": ABSENT}, {"external_id": "x"}, ("not_found", "profile.id")),
        ({"id": ABSENT}, {"id": ABSENT}, ("not_found", "id")),
        ({"external_id": "x" * 300}, {}, ("limit_exceeded", "profile.external_id")),
        ({"external_id": "ada"}, {"external_id": "x" * 9_000}, ("limit_exceeded", "external_id")),
        ({"anonymous_id": "x" * 300}, {"external_id": "x"}, ("limit_exceeded", "profile.anonymous_id")),
    ],
)
def test_what_is_wrong_with_the_profile_has_a_path_below_it(
    api: Api, profile: Any, conversation: Any, refusal: tuple[str, str]
) -> None:
    api.ok("DELETE", f"/profiles/{api.put(external_id='gone')}?erase=true")
    sent = {"profile": profile, **conversation}
    assert api.refused("POST", "/conversations", sent)[1:] == refusal
    (fine, item) = api.ok("POST", "/conversations", [chat(), sent])["items"]
    assert fine["outcome"] == "created"
    assert (item["problems"][0]["code"], item["problems"][0]["path"]) == refusal


@pytest.mark.parametrize(
    ("method", "path", "body", "refusal"),
    [
        ("POST", "/conversations", {"external_id": "x"}, (422, "invalid_input", "profile")),
        ("POST", "/conversations", {"id": ABSENT}, (404, "not_found", "id")),
        ("POST", "/conversations", chat(analysis={"sentiment": "good"}), (422, "invalid_value", "analysis.sentiment")),
        ("POST", "/conversations", chat(messages=[{"role": ""}]), (422, "invalid_input", "messages.0.role")),
        ("POST", "/conversations", chat(at="soon"), (422, "invalid_value", "at")),
        ("PUT", "/conversations/$/analysis", {"sentiment": "good"}, (422, "invalid_value", "sentiment")),
        ("PUT", "/conversations/$/analysis", {"mood": 1}, (422, "invalid_value", "mood")),
        ("PUT", f"/conversations/{ABSENT}/analysis", {"sentiment": 1}, (404, "not_found", "id")),
        ("GET", f"/conversations/{ABSENT}", None, (404, "not_found", None)),
        ("GET", f"/conversations/{ABSENT}/messages", None, (404, "not_found", None)),
        ("GET", "/conversations?cursor=after-1", None, (400, "invalid_cursor", "cursor")),
        ("GET", f"/conversations?profile={ABSENT}", None, (404, "not_found", None)),
        ("GET", "/conversations?external_id=a&product=p", None, (422, "invalid_input", "external_id")),
    ],
    ids=str,
)
def test_what_is_wrong_is_refused_by_path(
    api: Api, method: str, path: str, body: Any, refusal: tuple[int, str, str | None]
) -> None:
    made = api.ok("POST", "/conversations", chat("known"))
    assert api.refused(method, path.replace("$", made["id"]), body) == refusal
