"""`/segments`: custom ones, system ones and those made elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from coterie.model import UNSET, ConversationInput, Origin, SegmentKind
from coterie.rules.build import prop as ours
from coterie.rules.values import DAY
from coterie.workspace.properties import Properties
from tests.unit.http.counting import count_readings
from tests.unit.http.greenflash.context import OTHER, analysis, conversation_prop, count, flag, last_seen, prop
from tests.unit.http.greenflash.harness import PRODUCT, STAMP, World

Json = Any

EXAMPLE = {"rules": [analysis("commercialIntent", "gte", 0.6), prop("plan", "eq", "enterprise")]}
PRESETS = [
    "churn-risk", "product-champions", "biggest-opportunity", "happy-users", "unhappy-users", "safety-concerns",
    "feature-gaps",
]  # fmt: skip


def test_the_keys_of_rules_are_looked_up_one_by_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never by reading every property there is."""
    world.make_user(properties={"name": "Ada"})

    def read_all(_: Properties) -> Any:
        raise AssertionError("every property was read")

    monkeypatch.setattr(Properties, "list", read_all)
    segment = world.make_segment(prop("name", "eq", "Ada"), prop("email", "neq", "x"))
    assert world.members(segment["id"]) == ["user-1"]


def test_a_segment_is_answered_with_exactly_its_fields(world: World) -> None:
    sent = {"name": "High-Intent", "description": "Ready to buy", "icon": "Users", "filters": EXAMPLE}
    made = world.ask("POST", "/segments", sent, status=201)
    assert list(made) == ["id", "name", "type", "description", "icon", "filters", "createdAt", "updatedAt"]
    assert {key: made[key] for key in sent} == sent
    assert (made["type"], made["createdAt"], made["updatedAt"]) == ("custom", STAMP, STAMP)
    shown = world.get(f"/segments/{made['id']}")
    assert shown == {
        **made, "presetId": None, "memberCount": 0, "isFavorited": False, "createdBy": None,
    }  # fmt: skip
    assert world.get("/segments")[-1] == {
        "id": made["id"], "name": "High-Intent", "type": "custom", "presetId": None, "memberCount": 0,
        "isFavorited": False,
    }  # fmt: skip


def test_absent_fields_are_null_and_a_name_is_made(world: World) -> None:
    for body in ({"filters": EXAMPLE}, {"filters": EXAMPLE, "name": None, "description": None, "icon": None}):
        made = world.ask("POST", "/segments", body, status=201)
        assert made["description"] is made["icon"] is None
        assert made["name"] == "The mean of commercial intent of conversations is at least 0.6 and plan is enterprise"
    long = {"rules": [prop("plan", "eq", "x" * 60)] * 9}
    name = world.ask("POST", "/segments", {"filters": long}, status=201)["name"]
    assert len(name) == 255
    assert name.endswith("…")


def test_members_are_live_at_once_and_follow_the_facts(world: World) -> None:
    world.make_user("ada", properties={"plan": "Enterprise"})
    world.make_user("ben", properties={"plan": "free"})
    for user in ("ada", "ben"):
        conversation = world.log(user)["conversationId"]
        world.workspace.conversations.put(ConversationInput(id=conversation, analysis={"commercial_intent": 0.6}))
    made = world.make_segment(*EXAMPLE["rules"])
    assert world.get(f"/segments/{made['id']}")["memberCount"] == 1
    assert world.members(made["id"]) == ["ada"]
    world.workspace.conversations.put(ConversationInput(id=conversation, analysis={"commercial_intent": 0.59}))
    world.ask("PUT", "/users/ben", {"properties": {"plan": "enterprise"}})
    assert world.members(made["id"]) == ["ada"]
    world.workspace.conversations.put(ConversationInput(id=conversation, analysis={"commercial_intent": 0.7}))
    assert world.members(made["id"]) == ["ada", "ben"]


def test_the_scope_moves_with_the_clock(world: World) -> None:
    two = world.make_segment(count("gte", 2), dateRange={"preset": "7d"}, productIds=[PRODUCT])["id"]
    none = world.make_segment(count("lte", 0), dateRange={"preset": "7d"}, productIds=[OTHER])["id"]
    world.log("ada", {"role": "user", "content": "hi"}, externalConversationId="a", productId=PRODUCT.upper())
    assert world.members(two) == []
    world.clock.advance(DAY)
    world.log("ada", {"content": "again"})
    assert (world.members(two), world.members(none)) == (["ada"], ["ada"])
    world.clock.advance(6 * DAY)
    assert world.members(two) == []
    world.log("ada", {"content": "back"}, externalConversationId="a")  # the conversation counts at its latest message
    assert world.members(two) == ["ada"]


def test_last_seen(world: World) -> None:
    within = world.make_segment(last_seen("within", "24h"))["id"]
    before = world.make_segment(last_seen("before", "24h"))["id"]
    world.make_user("ada")
    assert (world.members(within), world.members(before)) == (["ada"], [])
    world.clock.advance(DAY)
    assert (world.members(within), world.members(before)) == ([], ["ada"])
    world.ask("POST", "/events", {"eventType": "x", "productId": "p", "value": "1", "externalUserId": "ada"})
    assert (world.members(within), world.members(before)) == (["ada"], [])
    world.clock.advance(DAY)
    world.log("ada", {"content": "hi"})
    assert (world.members(within), world.members(before)) == (["ada"], [])


def test_conversation_properties_and_flags(world: World) -> None:
    web = world.make_segment(conversation_prop("channel", "eq", "web"))["id"]
    not_web = world.make_segment(conversation_prop("channel", "neq", "web"))["id"]
    topics = world.make_segment(conversation_prop("topics", "contains", "vat"))["id"]
    safe = world.make_segment(flag("jailbreakDetected", False))["id"]
    conversation = world.log("ada", properties={"channel": "web", "topics": "VAT", "a": {"b": [True and "x"]}})
    assert [world.members(segment_id) for segment_id in (web, not_web, topics, safe)] == [["ada"], [], ["ada"], ["ada"]]
    world.workspace.conversations.put(
        ConversationInput(id=conversation["conversationId"], analysis={"jailbreak_detected": True})
    )
    world.log("ada", conversationId=conversation["conversationId"], properties={"channel": None})
    assert [world.members(segment_id) for segment_id in (web, not_web, topics, safe)] == [[], ["ada"], ["ada"], []]


def test_the_seven_system_segments(world: World) -> None:
    listed = world.get("/segments")
    assert [(segment["type"], segment["presetId"]) for segment in listed] == [("system", preset) for preset in PRESETS]
    for segment in listed:
        shown = world.get(f"/segments/{segment['presetId']}")
        assert shown == world.get(f"/segments/{segment['id']}")
        assert shown["description"]
        assert shown["filters"] != {}
        assert (shown["icon"], shown["createdBy"]) == (None, None)
    assert world.get("/segments/happy-users")["filters"] == {
        "conversation": {"measure": "mean", "of": "sentiment"}, "operator": "at_least", "value": 0.7,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("analysis", "presets"),
    [
        ({"sentiment": 0.7}, {"happy-users"}),
        ({"sentiment": 0.3}, {"unhappy-users"}),
        ({"sentiment": 0.5}, set()),
        ({"commercial_intent": 0.6}, {"biggest-opportunity"}),
        ({"commercial_intent": 0.59}, set()),
        ({"missing_capability_detected": True}, {"feature-gaps"}),
        *(
            ({name: True}, {"safety-concerns"})
            for name in (
                "user_toxicity_detected", "model_toxicity_detected", "jailbreak_detected", "user_bias_detected",
                "model_bias_detected",
            )
        ),
        ({"jailbreak_detected": False, "hallucination_detected": True}, set()),
    ],
)  # fmt: skip
def test_members_of_the_system_segments(world: World, analysis: Json, presets: set[str]) -> None:
    for _ in range(2):
        conversation = world.log("ada")["conversationId"]
        world.workspace.conversations.put(ConversationInput(id=conversation, analysis=analysis))
    assert {segment["presetId"] for segment in world.get("/users/ada/segments")} == presets


def test_product_champions_and_churn_risk(world: World) -> None:
    def say(sentiment: float, frustration: float, messages: int) -> None:
        conversation = world.log("ada", *[{"content": "x"}] * messages)["conversationId"]
        scores = {"sentiment": sentiment, "frustration": frustration}
        world.workspace.conversations.put(ConversationInput(id=conversation, analysis=scores))

    def presets() -> set[str]:
        return {segment["presetId"] for segment in world.get("/users/ada/segments")} - {"happy-users", "unhappy-users"}

    world.make_user("ada")
    for _ in range(3):
        assert presets() == set()
        say(0.9, 0.1, 4)
    assert presets() == {"product-champions"}
    world.clock.advance(30 * DAY)
    assert presets() == set()
    say(0.4, 0.6, 1)
    assert presets() == {"churn-risk"}


def test_segments_made_elsewhere_have_filters_or_their_own_rule(world: World) -> None:
    said_here = world.workspace.segments.create("Pro", ours("plan") == "pro")
    unsaid = world.workspace.segments.create("Any", (ours("plan") == "pro") | (ours("plan") == "max"))
    static = world.workspace.segments.create("List", kind=SegmentKind.STATIC)
    assert world.get(f"/segments/{said_here.id}")["filters"] == {"rules": [prop("plan", "eq", "pro")]}
    assert world.get(f"/segments/{unsaid.id}")["filters"] == {
        "any": [
            {"property": "plan", "operator": "equals", "value": "pro"},
            {"property": "plan", "operator": "equals", "value": "max"},
        ]
    }
    assert world.get(f"/segments/{static.id}")["filters"] == {}
    assert [segment["name"] for segment in world.get("/segments")[7:]] == ["Pro", "Any", "List"]


def test_a_segment_changed_elsewhere_has_its_present_definition(world: World) -> None:
    made = world.make_segment(prop("plan", "eq", "pro"), prop("a", "eq", 1))
    world.workspace.segments.update(made["id"], rule=ours("plan") == "max")
    assert world.get(f"/segments/{made['id']}")["filters"] == {"rules": [prop("plan", "eq", "max")]}
    world.workspace.segments.update(made["id"], name="Max", rule=UNSET)
    assert world.get(f"/segments/{made['id']}")["name"] == "Max"
    other = Origin("sendkit", {"match_type": "all", "filters": {}})
    world.workspace.segments.update(made["id"], origin=other)
    assert world.get(f"/segments/{made['id']}")["filters"] == {"rules": [prop("plan", "eq", "max")]}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ([], None),
        ("x", None),
        ({}, "filters"),
        ({"filters": {}}, "filters.rules"),
        ({"filters": EXAMPLE, "name": " "}, "name"),
        ({"filters": EXAMPLE, "name": "x" * 256}, "name"),
        ({"filters": EXAMPLE, "name": 3}, "name"),
        ({"filters": EXAMPLE, "name": "a\0"}, "name"),
        ({"filters": EXAMPLE, "icon": "x" * 51}, "icon"),
        ({"filters": EXAMPLE, "description": 3}, "description"),
        ({"filters": EXAMPLE, "color": "red"}, "color"),
        ({"filters": {"rules": [prop("plan", "is", 1)]}}, "filters.rules.0.operator"),
    ],
)
def test_a_wrong_segment_is_400_and_is_not_created(still: World, body: Json, path: str | None) -> None:
    before = still.get("/segments")
    assert still.fault("POST", "/segments", body).get("path") == path
    assert still.get("/segments") == before


def test_one_segment_too_many_is_403(world: World) -> None:
    limited = world.workspace.settings.model_copy(update={"segments_max": 8})
    world.workspace._engine.settings = limited
    world.make_segment(count("gte", 1))
    fault = world.fault("POST", "/segments", {"filters": EXAMPLE}, status=403)
    assert "segments_max" in fault["message"]


def test_analytics(world: World) -> None:
    made = world.make_segment(prop("plan", "eq", "pro"))["id"]
    world.make_user("ada", properties={"plan": "pro"})
    world.make_user("ben", properties={"plan": "free"})
    for user, sentiment, product, version in (
        ("ada", 0.9, PRODUCT, "v1"), ("ada", 0.5, OTHER, None), ("ben", 0.1, PRODUCT, "v1"),
    ):  # fmt: skip
        conversation = world.log(user, productId=product)["conversationId"]
        world.workspace.conversations.put(
            ConversationInput(id=conversation, version_id=version, analysis={"sentiment": sentiment, "topics": ["vat"]})
        )
    whole = world.get(f"/segments/{made}/analytics")
    assert (whole["participantCount"], whole["totalConversations"]) == (1, 2)
    assert whole["averageUserSentiment"] == {"score": 0.7, "label": "positive"}
    assert whole["topics"] == [{"name": "vat", "count": 2}]
    for query in (f"productId={PRODUCT.upper()}", "versionId=v1", f"productId={PRODUCT}&versionId=v1"):
        assert world.get(f"/segments/{made}/analytics?{query}")["averageUserSentiment"]["score"] == 0.9
    assert world.get(f"/segments/{made}/analytics?versionId=v2")["totalConversations"] == 0
    assert world.get("/segments/happy-users/analytics")["participantCount"] == 1
    world.fault("GET", "/segments/nobody/analytics", status=404)


def test_ids_of_another_workspace_are_404(still: World) -> None:
    made = still.make_segment(count("gte", 1))["id"]
    still.fault("GET", f"/segments/{made}", status=404, key="other")
    still.fault("GET", f"/segments/{OTHER}", status=404)
    still.fault("GET", "/segments/Happy-Users", status=404)
    assert still.get(f"/segments/{made.upper()}")["id"] == made


def test_a_rule_is_read_once_and_written_once_in_a_request(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = count_readings(monkeypatch)
    world.ask("POST", "/segments", {"filters": EXAMPLE}, status=201)
    assert counts == {"read_rule": 1, "write_rule": 1}
