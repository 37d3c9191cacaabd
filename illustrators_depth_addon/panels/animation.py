"""Animation: the properties of builds that take keyframes, and one-click moves."""

from __future__ import annotations

from typing import Any

import bpy

from ..editing.build_kinds import BUILDS
from ..scene.objects.build_collection import (
    CARD,
    CURVES,
    GAP,
    LAYERS,
    PLANES,
    build_root_of,
    find_build,
)
from ..scene.planes.popup_card import ANGLE
from ..scene.planes.root import OFFSET
from ..scene.stacked.spacing import LAYER_THICKNESS
from .common import sub_panels

__all__ = ["CLASSES", "draw_animation"]

# Kind of build -> name and label of the properties of its root that are worth animating.
_ANIMATED_PROPERTIES = {
    LAYERS: ((LAYER_THICKNESS, "Thickness"), (GAP, "Gap")),
    PLANES: ((OFFSET, "Offset"),),
    CURVES: ((LAYER_THICKNESS, "Thickness"), (GAP, "Gap")),
    CARD: ((ANGLE, "Angle"),),
}

_LABELS = {build.collection_kind: build.label for build in BUILDS.values()}


def draw_animation(
    layout: Any, context: bpy.types.Context, _settings: Any, image: bpy.types.Image
) -> None:
    """Draw moves, and the keyed properties of each build of the picture."""
    builds = {kind: find_build(image, kind, context.scene) for kind in _ANIMATED_PROPERTIES}
    if not any(builds.values()):
        layout.label(text="Build layers, planes or a card first", icon="INFO")
        return
    roots = {kind: build_root_of(collection) for kind, collection in builds.items()}
    present = {kind: root for kind, root in roots.items() if root is not None}
    for kind, root in present.items():
        if len(present) > 1:  # else it is plain whose thickness or offset it is
            layout.label(text=_LABELS[kind])
        _draw_animated(layout, root, kind)
    if builds[LAYERS] is not None or builds[PLANES] is not None:
        row = layout.row(align=True)
        row.operator("illdepth.layer_reveal", icon="SORT_DESC")
        row.operator("illdepth.explode", icon="FULLSCREEN_ENTER")
    if builds[CARD] is not None:
        layout.operator_menu_enum("illdepth.fold_card", "way", text="Fold Card")
    if builds[PLANES] is not None:
        layout.operator_menu_enum("illdepth.animate_parallax", "motion", text="Animate Camera")
        layout.operator("illdepth.render_parallax_video", icon="RENDER_ANIMATION")


def _draw_animated(layout: Any, root: bpy.types.Object, kind: str) -> None:
    """The root's properties with their keyframe buttons."""
    column = layout.column()
    column.use_property_decorate = True
    for name, label in _ANIMATED_PROPERTIES[kind]:
        if root.get(name) is not None:
            column.prop(root, f'["{name}"]', text=label)


CLASSES = sub_panels("animation", "Animation", draw_animation)
