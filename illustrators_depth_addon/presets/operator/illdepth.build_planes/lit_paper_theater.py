# Preset "Lit Paper Theater" of Build Planes. Blender runs it; what it does not set stays.
import bpy

op = bpy.context.active_operator

op.offset = True
op.offset_amount = 0.2
op.shader = "PRINCIPLED"
op.camera = True
op.match = False
