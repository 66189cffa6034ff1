"""Parquet: typed columns. Nothing is lost.

    text -> string · number -> double · boolean -> bool
    time -> timestamp[ms, UTC] · list -> list<string>

A property with values of several kinds has no type in Parquet. Its column is text with each value
as JSON, and the field's metadata says so (`MIXED`), so that import can tell it from text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, assert_never

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from coterie.errors import Conflict
from coterie.exporting.cells import json_value
from coterie.exporting.columns import Column, headings
from coterie.model import Profile
from coterie.rules.values import Kind, Value, kind_of

MIXED = {b"coterie:kind": b"mixed"}
INSTANT = pa.timestamp("ms", tz="UTC")


def write_parquet(batches: Iterable[Sequence[Profile]], columns: Sequence[Column]) -> Iterator[bytes]:
    """A row group for every batch, then the footer.

    Raises Conflict when a value of another kind than its column's arrives during the export.
    """
    schema = _schema(columns)
    sink = _Sink()
    writer = pq.ParquetWriter(sink, schema, compression="zstd")
    for batch in batches:
        if batch:
            writer.write_table(_table(batch, columns, schema))
        if chunk := sink.taken():
            yield chunk
    writer.close()
    yield sink.taken()


def _schema(columns: Sequence[Column]) -> pa.Schema:
    own = [("id", pa.string()), ("external_id", pa.string()), ("email", pa.string())]
    own += [("created_at", INSTANT), ("updated_at", INSTANT)]
    fields = [pa.field(name, kind) for name, kind in own]
    fields += [_field(column) for column in columns]
    return pa.schema([field.with_name(name) for field, name in zip(fields, headings(columns), strict=True)])


def _field(column: Column) -> pa.Field:
    match column.kind:
        case None:
            return pa.field(column.name, pa.string(), metadata=MIXED)
        case Kind.TEXT:
            return pa.field(column.name, pa.string())
        case Kind.NUMBER:
            return pa.field(column.name, pa.float64())
        case Kind.BOOLEAN:
            return pa.field(column.name, pa.bool_())
        case Kind.TIME:
            return pa.field(column.name, INSTANT)
        case Kind.LIST:
            return pa.field(column.name, pa.list_(pa.string()))
        case _:
            assert_never(column.kind)


def _table(batch: Sequence[Profile], columns: Sequence[Column], schema: pa.Schema) -> pa.Table:
    own: list[list[Any]] = [
        [profile.id for profile in batch],
        [profile.external_id for profile in batch],
        [profile.email for profile in batch],
        [int(profile.created_at) for profile in batch],
        [int(profile.updated_at) for profile in batch],
    ]
    values = [[_fitted(profile.properties.get(column.name), column) for profile in batch] for column in columns]
    arrays = [pa.array(column, field.type) for column, field in zip([*own, *values], schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _fitted(value: Value | None, column: Column) -> object:
    """The value as Arrow accepts it for its column."""
    if value is None:
        return None
    if column.kind is None:
        return orjson.dumps(json_value(value)).decode()
    if kind_of(value) is not column.kind:
        raise Conflict(
            f"Property {column.name!r} was {column.kind.value} when the export began; a "
            f"{kind_of(value).value} arrived.",
            hint="Run the export again, or declare the property's type.",
        )
    return int(value) if column.kind is Kind.TIME and isinstance(value, int) else value


class _Sink:
    """The file that Arrow writes to; it buffers bytes until they are taken."""

    closed = False

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def write(self, chunk: Any) -> int:
        self._chunks.append(bytes(chunk))
        return len(self._chunks[-1])

    def flush(self) -> None:
        """Do nothing: no bytes are withheld."""

    def close(self) -> None:
        self.closed = True

    def taken(self) -> bytes:
        chunk = b"".join(self._chunks)
        self._chunks.clear()
        return chunk
