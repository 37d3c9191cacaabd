# Preset "Deep Stage" of Build Planes: planes half a Blender unit apart in the picture's own colors,
# with a camera that renders at its size. Blender runs this file; what it does not set stays.
import bpy

op = bpy.context.active_operator

op.offset = True
op.offset_amount = 0.5
op.shader = "SHADELESS"
op.camera = True
op.match = True
