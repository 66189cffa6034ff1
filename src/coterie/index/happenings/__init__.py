"""Happenings in memory: the events of each name, and the conversations, as tables of columns; see `happenings.py`, which is the door."""

from coterie.index.happenings.rows import Changes, Loaded, Row

__all__ = ["Changes", "Loaded", "Row"]
