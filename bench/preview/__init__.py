"""How long does it take to count a rule? Coterie beside DuckDB, Polars and SQLite, on the same people; see README.md."""
