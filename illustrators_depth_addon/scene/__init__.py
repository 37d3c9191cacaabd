"""From engine nouns to Blender data: plain functions, callable without an operator or a panel."""
