# Preset "Slow Dolly In" of Animate Parallax. Blender runs it; what it does not set stays.
import bpy

op = bpy.context.active_operator

op.motion = "DOLLY_IN"
op.use_scene_range = False
op.frame_start = 1
op.frame_end = 240
op.amount = 0.12
op.hide_borders = True
