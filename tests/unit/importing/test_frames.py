"""Tables in memory: the same profiles from a list of dicts, pandas, Polars and Arrow."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from coterie.errors import InvalidInput
from coterie.importing import rows_of
from coterie.importing.plan import BATCH_ROWS
from coterie.model import UNSET, ProfileInput

COLUMNS: dict[str, list[Any]] = {
    "external_id": ["a", "b"],
    "email": ["a@example.com", None],
    "plan": ["pro", None],
    "mrr": [12.5, None],
    "seats": [3, 4],
    "active": [True, False],
    "seen": [datetime(2026, 3, 1, 9, 30, tzinfo=UTC), None],
    "tags": [["x", "y"], []],
}
EXPECTED = [
    ProfileInput(
        external_id="a",
        email="a@example.com",
        properties={
            "plan": "pro", "mrr": 12.5, "seats": 3, "active": True, "seen": {"time": 1772357400000}, "tags": ["x", "y"],
        },
    ),
    ProfileInput(external_id="b", properties={"seats": 4, "active": False, "tags": []}),
]  # fmt: skip


def profiles(data: object) -> list[ProfileInput]:
    return [profile for batch in rows_of(data) for profile in batch]


@pytest.mark.parametrize(
    "data",
    [
        pa.table(COLUMNS),
        pa.RecordBatch.from_pydict(COLUMNS),
        pl.DataFrame(COLUMNS),
        pl.DataFrame(COLUMNS).lazy(),
        pd.DataFrame(COLUMNS),
        pd.DataFrame(COLUMNS).convert_dtypes(dtype_backend="pyarrow"),
        pd.DataFrame(COLUMNS).assign(plan=pd.Categorical(["pro", None]), seats=pd.array([3, 4], dtype="Int64")),
    ],
    ids=["arrow", "record batch", "polars", "polars lazy", "pandas", "pandas arrow", "pandas extension types"],
)
def test_every_library_s_table_gives_the_same_profiles(data: object) -> None:
    assert profiles(data) == EXPECTED


def test_in_dicts_values_come_as_they_are_and_none_removes() -> None:
    rows = profiles(
        [
            {"external_id": "a", "email": None, "plan": None, "seen": date(2026, 3, 1)},
            {"external_id": 7, "properties": {"plan": "pro"}, "lists": ["L"]},
        ]
    )
    assert rows == [
        ProfileInput(external_id="a", email=None, properties={"plan": None, "seen": date(2026, 3, 1)}),
        ProfileInput(external_id="7", properties={"plan": "pro"}, lists=["L"]),
    ]


def test_dicts_may_come_from_a_generator_and_are_batched() -> None:
    batches = list(rows_of({"external_id": str(n)} for n in range(BATCH_ROWS + 1)))
    assert [len(batch) for batch in batches] == [BATCH_ROWS, 1]


def test_large_frames_are_batched() -> None:
    frame = pd.DataFrame({"external_id": range(BATCH_ROWS + 1)})
    batches = list(rows_of(frame))
    assert [len(batch) for batch in batches] == [BATCH_ROWS, 1]
    assert batches[1][0].external_id == str(BATCH_ROWS)


def test_holes_turn_pandas_integers_into_floats_and_identifiers_survive_it() -> None:
    rows = profiles(pd.DataFrame({"external_id": [17, None], "email": [None, "b@example.com"]}))
    assert rows[0].external_id == "17"
    assert rows[0].email is UNSET
    assert rows[1].external_id is UNSET


def test_a_pandas_column_of_mixed_objects_gives_each_as_it_is() -> None:
    frame = pd.DataFrame(
        {
            "email": ["a@example.com"] * 6,
            "v": pd.Series(
                [1, "x", np.nan, np.int64(3), pd.Timestamp("2026-03-01 09:30"), np.array(["p", "q"])], dtype=object
            ),
        }
    )
    values = [profile.properties.get("v") for profile in profiles(frame)]
    assert values == [1, "x", None, 3, {"time": "2026-03-01T09:30:00"}, ["p", "q"]]


def test_dates_without_a_zone_are_local_to_the_workspace() -> None:
    frame = pl.DataFrame({"email": ["a@example.com"], "day": [date(2026, 3, 1)], "at": [datetime(2026, 3, 1, 9, 30)]})  # noqa: DTZ001 - without a zone on purpose
    assert profiles(frame)[0].properties == {"day": {"time": "2026-03-01"}, "at": {"time": "2026-03-01T09:30:00.000"}}


def test_a_chunked_arrow_table_is_one_table() -> None:
    table = pa.concat_tables([pa.table({"email": ["a@example.com"]}), pa.table({"email": ["b@example.com"]})])
    assert [profile.email for profile in profiles(table)] == ["a@example.com", "b@example.com"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"email": "a@example.com"}, "is not a table"),
        ("people.csv", "is not a table"),
        (42, "is not a table"),
        (["a@example.com"], "A profile is a dict"),
        (pd.Series([1]), "A pandas Series is not a table"),
        (pl.Series([1]), "A Polars Series is not a table"),
        (pa.array([1]), "is not a table"),
        (pa.table({"email": ["a@example.com"], "x": [{"y": 1}]}), "no kind of property can hold"),
        (
            pd.DataFrame({"email": ["a@example.com"], "x": pd.to_timedelta([1], unit="s")}),
            "no kind of property can hold",
        ),
        (pd.DataFrame([["a", "b"]], columns=["email", "email"]), "more than once"),
    ],
)
def test_what_is_not_a_table_of_profiles_is_refused(data: object, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        profiles(data)
