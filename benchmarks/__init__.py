"""Time, memory and fidelity of the product, measured beside its peers.

`python -m benchmarks` runs what this machine can run, `python -m benchmarks NAME [OPTIONS]` one of
them. Each benchmark is one module of a room:

- `network/`: predicting depth, beside other networks, and training on a GPU.
- `pipeline/`: from a picture to layers, meshes and files; many pictures at once.
- `vector/`: how near a traced drawing comes to its layers.
- `blender/`: what Blender's window waits for, in Blender's Python module.

They share `harness/` (processes of their own, processor time, saved results) and `inputs/` (the
pictures that are measured on, always the same). `report/` writes docs/benchmarks.md from
`results/`, so that no number on that page is typed by hand.
"""
