"""The file formats, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from coterie.importing.opening import Source
from coterie.importing.plan import Plan
from coterie.importing.read_csv import read_csv
from coterie.importing.read_ndjson import read_ndjson
from coterie.importing.read_parquet import read_parquet
from coterie.importing.rows import ReadableFile

Reader: TypeAlias = Callable[[Source, Plan], ReadableFile]
READERS: Mapping[str, Reader] = {"csv": read_csv, "ndjson": read_ndjson, "parquet": read_parquet}
