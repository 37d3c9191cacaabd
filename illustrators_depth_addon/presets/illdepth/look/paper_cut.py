# Preset "Paper Cut" of Stacked Layers. Blender runs it; what it does not set stays.
import bpy

settings = bpy.context.scene.illdepth

settings.thickness_mm = 2.0
settings.gap_mm = 0.2
settings.bevel_mm = 0.1
settings.shader = "PRINCIPLED"
settings.textured = True
