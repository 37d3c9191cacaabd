"""Operators that bring files into the scene: pictures, and files that hold their layers."""
