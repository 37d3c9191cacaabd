"""Layers and meshes as files that other programs open; one file, or folder, whole or not at all.

`stack_writer` (layers) and `relief_writer` (solids) are the doors: they choose by the name's ending
among the writers in `layers/` and `meshes/`; `heightmap` writes what has no mesh. The tables of
formats, with the names that menus use, are in `stack_writer` and `print_writer`.
This package imports nothing by itself: take what you need from its module.
"""
