"""Pictures as Blender's image datablocks: read, packed, laid on layers."""
