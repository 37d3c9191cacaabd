"""Operators that write files: for printing, for other programs."""
