"""For scripts that work in a real Blender window; see scripts/real_blender.sh."""
