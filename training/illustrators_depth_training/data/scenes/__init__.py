"""Scenes composed of several drawings, and their place in a build."""
