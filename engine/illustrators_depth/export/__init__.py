"""Layers and meshes as files that other programs open: PNG sequences, STL, GLB, OBJ, PLY, 3MF.

Import what you need from its own module; this package itself imports nothing.
"""
