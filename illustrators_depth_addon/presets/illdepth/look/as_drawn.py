# Preset "As Drawn" of Stacked Layers. Blender runs it; what it does not set stays.
import bpy

settings = bpy.context.scene.illdepth

settings.thickness_mm = 0.5
settings.gap_mm = 5.0
settings.bevel_mm = 0.0
settings.shader = "SHADELESS"
settings.textured = True
