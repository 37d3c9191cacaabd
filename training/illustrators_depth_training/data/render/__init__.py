"""The SVG renderer (usvg and resvg) in a process of its own that can be killed."""
