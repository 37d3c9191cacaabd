"""When layers get their bytes: at once, or from a thread when the slider that made them rests.

Encoding takes longer than all else that a slider sets off. So layers that a slider made are kept in
memory, with a recipe on the image (see `layer_file`); their bytes follow from a thread, and in any
case before the file is saved. An undo step or a file written by a crash that falls in between loses
nothing: it has the recipe. An edit of a large picture is encoded later too, but no recipe can make
it again: its stack stays in memory until it has bytes.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from concurrent.futures import Future
from typing import Any

import bpy

from illustrators_depth.array_cache import ArrayCache
from illustrators_depth.errors import EngineError
from illustrators_depth.types import LayerStack

from ..addon_data import addon_data
from ..log import LOGGER
from ..threads import run_in_thread
from ..timers import Timer
from . import layer_file

__all__ = ["LayerFiles"]

# Seconds without a change before bytes are made, and between two looks at the thread.
_REST_S, _POLL_S = 0.5, 0.1
# Bytes written before, for images that undo took back to where they had none yet.
_MAX_FILES, _MAX_BYTES = 32, 1 << 28
# Edited stacks without bytes that undo may come back to; they share most arrays with each other.
_MAX_UNDONE_EDITS = 32


class LayerFiles:
    """Encodes layers, now or when the slider rests, and gives images their bytes.

    Attributes:
        waiting: stacks whose bytes are still to come, by their images' `stack_key`.
        written: bytes made before, by the same key.
        encoding: the key whose bytes a thread makes now, and those.
        defers_in_background: bytes may come later though no timer runs, for tests and benchmarks.
    """

    def __init__(self) -> None:
        self._planes = ArrayCache()  # encoded planes of the arrays at hand: only changes cost
        self.waiting: OrderedDict[str, LayerStack] = OrderedDict()
        self.written: OrderedDict[str, bytes] = OrderedDict()
        self.encoding: tuple[str, Future[bytes]] | None = None
        self.defers_in_background = False
        self._edits: set[str] = set()  # keys of waiting stacks that no recipe can make again
        self._failed: set[str] = set()  # keys that the timer leaves to the next `flush`
        self._changed_s = 0.0
        self._timer = Timer(self.encode_deferred, persistent=True)

    def may_defer(self) -> bool:
        """Whether bytes may be made later: Blender's timers run only where there is a window."""
        return self.defers_in_background or not bpy.app.background

    def encode(self, stack: LayerStack) -> bytes:
        """The bytes of an .idl file."""
        from illustrators_depth.io.stack_file import save_stack
        from illustrators_depth.worker.array_files import private_folder

        with private_folder() as folder:
            return save_stack(stack, folder / "stack.idl", planes=self._planes).read_bytes()

    def content(self, image: bpy.types.Image) -> bytes | None:
        """The bytes of the image's layers; None when they are still to come."""
        stored = layer_file.stored_content(image)
        return stored if stored is not None else self.written.get(addon_data(image).stack_key)

    def defer(
        self,
        image: Any,
        key: str,
        stack: LayerStack,
        edited: tuple[bytes, Collection[int]] | None = None,
    ) -> None:
        """Keep the recipe of a stack that was made from the image and its depth; bytes follow.

        Args:
            key: the image's new `stack_key`, unlike any other (a uuid).
            stack: the layers; `meta` must hold the settings "decompose" and "complete" that they
                were made with, else KeyError.
            edited: the bytes of the layers that edits by hand are carried over from, and the uids
                of those that a slider must not make again.
        """
        layer_file.store_recipe(image, key, stack, edited)
        self._wait(image, key, stack)

    def defer_edit(self, image: Any, key: str, stack: LayerStack) -> None:
        """Keep an edited stack in memory under a new key, a uuid; its bytes follow.

        Until then the image keeps the bytes or the recipe from before the edit, so that a file
        written by a crash in between has the layers as they were then.
        """
        layer_file.store_edit_recipe(image, key)
        self._edits.add(key)
        self._wait(image, key, stack)

    def flush(
        self,
        load: Callable[[bpy.types.Image], LayerStack] | None = None,
        encode_recipes: bool = True,
    ) -> list[str]:
        """Give every image its bytes now; return the names of images whose last edit got none.

        What could not be encoded stays in memory, for the next flush, and its image's recipe too.

        Args:
            load: makes the layers of an image that are not waiting in memory.
            encode_recipes: whether to encode layers that a recipe can make again as well.
        """
        unsaved: list[str] = []
        for image in layer_file.images_without_bytes():
            key, is_edit = addon_data(image).stack_key, "edit_of" in layer_file.recipe(image)
            try:
                content = self.written.get(key)
                if content is None and (encode_recipes or is_edit):
                    stack = self.waiting.get(key)
                    if stack is None and load is not None:
                        stack = load(image)
                    content = self.encode(stack) if stack is not None else None
            # RuntimeError: no thread starts any more while Python ends.
            except (EngineError, OSError, MemoryError, RuntimeError) as error:
                problem = "%s: its layers are not saved, only how to make them again: %s"
                if is_edit:
                    problem = "%s: the last edit of its layers is not saved, only those before: %s"
                    unsaved.append(image.name)
                LOGGER.warning(problem, image.name, error)
                self._failed.add(key)
                continue
            if content is not None:
                layer_file.store_content(image, key, content)
                self._remember_written(key, content)
                self.waiting.pop(key, None)
        self._drop_unowned()
        return unsaved

    def encode_deferred(self) -> float | None:
        """Encode in a thread what has come to rest, and give it to its images: a timer's step.

        Returns:
            Seconds to the next step; None to stop.
        """
        if self.encoding is not None:
            key, future = self.encoding
            if not future.done():
                return _POLL_S
            self.encoding = None
            error = future.exception()
            if error is not None:  # a full disk, no memory: the next `flush` tries again
                LOGGER.warning("Layers could not be encoded: %s", error)
                self._failed.add(key)
            else:
                self.waiting.pop(key, None)
                self._remember_written(key, future.result())
                for image in layer_file.owners(key):
                    layer_file.store_content(image, key, future.result())
        remaining_s = self._changed_s + _REST_S - time.monotonic()
        if remaining_s > 0.0:
            return remaining_s
        self._drop_unowned()
        ready = (key for key in self.waiting if key not in self._failed and layer_file.owners(key))
        key_to_encode = next(ready, None)
        if key_to_encode is None:
            return None
        stack = self.waiting[key_to_encode]
        self.encoding = (key_to_encode, run_in_thread(self.encode, stack))
        return _POLL_S

    def forget_undone(self) -> None:
        """Let go of all that only undo could bring back: its steps are gone."""
        self.written.clear()
        self._drop_unowned(max_undone_edits=0)

    def close(self) -> None:
        """The add-on is switched off: only edits are encoded, as recipes are all that others need.

        Encoding holds Blender up, for about a second with a large picture.
        """
        self._timer.stop()
        self.flush(encode_recipes=False)
        self.forget_undone()
        for key in self.waiting.keys() - self._edits:
            del self.waiting[key]
        self.encoding = None

    def _wait(self, image: Any, key: str, stack: LayerStack) -> None:
        """Keep a stack in memory as the image's, until nothing has changed for a while."""
        addon_data(image).stack_key = key
        self.waiting[key] = stack
        self._drop_unowned()
        self._changed_s = time.monotonic()
        self._timer.start(_REST_S)

    def _drop_unowned(self, max_undone_edits: int = _MAX_UNDONE_EDITS) -> None:
        """Let go of layers that no image has any more: of a value passed through, or undone.

        A slider that is dragged for long would else pile up as many stacks as it has seen values.
        The newest edits stay, since redo and undo come back to them and no recipe makes them again.
        """
        unowned = [key for key in self.waiting if not layer_file.owners(key)]
        edits = [key for key in unowned if key in self._edits]
        kept = edits[max(len(edits) - max_undone_edits, 0) :]
        for key in unowned:
            if key not in kept:
                del self.waiting[key]
        self._edits.intersection_update(self.waiting)
        self._failed.intersection_update(self.waiting)

    def _remember_written(self, key: str, content: bytes) -> None:
        self.written[key] = content
        while len(self.written) > 1 and (
            len(self.written) > _MAX_FILES or sum(map(len, self.written.values())) > _MAX_BYTES
        ):
            self.written.popitem(last=False)
