"""docs/benchmarks.md and its plots, from the results that were saved."""
