# Preset "Deep Stage" of Build Planes. Blender runs it; what it does not set stays.
import bpy

op = bpy.context.active_operator

op.offset = True
op.offset_amount = 0.5
op.shader = "SHADELESS"
op.camera = True
op.match = True
