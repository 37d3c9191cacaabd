"""The bytes of layers on an image: an `.idl` file as a custom property, at once or a little later.

Encoding takes longer than all else that a slider sets off. So layers that a slider made are kept in
memory with a *recipe* on the image, which says how to make them again from the picture and its
depth; their bytes follow, from a thread, when the slider has come to rest, and in any case before
the file is saved. An undo step or a file written by a crash that falls in between loses nothing:
it has the recipe. An image always has one of the two properties, which also keeps Blender 5.0 from
leaving its pointers dangling (see `scene.builds`).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import bpy
from bpy.app.handlers import persistent

from illustrators_depth.array_cache import ArrayCache
from illustrators_depth.errors import EngineError
from illustrators_depth.types import LayerStack

from ..addon_data import addon_data
from ..log import LOGGER
from ..threads import run_in_thread

__all__ = [
    "are_there",
    "content",
    "encode",
    "key_of",
    "put",
    "put_off",
    "recipe",
    "register",
    "remove",
    "settle",
    "unregister",
    "waits",
]

# Custom properties of an image.
_STACK, _RECIPE = "illdepth_stack", "illdepth_recipe"
# Seconds without a change before bytes are made, and between two looks at the thread.
_REST, _LOOK = 0.5, 0.1
# Bytes written before, for images that undo took back to where they had none yet.
_MOST_KEPT, _MOST_BYTES = 32, 1 << 28

# Encoded planes of the arrays at hand: only what changed is encoded.
_planes = ArrayCache()
_waiting: OrderedDict[str, LayerStack] = OrderedDict()
_written: OrderedDict[str, bytes] = OrderedDict()
_changed = 0.0
_forced = False


# The key whose bytes a thread makes now, and those.
_encoding: tuple[str, Future[bytes]] | None = None


def waits(force: bool | None = None) -> bool:
    """Whether bytes may come later: only where timers run, or where `force` was given once."""
    global _forced
    _forced = _forced if force is None else force
    return _forced or not bpy.app.background


def encode(stack: LayerStack) -> bytes:
    """The bytes of an .idl file."""
    from illustrators_depth.io.stack_file import save_stack
    from illustrators_depth.worker.array_files import private_folder

    with private_folder() as folder:
        return save_stack(stack, folder / "stack.idl", planes=_planes).read_bytes()


def key_of(made: bytes) -> str:
    """The key of an .idl file's bytes."""
    return hashlib.sha256(made).hexdigest()


def are_there(image: bpy.types.Image) -> bool:
    """Whether the image holds layers, or how to make them."""
    return _has(image, _STACK) or _has(image, _RECIPE)


def _has(image: Any, name: str) -> bool:
    """Whether there is such a property; `get` would copy all of its bytes."""
    return name in image


def content(image: bpy.types.Image) -> bytes | None:
    """The image's bytes; None when they are still to come."""
    found: bytes | None = image.get(_STACK)
    return found if found is not None else _written.get(addon_data(image).stack_key)


def recipe(image: bpy.types.Image) -> dict[str, Any] | None:
    """How to make the layers: settings "decompose" and "complete", "uids" from the bottom up."""
    text = image.get(_RECIPE)
    made: dict[str, Any] | None = json.loads(text) if isinstance(text, str) else None
    return made


def put(image: bpy.types.Image, key: str, made: bytes) -> None:
    """Keep bytes with an image, under a key that is theirs alone."""
    image[_RECIPE] = "{}"  # so that the image is never without a property
    if _has(image, _STACK):
        del image[_STACK]  # bytes set over bytes are cut at their first zero
    image[_STACK] = made
    del image[_RECIPE]
    addon_data(image).stack_key = key


def put_off(image: bpy.types.Image, key: str, stack: LayerStack) -> None:
    """Keep the recipe of a stack that was made from the image and its depth; bytes follow."""
    global _changed
    uids = [layer.uid for layer in stack]
    parts = {"decompose": stack.meta["decompose"], "complete": stack.meta["complete"]}
    image[_RECIPE] = json.dumps({**parts, "uids": uids})
    if _has(image, _STACK):
        del image[_STACK]
    addon_data(image).stack_key = key
    _waiting[key] = stack
    _drop_passed()
    _changed = time.monotonic()
    if not bpy.app.timers.is_registered(_look):
        bpy.app.timers.register(_look, first_interval=_REST, persistent=True)


def remove(image: bpy.types.Image) -> None:
    """Take an image's layers away, bytes and recipe."""
    for name in (_STACK, _RECIPE):
        if _has(image, name):
            del image[name]


def settle(load: Callable[[bpy.types.Image], LayerStack] | None = None, anew: bool = True) -> None:
    """Give every image its bytes now; `load` makes the layers of those not waiting in memory.

    Without `anew` only bytes that were made before are given: none are encoded.
    """
    for image in bpy.data.images:
        if not _has(image, _RECIPE) or _has(image, _STACK) or image.library:
            continue
        key = addon_data(image).stack_key
        try:
            made = _written.get(key)
            if made is None and anew and (key in _waiting or load is not None):
                stack = _waiting[key] if key in _waiting else load(image)
                made = encode(stack)
        # The recipe stays. RuntimeError: no thread starts any more while Python ends.
        except (EngineError, OSError, MemoryError, RuntimeError) as error:
            said = "%s: its layers are not saved, only their settings: %s"
            LOGGER.warning(said, image.name, error)
            continue
        if made is not None:
            put(image, key, made)
            _keep(key, made)
    _waiting.clear()


def _look() -> float | None:
    """A timer: encode in a thread what has come to rest, and put it where it belongs."""
    global _encoding
    if _encoding is not None:
        key, future = _encoding
        if not future.done():
            return _LOOK
        _encoding = None
        _waiting.pop(key, None)
        error = future.exception()
        if error is not None:  # a full disk, no memory: `settle` tries again
            LOGGER.warning("Layers could not be encoded: %s", error)
        else:
            _keep(key, future.result())
            for image in _owners(key):
                put(image, key, future.result())
    rest = _changed + _REST - time.monotonic()
    if rest > 0.0:
        return rest
    _drop_passed()
    for key, stack in _waiting.items():
        _encoding = (key, run_in_thread(encode, stack))
        return _LOOK
    return None


def _drop_passed() -> None:
    """Let go of layers no image has any more: of a value passed through, or undone.

    A slider that is dragged for long would else pile up as many stacks as it has seen values.
    """
    for key in list(_waiting):
        if not _owners(key):
            del _waiting[key]


def _owners(key: str) -> list[bpy.types.Image]:
    return [
        image
        for image in bpy.data.images
        if addon_data(image).stack_key == key and not _has(image, _STACK) and not image.library
    ]


def _keep(key: str, made: bytes) -> None:
    _written[key] = made
    while len(_written) > 1 and (
        len(_written) > _MOST_KEPT or sum(map(len, _written.values())) > _MOST_BYTES
    ):
        _written.popitem(last=False)


@persistent
def _before_saving(*_: Any) -> None:
    from .image_cache import load_layers

    settle(load_layers)


@persistent
def _after_loading(*_: Any) -> None:
    """The undo steps that bytes were kept for are gone, and so are the pictures in memory."""
    from . import image_cache, layer_session

    _written.clear()
    image_cache.clear_memory()
    layer_session.close()


def register() -> None:
    bpy.app.handlers.save_pre.append(_before_saving)
    bpy.app.handlers.load_post.append(_after_loading)


def unregister() -> None:
    global _encoding
    for handlers, handler in (
        (bpy.app.handlers.save_pre, _before_saving),
        (bpy.app.handlers.load_post, _after_loading),
    ):
        if handler in handlers:
            handlers.remove(handler)
    if bpy.app.timers.is_registered(_look):
        bpy.app.timers.unregister(_look)
    # Encoding would hold up Blender for a second. The recipes stay, and are all that is needed.
    settle(anew=False)
    _written.clear()
    _encoding = None
