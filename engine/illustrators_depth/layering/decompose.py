"""From a picture and its depth to layers, in one call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..progress import Progress
from ..settings import CompleteSettings, DecomposeSettings
from ..types import DepthMap, Image, LayerStack
from .session import LayerSession

if TYPE_CHECKING:
    from PIL import Image as PilImage

__all__ = ["decompose"]


def decompose(
    image: str | Path | PilImage.Image | NDArray[Any] | Image,
    depth: DepthMap | NDArray[np.floating],
    settings: DecomposeSettings | None = None,
    complete: CompleteSettings | None = None,
    progress: Progress | None = None,
) -> LayerStack:
    """Discretise a picture's depth into layers that continue under one another.

    Args:
        image: a path, a PIL image, an array or an Image.
        depth: its depth map, of the same size; larger = nearer.
        settings: method, number of layers and thresholds.
        complete: how layers continue where others cover them.
        progress: called with (stage, fraction); may raise Cancelled.

    Returns:
        LayerStack, bottom to top, deterministic. Every opaque pixel belongs to exactly one layer.

    Raises:
        InputError: the picture cannot be read, `depth` is no array of numbers, sizes differ, the
            picture is fully transparent, or more layers are asked for than there are.
    """
    from ..io.pictures.read_image import read_image

    settings = DecomposeSettings.or_default(settings)
    complete = CompleteSettings.or_default(complete, "complete")
    picture = read_image(image)
    if not isinstance(depth, DepthMap):
        try:
            depth = DepthMap(np.asarray(depth, np.float32), "array")
        except (TypeError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(
                f"depth must be a DepthMap or an array of numbers, not {type(depth).__name__}."
            ) from error
    return LayerSession(picture, depth, keep=False).decompose(settings, complete, progress)
