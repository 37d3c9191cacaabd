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
from ..scene.compositor.build import CompositorOptions, build_compositor, find_compositor
from ..scene.curves.build import CurvesOptions, build_curves
from ..scene.displacement.build import DisplacementOptions, build_displacement
from ..scene.grease_pencil.build import DrawingOptions, build_drawing
from ..scene.objects.build_collection import (
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
from ..scene.planes.build import build_planes
from ..scene.planes.parallax import allow_transparent_layers, match_picture, parallax_camera
from ..scene.planes.popup_card import CardOptions, build_popup_card
from ..scene.planes.root import PlanesOptions
from ..scene.stacked.build import StackedOptions, build_stacked
from ..scene.units import MM_PER_UNIT
from ..settings.scene import displacement_options, relief_settings, stacked_options
from ..storage.depth import depth_image
from .current_stack import current_stack

__all__ = ["BUILDS", "Build", "add_camera", "scale_root", "scene_shows"]


class Build(Protocol):
    """A kind of build.

    Attributes:
        name: for scripts and the command line.
        operator: `illdepth.build_` and this is the operator's name.
        collection_kind: what the build's collection is marked with; "" for one without objects.
        label, about: for menus.
        options: dataclass of the choices that its operator offers, or that the scene holds.
    """

    name: str
    operator: str
    collection_kind: str
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


class _LayeredBuild:
    """A build with an object, or a drawing, per layer; kinds say how it is made.

    Attributes:
        is_paper: whether its lengths are millimeters of paper, so that *True Size* scales it.
    """

    collection_kind: str
    options: type
    is_paper = True

    def make(
        self, scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack, options: Any
    ) -> bpy.types.Collection:
        """Build or rebuild it; `options` of None keeps those that it was made with."""
        raise NotImplementedError

    def default_options(self, scene: bpy.types.Scene) -> Any:
        """The options of a new build where none are given."""
        return self.options()

    def build(
        self, scene: bpy.types.Scene, image: bpy.types.Image, options: Any = None
    ) -> bpy.types.Collection:
        stack = current_stack(scene, image)
        options = options or self.default_options(scene)
        if not self.is_paper:
            return self.make(scene, image, stack, options)
        with _scale_if_new(scene, image, self.collection_kind):
            return self.make(scene, image, stack, options)

    def update(self, scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack) -> None:
        if scene_shows(scene, image, self.collection_kind):
            self.make(scene, image, stack, None)


class LayersBuild(_LayeredBuild):
    name = operator = "layers"
    collection_kind = LAYERS
    label, about = "Layers", "One object per layer"
    options: type = StackedOptions

    def default_options(self, scene: bpy.types.Scene) -> None:
        """None: `make` takes the scene's."""

    def make(
        self, scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack, options: Any
    ) -> bpy.types.Collection:
        look = options or stacked_options(scene, image)
        return build_stacked(scene, image, stack, relief_settings(scene), look)


class DisplacementBuild:
    name = operator = "displacement"
    collection_kind = RELIEF
    label, about = "Displacement", "A relief raised by the depth"
    options: type = DisplacementOptions

    def build(
        self, scene: bpy.types.Scene, image: bpy.types.Image, options: Any = None
    ) -> bpy.types.Collection:
        depth, look = depth_image(image), options or displacement_options(scene)
        with _scale_if_new(scene, image, RELIEF):
            return build_displacement(scene, image, depth, look)

    def update(self, scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack) -> None:
        """Nothing: it shows the depth, whatever the layers are."""


class _PlanesLikeBuild(_LayeredBuild):
    """Textured planes: Cycles has to look through all of their alpha."""

    is_paper = False

    def build(
        self, scene: bpy.types.Scene, image: bpy.types.Image, options: Any = None
    ) -> bpy.types.Collection:
        collection = super().build(scene, image, options)
        allow_transparent_layers(scene, len(current_stack(scene, image)))
        return collection


class PlanesBuild(_PlanesLikeBuild):
    name = operator = "planes"
    collection_kind = PLANES
    label, about = "Planes", "Image planes with alpha and a parallax camera"
    options: type = PlanesOptions

    def make(
        self, scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack, options: Any
    ) -> bpy.types.Collection:
        return build_planes(scene, image, stack, options)


class CardBuild(_PlanesLikeBuild):
    name, operator = "card", "popup_card"
    collection_kind = CARD
    label, about = "Pop-up Card", "A card that folds by its angle"
    options: type = CardOptions

    def make(
        self, scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack, options: Any
    ) -> bpy.types.Collection:
        return build_popup_card(scene, image, stack, options)


class DrawingBuild(_LayeredBuild):
    name, operator = "drawing", "drawing"
    collection_kind = DRAWING
    label, about = "Grease Pencil", "A drawing of strokes and fills, one layer each"
    options: type = DrawingOptions

    def make(
        self, scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack, options: Any
    ) -> bpy.types.Collection:
        return build_drawing(scene, image, stack, relief_settings(scene), options)


class CurvesBuild(_LayeredBuild):
    name = operator = "curves"
    collection_kind = CURVES
    label, about = "Curves", "A filled 2D curve per layer"
    options: type = CurvesOptions

    def default_options(self, scene: bpy.types.Scene) -> CurvesOptions:
        return CurvesOptions(shader=addon_data(scene).shader)

    def make(
        self, scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack, options: Any
    ) -> bpy.types.Collection:
        return build_curves(scene, image, stack, relief_settings(scene), options)


class CompositorBuild:
    name = operator = "compositor"
    collection_kind = ""
    label, about = "Compositor", "A compositor group that stacks the layers"
    options: type = CompositorOptions

    def build(self, scene: bpy.types.Scene, image: bpy.types.Image, options: Any = None) -> None:
        build_compositor(scene, image, current_stack(scene, image), options or CompositorOptions())

    def update(self, scene: bpy.types.Scene, image: bpy.types.Image, stack: LayerStack) -> None:
        if find_compositor(image) is not None:
            untouched_scene = replace(CompositorOptions(), connect=False, match_colors=False)
            build_compositor(scene, image, stack, untouched_scene)


_KINDS: tuple[Build, ...] = (
    LayersBuild(),
    DisplacementBuild(),
    PlanesBuild(),
    CardBuild(),
    DrawingBuild(),
    CurvesBuild(),
    CompositorBuild(),
)
# By the name that scripts and the command line use, in order of the panel.
BUILDS: dict[str, Build] = {build.name: build for build in _KINDS}


def scene_shows(scene: bpy.types.Scene, image: bpy.types.Image, kind: str) -> bool:
    """Whether the scene shows a build of this kind: one that the user unlinked stays alone."""
    collection = find_build(image, kind, scene)
    return collection is not None and collection in scene.collection.children_recursive


@contextmanager
def _scale_if_new(scene: bpy.types.Scene, image: bpy.types.Image, kind: str) -> Iterator[None]:
    """Scale what is built within as the scene asks; a build that stood before keeps its scale."""
    is_new = find_build(image, kind, scene) is None
    yield
    collection = find_build(image, kind, scene)
    if is_new and collection is not None:
        scale_root(scene, collection)


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
