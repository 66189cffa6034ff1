"""Seeded synthetic events: any number, of 20 names, over a year, one Parquet file a name.

The same seed gives the same events everywhere. A few names have most of the events, a few profiles
most of the activity, and there is more of it lately. `order_placed` has a category, and a total in
quarters of a unit, so that every engine's sum is the same to the last bit. Times lie before `NOW`;
numbers are unique over all names.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from coterie.rules.values import DAY, Instant

NOW = Instant(1_772_366_400_000)  # 2026-03-01T12:00:00Z
SEED = 20_260_301
SPAN = 365 * DAY
WRITTEN = 2_000_000
"""Rows made and written at a time."""

NAMES = (
    "page_viewed",
    "session_started",
    "product_viewed",
    "order_placed",
    "cart_added",
    "login",
    "email_opened",
    "search",
    "email_clicked",
    "video_played",
    "wishlist_added",
    "review_written",
    "coupon_used",
    "support_opened",
    "invite_sent",
    "export_made",
    "plan_changed",
    "trial_started",
    "refund_asked",
    "account_closed",
)
CATEGORIES = tuple(f"category-{number}" for number in range(50))
WITH_COLUMNS = "order_placed"


def sizes(events: int) -> dict[str, int]:
    """How many events each name has: each about four fifths of the one before."""
    weights = 0.8 ** np.arange(len(NAMES))
    shares = np.floor(events * weights / weights.sum()).astype(np.int64)
    shares[0] += events - shares.sum()
    return dict(zip(NAMES, shares.tolist(), strict=True))


def write(folder: Path, profiles: int, events: int) -> None:
    """One file a name in order of time: number, pid, at (ms); orders have total and category."""
    first = 1
    for place, (name, size) in enumerate(sizes(events).items()):
        rng = np.random.default_rng((SEED, place))
        ats = np.sort(NOW - (SPAN * rng.random(size) ** 1.5).astype(np.int64))
        writer: pq.ParquetWriter | None = None
        for start in range(0, size, WRITTEN):
            table = _table(rng, name, first + start, ats[start : start + WRITTEN], profiles)
            writer = writer or pq.ParquetWriter(folder / f"{name}.parquet", table.schema)
            writer.write_table(table)
        if writer is not None:
            writer.close()
        first += size


def _table(rng: np.random.Generator, name: str, first: int, ats: np.ndarray, profiles: int) -> pa.Table:
    rows = len(ats)
    columns = {
        "number": pa.array(np.arange(first, first + rows, dtype=np.int64)),
        "pid": pa.array((profiles * rng.random(rows) ** 1.6).astype(np.int32)),
        "at": pa.array(ats),
    }
    if name == WITH_COLUMNS:
        columns["total"] = pa.array(np.round(rng.lognormal(3.5, 1.0, rows) * 4) / 4)
        chosen = (len(CATEGORIES) * rng.random(rows) ** 2).astype(np.int8)
        columns["category"] = pa.DictionaryArray.from_arrays(pa.array(chosen), list(CATEGORIES)).cast(pa.string())
    return pa.table(columns)
