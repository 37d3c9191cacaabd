"""Everything that touches the disk: pictures in, depth maps and layer stacks in and out.

Import what you need from its own module (`io.read_image`, `io.depth_file`, `io.stack_file`,
`io.atomic`); this package itself imports nothing, so that the worker starts quickly.
"""
