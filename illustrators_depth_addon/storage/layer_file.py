"""What an image keeps of its layers, as custom properties: the bytes of an `.idl` file or a recipe.

A *recipe* says how to make layers again from the picture and its depth. Where the user had edited
the layers before, the image keeps those layers' bytes beside the recipe, which says that they are
carried over. An image always has bytes or a recipe, which also keeps Blender 5.0 from leaving its
pointers dangling (see `build_root`). Who has a recipe waits for bytes: see `LayerFiles`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from typing import Any

import bpy

from illustrators_depth.io.atomic import atomic_path
from illustrators_depth.types import LayerStack

from ..addon_data import addon_data, set_bytes

__all__ = [
    "content_key",
    "decode",
    "edited_content",
    "has_stack",
    "images_without_bytes",
    "owners",
    "recipe",
    "remove_layers",
    "store_content",
    "store_edit_recipe",
    "store_recipe",
    "stored_content",
]

# Custom properties of an image.
_STACK, _RECIPE = "illdepth_stack", "illdepth_recipe"
# The bytes of the layers that those of a recipe are carried over from.
_EDITED = "illdepth_stack_before"


def has_stack(image: bpy.types.Image | None) -> bool:
    """Whether the image holds layers, or how to make them."""
    # `in`, since `get` would copy all of the bytes.
    return (
        image is not None
        and bool(addon_data(image).stack_key)
        and (_STACK in image or _RECIPE in image)  # type: ignore[operator]
    )


def content_key(content: bytes) -> str:
    """An image's `stack_key` for an .idl file's bytes: their SHA-256, as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def decode(content: bytes) -> LayerStack:
    """The layers of an .idl file's bytes; InputError when they are damaged."""
    from illustrators_depth.io.stack_file import load_stack
    from illustrators_depth.worker.array_files import private_folder

    with private_folder() as folder:
        path = folder / "stack.idl"
        # A full or read-only disk becomes an EngineError that says what to do.
        with atomic_path(path) as temporary:
            temporary.write_bytes(content)
        return load_stack(path)


def recipe(image: bpy.types.Image) -> dict[str, Any]:
    """How to make the layers: settings "decompose" and "complete", "uids" from the bottom up.

    For an edit whose bytes are still to come only "edit_of": the recipe of the layers before the
    edit, or None where `edited_content` has their bytes. For layers that the user's edits are
    carried over to (see `session.handwork`) also "locked": uids of layers of `edited_content` that
    a slider must not make again. {} without a recipe.
    """
    text = image.get(_RECIPE)
    written: dict[str, Any] = json.loads(text) if isinstance(text, str) else {}
    return written


def edited_content(image: bpy.types.Image) -> bytes | None:
    """The bytes of the edited layers that those of the recipe are carried over from, if any."""
    content: bytes | None = image.get(_EDITED)
    return content


def stored_content(image: bpy.types.Image) -> bytes | None:
    """The bytes kept with an image; None where it has a recipe only, or no layers."""
    content: bytes | None = image.get(_STACK)
    return content


def store_content(image: Any, key: str, content: bytes) -> None:
    """Give an image the bytes of its layers, in place of a recipe.

    Args:
        key: what memory knows these layers by, the image's `stack_key` from now on: `content_key`
            of the bytes, or the uuid that their stack was deferred under.
    """
    image[_RECIPE] = "{}"  # so that the image is never without a property
    set_bytes(image, _STACK, content)
    for name in (_RECIPE, _EDITED):
        if name in image:
            del image[name]
    addon_data(image).stack_key = key


def store_recipe(
    image: Any, key: str, stack: LayerStack, edited: tuple[bytes, Collection[int]] | None
) -> None:
    """Give an image the recipe of its layers, in place of bytes; see `LayerFiles.defer`."""
    parts = {"decompose": stack.meta["decompose"], "complete": stack.meta["complete"]}
    if edited is not None:
        parts["locked"] = sorted(edited[1])
    image[_RECIPE] = json.dumps({**parts, "uids": [layer.uid for layer in stack]})
    for name in (_STACK, _EDITED):
        if name in image:
            del image[name]
    if edited is not None:
        image[_EDITED] = edited[0]
    addon_data(image).stack_key = key


def store_edit_recipe(image: Any, key: str) -> None:
    """Say of an image that its layers were edited: it keeps the bytes or the recipe from before."""
    present_recipe = recipe(image) if _STACK not in image else None
    if present_recipe is not None and "edit_of" in present_recipe:
        present_recipe = present_recipe["edit_of"]
    if _STACK in image:
        content = image[_STACK]
        remove_layers(image)
        image[_EDITED] = content
    image[_RECIPE] = json.dumps({"edit_of": present_recipe})
    addon_data(image).stack_key = key


def remove_layers(image: Any) -> None:
    """Take an image's layers away, bytes and recipe."""
    for name in (_STACK, _RECIPE, _EDITED):
        if name in image:
            del image[name]


def images_without_bytes() -> list[Any]:
    """The images of this file that have a recipe and no bytes yet."""
    images: list[Any] = [*bpy.data.images]
    return [x for x in images if _RECIPE in x and _STACK not in x and not x.library]


def owners(key: str) -> list[Any]:
    """The images that wait for the bytes of this key."""
    return [x for x in images_without_bytes() if addon_data(x).stack_key == key]
