"""What profiles did, in memory: events and conversations as tables of columns; see `tables.py`."""

from coterie.index.activity.rows import Changes, Loaded, Row

__all__ = ["Changes", "Loaded", "Row"]
