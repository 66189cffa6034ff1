"""The profiles of the customers, drawn one after another from a seeded generator.

They are consistent: bigger plans have more seats, more revenue and more recent visits; people have
names from their country; and most profiles lack something.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from coterie.demo.names import COUNTRIES, Country
from coterie.model import ProfileInput
from coterie.rules.values import DAY, Instant, Kind

PEOPLE = 10_000
SEED = 20_260_301

DECLARED: dict[str, Kind] = {
    "first_name": Kind.TEXT,
    "last_name": Kind.TEXT,
    "country": Kind.TEXT,
    "city": Kind.TEXT,
    "language": Kind.TEXT,
    "company": Kind.TEXT,
    "job_title": Kind.TEXT,
    "plan": Kind.TEXT,
    "mrr": Kind.NUMBER,
    "seats": Kind.NUMBER,
    "satisfaction": Kind.NUMBER,
    "tickets_open": Kind.NUMBER,
    "signed_up_at": Kind.TIME,
    "last_seen_at": Kind.TIME,
    "trial_ends_at": Kind.TIME,
    "birthday": Kind.TIME,
    "newsletter": Kind.BOOLEAN,
    "email_verified": Kind.BOOLEAN,
    "tags": Kind.LIST,
}
"""The properties, with their types."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What people on a plan are like."""

    name: str
    share: int  # of a hundred
    price: float  # a seat, a month; 0 is nothing to pay
    seats: tuple[int, int]
    idle_for: float  # days since the last visit, on average
    completeness: float  # the chance that a detail is in the profile


PLANS = (
    Plan("free", 56, 0, (1, 3), 75, 0.45),
    Plan("starter", 23, 12, (1, 8), 16, 0.65),
    Plan("pro", 16, 29, (3, 40), 6, 0.8),
    Plan("enterprise", 5, 49, (30, 400), 2.5, 0.95),
)
TITLES = (
    "Marketing Manager", "Head of Growth", "Product Manager", "Software Engineer", "Data Engineer",
    "Frontend Developer", "Founder", "CEO", "Customer Success Manager", "Sales Director", "Analyst",
    "Designer", "Consultant", "Student", "Operations Lead", "CTO",
)  # fmt: skip
COMPANY_HEADS = (
    "Northwind", "Blue Harbor", "Acorn", "Lumen", "Kestrel", "Papertrail", "Juniper", "Redwood",
    "Copper", "Skylark", "Harvest", "Orbit", "Fjord", "Mosaic", "Granite", "Willow", "Tidal", "Beacon",
    "Cobalt", "Meadow",
)  # fmt: skip
COMPANY_TAILS = (
    "Labs",
    "Studio",
    "Logistics",
    "Health",
    "Energy",
    "Foods",
    "Systems",
    "Travel",
    "Finance",
    "Media",
    "GmbH",
    "Ltd",
    "Inc.",
)
DOMAINS = ("example.com", "example.org", "example.net")


def people(now: Instant, count: int = PEOPLE) -> Iterator[ProfileInput]:
    """The same people for the same `now`."""
    drawn = Random(SEED)
    plan_shares = [plan.share for plan in PLANS]
    country_shares = [country.weight for country in COUNTRIES]
    for number in range(1, count + 1):
        country = drawn.choices(COUNTRIES, country_shares)[0]
        plan = drawn.choices(PLANS, plan_shares)[0]
        first, last = drawn.choice(country.names.first), drawn.choice(country.names.last).replace("-", " ")
        yield ProfileInput(
            external_id=external_id(number),
            email=f"{_plain(first)}.{_plain(last)}.{number}@{drawn.choice(DOMAINS)}",
            properties={
                "first_name": first,
                "last_name": last,
                **_place(country, drawn),
                **_customer(plan, now, drawn),
            },
        )


def external_id(number: int) -> str:
    return f"demo-{number:05d}"


def _place(country: Country, drawn: Random) -> dict[str, object]:
    place: dict[str, object] = {"country": country.code, "language": country.language}
    if drawn.random() < 0.7:
        place["city"] = drawn.choice(country.cities)
    return place


def _customer(plan: Plan, now: Instant, drawn: Random) -> dict[str, object]:
    customer: dict[str, object] = {"plan": plan.name, "email_verified": drawn.random() < 0.6 + plan.completeness * 0.4}
    customer |= _times(plan, now, drawn)
    if plan.price:
        seats = drawn.randint(*plan.seats)
        customer["seats"] = seats
        customer["mrr"] = round(plan.price * seats * drawn.uniform(0.8, 1.1), 2)
    if drawn.random() < plan.completeness:
        customer["company"] = f"{drawn.choice(COMPANY_HEADS)} {drawn.choice(COMPANY_TAILS)}"
    if drawn.random() < plan.completeness:
        customer["job_title"] = drawn.choice(TITLES)
    if drawn.random() < 0.8:
        customer["newsletter"] = drawn.random() < 0.55
    if drawn.random() < plan.completeness * 0.4:
        customer["satisfaction"] = min(10, max(0, round(drawn.gauss(7.5, 2.2))))
    if plan.price and drawn.random() < 0.5:
        customer["tickets_open"] = int(drawn.expovariate(0.9))
    if drawn.random() < plan.completeness:
        customer["tags"] = _tags(plan, customer, drawn)
    return customer


def _times(plan: Plan, now: Instant, drawn: Random) -> dict[str, object]:
    """Times of sign-up, visit and trial.

    Sign-ups grow towards today; no visit precedes the sign-up; new customers are in a 14-day trial.
    """
    since = int(3 * 365 * DAY * drawn.random() ** 2.2)
    idle = int(drawn.expovariate(1 / (plan.idle_for * DAY)))
    times: dict[str, object] = {"signed_up_at": _at(now, -since)}
    if drawn.random() < 0.96:
        times["last_seen_at"] = _at(now, -min(idle, since))
    if plan.price and (since < 14 * DAY or drawn.random() < 0.1):
        times["trial_ends_at"] = _at(now, 14 * DAY - since)
    if drawn.random() < plan.completeness * 0.7:
        born = date(1950, 1, 1) + timedelta(days=drawn.randrange(56 * 365))
        times["birthday"] = {"time": born.isoformat()}
    return times


def _tags(plan: Plan, customer: dict[str, object], drawn: Random) -> list[str]:
    chances = {
        "beta": 0.08,
        "webinar": 0.2,
        "champion": 0.15 if plan.name in ("pro", "enterprise") else 0.02,
        "referred": 0.12,
        "at risk": 0.25 if customer.get("tickets_open", 0) in (3, 4, 5, 6) else 0.04,
        "conference 2025": 0.05,
    }
    return [tag for tag, chance in chances.items() if drawn.random() < chance]


def _at(now: Instant, offset: int) -> dict[str, object]:
    return {"time": int(now) + offset}


def _plain(name: str) -> str:
    """A name as it stands in an email address: small plain letters."""
    bare = unicodedata.normalize("NFD", name.replace("ł", "l").replace("Ł", "L").replace("ø", "o").replace("ß", "ss"))
    return "".join(letter for letter in bare.lower() if letter.isascii() and letter.isalpha())
