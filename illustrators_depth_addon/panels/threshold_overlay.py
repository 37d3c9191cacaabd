"""Draws the threshold's preview over the picture in the Image Editor.

One draw handler, there from register to unregister and idle unless the preview is on; none in
background mode, which has no GPU to draw with. The tint is a texture that is made again only when
its content changes; it is remembered by checksums and numbers, never by a Blender pointer.
"""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import EngineError

from ..addon_data import addon_data
from ..editing.threshold import near_layers, near_pixels, tint_picture
from ..session import SESSION
from ..storage.depth import depth_image, has_depth

__all__ = ["preview_picture", "register", "shown_picture", "unregister"]


def register() -> None:
    overlay = SESSION.overlay
    if not bpy.app.background and overlay.handle is None:
        overlay.handle = bpy.types.SpaceImageEditor.draw_handler_add(
            _draw, (), "WINDOW", "POST_PIXEL"
        )


def unregister() -> None:
    overlay = SESSION.overlay
    if overlay.handle is not None:
        bpy.types.SpaceImageEditor.draw_handler_remove(overlay.handle, "WINDOW")
    overlay.handle = overlay.texture = None


def shown_picture(image: bpy.types.Image | None) -> bpy.types.Image | None:
    """The picture that an editor showing `image` works on: itself, or whose depth it is."""
    if image is None or not addon_data(image).is_result:
        return image
    return next((i for i in bpy.data.images if addon_data(i).depth == image), None)


def preview_picture(image: bpy.types.Image, edit: Any) -> NDArray[np.float32]:
    """The tint over a picture, float32 (h, w, 4), row 0 at the bottom.

    Args:
        image: a picture with depth and layers.
        edit: the scene's edit settings; its preview is not "OFF".

    Raises InputError when the picture has no depth or no layers.
    """
    depth = SESSION.depth.load(image)
    if edit.preview == "LAYERS":
        mask = near_layers(SESSION.layers.load(image), depth, edit.threshold)
    else:
        mask = near_pixels(depth, edit.threshold)
    return tint_picture(mask, tuple(edit.tint))


def _state(image: bpy.types.Image) -> tuple[object, ...]:
    """Changes whenever the picture's depth or layers do, also by undo."""
    data = addon_data(image)
    shown = depth_image(image)
    return (shown.session_uid, tuple(shown.size), data.depth_low, data.depth_high, data.stack_key)


def _draw() -> None:
    context = bpy.context
    space: Any = context.space_data
    region: Any = context.region
    if context.scene is None or space is None or region is None:
        return
    edit: Any = getattr(context.scene, "illdepth_edit", None)
    image = shown_picture(space.image)
    if edit is None or edit.preview == "OFF" or image is None or not has_depth(image):
        return
    try:
        texture = _current_texture(image, edit)
    except EngineError:
        return  # operators report it; a drawing routine cannot
    import gpu
    from gpu_extras.presets import draw_texture_2d

    left, bottom = region.view2d.view_to_region(0.0, 0.0, clip=False)
    right, top = region.view2d.view_to_region(1.0, 1.0, clip=False)
    gpu.state.blend_set("ALPHA")
    draw_texture_2d(texture, (left, bottom), right - left, top - bottom)
    gpu.state.blend_set("NONE")


def _current_texture(image: bpy.types.Image, edit: Any) -> Any:
    overlay = SESSION.overlay
    key = (_state(image), edit.preview, edit.threshold, tuple(edit.tint))
    if overlay.texture is None or overlay.texture[0] != key:
        import gpu

        picture = preview_picture(image, edit)
        height, width = picture.shape[:2]
        types: Any = gpu.types  # the stubs lack arguments
        pixels = types.Buffer("FLOAT", picture.size, picture.ravel())
        texture = types.GPUTexture((width, height), format="RGBA16F", data=pixels)
        overlay.texture = (key, texture)
    return overlay.texture[1]
