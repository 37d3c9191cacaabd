"""Operators that put keyframes on builds and on the parallax camera, and render the move."""
