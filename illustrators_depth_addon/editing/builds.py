"""What can be built from a picture, one entry per kind: new kinds are added here and nowhere else.

Operators, scripts, the menu after a prediction and every update of the layers go by this table.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Protocol

import bpy

from illustrators_depth.types import LayerStack

from ..addon_data import addon_data
from ..scene.builds import (
    CARD,
    CURVES,
    DRAWING,
    LAYERS,
    PLANES,
    RELIEF,
    build_root,
    build_root_of,
    find_build,
)
from ..scene.compositor.build import CompositorOptions, build_compositor, find_compositor
from ..scene.curves.build import CurvesOptions, build_curves
from ..scene.displacement.build import DisplacementOptions, build_displacement
from ..scene.grease_pencil.build import DrawingOptions, build_drawing
from ..scene.planes.build import build_planes
from ..scene.planes.parallax import match_picture, parallax_camera, see_through
from ..scene.planes.popup_card import CardOptions, build_popup_card
from ..scene.planes.root import PlanesOptions
from ..scene.stacked.build import StackedOptions, build_stacked
from ..scene.units import MM_PER_UNIT
from ..settings.scene import displacement_options, relief_settings, stacked_options
from ..storage.depth import depth_image
from .decompose import current_stack

__all__ = ["BUILDS", "Build", "add_camera", "scale_root", "stands_in"]


class Build(Protocol):
    """A kind of build.

    Attributes:
        name: for scripts and the command line.
        operator: `illdepth.build_` and this is the operator's name.
        label, about: for menus.
        options: dataclass of the choices that its operator offers, or that the scene holds.
    """

    name: str
    operator: str
    label: str
    about: str
    options: type

    def build(
        self, scene: bpy.types.Scene, image: bpy.types.Image, options: Any = None
    ) -> bpy.types.Collection | None:
        """Build it, or update the one built before; its collection, None when it has no objects.

        `options` of None stands for those of the scene, else the default ones. Raises InputError
        when the picture has no depth yet.
        """

    def update(self, scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack) -> None:
        """Bring what the scene shows of it up to other layers; nothing where there is none.

        The user's materials, transforms, modifiers and visibility stay.
        """


class LayersBuild:
    name = operator = "layers"
    label, about = "Layers", "One object per layer"
    options: type = StackedOptions

    def build(
        self, scene: bpy.types.Scene, image: bpy.types.Image, options: Any = None
    ) -> bpy.types.Collection:
        stack = current_stack(scene, image)
        look = options or stacked_options(scene, image)
        with _new_ones_scaled(scene, image, LAYERS):
            return build_stacked(scene, image, stack, relief_settings(scene), look)

    def update(self, scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack) -> None:
        if stands_in(scene, image, LAYERS):
            look = stacked_options(scene, image)
            build_stacked(scene, image, stack, relief_settings(scene), look)


class DisplacementBuild:
    name = operator = "displacement"
    label, about = "Displacement", "A relief raised by the depth"
    options: type = DisplacementOptions

    def build(
        self, scene: bpy.types.Scene, image: bpy.types.Image, options: Any = None
    ) -> bpy.types.Collection:
        depth, look = depth_image(image), options or displacement_options(scene)
        with _new_ones_scaled(scene, image, RELIEF):
            return build_displacement(scene, image, depth, look)

    def update(self, scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack) -> None:
        """Nothing: it shows the depth, whatever the layers are."""


class PlanesBuild:
    name = operator = "planes"
    label, about = "Planes", "Image planes with alpha and a parallax camera"
    options: type = PlanesOptions

    def build(
        self, scene: bpy.types.Scene, image: bpy.types.Image, options: Any = None
    ) -> bpy.types.Collection:
        stack = current_stack(scene, image)
        collection = build_planes(scene, image, stack, options or PlanesOptions())
        see_through(scene, len(stack))
        return collection

    def update(self, scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack) -> None:
        if stands_in(scene, image, PLANES):
            build_planes(scene, image, stack)


class CardBuild:
    name, operator = "card", "popup_card"
    label, about = "Pop-up Card", "A card that folds by its angle"
    options: type = CardOptions

    def build(
        self, scene: bpy.types.Scene, image: bpy.types.Image, options: Any = None
    ) -> bpy.types.Collection:
        stack = current_stack(scene, image)
        see_through(scene, len(stack))
        return build_popup_card(scene, image, stack, options or CardOptions())

    def update(self, scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack) -> None:
        if stands_in(scene, image, CARD):
            build_popup_card(scene, image, stack)


class DrawingBuild:
    name, operator = "drawing", "drawing"
    label, about = "Grease Pencil", "A drawing of strokes and fills, one layer each"
    options: type = DrawingOptions

    def build(
        self, scene: bpy.types.Scene, image: bpy.types.Image, options: Any = None
    ) -> bpy.types.Collection:
        stack = current_stack(scene, image)
        look = options or DrawingOptions()
        with _new_ones_scaled(scene, image, DRAWING):
            return build_drawing(scene, image, stack, relief_settings(scene), look)

    def update(self, scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack) -> None:
        if stands_in(scene, image, DRAWING):
            build_drawing(scene, image, stack, relief_settings(scene))


class CurvesBuild:
    name = operator = "curves"
    label, about = "Curves", "A filled 2D curve per layer"
    options: type = CurvesOptions

    def build(
        self, scene: bpy.types.Scene, image: bpy.types.Image, options: Any = None
    ) -> bpy.types.Collection:
        stack = current_stack(scene, image)
        look = options or CurvesOptions(shader=addon_data(scene).shader)
        with _new_ones_scaled(scene, image, CURVES):
            return build_curves(scene, image, stack, relief_settings(scene), look)

    def update(self, scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack) -> None:
        if stands_in(scene, image, CURVES):
            build_curves(scene, image, stack, relief_settings(scene))


class CompositorBuild:
    name = operator = "compositor"
    label, about = "Compositor", "A compositor group that stacks the layers"
    options: type = CompositorOptions

    def build(self, scene: bpy.types.Scene, image: bpy.types.Image, options: Any = None) -> None:
        build_compositor(scene, image, current_stack(scene, image), options or CompositorOptions())

    def update(self, scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack) -> None:
        if find_compositor(image) is not None:
            as_it_is = replace(CompositorOptions(), connect=False, match_colors=False)
            build_compositor(scene, image, stack, as_it_is)


_ALL: tuple[Build, ...] = (
    LayersBuild(),
    DisplacementBuild(),
    PlanesBuild(),
    CardBuild(),
    DrawingBuild(),
    CurvesBuild(),
    CompositorBuild(),
)
# By the name that scripts and the command line use, in order of the panel.
BUILDS: dict[str, Build] = {build.name: build for build in _ALL}


def stands_in(scene: bpy.types.Scene, image: bpy.types.Image, kind: str) -> bool:
    """Whether the scene shows a build of this kind: one that the user unlinked stays alone."""
    collection = find_build(image, kind, scene)
    return collection is not None and collection in scene.collection.children_recursive


@contextmanager
def _new_ones_scaled(scene: bpy.types.Scene, image: bpy.types.Image, kind: str) -> Iterator[None]:
    """Scale what is built within as the scene asks; a build that stood before keeps its scale."""
    is_new = find_build(image, kind, scene) is None
    yield
    made = find_build(image, kind, scene)
    if is_new and made is not None:
        scale_root(scene, made)


def scale_root(scene: bpy.types.Scene, collection: bpy.types.Collection) -> None:
    """Show a build of paper as large as the print, or at the scene's usual scale."""
    root = build_root_of(collection)
    if root is not None:
        scale = MM_PER_UNIT / 1000.0 if addon_data(scene).true_size else 1.0
        root.scale = (scale, scale, scale)


def add_camera(
    scene: bpy.types.Scene,
    image: bpy.types.Image,
    collection: bpy.types.Collection,
    match: bool = True,
) -> None:
    """Give planes their parallax camera; with `match` a new one renders as the picture is."""
    width, height = image.size
    root = build_root(scene, image, PLANES)[1]
    camera, new = parallax_camera(collection, root, width / height)
    if new and match:
        match_picture(scene, camera, image, len(current_stack(scene, image)))
