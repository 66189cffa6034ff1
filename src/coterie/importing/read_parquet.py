"""Parquet: the file has types, so nothing is guessed.

A null cell is absent, as in CSV. Rows are numbered from 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from coterie.errors import InvalidInput
from coterie.importing.arrow import Converter, converter
from coterie.importing.columns import Use, lay_out, refuse_unknown_types
from coterie.importing.kinds import Misfit, fitted
from coterie.importing.opening import Source, seekable
from coterie.importing.plan import BATCH_ROWS, Plan
from coterie.importing.rows import ColumnRead, Numbered, ReadableFile, RowProblem, bad
from coterie.rules.values import Kind


def read_parquet(source: Source, plan: Plan) -> ReadableFile:
    """Raises InvalidInput for a file that is not Parquet, or a column that no property can hold."""
    try:
        file = pq.ParquetFile(seekable(source))
    except pa.ArrowException as error:
        raise InvalidInput(f"{source.name} is not a Parquet file: {error}.") from None
    schema = file.schema_arrow
    targets = lay_out(schema.names, plan.mapping)
    plan.row_type.require(targets)
    refuse_unknown_types(schema.names, plan.types)
    columns: list[_Column] = []
    for place, (field, target) in enumerate(zip(schema, targets, strict=True)):
        if target.use is Use.LEFT_OUT:
            columns.append(_Column(place, ColumnRead(field.name, target, None, ""), None, None))
            continue
        kind, convert = converter(field)
        forced = plan.types.get(field.name) if target.use is Use.PROPERTY else None
        because = "--type" if forced else f"Parquet {field.type}"
        columns.append(_Column(place, ColumnRead(field.name, target, forced or kind, because), convert, forced))
    return ReadableFile(tuple(column.read for column in columns), _rows(file, columns, plan))


@dataclass(frozen=True, slots=True)
class _Column:
    place: int
    read: ColumnRead
    convert: Converter | None  # None: left out
    forced: Kind | None  # --type


def _rows(file: pq.ParquetFile, columns: Sequence[_Column], plan: Plan) -> Iterator[Numbered]:
    used = [column for column in columns if column.convert is not None]
    line = 0
    try:
        for batch in file.iter_batches(batch_size=BATCH_ROWS):
            values = [column.convert(batch.column(column.place)) for column in used if column.convert is not None]
            for row in zip(*values, strict=True):
                line += 1
                yield _row(line, used, row, plan)
    except (pa.ArrowException, OSError) as error:
        yield bad(line + 1, f"the file is damaged after this point ({error})")


def _row(line: int, columns: Sequence[_Column], values: Sequence[object], plan: Plan) -> Numbered:
    identifiers: dict[str, object] = {}
    properties: dict[str, object] = {}
    problems: list[RowProblem] = []
    for column, value in zip(columns, values, strict=True):
        target = column.read.target
        if target.use is not Use.PROPERTY:
            if value is not None:
                identifiers[target.use.value] = value
            elif target.use is Use.EMAIL and plan.empty_removes:
                identifiers["email"] = None
        elif value is None:
            if plan.empty_removes:
                properties[target.name] = None
        else:
            try:
                properties[target.name] = fitted(value, column.forced, plan.list_separator) if column.forced else value
            except Misfit as misfit:
                problems.append(
                    RowProblem(column.read.column, f"{misfit} (--type {column.read.column}={column.forced})")
                )
    return plan.row_type.row(line, identifiers, properties, problems, values)
