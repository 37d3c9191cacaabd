"""Layers and meshes as files that other programs open; one file, or folder, whole or not at all.

`stack_writer` and `relief_writer` are the doors: they choose by the name's ending among the writers
in `layers/` and `meshes/`; `heightmap` writes what has no mesh. `formats` offers all of them by the
names that menus use. This package imports nothing by itself: take what you need from its module.
"""
