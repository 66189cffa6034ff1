"""How long does it take to count a rule? Coterie, DuckDB, Polars and SQLite; see README.md."""
