"""The time to count a rule: Coterie beside DuckDB, Polars and SQLite, on the same people.

See README.md.
"""
