"""Reading files in tests: bytes in, rows and bad rows out, without a workspace."""

from __future__ import annotations

from pathlib import Path

from coterie.importing.columns import read_mapping
from coterie.importing.opening import open_source
from coterie.importing.plan import Plan, read_types
from coterie.importing.readers import READERS
from coterie.importing.rows import BadRow, ReadableFile, Row


def reading(path: Path, plan: Plan | None = None, format_: str | None = None) -> ReadableFile:
    source = open_source(str(path), format_)
    return READERS[source.format](source, plan or Plan())


def read(path: Path, plan: Plan | None = None, format_: str | None = None) -> tuple[list[Row], list[BadRow]]:
    rows = list(reading(path, plan, format_).rows)
    return [row for row in rows if isinstance(row, Row)], [row for row in rows if isinstance(row, BadRow)]


def csv(tmp_path: Path, content: bytes | str, plan: Plan | None = None) -> tuple[list[Row], list[BadRow]]:
    path = tmp_path / "people.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read(path, plan)


def mapped(*maps: str, skip: tuple[str, ...] = (), types: tuple[str, ...] = ()) -> Plan:
    return Plan(mapping=read_mapping(maps, skip), types=read_types(types))


def properties(rows: list[Row]) -> list[dict[str, object]]:
    return [dict(row.profile.properties) for row in rows]


def problems(bad: list[BadRow]) -> list[tuple[int, str | None, str]]:
    """Every problem as (line, column, reason)."""
    return [(row.line, problem.column, problem.reason) for row in bad for problem in row.problems]
