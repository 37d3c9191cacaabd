"""The sidebar tab "Illustrator's Depth", the same in the 3D View and the Image Editor.

One file per section. A section is a function `draw_*(layout, context, settings, image)`; to add
one, write a file whose CLASSES come from `common.sub_panels` and name it below, where it shall
stand.
"""

from __future__ import annotations

from . import (
    animation,
    compositor,
    displacement,
    edit_depth,
    layer_list,
    layers,
    planes,
    printing,
    source,
)

__all__ = ["CLASSES"]

# Parents first; sub-panels stand in this order.
CLASSES = (
    *source.CLASSES,
    *layer_list.CLASSES,
    *layers.CLASSES,
    *edit_depth.CLASSES,
    *displacement.CLASSES,
    *planes.CLASSES,
    *animation.CLASSES,
    *compositor.CLASSES,
    *printing.CLASSES,
)
