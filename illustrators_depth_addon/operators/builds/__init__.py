"""Operators that build something in the scene from a picture's layers or depth."""
