"""The pictures that benchmarks measure on: made from fixed seeds, the same on every machine."""
