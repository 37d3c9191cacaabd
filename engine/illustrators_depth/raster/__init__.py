"""Primitives on pixels that several rooms need: nearest pixels, windows, tiles, fills."""
