"""Layer stacks as files of other programs: PNG folders, Photoshop, OpenRaster, multi-layer EXR.

A LayerStack comes in, a file goes out. A writer is a module of its own, and is made known to
`export.stack_writer`.
"""
