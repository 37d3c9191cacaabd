"""The build that can follow at once where an operator makes a picture's layers known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
from bpy.props import EnumProperty

from ...context import by_session_uid
from ...editing.build_kinds import BUILDS
from ..common import run_operator

__all__ = ["BUILD_ITEMS", "FollowUpOperator", "follow_up_build", "predict_each"]

# What can follow a prediction at once: identifier -> operator of the same name in `illdepth`.
BUILD_ITEMS = (
    ("NONE", "Nothing", "Only predict; build later"),
    *((build.operator.upper(), build.label, build.about) for build in BUILDS.values()),
)


def follow_up_build() -> Any:
    """The property `build` of an operator that has a `FollowUpOperator` among its classes."""
    return EnumProperty(
        name="Build",
        description="What to build as soon as the layers are known",
        items=BUILD_ITEMS,
        default="NONE",
        options={"SKIP_SAVE"},
    )


class FollowUpOperator:
    """An operator with a property `build`, see `follow_up_build`."""

    build: Any

    def prepare_follow_up(self, context: bpy.types.Context) -> None:
        """Leave edit mode where a build is to follow, or it would be refused afterwards."""
        if self.build != "NONE" and context.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")

    def run_follow_up(self, image: bpy.types.Image) -> None:
        """Build what is to follow from a picture whose layers are known."""
        if self.build != "NONE":
            run_operator(self, f"build_{self.build.lower()}", image=image.name)


def predict_each(operator: Any, uids: Sequence[int], build: str) -> None:
    """Predict pictures one after another: in a window the next when the one before has ended.

    Args:
        operator: reports what is wrong with one of them.
        uids: the images' session_uids; one that is gone by then is left out.
        build: what is to follow each, an identifier of BUILD_ITEMS.
    """
    for place, uid in enumerate(uids, start=1):
        image = by_session_uid(bpy.data.images, uid)
        if image is None:
            continue
        waits = bpy.app.background
        later = "" if waits else ",".join(map(str, uids[place:]))
        options = {"image": image.name, "build": build, "later": later}
        run_operator(operator, "predict", interactive=True, **options)
        if not waits:
            return
