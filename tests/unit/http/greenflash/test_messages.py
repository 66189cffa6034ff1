"""`/messages`, `/ratings` and `/interactions`."""

from __future__ import annotations

from typing import Any

import pytest

from coterie.model import ConversationInput
from tests.unit.http.greenflash.context import OTHER, conversation_prop, prop
from tests.unit.http.greenflash.harness import PRODUCT, World

Json = Any

HI = {"role": "user", "content": "hi", "externalMessageId": "m-1"}


def test_messages_create_a_conversation_and_its_user(world: World) -> None:
    answer = world.ask(
        "POST", "/messages",
        {"externalUserId": "ada", "externalConversationId": "c-1", "messages": [HI, {"messageType": "thought"}, {}]},
    )  # fmt: skip
    assert answer == {
        "success": True,
        "conversationId": answer["conversationId"],
        "messages": [
            {"messageId": ids["messageId"], "externalMessageId": external, "messageType": kind, "status": "created"}
            for ids, external, kind in zip(
                answer["messages"], ["m-1", None, None], ["user_message", "thought", "user_message"], strict=True
            )
        ],
        "systemPromptPromptId": "",
        "systemPromptComponentIds": [],
    }
    assert [user["externalId"] for user in world.get("/users")] == ["ada"]
    (shown,) = world.get("/interactions")
    assert (shown["id"], shown["externalId"]) == (answer["conversationId"], "c-1")


def test_a_conversation_continues_by_either_of_its_ids(world: World) -> None:
    first = world.log("ada", HI, externalConversationId="c-1", properties={"a": 1, "b": {"c": 2}})
    second = world.log("ada", HI, {"content": "and?"}, externalConversationId="c-1", properties={"b": 3})
    third = world.log("ada", HI, conversationId=first["conversationId"], externalConversationId="ignored", model="m")
    assert first["conversationId"] == second["conversationId"] == third["conversationId"]
    assert [message["status"] for message in second["messages"]] == ["deduplicated", "created"]
    assert [message["status"] for message in third["messages"]] == ["deduplicated"]
    assert second["messages"][0]["messageId"] == first["messages"][0]["messageId"]
    (shown,) = world.get("/interactions")
    assert (shown["properties"], shown["model"], shown["externalId"]) == ({"a": 1, "b": 3}, "m", "c-1")
    detail = world.get(f"/interactions/{first['conversationId']}")
    assert [message["content"] for message in detail["messages"]] == ["hi", "and?"]


def test_the_product_alone_creates_a_conversation_each_time(world: World) -> None:
    assert world.log("ada", HI)["conversationId"] != world.log("ada", HI)["conversationId"]
    assert len(world.get(f"/interactions?productId={PRODUCT.upper()}")) == 2
    assert world.get(f"/interactions?productId={OTHER}") == []


def test_a_conversation_has_one_user(world: World) -> None:
    conversation = world.log("ada", HI, externalConversationId="c-1")["conversationId"]
    world.make_user("ben")
    for user in ("ben", "nobody"):
        for names in ({"externalConversationId": "c-1"}, {"conversationId": conversation}):
            body = {"externalUserId": user, "messages": [HI], **names}
            assert world.fault("POST", "/messages", body)["path"] == "externalUserId"
    assert len(world.get("/users")) == 2


def test_the_optional_fields_of_messages(world: World) -> None:
    logged = world.log(
        "ada",
        {"messageType": "tool_call", "toolName": "search", "input": {"q": [1, None]},
        "createdAt": "2026-03-01T10:00:00Z"},
        {"role": "assistant", "content": "found", "createdAt": "2026-03-01", "context": None, "model": "m"},
        voiceCall={"platform": "vapi", "durationMs": 1200, "latency": {"asrMs": 5}},
        systemPrompt={"promptId": "p-1"},
        sampleRate=0,
        forceSample=False,
        externalOrganizationId="acme",
    )  # fmt: skip
    assert logged["systemPromptPromptId"] == "p-1"
    detail = world.get(f"/interactions/{logged['conversationId']}")
    assert detail["messages"] == [
        {"role": "assistant", "content": "found", "timestamp": "2026-03-01T00:00:00.000Z"},
        {"role": "tool_call", "content": "", "timestamp": "2026-03-01T10:00:00.000Z"},
    ]
    assert detail["properties"] == {"voiceCall": {"platform": "vapi", "durationMs": 1200, "latency": {"asrMs": 5}}}
    assert detail["organizationExternalId"] == "acme"
    call, _ = world.workspace.conversations.messages(logged["conversationId"]).items
    assert call.extra == {"messageType": "tool_call", "toolName": "search", "input": {"q": [1, None]}}
    long_calls = world.make_segment(conversation_prop("voiceCall.durationMs", "gt", 1000))["id"]
    assert world.members(long_calls) == ["ada"]


def test_a_refused_conversation_leaves_its_user_as_it_was(world: World) -> None:
    """Both are written in one commit."""
    world.make_user("ben", properties={"plan": "pro"})
    for user in ("ada", "ben"):
        body = {"externalUserId": user, "productId": PRODUCT, "messages": [HI], "externalOrganizationId": "acme"}
        world.fault("POST", "/messages", {**body, "properties": {"x": "\0"}})
    (ben,) = world.get("/users")
    assert (ben["externalId"], ben["externalOrganizationId"]) == ("ben", None)
    assert world.get("/organizations") == []


MESSAGE = {"externalUserId": "ada", "productId": PRODUCT}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "externalUserId"),
        ({"externalUserId": "ada", "messages": []}, "conversationId"),
        ({**MESSAGE}, "messages"),
        ({**MESSAGE, "messages": [{"role": "robot"}]}, "messages.0.role"),
        ({**MESSAGE, "messages": [{"role": "user", "messageType": "llm"}]}, "messages.0.messageType"),
        ({**MESSAGE, "messages": [{}, {"messageType": "tool_call"}]}, "messages.1.toolName"),
        ({**MESSAGE, "messages": [{"createdAt": "yesterday"}]}, "messages.0.createdAt"),
        ({**MESSAGE, "messages": [{"parentMessageId": "a", "parentExternalMessageId": "b"}]},
         "messages.0.parentExternalMessageId"),
        ({**MESSAGE, "messages": [{"text": "hi"}]}, "messages.0.text"),
        ({**MESSAGE, "messages": [{"content": 3}]}, "messages.0.content"),
        ({**MESSAGE, "messages": [], "sampleRate": 2}, "sampleRate"),
        ({**MESSAGE, "messages": [], "properties": {"a": [1]}}, "properties.a.0"),
        ({**MESSAGE, "messages": [], "externalConversationId": "a\0"}, "externalConversationId"),
        ({**MESSAGE, "messages": [], "externalUserId": "a\n"}, "externalUserId"),
    ],
)  # fmt: skip
def test_wrong_messages_are_400_and_store_nothing(still: World, body: Json, path: str) -> None:
    before = still.everything()
    assert still.fault("POST", "/messages", body)["path"] == path
    assert still.everything() == before


def test_an_unknown_conversation_is_404(still: World) -> None:
    still.fault("POST", "/messages", {"externalUserId": "ada", "messages": [], "conversationId": OTHER}, status=404)
    still.fault("GET", f"/interactions/{OTHER}", status=404)
    still.fault("GET", "/interactions/nothing", status=404)


# --- ratings ------------------------------------------------------------------------------------

RATING = {"productId": PRODUCT, "rating": 4, "ratingMin": 1, "ratingMax": 5}


def test_a_rating_finds_its_conversation_by_any_id(world: World) -> None:
    logged = world.log("ada", HI, externalConversationId="c-1")
    names = (
        {"conversationId": logged["conversationId"]},
        {"externalConversationId": "c-1"},
        {"messageId": logged["messages"][0]["messageId"]},
        {"externalMessageId": "m-1"},
    )
    for rating, name in enumerate(names, 1):
        assert world.ask("POST", "/ratings", {**RATING, **name, "rating": rating}) == {"success": True}
        assert world.get("/interactions")[0]["rating"] == rating
    body = {**RATING, "externalConversationId": "c-1", "feedback": "Too slow", "ratedAt": "2026-03-01T10:00:00Z"}
    world.ask("POST", "/ratings", body)
    (shown,) = world.get("/interactions")
    assert [shown[name] for name in ("rating", "ratingMin", "ratingMax", "feedback")] == [4, 1, 5, "Too slow"]
    assert shown["properties"] == {}
    assert world.members(world.make_segment(conversation_prop("rating.feedback", "contains", "slow"))["id"]) == ["ada"]
    rated = {"type": "analysis", "field": "rating", "operator": "gte", "value": 4}
    assert world.members(world.make_segment(rated)["id"]) == ["ada"]


def test_the_latest_rating_replaces_value_and_feedback(world: World) -> None:
    world.log("ada", HI, externalConversationId="c-1")
    world.ask("POST", "/ratings", {**RATING, "externalConversationId": "c-1", "feedback": "Slow"})
    world.ask("POST", "/ratings", {**RATING, "externalConversationId": "c-1", "rating": 5})
    (shown,) = world.get("/interactions")
    assert (shown["rating"], shown["feedback"]) == (5, None)


def test_a_message_id_of_several_conversations_is_refused(world: World) -> None:
    world.log("ada", HI)
    world.log("ben", HI)
    assert "Several" in world.fault("POST", "/ratings", {**RATING, "externalMessageId": "m-1"})["message"]


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        (RATING, 400, "conversationId"),
        ({**RATING, "externalConversationId": "none"}, 404, None),
        ({**RATING, "conversationId": OTHER}, 404, None),
        ({**RATING, "messageId": OTHER}, 404, None),
        ({**RATING, "externalMessageId": "none"}, 404, None),
        ({**RATING, "externalConversationId": "c", "rating": "4"}, 400, "rating"),
        ({"externalConversationId": "c", "rating": 4, "ratingMin": 1, "ratingMax": 5}, 400, "productId"),
    ],
)
def test_a_wrong_rating_is_refused_at_its_path(still: World, body: Json, status: int, path: str | None) -> None:
    assert still.fault("POST", "/ratings", body, status=status).get("path") == path


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"rating": 6}, "rating"),
        ({"rating": 0.5}, "rating"),
        ({"ratingMin": 9}, "ratingMin"),
        ({"ratedAt": "now"}, "ratedAt"),
    ],
)
def test_a_rating_lies_between_its_ends(world: World, change: Json, path: str) -> None:
    world.log("ada", HI, externalConversationId="c-1")
    fault = world.fault("POST", "/ratings", {**RATING, "externalConversationId": "c-1", **change})
    assert fault["path"] == path
    assert world.get("/interactions")[0]["rating"] is None


# --- interactions -------------------------------------------------------------------------------


def test_an_interaction_has_every_field(world: World) -> None:
    world.make_user("ada", name="Ada", email="ada@example.com", externalOrganizationId="acme")
    logged = world.log(
        "ada", HI, externalConversationId="c/1", productId=PRODUCT, model="m", properties={"a": {"b": 1}}
    )
    world.workspace.conversations.put(ConversationInput(id=logged["conversationId"], version_id="v1"))
    (shown,) = world.get("/interactions")
    profile = world.workspace.profiles.get(external_id="ada")
    (organization,) = world.get("/organizations")
    assert shown == {
        "id": logged["conversationId"], "externalId": "c/1", "participantId": profile.id,
        "externalParticipantId": "ada",
        "organizationId": organization["id"], "organizationExternalId": "acme", "productId": PRODUCT, "versionId": "v1",
        "model": "m", "rating": None, "ratingMin": None, "ratingMax": None, "feedback": None,
        "properties": {"a": {"b": 1}},
        "createdAt": shown["createdAt"], "updatedAt": shown["updatedAt"],
    }  # fmt: skip
    detail = world.get(f"/interactions/{logged['conversationId']}")
    assert detail == {
        **shown,
        "participant": {"id": profile.id, "externalId": "ada", "name": "Ada", "email": "ada@example.com"},
        "messages": [{"role": "user", "content": "hi", "timestamp": shown["createdAt"]}],
    }
    assert world.get("/interactions?versionId=v1") == [shown]
    assert world.get("/interactions?versionId=v2") == []
    world.fault("GET", f"/interactions/{logged['conversationId']}", status=404, key="other")


def test_an_interaction_by_its_external_id(world: World) -> None:
    world.log("ada", HI, externalConversationId="c-1")
    assert world.get("/interactions/c-1")["externalId"] == "c-1"


def test_after_a_merge_both_external_ids_lead_to_one_user(world: World) -> None:
    world.log("ada", HI)
    world.log("ben", HI)
    ada, ben = (world.workspace.profiles.get(external_id=name) for name in ("ada", "ben"))
    world.workspace.profiles.merge(ada.id, ben.id)
    assert [interaction["externalParticipantId"] for interaction in world.get("/interactions")] == ["ada", "ada"]
    assert world.members(world.make_segment({"type": "conversation_count", "operator": "gte", "value": 2})["id"]) == [
        "ada"
    ]
    assert world.members(world.make_segment(prop("external_id", "eq", "ben"))["id"]) == []
