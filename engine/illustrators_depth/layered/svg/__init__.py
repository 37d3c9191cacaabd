"""SVG drawings into layers: checked, taken apart, each layer drawn alone by resvg.

`read_svg` is the door. A drawing from a stranger first passes `sanitize`; `parts` says which shapes
make a layer, `render` draws them, `curves/` keeps their own outlines, `tree/` changes the drawing
before it is taken apart without changing how it looks. This package imports nothing by itself.
"""
