"""The bytes of layers on an image: an `.idl` file as a custom property, at once or a little later.

Encoding takes longer than all else that a slider sets off. So layers that a slider made are kept in
memory with a *recipe* on the image, which says how to make them again from the picture and its
depth; their bytes follow, from a thread, when the slider has come to rest, and in any case before
the file is saved. An undo step or a file written by a crash that falls in between loses nothing:
it has the recipe. Where the user had edited the layers before, the image keeps those layers' bytes
beside the recipe, which says that they are carried over. An image always has bytes or a recipe,
which also keeps Blender 5.0 from leaving its pointers dangling (see `build_root`).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from concurrent.futures import Future
from typing import Any

import bpy

from illustrators_depth.array_cache import ArrayCache
from illustrators_depth.errors import EngineError
from illustrators_depth.io.atomic import atomic_path
from illustrators_depth.types import LayerStack

from ..addon_data import addon_data, set_bytes
from ..log import LOGGER
from ..threads import run_in_thread
from ..timers import Timer

__all__ = [
    "LayerFiles",
    "content_key",
    "decode",
    "edited_content",
    "has_stack",
    "recipe",
    "remove_layers",
    "store_content",
]

# Custom properties of an image.
_STACK, _RECIPE = "illdepth_stack", "illdepth_recipe"
# The bytes of the layers that those of a recipe are carried over from.
_EDITED = "illdepth_stack_before"
# Seconds without a change before bytes are made, and between two looks at the thread.
_REST_S, _POLL_S = 0.5, 0.1
# Bytes written before, for images that undo took back to where they had none yet.
_MAX_FILES, _MAX_BYTES = 32, 1 << 28


def has_stack(image: bpy.types.Image | None) -> bool:
    """Whether the image holds layers, or how to make them."""
    # `in`, since `get` would copy all of the bytes.
    return (
        image is not None
        and bool(addon_data(image).stack_key)
        and (_STACK in image or _RECIPE in image)  # type: ignore[operator]
    )


def content_key(content: bytes) -> str:
    """The key of an .idl file's bytes."""
    return hashlib.sha256(content).hexdigest()


def decode(content: bytes) -> LayerStack:
    """The layers of an .idl file's bytes; InputError when they are damaged."""
    from illustrators_depth.io.stack_file import load_stack
    from illustrators_depth.worker.array_files import private_folder

    with private_folder() as folder:
        path = folder / "stack.idl"
        with atomic_path(path) as temporary:  # which says what is wrong with the disk
            temporary.write_bytes(content)
        return load_stack(path)


def recipe(image: bpy.types.Image) -> dict[str, Any]:
    """How to make the layers: settings "decompose" and "complete", "uids" from the bottom up.

    For an edit whose bytes are still to come only "edit_of": the recipe of the layers before the
    edit, or None where `edited_content` has their bytes. For layers with handwork also "locked":
    uids of layers of `edited_content` that stay as they are.
    """
    text = image.get(_RECIPE)
    written: dict[str, Any] = json.loads(text) if isinstance(text, str) else {}
    return written


def edited_content(image: bpy.types.Image) -> bytes | None:
    """The bytes of the edited layers that those of the recipe are carried over from, if any."""
    content: bytes | None = image.get(_EDITED)
    return content


def store_content(image: Any, key: str, content: bytes) -> None:
    """Keep bytes with an image, under a key that is theirs alone."""
    image[_RECIPE] = "{}"  # so that the image is never without a property
    set_bytes(image, _STACK, content)
    for name in (_RECIPE, _EDITED):
        if name in image:
            del image[name]
    addon_data(image).stack_key = key


def remove_layers(image: Any) -> None:
    """Take an image's layers away, bytes and recipe."""
    for name in (_STACK, _RECIPE, _EDITED):
        if name in image:
            del image[name]


class LayerFiles:
    """Encodes layers, now or when the slider rests, and gives images their bytes.

    Attributes:
        waiting: stacks whose bytes are still to come, by their images' key.
        written: bytes made before, by key.
        encoding: the key whose bytes a thread makes now, and those.
    """

    def __init__(self) -> None:
        self._planes = ArrayCache()  # encoded planes of the arrays at hand: only changes cost
        self.waiting: OrderedDict[str, LayerStack] = OrderedDict()
        self.written: OrderedDict[str, bytes] = OrderedDict()
        self.encoding: tuple[str, Future[bytes]] | None = None
        self._changed_s = 0.0
        self._forced = False
        self._timer = Timer(self.encode_deferred, persistent=True)

    def may_defer(self, force: bool | None = None) -> bool:
        """Whether bytes may be made later: only where timers run, or after `force` was given."""
        self._forced = self._forced if force is None else force
        return self._forced or not bpy.app.background

    def encode(self, stack: LayerStack) -> bytes:
        """The bytes of an .idl file."""
        from illustrators_depth.io.stack_file import save_stack
        from illustrators_depth.worker.array_files import private_folder

        with private_folder() as folder:
            return save_stack(stack, folder / "stack.idl", planes=self._planes).read_bytes()

    def content(self, image: bpy.types.Image) -> bytes | None:
        """The image's bytes; None when they are still to come."""
        stored: bytes | None = image.get(_STACK)
        return stored if stored is not None else self.written.get(addon_data(image).stack_key)

    def defer(
        self,
        image: Any,
        key: str,
        stack: LayerStack,
        edited: tuple[bytes, Collection[int]] | None = None,
    ) -> None:
        """Keep the recipe of a stack that was made from the image and its depth; bytes follow.

        `edited` are the bytes of the layers that handwork is carried over from, and the uids of
        their locked ones.
        """
        uids = [layer.uid for layer in stack]
        parts = {"decompose": stack.meta["decompose"], "complete": stack.meta["complete"]}
        if edited is not None:
            parts["locked"] = sorted(edited[1])
        image[_RECIPE] = json.dumps({**parts, "uids": uids})
        for name in (_STACK, _EDITED):
            if name in image:
                del image[name]
        if edited is not None:
            image[_EDITED] = edited[0]
        addon_data(image).stack_key = key
        self.waiting[key] = stack
        self._drop_unowned()
        self._changed_s = time.monotonic()
        self._timer.start(_REST_S)

    def defer_edit(self, image: Any, key: str, stack: LayerStack) -> None:
        """Keep an edited stack in memory; its bytes follow, and until then those before are there.

        So a file written by a crash in between has the layers as they were before the edit.
        """
        present_recipe = recipe(image) if _STACK not in image else None
        if present_recipe is not None and "edit_of" in present_recipe:
            present_recipe = present_recipe["edit_of"]
        if _STACK in image:
            content = image[_STACK]
            remove_layers(image)
            image[_EDITED] = content
        image[_RECIPE] = json.dumps({"edit_of": present_recipe})
        addon_data(image).stack_key = key
        self.waiting[key] = stack
        self._drop_unowned()
        self._changed_s = time.monotonic()
        self._timer.start(_REST_S)

    def flush(
        self,
        load: Callable[[bpy.types.Image], LayerStack] | None = None,
        encode_missing: bool = True,
    ) -> None:
        """Give every image its bytes now; `load` makes the layers of those not waiting in memory.

        Without `encode_missing` only bytes that were made before are given.
        """
        images: list[Any] = [*bpy.data.images]
        for image in images:
            if _RECIPE not in image or _STACK in image or image.library:
                continue
            key = addon_data(image).stack_key
            try:
                content = self.written.get(key)
                if content is None and encode_missing:
                    stack = self.waiting.get(key) or (load(image) if load is not None else None)
                    content = self.encode(stack) if stack is not None else None
            # The recipe stays. RuntimeError: no thread starts any more while Python ends.
            except (EngineError, OSError, MemoryError, RuntimeError) as error:
                problem = "%s: its layers are not saved, only their settings: %s"
                LOGGER.warning(problem, image.name, error)
                continue
            if content is not None:
                store_content(image, key, content)
                self._remember_written(key, content)
        self.waiting.clear()

    def encode_deferred(self) -> float | None:
        """A timer: encode in a thread what has come to rest, and put it where it belongs."""
        if self.encoding is not None:
            key, future = self.encoding
            if not future.done():
                return _POLL_S
            self.encoding = None
            self.waiting.pop(key, None)
            error = future.exception()
            if error is not None:  # a full disk, no memory: `flush` tries again
                LOGGER.warning("Layers could not be encoded: %s", error)
            else:
                self._remember_written(key, future.result())
                for image in _owners(key):
                    store_content(image, key, future.result())
        remaining_s = self._changed_s + _REST_S - time.monotonic()
        if remaining_s > 0.0:
            return remaining_s
        self._drop_unowned()
        for key, stack in self.waiting.items():
            self.encoding = (key, run_in_thread(self.encode, stack))
            return _POLL_S
        return None

    def close(self) -> None:
        """The add-on is switched off."""
        self._timer.stop()
        # Encoding would hold up Blender for a second. The recipes stay, and are all that is needed.
        self.flush(encode_missing=False)
        self.written.clear()
        self.encoding = None

    def _drop_unowned(self) -> None:
        """Let go of layers no image has any more: of a value passed through, or undone.

        A slider that is dragged for long would else pile up as many stacks as it has seen values.
        """
        for key in list(self.waiting):
            if not _owners(key):
                del self.waiting[key]

    def _remember_written(self, key: str, content: bytes) -> None:
        self.written[key] = content
        while len(self.written) > 1 and (
            len(self.written) > _MAX_FILES or sum(map(len, self.written.values())) > _MAX_BYTES
        ):
            self.written.popitem(last=False)


def _owners(key: str) -> list[Any]:
    """The images that wait for the bytes of this key."""
    images: list[Any] = [*bpy.data.images]
    return [
        image
        for image in images
        if addon_data(image).stack_key == key and _STACK not in image and not image.library
    ]
