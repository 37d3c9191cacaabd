"""Layers of a large picture, made in a thread so that the window does not stop.

The thread takes the picture apart, and makes outlines and texture files, none of which needs bpy.
The main thread is left to store the layers and to fill meshes.
"""

from __future__ import annotations

from concurrent.futures import Future

import bpy

from illustrators_depth.errors import Cancelled
from illustrators_depth.layering.session import LayerSession
from illustrators_depth.settings import ReliefSettings
from illustrators_depth.types import LayerStack

from ..addon_data import addon_data
from ..scene.images.packing import encode_textures
from ..scene.layer_shapes import layer_shapes
from ..storage.layer_session import Layering, LayerSessions
from ..threads import run_in_thread

__all__ = ["BackgroundLayers", "prepare_build"]

# Share of the work that is done when the layers are; textures and outlines are left.
_LAYERS_SHARE = 0.7


class BackgroundLayers:
    """The layers of one picture that a thread makes, until they are taken.

    All methods are for the main thread.

    Attributes:
        fraction: how much is done, 0..1.
    """

    def __init__(self, sessions: LayerSessions) -> None:
        self._sessions = sessions
        self._request: object = None
        self._future: Future[LayerStack] | None = None
        self.fraction = 0.0

    def begin(self, image: bpy.types.Image, layering: Layering, relief: ReliefSettings) -> None:
        """Start making layers, unless just these are under way; others are dropped.

        `relief` says the solids whose outlines are made ahead; another relief alone starts nothing.

        Raises InputError when the picture has no pixels or no depth.
        """
        request = _request_of(image, layering)
        if request == self._request:
            return
        session, earlier = self._sessions.session(image), self._future
        self._request, self.fraction = request, 0.0
        self._future = run_in_thread(self._make, request, earlier, session, layering, relief)

    def done(self) -> bool:
        """Whether the thread has ended, well or not, or none was started."""
        return self._future is None or self._future.done()

    def take(self, image: bpy.types.Image, layering: Layering) -> LayerStack | None:
        """The layers if they are ready and made for this request, else None.

        Once the thread has ended, one call empties this: what is not wanted is forgotten.
        """
        if self._future is None or not self._future.done():
            return None
        is_wanted, future = self._request == _request_of(image, layering), self._future
        self.drop()
        # After an error the caller takes the picture apart itself, and gets the same error.
        return future.result() if is_wanted and future.exception() is None else None

    def drop(self) -> None:
        """Forget what is under way; what the thread makes goes nowhere."""
        self._request = self._future = None

    def _make(
        self,
        request: object,
        earlier: Future[LayerStack] | None,
        session: LayerSession,
        layering: Layering,
        relief: ReliefSettings,
    ) -> LayerStack:
        """The thread's work; Cancelled when another request has taken this one's place."""
        if earlier is not None:
            # A session serves one thread at a time. The earlier one sees that its request was
            # replaced, and ends soon: wait for it.
            earlier.exception()

        def report(_stage: str, fraction: float) -> None:
            if self._request is not None and self._request != request:
                raise Cancelled("Other layers are wanted by now.")
            self.fraction = _LAYERS_SHARE * fraction

        stack = session.decompose(*layering, report)
        prepare_build(stack, relief)
        return stack


def prepare_build(stack: LayerStack, relief: ReliefSettings) -> None:
    """Make textures and outlines of layers ahead, into the caches that a build then reads.

    Needs no bpy, so that a thread can do it.
    """
    encode_textures([layer.rgba_crop for layer in stack])
    layer_shapes(stack, stack.layers, relief)


def _request_of(image: bpy.types.Image, layering: Layering) -> object:
    """What layers depend on; two requests are the same if these are equal."""
    return image.session_uid, addon_data(image).depth_key, image.name, layering
