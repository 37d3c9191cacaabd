"""A layer stack as a compositor node group, with room for renders between the layers."""
