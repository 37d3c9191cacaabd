"""Picture and layer-index pairs from vector art.

The order of the rooms follows the data: `sources` (where drawings come from), `selection` (which of
them are built), `svg` (make one safe and read its paint operations), `render` (the renderer's own
process), `drawing` (ground truth, after the paper's supplement), `scenes` (several drawings in one
picture), `build` and `shards` (the data set on disk).
"""
