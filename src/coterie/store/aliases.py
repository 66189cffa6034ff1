"""Aliases, merged profiles, and suppressed identifiers."""

from __future__ import annotations

from collections.abc import Sequence

from coterie.store import json_arrays
from coterie.store.query_runner import QueryRunner
from coterie.store.rows import StoredAlias


class AliasReads(QueryRunner):
    """The queries on aliases and suppressions."""

    def find_aliases(self, kind: str, values: Sequence[str]) -> dict[str, int]:
        """The pid that each of these aliases leads to; values that are no alias are left out."""
        return dict(self._rows("find_aliases", (kind, json_arrays.of_texts(values))))

    def aliases_of(self, pid: int) -> list[StoredAlias]:
        return list(map(StoredAlias._make, self._rows("aliases_of", (pid,))))

    def suppressed(self, marks: Sequence[bytes]) -> set[bytes]:
        """Those of `marks` that were suppressed."""
        digests = json_arrays.of_texts([mark.hex() for mark in marks])
        return {mark for (mark,) in self._rows("suppressed", (digests,))}


class AliasWrites(AliasReads):
    """The writes of aliases and suppressions."""

    def put_aliases(self, aliases: Sequence[StoredAlias]) -> None:
        """Point these aliases to these profiles, wherever they pointed before."""
        self._write_many("put_alias", aliases)

    def move_aliases(self, from_pid: int, to_pid: int) -> None:
        self._write("move_aliases", (from_pid, to_pid))

    def put_merged(self, pid: int, id: str) -> None:
        """Record that this profile was merged into another. `ids_of` still returns its id."""
        self._write("put_merged", (pid, id))

    def delete_merged(self, ids: Sequence[str]) -> None:
        """Delete the records of these merged profiles, because the winner was deleted."""
        self._write("delete_merged", (json_arrays.of_texts(ids),))

    def suppress(self, marks: Sequence[bytes], at: int) -> None:
        """Keep the identifiers that these marks stand for from coming back."""
        self._write_many("suppress", [(mark, at) for mark in marks])
