"""Read profiles and events from files and tables.

Files are CSV, NDJSON or Parquet; tables are lists of dicts, pandas, Polars or Arrow.

    opening     what a file is, and its decompressed bytes
    columns     what each column means: an identifier, a property, nothing
    row_type    what a row is: profiles, events
    kinds       the kinds of the cells of a CSV column
    read_csv · read_ndjson · read_parquet       a file into numbered rows
    frames      a table in memory into profiles (`rows_of`)
    run         rows into the workspace in batches; bad rows reported by line, column and reason

A reader yields a `Row` or a `BadRow` for every row and never stops at a bad one. To add a file
format, write `read_<format>.py` with one function from a `Source` and a `Plan` to rows, and add it
to `readers.READERS`.
"""

from __future__ import annotations

from coterie.importing.frames import rows_of

__all__ = ["rows_of"]
