"""Data set from vector art, training and evaluation for Illustrator's Depth."""

__version__ = "0.1.0"
