import bpy

op = bpy.context.active_operator

op.offset = True
op.offset_amount = 0.2
op.shader = "PRINCIPLED"
op.camera = True
op.match = False
