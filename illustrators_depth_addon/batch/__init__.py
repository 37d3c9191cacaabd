"""The headless batch: the engine's batch with a job that builds a scene of every picture.

`command` is the program, `options` its command line; pictures are converted by `convert` in Blender
processes of their own, which `process` starts and serves.
"""
