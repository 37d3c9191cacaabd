# Preset "Wide Sway" of Animate Parallax. Blender runs it; what it does not set stays.
import bpy

op = bpy.context.active_operator

op.motion = "SWAY"
op.use_scene_range = False
op.frame_start = 1
op.frame_end = 180
op.amount = 0.2
op.hide_borders = True
