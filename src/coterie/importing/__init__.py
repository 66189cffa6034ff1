"""Profiles and events in, from files and from tables: CSV, NDJSON, Parquet; lists of dicts, pandas, Polars and Arrow.

    opening     what a file is, and its bytes without their compression
    columns     what each column means: an identifier, a property, nothing
    row_type    what a row is: profiles, events
    kinds       what the cells of a CSV column are
    read_csv · read_ndjson · read_parquet       a file into numbered rows
    frames      a table in memory into profiles (`rows_of`)
    run         rows into the workspace, in batches, with every refusal told by line, column and reason

A reader gives, for every row, either a `Row` or a `BadRow`. It never stops at a bad row: the good ones go in.
To add a file format: write `read_<format>.py` with one function from a `Source` and a `Plan` to rows, and add it in `readers.READERS`.
"""

from __future__ import annotations

from coterie.importing.frames import rows_of

__all__ = ["rows_of"]
