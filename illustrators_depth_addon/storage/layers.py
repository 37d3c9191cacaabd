"""A picture's layers in the .blend, as the bytes of an .idl file, and those used last in memory."""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import bpy

from illustrators_depth.array_cache import ArrayCache
from illustrators_depth.errors import InputError
from illustrators_depth.types import Layer, LayerStack

from ..addon_data import addon_data
from ..threads import run_in_thread
from . import layer_file
from .depth import check_local
from .layer_file import has_stack
from .layer_files import LayerFiles
from .layer_session import LayerSessions
from .source_layers import forget_source

__all__ = ["LayerStore", "forget", "has_stack"]

_MAX_DECODED = 4  # stacks
# Encoding the layers of a larger picture holds the window up for too long: a thread does it.
_MAX_PIXELS_AT_ONCE = 2048 * 2048


class LayerStore:
    """Keeps the layers of pictures with them.

    Attributes:
        decoded: the stacks used last, by their images' key.
    """

    def __init__(
        self, files: LayerFiles, sessions: LayerSessions, carry: Callable[..., Any]
    ) -> None:
        self._files, self._sessions, self._carry = files, sessions, carry
        self.decoded: OrderedDict[str, LayerStack] = OrderedDict()
        self._quantized = ArrayCache()  # 8-bit pictures of the arrays at hand

    def store(
        self,
        image: bpy.types.Image,
        stack: LayerStack,
        derived: bool = False,
        edited: tuple[bytes | None, Collection[int]] | None = None,
    ) -> LayerStack:
        """Keep a picture's layers with it, their pictures in 8 bits; return them as they are kept.

        `derived` says that they come from `LayerSessions` and can be made again from the picture,
        its depth and the settings in the stack's `meta`; then their bytes may follow later (see
        `LayerFiles`). `edited` are the bytes of the layers whose edits by hand were carried over to
        these, and the uids of those that a slider must not make again.
        """
        if derived and edited is None:
            self.note_quantized(stack)
        stack = stack.with_layers(tuple(self._quantize(layer) for layer in stack))
        content, locked = edited or (None, ())
        if derived and self._files.may_defer():
            key = uuid.uuid4().hex
            edited_content = None if content is None else (content, locked)
            self._files.defer(image, key, stack, edited_content)
        elif (
            self._files.may_defer() and stack.labels.size > _MAX_PIXELS_AT_ONCE and has_stack(image)
        ):
            key = uuid.uuid4().hex
            self._files.defer_edit(image, key, stack)
        else:
            encoded = self._files.encode(stack)
            key = layer_file.content_key(encoded)
            layer_file.store_content(image, key, encoded)
        self._remember(key, stack)
        return stack

    def load(self, image: bpy.types.Image) -> LayerStack:
        """The layers kept with a picture; InputError when there are none."""
        if not has_stack(image):
            raise InputError(f"The image {image.name!r} has no layers yet; press Predict first.")
        key = addon_data(image).stack_key
        decoded = self.decoded.get(key)
        if decoded is not None:
            self.decoded.move_to_end(key)
            return decoded
        waiting = self._files.waiting.get(key)
        if waiting is not None:
            self._remember(key, waiting)
            return waiting
        content = self._files.content(image)
        stack = self._follow_recipe(image) if content is None else layer_file.decode(content)
        self.note_quantized(stack)
        self._remember(key, stack)
        return stack

    def start_decoding(self, image: bpy.types.Image) -> Future[LayerStack] | None:
        """Decode a picture's layers in a thread, for `end_decoding`; None if there is no need."""
        content = self._files.content(image)
        if content is None or addon_data(image).stack_key in self.decoded:
            return None
        return run_in_thread(layer_file.decode, content)

    def end_decoding(self, image: bpy.types.Image, decoded: Future[LayerStack]) -> None:
        """Keep what was decoded at hand; `image` has the layers that it had then."""
        if decoded.exception() is None:  # else `load` raises the error
            self.keep_decoded(addon_data(image).stack_key, decoded.result())

    def keep_decoded(self, key: str, stack: LayerStack) -> None:
        """Keep the layers of this key at hand, which were decoded elsewhere."""
        self.note_quantized(stack)
        self._remember(key, stack)

    def clear(self) -> None:
        """Forget what is in memory; layers in the file stay."""
        self.decoded.clear()

    def _follow_recipe(self, image: bpy.types.Image) -> LayerStack:
        """Layers whose bytes were still to come when Blender noted this state of the image."""
        from illustrators_depth.settings import CompleteSettings, DecomposeSettings

        recipe = layer_file.recipe(image)
        if "edit_of" in recipe:  # the edit itself is lost: the layers before it are not
            content = layer_file.edited_content(image)
            if recipe["edit_of"] is None and content is not None:
                return layer_file.decode(content)
            recipe = recipe["edit_of"] or {}
        session = self._sessions.session(image)

        def decompose_with(recipe_settings: dict[str, Any]) -> LayerStack:
            return session.decompose(
                DecomposeSettings.from_dict(recipe_settings.get("decompose", {})),
                CompleteSettings.from_dict(recipe_settings.get("complete", {})),
            )

        stack = decompose_with(recipe)
        content = layer_file.edited_content(image)
        if content is not None:
            edited = layer_file.decode(content)
            self.note_quantized(stack)
            stack = self._carry(
                edited, decompose_with(edited.meta), stack, recipe.get("locked", ())
            ).stack
            stack = stack.with_layers(tuple(self._quantize(layer) for layer in stack))
        uids = recipe.get("uids", [])
        if len(uids) == len(stack):
            stack = stack.with_layers(
                tuple(replace(x, uid=int(uid)) for x, uid in zip(stack, uids, strict=True))
            )
        return stack

    def _quantize(self, layer: Layer) -> Layer:
        """The layer in 8 bits; the very same one when it has been through here before."""
        from illustrators_depth.layering.compositing.quantize import eight_bit_layer

        source = layer.rgba_crop
        if self._quantized.has(source, "is quantized"):
            return layer
        rgba = self._quantized.get(source, "quantized", lambda: eight_bit_layer(layer).rgba_crop)
        self._quantized.get(rgba, "is quantized", lambda: True)
        return replace(layer, rgba_crop=rgba)

    def note_quantized(self, stack: LayerStack) -> None:
        """The stack's pictures are in 8 bits already."""
        for layer in stack:
            self._quantized.get(layer.rgba_crop, "is quantized", lambda: True)

    def _remember(self, key: str, stack: LayerStack) -> None:
        self.decoded[key] = stack
        while len(self.decoded) > _MAX_DECODED:
            self.decoded.popitem(last=False)


def forget(image: bpy.types.Image) -> None:
    """Remove depth and layers from a picture; InputError when it is linked from another file."""
    check_local(image)
    data = addon_data(image)
    shown, data.depth, data.stack_key = data.depth, None, ""
    data.layers.clear()
    layer_file.remove_layers(image)
    forget_source(image)
    if shown is not None and shown.users == 0:
        bpy.data.images.remove(shown)
