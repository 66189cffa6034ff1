"""What the customers did and said: visits, invoices, features used, prices viewed, conversations.

It follows from the profiles (`people.py`): frequent visitors have signed in often, paying customers
have invoices, open tickets mean frustration. Each person has a generator of their own, so the
result does not depend on the others, and every item has an id, so that it is stored once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import cast

from coterie.demo.people import PLANS, SEED, Plan
from coterie.model import ConversationInput, EventInput, MessageInput, ProfileInput, ProfileRef
from coterie.rules.values import DAY, Instant

HOUR = DAY // 24
VISITS_MAX = 9  # the latest ones, of each person
FEATURES = ("reports", "export", "api", "automations")
TALKS = (
    ("pricing", "What would the next plan cost for a team of ten?", (0.55, 0.95), (0.0, 0.3)),
    ("bug", "The export has failed three times today.", (0.0, 0.2), (0.5, 0.95)),
    ("how-to", "How do I invite a colleague?", (0.05, 0.4), (0.0, 0.35)),
    ("billing", "Why was I charged twice?", (0.0, 0.3), (0.4, 0.85)),
)
"""What people ask: topic, first message, ranges of commercial intent and frustration."""

_BY_NAME = {plan.name: plan for plan in PLANS}


def events_of(person: ProfileInput, now: Instant) -> Iterator[EventInput]:
    """What one person did, in no order."""
    ref, key = _ref(person)
    drawn = Random(f"{SEED} events {key}")
    plan = _BY_NAME[str(person.properties["plan"])]
    since, seen = _time(person.properties, "signed_up_at"), _time(person.properties, "last_seen_at")
    done: list[tuple[str, int, dict[str, object]]] = []
    if since is not None and seen is not None:
        done += _visits(plan, since, seen, drawn)
        done += _prices(plan, since, seen, drawn)
    if since is not None and plan.price:
        done += _invoices(cast(float, person.properties["mrr"]), since, now, drawn)
    for place, (name, at, properties) in enumerate(done):
        yield EventInput(name, ref, Instant(at), f"{key}-{place}", properties)


def _visits(plan: Plan, since: int, seen: int, drawn: Random) -> Iterator[tuple[str, int, dict[str, object]]]:
    """Visits; the last ends at `last_seen_at`, and idle plans have longer gaps before it."""
    at = seen
    for _ in range(drawn.randint(1, VISITS_MAX)):
        yield "signed_in", max(since, at - drawn.randrange(HOUR)), {"device": drawn.choice(("web", "web", "phone"))}
        if drawn.random() < plan.completeness * 0.5:
            yield "feature_used", at, {"feature": drawn.choice(FEATURES)}
        at -= HOUR + int(drawn.expovariate(1 / (plan.idle_for * DAY / 4)))
        if at < since:
            return


def _prices(plan: Plan, since: int, seen: int, drawn: Random) -> Iterator[tuple[str, int, dict[str, object]]]:
    """A look at the prices, and for some who pay, soon or late, the larger plan."""
    if drawn.random() > 0.3:
        return
    looked = since + int((seen - since) * drawn.random())
    yield "prices_viewed", looked, {"plan": drawn.choice([plan.name for plan in PLANS[1:]])}
    later = looked + int(drawn.expovariate(1 / (5 * DAY)))
    if plan.price and later <= seen and drawn.random() < 0.7:
        yield "plan_upgraded", later, {"to": plan.name}


def _invoices(mrr: float, since: int, now: int, drawn: Random) -> Iterator[tuple[str, int, dict[str, object]]]:
    """One every thirty days since the sign-up, of the last four months."""
    for month in range(min(4, (now - since) // (30 * DAY)) + 1):
        at = now - (now - since) % (30 * DAY) - month * 30 * DAY
        if drawn.random() < 0.97:
            yield "invoice_paid", at, {"amount": mrr, "currency": drawn.choice(("USD", "USD", "EUR"))}


def conversations_of(person: ProfileInput, now: Instant) -> Iterator[ConversationInput]:
    """One person's conversations, mostly none. Open tickets make angry ones likelier."""
    ref, key = _ref(person)
    drawn = Random(f"{SEED} talks {key}")
    tickets = cast(float, person.properties.get("tickets_open", 0))
    chance = 0.12 + 0.1 * min(tickets, 3)
    for place in range(3):
        if drawn.random() > chance:
            return
        topic, opening, intents, frustrations = drawn.choice(TALKS)
        at = Instant(now - int(drawn.random() * 60 * DAY))
        frustration = drawn.uniform(*frustrations)
        yield ConversationInput(
            external_id=f"{key}-talk-{place}",
            profile=ref,
            product_id="support-assistant",
            model=drawn.choice(("small-1", "large-2")),
            started_at=at,
            properties={"channel": drawn.choice(("web", "email"))},
            analysis={
                "commercial_intent": round(drawn.uniform(*intents), 2),
                "frustration": round(frustration, 2),
                "sentiment": round(1 - 2 * frustration, 2),
                "topics": [topic],
                "hallucination_detected": drawn.random() < 0.05,
            },
            messages=[
                MessageInput("user", opening, "1", at),
                MessageInput("assistant", "Let me look at that with you.", "2", Instant(at + 4_000)),
            ],
        )


def _ref(person: ProfileInput) -> tuple[ProfileRef, str]:
    assert isinstance(person.external_id, str)
    return ProfileRef(external_id=person.external_id), person.external_id


def _time(properties: Mapping[str, object], name: str) -> int | None:
    match properties.get(name):
        case {"time": int(at)}:
            return at
        case _:
            return None
