"""Benchmarks: seeded data, one command each, every peer's answer checked before its time is believed."""
