"""Scripts for a real Blender window: a driver that takes steps, what they check and photograph."""
