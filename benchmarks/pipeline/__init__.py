"""Benchmarks of the way from a picture to layers, meshes and files."""
