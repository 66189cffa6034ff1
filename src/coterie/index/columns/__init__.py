"""One property of all profiles, as a column of typed parts; see `column.py` and `part.py`."""
