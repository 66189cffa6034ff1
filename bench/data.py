"""Seeded synthetic people: 20 properties, any number of rows, streamed in batches.

    for batch in batches(1_000_000):   # pyarrow record batches, missing values as null
        people = documents(batch)      # the same as profiles: dicts without missing values

The same seed gives the same people everywhere. Texts of few values are skewed as in life (a few
countries have most people), texts of many values are partly upper-case, and a fifth of the ages and
most of the trial ends are missing. Times lie before `NOW`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from coterie.rules.values import DAY, Instant, Value

NOW = Instant(1_772_366_400_000)  # 2026-03-01T12:00:00Z
BATCH = 50_000
SEED = 20_260_301

PLANS = ("Free", "Starter", "Pro", "Enterprise")
COUNTRIES = (
    "US",
    "DE",
    "GB",
    "FR",
    "IN",
    "BR",
    "CA",
    "ES",
    "IT",
    "NL",
    "AU",
    "JP",
    "MX",
    "PL",
    "SE",
    "CH",
    "AT",
    "BE",
    "DK",
    "NO",
    "FI",
    "PT",
    "IE",
    "CZ",
    "RO",
    "GR",
    "HU",
    "TR",
    "ZA",
    "NG",
    "KE",
    "EG",
    "AR",
    "CL",
    "CO",
    "PE",
    "KR",
    "SG",
    "NZ",
    "IL",
)
LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "nl", "ja", "pl", "sv", "tr", "ko")
SOURCES = ("Organic", "Ads", "Referral", "Partner", "Event", "Social", "Email", "Direct")
DEVICES = ("Desktop", "Mobile", "Tablet")
TAGS = (
    "vip",
    "beta",
    "churn-risk",
    "newsletter",
    "webinar",
    "partner",
    "press",
    "student",
    "reseller",
    "trial",
    "api",
    "mobile",
)
FIRST = (
    "Ada",
    "Alan",
    "Grace",
    "Linus",
    "Maria",
    "Ines",
    "Yuki",
    "Omar",
    "Lena",
    "Paul",
    "Rosa",
    "Igor",
    "Nora",
    "Hugo",
    "Mila",
    "Theo",
    "Zoe",
    "Jan",
    "Eva",
    "Max",
    "Lea",
    "Tom",
    "Mia",
    "Ben",
    "Emma",
    "Noah",
    "Olga",
    "Sven",
    "Carla",
    "Diego",
)
SYLLABLES = (
    "ba",
    "ke",
    "lo",
    "mi",
    "nu",
    "ra",
    "se",
    "ti",
    "vo",
    "za",
    "ber",
    "dor",
    "fel",
    "gan",
    "hol",
    "kan",
    "lin",
    "mor",
    "ner",
    "sta",
)
SUFFIXES = ("Tech", "Labs", "Group", "GmbH", "Systems", "Media", "Foods", "Logistics", "Health", "Energy")
HOSTS = ("gmail.com", "outlook.com", "yahoo.com", "example.org", "icloud.com", "proton.me")

TIMES = ("signed_up_at", "last_seen_at", "trial_ends_at")
FEW_TEXTS = ("plan", "country", "city", "language", "source", "device")
MANY_TEXTS = ("email", "company", "name")
NUMBERS = ("mrr", "seats", "orders", "score", "lifetime_value", "age")
NAMES = (*FEW_TEXTS, *MANY_TEXTS, *NUMBERS, *TIMES, "newsletter", "tags")


def batches(rows: int, *, seed: int = SEED, size: int = BATCH) -> Iterator[pa.RecordBatch]:
    """`rows` people, `size` at a time."""
    for start in range(0, rows, size):
        yield _batch(np.random.default_rng((seed, start)), start, min(size, rows - start))


def documents(batch: pa.RecordBatch) -> list[dict[str, Value]]:
    """The people of a batch as profiles."""
    columns = {name: _values(name, batch.column(name)) for name in batch.schema.names}
    return [
        {name: value for name, value in zip(columns, row, strict=True) if value is not None}
        for row in zip(*columns.values(), strict=True)
    ]


def properties(document: Mapping[str, Value]) -> dict[str, object]:
    """A profile's values as they are sent over the wire."""
    return {name: {"time": value.iso()} if isinstance(value, Instant) else value for name, value in document.items()}


def _values(name: str, column: pa.Array) -> list[Any]:
    if name in TIMES:
        return [None if at is None else Instant(at) for at in column.cast(pa.int64()).to_pylist()]
    if name == "tags":
        return [None if tags is None else tuple(tags) for tags in column.to_pylist()]
    if name in NUMBERS:
        return [None if number is None else float(number) for number in column.to_pylist()]
    return column.to_pylist()  # type: ignore[no-any-return]  # pyarrow is untyped


def _skewed(rng: np.random.Generator, values: tuple[str, ...], rows: int) -> pa.Array:
    """Each value about two thirds as often as the one before it."""
    weights = 0.66 ** np.arange(len(values)) + 0.004
    return pa.array(np.array(values, dtype=object)[rng.choice(len(values), rows, p=weights / weights.sum())])


def _words(rng: np.random.Generator, number: int, parts: int) -> list[str]:
    picked = rng.integers(0, len(SYLLABLES), (number, parts)).tolist()
    return ["".join(SYLLABLES[one] for one in word) for word in picked]


def _fixed() -> tuple[list[str], list[str], list[str]]:
    """Cities, surnames and companies: the same for every batch."""
    rng = np.random.default_rng(7)
    cities = [word.capitalize() for word in _words(rng, 300, 3)]
    surnames = [word.capitalize() for word in _words(rng, 20_000, 3)]
    companies = [
        f"{word.capitalize()} {SUFFIXES[which]}"
        for word, which in zip(_words(rng, 50_000, 3), rng.integers(0, len(SUFFIXES), 50_000).tolist(), strict=True)
    ]
    return cities, surnames, companies


CITIES, SURNAMES, COMPANIES = _fixed()


def _batch(rng: np.random.Generator, start: int, rows: int) -> pa.RecordBatch:
    first = [FIRST[one] for one in rng.integers(0, len(FIRST), rows).tolist()]
    last = [SURNAMES[one] for one in rng.integers(0, len(SURNAMES), rows).tolist()]
    firms = [COMPANIES[one] for one in rng.integers(0, len(COMPANIES), rows).tolist()]
    paying = rng.random(rows) < 0.55
    mrr = np.where(paying, np.round(rng.lognormal(4, 1.2, rows), 2), 0.0)
    orders = rng.poisson(4, rows).astype(np.float64)
    columns: dict[str, pa.Array] = {
        "plan": _skewed(rng, PLANS, rows),
        "country": _skewed(rng, COUNTRIES, rows),
        "city": pa.array([CITIES[one] for one in (300 * rng.random(rows) ** 2).astype(int).tolist()]),
        "language": _skewed(rng, LANGUAGES, rows),
        "source": _skewed(rng, SOURCES, rows),
        "device": _skewed(rng, DEVICES, rows),
        "email": _emails(rng, start, first, last, firms),
        "company": pa.array(firms, mask=rng.random(rows) < 0.3),
        "name": pa.array([f"{one} {other}" for one, other in zip(first, last, strict=True)]),
        "mrr": pa.array(mrr),
        "seats": pa.array(np.ceil(rng.lognormal(1.5, 1.3, rows)).clip(1, 5000)),
        "orders": pa.array(orders),
        "score": pa.array(rng.random(rows)),
        "lifetime_value": pa.array(np.round(mrr * orders * rng.random(rows) * 4, 2)),
        "age": pa.array(rng.integers(18, 91, rows).astype(np.float64), mask=rng.random(rows) < 0.2),
        "newsletter": pa.array(rng.random(rows) < 0.4, mask=rng.random(rows) < 0.05),
        "tags": _tags(rng, rows),
    }
    signed_up = NOW - (rng.random(rows) * 1500 * DAY).astype(np.int64)
    last_seen = NOW - ((NOW - signed_up) * rng.random(rows) ** 3).astype(np.int64)
    times = (signed_up, last_seen, signed_up + 14 * DAY)
    for name, instants in zip(TIMES, times, strict=True):
        missing = rng.random(rows) < 0.7 if name == "trial_ends_at" else None
        columns[name] = pa.array(instants, mask=missing).cast(pa.timestamp("ms"))
    return pa.RecordBatch.from_pydict({name: columns[name] for name in NAMES})


def _emails(rng: np.random.Generator, start: int, first: list[str], last: list[str], firms: list[str]) -> pa.Array:
    """Two thirds at a large host, one third at the company's own. All different."""
    hosts = rng.integers(0, 9, len(first)).tolist()
    shared_inboxes = rng.random(len(first)) < 0.02
    return pa.array(
        [
            f"{'info' if is_shared else name.lower() + '.' + surname.lower()}{start + row}@"
            + (HOSTS[host] if host < len(HOSTS) else firm.lower().replace(" ", "-") + ".com")
            for row, (name, surname, firm, host, is_shared) in enumerate(
                zip(first, last, firms, hosts, shared_inboxes.tolist(), strict=True)
            )
        ]
    )


def _tags(rng: np.random.Generator, rows: int) -> pa.Array:
    """Up to four tags each, without repetition; the early ones are commoner."""
    many = rng.integers(0, 5, rows)
    scores = rng.random((rows, len(TAGS))) * (1 + np.arange(len(TAGS)) / 4)
    best = np.argsort(scores, axis=1)[:, :4].tolist()
    return pa.array([[TAGS[tag] for tag in row[:number]] for row, number in zip(best, many.tolist(), strict=True)])
