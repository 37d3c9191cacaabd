"""Blender data that several builds need: meshes, materials, node groups, drivers, F-curves."""
