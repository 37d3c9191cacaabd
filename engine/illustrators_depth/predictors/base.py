"""The one protocol that every source of depth follows."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from ..progress import Progress, no_progress
from ..types import DepthMap, Image

__all__ = ["Predictor"]


@runtime_checkable
class Predictor(Protocol):
    """Turns a picture into an illustrator's depth.

    Attributes:
        name: the predictor's name, as `DepthSettings.model` spells it.
        device: where it runs ("cpu", "cuda:0", "mps", or "none" for predictors without a network).
    """

    name: str
    device: str

    def predict(self, image: Image, progress: Progress = no_progress) -> DepthMap:
        """Return depth at the picture's size, larger = nearer the viewer.

        Raises Cancelled when `progress` does.
        """
        ...
