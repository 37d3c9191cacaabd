# Preset "Poster Board" of Stacked Layers. Blender runs it; what it does not set stays.
import bpy

settings = bpy.context.scene.illdepth

settings.thickness_mm = 4.0
settings.gap_mm = 2.0
settings.bevel_mm = 0.4
settings.shader = "PRINCIPLED"
settings.textured = False
