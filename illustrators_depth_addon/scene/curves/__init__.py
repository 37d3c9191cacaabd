"""A layer stack as filled 2D curves."""
