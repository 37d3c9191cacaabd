"""Everything that reads files, and what every writer needs to write them safely.

`pictures/` reads pictures, `color/` turns their colours into sRGB, `stack_file/` keeps layer stacks
and `depth_file` depth maps. The other modules serve readers and writers of all rooms: outputs that
appear whole (`atomic`), safe names and paths, memory, silenced libraries.
This package imports nothing by itself, so that the worker starts quickly.
"""
