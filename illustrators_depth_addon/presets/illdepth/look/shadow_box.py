# Preset "Shadow Box" of Stacked Layers. Blender runs it; what it does not set stays.
import bpy

settings = bpy.context.scene.illdepth

settings.thickness_mm = 1.0
settings.gap_mm = 12.0
settings.bevel_mm = 0.0
settings.shader = "PRINCIPLED"
settings.textured = True
