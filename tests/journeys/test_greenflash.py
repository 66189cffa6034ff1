"""The official Greenflash client, unmodified, against a running server.

It is long because every call of the client stands here. The client checks every answer strictly
against its own types, so a field that is missing, null or of another kind fails the journey.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import greenflash
import httpx
import pytest
from greenflash import AsyncGreenflash, Greenflash

from coterie.model import Scope
from tests.journeys.pages import blocks, run_python
from tests.journeys.serving import Serving, serving

PRODUCT = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
VERSION = "00000000-0000-4000-8000-0000000000aa"
RULES: list[Any] = [
    {"field": "commercialIntent", "operator": "gte", "type": "analysis", "value": 0.6},
    {"key": "plan", "operator": "eq", "type": "property", "value": "enterprise"},
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("greenflash") / "data", log_level="error") as running:
        yield running


def client_of(server: Serving, key: str | None = None, **more: Any) -> Greenflash:
    base = f"{server.url}/greenflash/api/v1"
    return Greenflash(api_key=key or server.key, base_url=base, _strict_response_validation=True, **more)


@pytest.fixture
def client(server: Serving) -> Greenflash:
    """A client of a workspace of its own."""
    name = f"w{len(server.server.workspaces())}"
    server.server.make_workspace(name)
    return client_of(server, server.server.control.create_key(name, "journey", Scope.ADMIN, 0)[1])


def score(server: Serving, client: Greenflash, conversation_id: str, **analysis: Any) -> None:
    """Scores arrive through the native API."""
    answered = httpx.put(
        f"{server.url}/v1/conversations/{conversation_id}/analysis",
        headers={"Authorization": f"Bearer {client.api_key}"},
        json=analysis,
    )
    assert answered.status_code == 200, answered.text


def test_the_example_of_its_documentation(server: Serving, client: Greenflash) -> None:
    """Log users, messages, ratings and events, store scores, and read segments and counts."""
    segment = client.segments.create(
        name="High-Intent Enterprise Users",
        description="Users with high commercial intent from the enterprise plan",
        icon="Users",
        filters={"rules": RULES},
    )
    assert (segment.type, segment.icon, segment.filters) == ("custom", "Users", {"rules": RULES})
    for name, plan in (("ada", "enterprise"), ("ben", "free"), ("cy", "enterprise")):
        made = client.users.create(external_user_id=name, properties={"plan": plan}, name=name.title())
        assert made.success
        assert made.participant.external_id == name
        logged = client.messages.create(
            external_user_id=name,
            external_conversation_id=f"chat-{name}",
            product_id=PRODUCT,
            messages=[
                {"role": "user", "content": "What does it cost?", "external_message_id": "m-1"},
                {"role": "assistant", "content": "20 a month."},
            ],
        )
        assert [message.status for message in logged.messages] == ["created", "created"]
        score(server, client, logged.conversation_id, commercial_intent=0.2 if name == "cy" else 0.8, sentiment=0.9)
    assert client.segments.get(segment.id).member_count == 1
    assert [segment.name for segment in client.users.get_user_segments("ada")] == ["Happy Users", segment.name]
    assert [segment.name for segment in client.users.get_user_segments("ben")] == ["Happy Users"]
    score(server, client, logged.conversation_id, commercial_intent=0.6)
    assert client.segments.get(segment.id).member_count == 2
    counts = {segment.preset_id or segment.name: segment.member_count for segment in client.segments.list()}
    assert counts == {
        "churn-risk": 0, "product-champions": 0, "biggest-opportunity": 0, "happy-users": 3, "unhappy-users": 0,
        "safety-concerns": 0, "feature-gaps": 0, segment.name: 2,
    }  # fmt: skip


@pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("bash") is None, reason="the guide is for bash and curl"
)
def test_our_guide(server: Serving, client: Greenflash) -> None:
    """The code of the guide, as it stands there."""
    page = "docs/guides/greenflash.md"
    names: dict[str, Any] = {"KEY": client.api_key}
    run_python(blocks(page, "python")[0].replace("http://127.0.0.1:8080", server.url), names)
    assert names["client"].segments.get(names["segment"].id).member_count == 0
    values = {"COTERIE": server.url, "KEY": client.api_key, "CONVERSATION": names["logged"].conversation_id}
    pasted = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", blocks(page, "bash")[0]],
        env={**os.environ, **values}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert pasted.returncode == 0, pasted.stderr
    assert names["client"].segments.get(names["segment"].id).member_count == 1


def test_the_example_of_its_readme(client: Greenflash) -> None:
    response = client.messages.create(
        external_user_id="externalUserId",
        messages=[{}],
        external_conversation_id="externalConversationId",
        product_id=PRODUCT,
    )
    assert response.success
    assert client.interactions.get(response.conversation_id).external_id == "externalConversationId"


def test_every_parameter_of_a_segment(client: Greenflash) -> None:
    rules: list[Any] = [
        *RULES,
        {"type": "analysis_flag", "field": "jailbreakDetected", "value": False},
        {"type": "conversation_property", "key": "channel", "operator": "neq", "value": "web"},
        {"type": "conversation_count", "operator": "lte", "value": 3},
        {"type": "last_seen", "operator": "within", "value": "30m"},
    ]
    made = client.segments.create(
        filters={
            "rules": rules,
            "date_range": {"preset": "7d", "from": "2026-01-01", "to": "2026-12-31T00:00:00Z"},
            "product_ids": [PRODUCT],
        }
    )
    stored = client.segments.get(made.id)
    assert stored.filters == made.filters == {
        "rules": rules,
        "dateRange": {"preset": "7d", "from": "2026-01-01", "to": "2026-12-31T00:00:00Z"},
        "productIds": [PRODUCT],
    }  # fmt: skip
    assert stored.name.startswith("The mean of commercial intent")


def test_users_and_organizations(client: Greenflash) -> None:
    made = client.users.create(
        external_user_id="org/ada|1", name="Ada", email="ada@example.com", phone="+49", anonymized=False,
        external_organization_id="acme", properties={"plan": "pro", "app": {"version": "1.2"}},
    ).participant  # fmt: skip
    assert (made.name, made.email, made.phone, made.external_organization_id) == (
        "Ada",
        "ada@example.com",
        "+49",
        "acme",
    )
    assert made.properties == {"plan": "pro", "app": {"version": "1.2"}}
    assert client.users.update("org/ada|1", properties={"seats": 3}).participant.properties["seats"] == 3
    assert client.users.get_user_segments("org/ada|1") == client.users.get_user_segments(made.id) == []
    organization = client.organizations.create(external_organization_id="acme", name="Acme").organization
    assert organization.id == made.organization_id
    assert client.organizations.update("acme", properties={"tier": "gold"}).organization.name == "Acme"
    client.users.create(external_user_id="ben", organization_id=organization.id)
    client.users.create(external_user_id="cy")
    assert [organization.external_id for organization in client.organizations.list()] == ["acme"]
    assert len(client.users.list(organization_id=organization.id)) == 2


def test_a_conversation_with_everything(client: Greenflash) -> None:
    logged = client.messages.create(
        external_user_id="ada", external_conversation_id="c-1", product_id=PRODUCT, model="small",
        external_organization_id="acme", force_sample=True, sample_rate=1.0, properties={"channel": "web"},
        system_prompt={"content": "Be kind.", "external_prompt_id": "p"},
        voice_call={"platform": "vapi", "duration_ms": 1000, "latency": {"asr_ms": 5}},
        messages=[
            {"message_type": "user_message", "content": "hi", "created_at": datetime(2026, 3, 1, 10, tzinfo=UTC)},
            {"message_type": "tool_call", "tool_name": "search", "input": {"q": ["x"]}, "output": {"n": 1}},
            {"role": "assistant", "content": "hello", "created_at": date(2026, 3, 2), "properties": {"a": [1]}},
        ],
    )  # fmt: skip
    assert [message.message_type for message in logged.messages] == ["user_message", "tool_call", "assistant_message"]
    assert client.ratings.log(
        product_id=PRODUCT, rating=4, rating_min=1, rating_max=5, conversation_id=logged.conversation_id,
        feedback="Quick",
        rated_at=datetime(2026, 3, 3, tzinfo=UTC),
    ).success  # fmt: skip
    (listed,) = client.interactions.list(product_id=PRODUCT)
    assert (listed.rating, listed.rating_max, listed.feedback, listed.model) == (4, 5, "Quick", "small")
    assert client.interactions.list(version_id=VERSION) == []
    detail = client.interactions.get(logged.conversation_id)
    assert [(message.role, message.content) for message in detail.messages] == [
        ("user", "hi"), ("assistant", "hello"), ("tool_call", ""),
    ]  # fmt: skip
    assert detail.participant is not None
    assert detail.participant.external_id == "ada"


def test_an_event_sent_twice_is_one(client: Greenflash) -> None:
    segment = client.segments.create(filters={"rules": [{"type": "last_seen", "operator": "within", "value": "30m"}]})
    for _ in range(2):
        event = client.events.create(
            event_type="purchase", product_id=PRODUCT, value="99.00", value_type="currency", external_user_id="ada",
            insert_id="order-7", influence="positive", quality_impact_score=0.5, event_at=datetime.now(UTC),
            properties={"coupon": {"code": "A"}},
        )  # fmt: skip
        assert (event.success, event.event_id) == (True, "order-7")
    assert client.segments.get(segment.id).member_count == 1


def test_analytics(server: Serving, client: Greenflash) -> None:
    logged = client.messages.create(external_user_id="ada", product_id=PRODUCT, messages=[{"content": "hi"}])
    score(server, client, logged.conversation_id, sentiment=0.9, cqi=80, hallucination_detected=True, topics=["vat"])
    analytics = client.segments.get_segment_analytics("happy-users")
    assert (analytics.participant_count, analytics.total_conversations) == (1, 1)
    assert (analytics.average_user_sentiment.score, analytics.average_user_sentiment.label) == (0.9, "positive")
    assert analytics.average_conversation_quality_index == 80
    assert (analytics.hallucination_count.total, analytics.hallucination_count.percentage) == (1, 100)
    assert [(topic.name, topic.count) for topic in analytics.topics] == [("vat", 1)]
    narrowed = client.segments.get_segment_analytics("happy-users", product_id=PRODUCT, version_id=VERSION)
    assert narrowed.total_conversations == 0


def test_pages_are_followed_to_the_end(client: Greenflash) -> None:
    for number in range(5):
        client.users.create(external_user_id=f"user-{number}")
    names: list[str] = []
    page = 1
    while True:
        raw = client.users.with_raw_response.list(limit=2, page=page)
        names += [user.external_id for user in raw.parse()]
        if 'rel="next"' not in raw.headers.get("link", ""):
            break
        page += 1
    assert names == [f"user-{number}" for number in range(5)]
    assert [user.external_id for user in client.users.list(limit=2, offset=3)] == ["user-3", "user-4"]
    assert [segment.preset_id for segment in client.segments.list(page=4, page_size=2)] == ["feature-gaps"]


def test_errors_are_those_the_client_knows(server: Serving, client: Greenflash) -> None:
    with pytest.raises(greenflash.AuthenticationError, match="Invalid API key") as refused:
        client_of(server, "ctr_nobody").segments.list()
    assert refused.value.body["message"] == "Invalid API key"  # type: ignore[index]
    with pytest.raises(greenflash.BadRequestError) as wrong:
        client.segments.create(filters={"rules": [{**RULES[0], "operator": "above"}]})
    assert wrong.value.body["path"] == "filters.rules.0.operator"  # type: ignore[index]
    with pytest.raises(greenflash.NotFoundError, match="There is no segment"):
        client.segments.get("nobody")
    reader = client_of(server, server.server.control.create_key("default", "reader", Scope.READ, 0)[1])
    with pytest.raises(greenflash.PermissionDeniedError):
        reader.users.create(external_user_id="x")


def test_a_lasting_error_is_not_tried_again(server: Serving, client: Greenflash) -> None:
    sent: list[httpx.Request] = []
    counting = httpx.Client(event_hooks={"request": [sent.append]})
    patient = client_of(server, client.api_key, http_client=counting)
    client.users.create(external_user_id="ada", email="ada@example.com")
    client.messages.create(external_user_id="ada", external_conversation_id="c", messages=[])
    with pytest.raises(greenflash.BadRequestError):  # a conflict, in the words of our own API
        patient.messages.create(external_user_id="ben", external_conversation_id="c", messages=[])
    assert len(sent) == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.prompts.list(),
        lambda client: client.models.list(),
        lambda client: client.products.list(),
        lambda client: client.inbox.list(),
        lambda client: client.chat.create(question="Who is happy?"),
        lambda client: client.products.get_product_analytics(PRODUCT),
        lambda client: client.users.get_user_analytics("ada", mode="simple"),
        lambda client: client.organizations.get_organization_analytics("acme"),
        lambda client: client.interactions.get_interaction_analytics(PRODUCT),
    ],
)
def test_the_other_calls_of_the_client_are_outside_segmentation(client: Greenflash, call: Any) -> None:
    with pytest.raises(greenflash.NotFoundError, match="outside segmentation"):
        call(client)


def test_the_asynchronous_client(server: Serving, client: Greenflash) -> None:
    async def story() -> tuple[float, list[str]]:
        base = f"{server.url}/greenflash/api/v1"
        async with AsyncGreenflash(
            api_key=client.api_key, base_url=base, _strict_response_validation=True
        ) as asynchronous:
            segment = await asynchronous.segments.create(filters={"rules": [RULES[1]]}, name="Enterprise")
            await asyncio.gather(
                *(
                    asynchronous.users.create(external_user_id=f"user-{number}", properties={"plan": "enterprise"})
                    for number in range(20)
                )
            )
            await asynchronous.messages.create(
                external_user_id="user-1", product_id=PRODUCT, messages=[{"content": "hi"}]
            )
            await asynchronous.events.create(event_type="x", product_id=PRODUCT, value="1", external_user_id="user-1")
            stored = await asynchronous.segments.get(segment.id)
            return stored.member_count, [
                segment.name for segment in await asynchronous.users.get_user_segments("user-7")
            ]

    assert asyncio.run(story()) == (20, ["Enterprise"])


def test_everything_answered_is_there_after_a_restart(tmp_path: Path) -> None:
    def everything(client: Greenflash) -> Any:
        lists = (client.segments.list(), client.users.list(), client.organizations.list(), client.interactions.list())
        return [[item.to_dict() for item in items] for items in lists]

    with serving(tmp_path / "data", log_level="error") as first:
        client = client_of(first)
        client.segments.create(filters={"rules": [RULES[1]]}, name="Enterprise", icon="Users")
        client.users.create(external_user_id="ada", properties={"plan": "enterprise"}, external_organization_id="acme")
        client.messages.create(external_user_id="ada", external_conversation_id="c", messages=[{"content": "hi"}])
        before = everything(client)
    with serving(tmp_path / "data", log_level="error") as second:
        assert everything(client_of(second)) == before
