"""Operators on the layer list and what it shows, one undo step each."""
