"""Aggregates the analyses of the conversations of a segment's members. Pure.

A mean is over the conversations that have the score. A change is the mean of the last 30 days minus
that of the 30 days before, averaged over the members who have both. Without data a score is 0 and
its label `no data`, because Greenflash's clients expect a number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import fsum
from types import MappingProxyType
from typing import Final

from coterie.http.greenflash.grammar import SCORES
from coterie.model import Conversation
from coterie.rules.values import DAY, Instant

Json = dict[str, object]

CHANGE_OVER: Final = 30 * DAY
NAMES_MAX: Final = 50
"""Topics, and keywords, in an answer: the most frequent ones."""

UNSCORED: Final = "no data"
_FLAG_COUNTS: Final = MappingProxyType(
    {
        "hallucinationCount": "hallucination_detected",
        "jailbreakCount": "jailbreak_detected",
        "userToxicityCount": "user_toxicity_detected",
        "modelToxicityCount": "model_toxicity_detected",
        "userBiasCount": "user_bias_detected",
        "modelBiasCount": "model_bias_detected",
    }
)


@dataclass(slots=True)
class MemberSentiments:
    """One member's sentiments in the last 30 days, and in the 30 days before."""

    now: list[float] = field(default_factory=list)
    before: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """The sums of the conversations added so far."""

    now: Instant
    total: int = 0
    scores: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in SCORES.values()})
    flags: Counter[str] = field(default_factory=Counter)
    topics: Counter[str] = field(default_factory=Counter)
    keywords: Counter[str] = field(default_factory=Counter)
    sentiments: dict[str, MemberSentiments] = field(default_factory=dict)

    def add(self, conversation: Conversation) -> None:
        """Add a conversation. One in the future does not count."""
        if conversation.at > self.now:
            return
        self.total += 1
        for name, value in conversation.analysis.items():
            if name in self.scores and isinstance(value, float):
                self.scores[name].append(value)
            elif value is True:
                self.flags[name] += 1
            elif name in ("topics", "keywords") and isinstance(value, tuple):
                (self.topics if name == "topics" else self.keywords).update(dict.fromkeys(value, 1))
        sentiment = conversation.analysis.get("sentiment")
        if isinstance(sentiment, float):
            self._add_sentiment(conversation, sentiment)

    def _add_sentiment(self, conversation: Conversation, sentiment: float) -> None:
        age = self.now - conversation.at
        member = self.sentiments.setdefault(conversation.profile_id, MemberSentiments())
        if age < CHANGE_OVER:
            member.now.append(sentiment)
        elif age < 2 * CHANGE_OVER:
            member.before.append(sentiment)

    def change(self) -> float | None:
        """The mean change over the members with sentiments in both windows."""
        return mean(
            [
                _mean(member.now) - _mean(member.before)
                for member in self.sentiments.values()
                if member.now and member.before
            ]
        )


def analytics_of(member_count: int, conversations: Iterable[Conversation], now: Instant) -> Json:
    """Greenflash's `GetSegmentAnalyticsResponse`."""
    tally = Tally(now)
    for conversation in conversations:
        tally.add(conversation)
    means = {name: mean(values) for name, values in tally.scores.items()}
    return {
        "participantCount": member_count,
        "totalConversations": tally.total,
        "averageUserSentiment": _score(means["sentiment"], sentiment_label),
        "averageChangeInUserSentiment": _score(tally.change(), change_label),
        "averageFrustration": _score(means["frustration"], level_label),
        "averageStruggle": _score(means["struggle"], level_label),
        "averageCommercialIntent": _score(means["commercial_intent"], level_label),
        "averageConversationQualityIndex": means["cqi"],
        "averageConversationRating": means["rating"],
        **{name: _share(tally.flags[flag], tally.total) for name, flag in _FLAG_COUNTS.items()},
        "topics": _most_frequent(tally.topics),
        "topicGroups": [],
        "keywords": _most_frequent(tally.keywords),
        "summary": None,
    }


def mean(values: list[float]) -> float | None:
    return _mean(values) if values else None


def _mean(values: list[float]) -> float:
    return fsum(values) / len(values)


def _score(score: float | None, label: Callable[[float], str]) -> Json:
    return {"score": 0, "label": UNSCORED} if score is None else {"score": score, "label": label(score)}


def sentiment_label(score: float) -> str:
    """By the limits of the system segments happy-users and unhappy-users."""
    return "positive" if score >= 0.7 else "negative" if score <= 0.3 else "neutral"


def level_label(score: float) -> str:
    return "high" if score >= 0.6 else "medium" if score >= 0.3 else "low"


def change_label(score: float) -> str:
    return "improving" if score >= 0.05 else "declining" if score <= -0.05 else "stable"


def _share(count: int, total: int) -> Json:
    return {"total": count, "percentage": 100 * count / total if total else 0}


def _most_frequent(counts: Counter[str]) -> list[Json]:
    """The most frequent first; equally frequent ones by name."""
    in_order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"name": name, "count": count} for name, count in in_order[:NAMES_MAX]]
