# Preset "Fine Medallion" of Print. Blender runs it; what it does not set stays.
import bpy

settings = bpy.context.scene.illdepth_print

settings.preset = "STANDARD"
settings.mode = "HEIGHTFIELD"
settings.size_mm = 60.0
settings.base_mm = 1.0
settings.total_mm = 3.0
settings.layer_height_mm = 0.08
settings.nozzle_mm = 0.2
