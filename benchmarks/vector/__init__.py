"""Benchmarks of traced drawings."""
