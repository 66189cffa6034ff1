"""Benchmarks: seeded data, one command each; every peer's answer is checked first."""
