"""Export formats, shared by the command line and HTTP.

A writer takes batches of profiles and yields bytes as soon as they are ready, so an export of any
size streams in constant memory. `coterie import` reads back what a writer writes: id and
identifiers in columns of their own, then one column a property.

To add a format, write `as_<format>.py` with one function of the shape `Writer`, and add a line to
`FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from coterie.exporting.as_csv import write_csv
from coterie.exporting.as_ndjson import profile_document, write_ndjson
from coterie.exporting.as_parquet import write_parquet
from coterie.exporting.columns import Column, columns_of
from coterie.model import Profile

Writer: TypeAlias = Callable[[Iterable[Sequence[Profile]], Sequence[Column]], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Format:
    """One export format: its writer, and its media type."""

    write: Writer
    media_type: str


FORMATS: Mapping[str, Format] = {
    "csv": Format(write_csv, "text/csv; charset=utf-8"),
    "ndjson": Format(write_ndjson, "application/x-ndjson"),
    "parquet": Format(write_parquet, "application/vnd.apache.parquet"),
}

__all__ = [
    "FORMATS",
    "Column",
    "Format",
    "Writer",
    "columns_of",
    "profile_document",
    "write_csv",
    "write_ndjson",
    "write_parquet",
]
