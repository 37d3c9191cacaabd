# Preset "Title Orbit" of Animate Parallax. Blender runs it; what it does not set stays.
import bpy

op = bpy.context.active_operator

op.motion = "ORBIT"
op.use_scene_range = False
op.frame_start = 1
op.frame_end = 150
op.amount = 0.08
op.hide_borders = True
