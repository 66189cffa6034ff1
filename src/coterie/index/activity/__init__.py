"""What profiles did, in memory: events and conversations as tables of columns; see `tables.py`."""

from coterie.index.activity.one_profile import OneProfile
from coterie.index.activity.rows import Changes, Loaded, ProfileActivity, Row

__all__ = ["Changes", "Loaded", "OneProfile", "ProfileActivity", "Row"]
