"""The five questions in Polars, over a frame a name, in the order of time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl
from polars import col

Frames = Mapping[str, pl.DataFrame]


def _within(frame: pl.DataFrame, since: int, now: int) -> pl.LazyFrame:
    return frame.lazy().filter((col("at") > since) & (col("at") <= now))


def _many(found: pl.LazyFrame, x: float) -> int:
    return int(found.group_by("pid").len().filter(col("len") >= x).select(pl.len()).collect().item())


def count(frames: Frames, since: int, now: int, x: float, profiles: int) -> int:
    return _many(_within(frames["order_placed"], since, now), x)


def sum_where(frames: Frames, since: int, now: int, x: float, profiles: int) -> int:
    found = _within(frames["order_placed"], since, now).filter(col("category") == "category-0")
    spent = found.group_by("pid").agg(col("total").sum()).filter(col("total") >= x)
    return int(spent.select(pl.len()).collect().item())


def did_not(frames: Frames, since: int, now: int, x: float, profiles: int) -> int:
    return profiles - _many(_within(frames["login"], since, now), x)


def sequence(frames: Frames, since: int, now: int, x: float, profiles: int) -> int:
    carts = _within(frames["cart_added"], since, now).select("pid", "at")
    orders = _within(frames["order_placed"], since, now).select("pid", col("at").alias("ordered_at"))
    followed = carts.join_asof(
        orders, left_on="at", right_on="ordered_at", by="pid", strategy="forward", allow_exact_matches=False,
        check_sortedness=False,
    )  # fmt: skip
    soon = followed.filter(col("ordered_at") <= col("at") + int(x) * 86_400_000)
    return int(soon.select(col("pid").n_unique()).collect().item())


ANSWERS: Mapping[str, Callable[[Frames, int, int, float, int], int]] = {
    "count_window": count,
    "count_all_time": count,
    "sum_where": sum_where,
    "did_not": did_not,
    "sequence": sequence,
}
