"""Rendering what was built: views, a still, a video, a photo studio."""
