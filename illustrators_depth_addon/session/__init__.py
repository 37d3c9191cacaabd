"""What runs in this Blender session: the worker, its jobs, exports and what is got ready."""
