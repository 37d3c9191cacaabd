"""All state of the add-on between two calls of Blender's, in one object.

What is to survive closing Blender is in the .blend instead, see `storage`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..storage.depth import DepthStore
from ..storage.layer_files import LayerFiles
from ..storage.layer_list import LayerList
from ..storage.layer_session import LayerSessions
from ..storage.layers import LayerStore
from .background_layers import BackgroundLayers
from .handwork import Handwork, carry
from .jobs import Job, JobSlot
from .worker import EngineWorker

__all__ = ["SESSION", "EditedLayers", "LiveState", "OverlayState", "Session"]


@dataclass
class LiveState:
    """What live controls know of pictures.

    Attributes:
        took_s: seconds that the last update of a picture took, by the image's session_uid.
        waiting: session_uid of the picture that is updated when the slider rests; 0 for none.
    """

    took_s: dict[int, float] = field(default_factory=dict)
    waiting: int = 0


@dataclass
class OverlayState:
    """The threshold's preview: its draw handler, and the texture at hand with what it shows."""

    handle: Any = None
    texture: tuple[object, Any] | None = None


@dataclass(frozen=True)
class EditedLayers:
    """Layers as the user left them; at every value of a slider, edits are carried over from these.

    So an edit that has no place at one value of the slider is there again at the next.

    Attributes:
        work: what was done to them; None if the layers that they came from cannot be made any more.
        locked: uids of those that stay as they are.
        content: their bytes; None while those are still to come.
        keys: the image's keys of them and of all that was carried over from them.
    """

    work: Handwork | None
    locked: frozenset[int]
    content: bytes | None
    keys: set[str] = field(default_factory=set)


class Session:
    """A Blender session: its worker, the job under way, and what is kept at hand of pictures.

    Attributes:
        worker: the engine's process.
        jobs: the prediction or export under way.
        preload: the picture that is got ready for its sliders.
        depth, layers, layer_files, layer_list: what is kept with pictures in the .blend.
        layer_sessions: the picture worked on last, ready to be taken apart again.
        live, overlay: see their classes.
        edited: the layers last edited by hand, which a slider carries over.
        background_layers: layers of a large picture that a thread makes.
        built_layers: uids of layers that have objects, by their collection's session_uid.
    """

    def __init__(self) -> None:
        self.worker = EngineWorker()
        self.jobs = JobSlot(self.worker)
        self.preload: Job | None = None
        self.depth = DepthStore()
        self.layer_files = LayerFiles()
        self.layer_sessions = LayerSessions(self.depth)
        self.layers = LayerStore(self.layer_files, self.layer_sessions, carry)
        self.layer_list = LayerList()
        self.live = LiveState()
        self.overlay = OverlayState()
        self.edited: EditedLayers | None = None
        self.background_layers = BackgroundLayers(self.layer_sessions)
        self.built_layers: dict[int, set[int]] = {}

    def forget_file(self) -> None:
        """Another file is open: undo steps that bytes were kept for are gone, pictures too."""
        self.layer_files.forget_undone()
        self.clear_memory()
        self.layer_sessions.close()
        self.built_layers = {}

    def clear_memory(self) -> None:
        """Forget decoded layers and depth; those in the file stay."""
        self.edited = None
        self.background_layers.drop()
        self.layers.clear()
        self.depth.clear()

    def close(self) -> None:
        """End and forget everything: the add-on is switched off."""
        self.jobs.close()
        self.preload = None
        self.live = LiveState()
        self.built_layers = {}
        self.worker.close()
        self.layer_files.close()
        self.clear_memory()
        self.layer_sessions.close()


SESSION = Session()
