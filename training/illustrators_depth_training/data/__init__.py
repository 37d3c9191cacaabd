"""Picture and layer-index pairs from vector art: sources, cleaning, shards, loader.

The order of the rooms follows the data: `sources` (where drawings come from), `svg` (make one safe
and read its paint operations), `render` (the renderer's own process), `index_map` and `cleaning`
(ground truth, after the paper's supplement), `build` and `shards` (the data set on disk), then
`cache`, `augment`, `scenes` and `loader` (what the trainer reads).
"""
