"""Meshes as files: STL, GLB, OBJ, PLY, 3MF, and a folder with a file per part.

A Mesh in millimetres comes in, a file goes out. `mesh_file` is the door and lists the endings.
"""
