"""One-click animations of builds: layers rise or come apart, a card folds."""

from __future__ import annotations

import math
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty

from illustrators_depth.errors import InputError

from ...context import active_image
from ...scene.animation import RevealOptions, explode, fold_card, reveal_layers, set_frame_range
from ...scene.objects.build_collection import CARD, LAYERS, PLANES, find_build
from ..common import PictureOperator, reports_errors

__all__ = ["CLASSES"]

_KINDS = {"LAYERS": LAYERS, "PLANES": PLANES}


class _AnimationOperator(PictureOperator):
    """An operator that animates a build from one frame to another."""

    frame_start: IntProperty(name="Start", description="First frame of the animation", default=1)
    frame_end: IntProperty(name="End", description="Last frame of the animation", default=96)
    set_range: BoolProperty(
        name="Set Frame Range",
        description="Let the scene play just these frames",
        default=True,
    )

    def first_build(self, context: bpy.types.Context, *kinds: str) -> bpy.types.Collection:
        """The picture's first build of one of these kinds; InputError when there is none."""
        if self.frame_end <= self.frame_start:
            raise InputError(
                f"The animation ends at frame {self.frame_end}, before it starts at "
                f"{self.frame_start}."
            )
        image = active_image(context, self.image)
        for kind in kinds:
            collection = find_build(image, kind, context.scene)
            if collection is not None:
                return collection
        raise InputError(f"The image {image.name!r} has nothing built to animate; build it first.")

    def finish(self, context: bpy.types.Context) -> set[Any]:
        """Set the scene's frame range if that is wanted; what `execute` ends with."""
        scene: Any = context.scene
        if self.set_range:
            set_frame_range(scene, self.frame_start, self.frame_end)
        return {"FINISHED"}


class _LayersAnimationOperator(_AnimationOperator):
    """An animation of stacked layers or of planes, whichever is chosen or there."""

    build: EnumProperty(
        name="Build",
        description="Which build is animated",
        items=(
            ("AUTO", "Automatic", "Stacked layers, or planes where there are none"),
            ("LAYERS", "Layers", "The stacked layers"),
            ("PLANES", "Planes", "The image planes"),
        ),
        default="AUTO",
    )

    def chosen_build(self, context: bpy.types.Context) -> bpy.types.Collection:
        kinds = [_KINDS[self.build]] if self.build in _KINDS else list(_KINDS.values())
        return self.first_build(context, *kinds)


class ILLDEPTH_OT_layer_reveal(_LayersAnimationOperator, bpy.types.Operator):
    """Animate the layers rising into place one after another, replacing an earlier reveal"""

    bl_idname = "illdepth.layer_reveal"
    bl_label = "Layer Reveal"
    bl_options = {"REGISTER", "UNDO"}

    from_below: BoolProperty(
        name="Lowest Layer Too",
        description="Let the lowest layer rise, too, instead of being there from the start",
        default=False,
    )

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        options = RevealOptions(self.frame_start, self.frame_end, self.from_below)
        reveal_layers(self.chosen_build(context), options)
        return self.finish(context)


class ILLDEPTH_OT_explode(_LayersAnimationOperator, bpy.types.Operator):
    """Animate the layers coming apart, replacing earlier keyframes of their distance"""

    bl_idname = "illdepth.explode"
    bl_label = "Explode"
    bl_options = {"REGISTER", "UNDO"}

    amount: FloatProperty(
        name="Amount",
        description="How far the layers end apart in all, as a share of the picture's width",
        min=0.0,
        soft_max=2.0,
        default=0.75,
        subtype="FACTOR",
    )
    back: BoolProperty(
        name="And Back",
        description="Come together again in the second half",
        default=False,
    )

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        explode(
            self.chosen_build(context), self.frame_start, self.frame_end, self.amount, self.back
        )
        return self.finish(context)


class ILLDEPTH_OT_fold_card(_AnimationOperator, bpy.types.Operator):
    """Animate the pop-up card opening or closing, replacing earlier keyframes of its angle"""

    bl_idname = "illdepth.fold_card"
    bl_label = "Fold Card"
    bl_options = {"REGISTER", "UNDO"}

    way: EnumProperty(
        name="Way",
        description="Whether the card opens or closes",
        items=(("OPEN", "Open", "The card opens"), ("CLOSE", "Close", "The card closes")),
        default="OPEN",
    )
    angle: FloatProperty(
        name="Open Angle",
        description="Angle between the boards of the open card",
        min=0.0,
        max=math.pi / 2.0,
        default=math.pi / 2.0,
        subtype="ANGLE",
    )

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        card = self.first_build(context, CARD)
        fold_card(card, self.frame_start, self.frame_end, self.way == "OPEN", self.angle)
        return self.finish(context)


CLASSES = (ILLDEPTH_OT_layer_reveal, ILLDEPTH_OT_explode, ILLDEPTH_OT_fold_card)
