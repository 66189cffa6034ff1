"""Aggregates over the conversations of a segment's members."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from coterie.http.greenflash.analytics import analytics_of, change_label, level_label, sentiment_label
from coterie.model import Conversation
from coterie.rules.values import DAY, Instant, Value

NOW = Instant(1_774_443_600_000)


def conversation(days_ago: float = 1, of: str = "ada", **analysis: Value) -> Conversation:
    at = Instant(NOW - int(days_ago * DAY))
    return Conversation("c", None, of, None, None, None, at, at, {}, analysis, 0, at, at)


def summed(conversations: Iterable[Conversation]) -> dict[str, Any]:
    return analytics_of(3, conversations, NOW)


def test_without_conversations() -> None:
    nothing = summed([])
    assert (nothing["participantCount"], nothing["totalConversations"]) == (3, 0)
    assert nothing["averageUserSentiment"] == {"score": 0, "label": "no data"}
    assert nothing["averageChangeInUserSentiment"] == {"score": 0, "label": "no data"}
    assert nothing["averageConversationQualityIndex"] is None
    assert nothing["jailbreakCount"] == {"total": 0, "percentage": 0}
    assert (nothing["topics"], nothing["topicGroups"], nothing["keywords"], nothing["summary"]) == ([], [], [], None)


def test_means_are_over_the_conversations_that_have_the_score() -> None:
    analytics = summed(
        [
            conversation(sentiment=0.5, cqi=80.0),
            conversation(sentiment=1.0, frustration=0.1),
            conversation(rating=4.0),
            conversation(),
        ]
    )
    assert analytics["totalConversations"] == 4
    assert analytics["averageUserSentiment"] == {"score": 0.75, "label": "positive"}
    assert analytics["averageFrustration"] == {"score": 0.1, "label": "low"}
    assert (analytics["averageConversationQualityIndex"], analytics["averageConversationRating"]) == (80.0, 4.0)


def test_flags_are_counted_and_are_a_share_of_all_conversations() -> None:
    analytics = summed(
        [
            conversation(jailbreak_detected=True),
            conversation(jailbreak_detected=False),
            conversation(),
            conversation(user_bias_detected=True),
        ]
    )
    assert analytics["jailbreakCount"] == {"total": 1, "percentage": 25.0}
    assert analytics["userBiasCount"] == {"total": 1, "percentage": 25.0}
    assert analytics["modelToxicityCount"] == {"total": 0, "percentage": 0.0}


def test_topics_and_keywords_are_counted_once_for_each_conversation() -> None:
    analytics = summed(
        [conversation(topics=("price", "price", "api")), conversation(topics=("price",), keywords=("vat",))]
    )
    assert analytics["topics"] == [{"name": "price", "count": 2}, {"name": "api", "count": 1}]
    assert analytics["keywords"] == [{"name": "vat", "count": 1}]


def test_the_change_is_the_mean_of_each_members_change() -> None:
    sentiments: dict[str, list[tuple[float, float]]] = {
        "ada": [(1, 0.9), (29.9, 0.7), (30, 0.5)],  # +0.3
        "ben": [(2, 0.5), (59.9, 0.4)],  # +0.1
        "cy": [(3, 0.1), (70, 0.9)],  # nothing in the earlier 30 days
    }
    analytics = summed(
        [
            conversation(days_ago, user, sentiment=sentiment)
            for user, of_user in sentiments.items()
            for days_ago, sentiment in of_user
        ]
    )
    assert analytics["averageChangeInUserSentiment"]["score"] == pytest.approx(0.2)
    assert analytics["averageChangeInUserSentiment"]["label"] == "improving"


def test_a_conversation_in_the_future_does_not_count() -> None:
    assert summed([conversation(-1, sentiment=1.0)])["totalConversations"] == 0


def test_labels() -> None:
    assert [sentiment_label(score) for score in (0.7, 0.69, 0.31, 0.3)] == [
        "positive",
        "neutral",
        "neutral",
        "negative",
    ]
    assert [level_label(score) for score in (0.6, 0.59, 0.3, 0.29)] == ["high", "medium", "medium", "low"]
    assert [change_label(score) for score in (0.05, 0.04, -0.04, -0.05)] == [
        "improving",
        "stable",
        "stable",
        "declining",
    ]
