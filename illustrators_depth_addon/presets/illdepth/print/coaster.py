# Preset "Coaster" of Print. Blender runs it; what it does not set stays.
import bpy

settings = bpy.context.scene.illdepth_print

settings.preset = "STANDARD"
settings.mode = "TERRACED"
settings.size_mm = 95.0
settings.base_mm = 1.6
settings.total_mm = 4.0
settings.layer_height_mm = 0.2
settings.nozzle_mm = 0.4
