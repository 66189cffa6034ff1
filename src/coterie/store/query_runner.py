"""Run named queries on one connection: the base of all reads and writes of a workspace file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import apsw

from coterie.store.queries import WORKSPACE as SQL


class QueryRunner:
    """A connection, and short ways to run a query of `schema/workspace` on it."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def _rows(self, query: str, values: apsw.Bindings | None = None) -> list[Any]:
        """All rows of a query. Their types are certain, because the tables are strict."""
        return self._connection.execute(SQL[query], values).fetchall()

    def _stream(self, query: str, values: apsw.Bindings | None = None) -> Iterator[Any]:
        """The same rows, read from the file as they are consumed."""
        return self._connection.execute(SQL[query], values)

    def _first(self, query: str, values: apsw.Bindings | None = None) -> Any:
        """The first column of the first row, or None."""
        rows = self._rows(query, values)
        return rows[0][0] if rows else None

    def _number(self, query: str, values: apsw.Bindings | None = None) -> int:
        """The result of a query that always returns one number."""
        return int(self._first(query, values))

    def _write(self, query: str, values: apsw.Bindings | None = None) -> None:
        self._connection.execute(SQL[query], values)

    def _write_many(self, query: str, rows: Sequence[apsw.Bindings]) -> None:
        self._connection.executemany(SQL[query], rows)

    def _write_each(self, query: str, rows: Sequence[apsw.Bindings]) -> None:
        """As `_write_many`. Raises ValueError unless every row changes a stored one."""
        before = self._connection.total_changes()
        self._write_many(query, rows)
        if self._connection.total_changes() - before < len(rows):
            raise ValueError(f"{query}: a row that should be there is missing")
