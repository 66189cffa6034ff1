"""Tables in memory, for the library: a list of dicts, a pandas or Polars frame, an Arrow table.

In a frame, a missing cell (None, NaN, NaT) leaves the property as it is, because frames have holes
where files have nothing. In a dict, None removes, as null does in JSON. Columns mean what they mean
in a file (`columns`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import pyarrow as pa

from coterie.errors import InvalidInput
from coterie.importing.arrow import Values, converter
from coterie.importing.columns import ColumnMap, Target, Use, lay_out
from coterie.importing.documents import profile_of, profile_of_document
from coterie.importing.plan import BATCH_ROWS
from coterie.model import ProfileInput

_PLAIN = ColumnMap()


def rows_of(data: object) -> Iterator[Sequence[ProfileInput]]:
    """The profiles of a table, in batches. Raises InvalidInput first for anything else."""
    match _library(data):
        case "pyarrow":
            return _arrow_batches(data)
        case "polars":
            return _arrow_batches(_polars(data))
        case "pandas":
            return _pandas_batches(data)
    if isinstance(data, Mapping):
        raise InvalidInput("One profile is not a table.", hint="Put it in a list: [{...}].")
    if isinstance(data, Iterable) and not isinstance(data, str | bytes):
        return _dict_batches(data)
    raise InvalidInput(
        f"{type(data).__name__} is not a table of profiles.",
        hint="Give a list of dicts, a pandas or Polars DataFrame, or an Arrow table.",
    )


def _library(data: object) -> str | None:
    """The library that a table belongs to, without importing it."""
    library = type(data).__module__.partition(".")[0]
    return library if library in ("pandas", "polars", "pyarrow") else None


def _dict_batches(documents: Iterable[object]) -> Iterator[Sequence[ProfileInput]]:
    rest = iter(documents)
    while batch := [profile_of_document(document, _PLAIN) for document in islice(rest, BATCH_ROWS)]:
        yield batch


def _polars(data: Any) -> pa.Table:
    frame = data.collect() if type(data).__name__ == "LazyFrame" else data
    if type(frame).__name__ != "DataFrame":
        raise InvalidInput(f"A Polars {type(frame).__name__} is not a table.", hint="Give a DataFrame.")
    return frame.to_arrow()


def _arrow_batches(data: Any) -> Iterator[Sequence[ProfileInput]]:
    if not isinstance(data, pa.Table | pa.RecordBatch):
        raise InvalidInput(f"An Arrow {type(data).__name__} is not a table.", hint="Give a Table.")
    targets = lay_out(data.schema.names, _PLAIN)
    used = [place for place, target in enumerate(targets) if target.use is not Use.LEFT_OUT]
    converters = [converter(data.schema.field(place))[1] for place in used]
    return _sliced(data, [targets[place] for place in used], used, converters)


def _sliced(
    data: Any, targets: Sequence[Target], used: Sequence[int], converters: Sequence[Any]
) -> Iterator[Sequence[ProfileInput]]:
    for start in range(0, data.num_rows, BATCH_ROWS):
        part = data.slice(start, BATCH_ROWS)
        columns = [convert(_whole(part.column(place))) for convert, place in zip(converters, used, strict=True)]
        yield _profiles(targets, columns)


def _whole(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _pandas_batches(frame: Any) -> Iterator[Sequence[ProfileInput]]:
    if type(frame).__name__ != "DataFrame":
        raise InvalidInput(f"A pandas {type(frame).__name__} is not a table.", hint="Give a DataFrame.")
    names = [str(name) for name in frame.columns]
    targets = lay_out(names, _PLAIN)
    used = [place for place, target in enumerate(targets) if target.use is not Use.LEFT_OUT]
    for place in used:  # what no kind can hold is refused before anything is stored
        _pandas_column(names[place], frame.iloc[:0, place])
    return _pandas_sliced(frame, names, [targets[place] for place in used], used)


def _pandas_sliced(
    frame: Any, names: Sequence[str], targets: Sequence[Target], used: Sequence[int]
) -> Iterator[Sequence[ProfileInput]]:
    for start in range(0, len(frame), BATCH_ROWS):
        part = frame.iloc[start : start + BATCH_ROWS]
        yield _profiles(targets, [_pandas_column(names[place], part.iloc[:, place]) for place in used])


def _pandas_column(name: str, series: Any) -> Values:
    """A column as Python objects, or through Arrow, which knows every pandas type."""
    if series.dtype == object:
        return [_scalar(value) for value in series.tolist()]
    array = _whole(pa.Array.from_pandas(series))
    return converter(pa.field(name, array.type))[1](array)


def _scalar(value: Any) -> object:
    if value is None or type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and value != value):
        return None
    if type(value).__module__ == "numpy":
        value = value.tolist()  # a NumPy scalar or array, as Python has it
    if isinstance(value, datetime) and value.tzinfo is None:
        return {"time": value.isoformat()}  # local to the workspace's zone
    return value


def _profiles(targets: Sequence[Target], columns: Sequence[Values]) -> list[ProfileInput]:
    return [_profile(targets, row) for row in zip(*columns, strict=True)]


def _profile(targets: Sequence[Target], values: Sequence[object]) -> ProfileInput:
    identifiers: dict[str, object] = {}
    properties: dict[str, object] = {}
    for target, value in zip(targets, values, strict=True):
        if value is None:
            continue
        if target.use is Use.PROPERTY:
            properties[target.name] = value
        else:
            identifiers[target.use.value] = value
    return profile_of(identifiers, properties)
