"""The speed: every profile's values in memory, as typed columns; see `index.py`, which is the door."""

from coterie.index.activity import Changes, Loaded, OneProfile, ProfileActivity, Row
from coterie.index.index import Index
from coterie.index.staged import Staged

__all__ = ["Changes", "Index", "Loaded", "OneProfile", "ProfileActivity", "Row", "Staged"]
