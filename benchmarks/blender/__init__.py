"""Benchmarks of the add-on, in Blender's Python module."""
