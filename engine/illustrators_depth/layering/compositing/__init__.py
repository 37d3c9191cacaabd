"""Layers laid over one another, and their pixels in 8 bits."""
