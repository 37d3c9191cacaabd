"""The verb from a picture to its depth, and a session that keeps a predictor for many pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .blas_memory import reserve_blas_memory
from .predictors import Predictor, make_predictor
from .progress import Progress, no_progress
from .settings import DepthSettings
from .types import DepthMap, Image

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image as PilImage

__all__ = ["DepthSession", "predict_depth"]


class DepthSession:
    """A predictor loaded once and used for many pictures.

    The costly part (reading weights, warming up a device) happens on the first `predict`.
    """

    def __init__(self, settings: DepthSettings | None = None) -> None:
        self.settings = DepthSettings.or_default(settings)
        self._predictor: Predictor | None = None

    @property
    def predictor(self) -> Predictor:
        """The settings' predictor, made when it is first asked for.

        Raises InputError or UnavailableError, as `predict_depth` does.
        """
        if self._predictor is None:
            self._predictor = make_predictor(self.settings)
        return self._predictor

    def predict(self, image: Image, progress: Progress = no_progress) -> DepthMap:
        """Depth of one picture at its own size; see `predict_depth`."""
        reserve_blas_memory()
        if self.settings.denoise > 0.0:
            from .regions.denoise import denoise

            image = replace(image, rgba=denoise(image.rgba, self.settings.denoise))
        return self.predictor.predict(image, progress)


def predict_depth(
    image: str | Path | PilImage.Image | np.ndarray[Any, Any] | Image,
    model: str | Path = "compact",
    device: str = "auto",
    *,
    settings: DepthSettings | None = None,
    progress: Progress | None = None,
) -> DepthMap:
    """Predict the illustrator's depth of a picture.

    Args:
        image: a path, a PIL image, an array (HxW, HxWx3 or HxWx4; uint8, uint16 or float 0..1) or
            an Image.
        model: a predictor's name, or the path of a checkpoint or depth file.
        device: "auto", "cpu", "cuda", "cuda:N" or "mps".
        settings: all of the above in one object; overrides `model` and `device`.
        progress: called with (stage, fraction); may raise Cancelled.

    Returns:
        DepthMap: `.values` is float32 HxW at the picture's size, larger = nearer the viewer.

    Raises:
        InputError: the picture or the model cannot be used.
        UnavailableError: the device or an optional package is missing.
    """
    from .io.pictures.read_image import read_image

    name = str(model) if isinstance(model, Path) else model
    chosen = settings if settings is not None else DepthSettings(model=name, device=device)
    return DepthSession(chosen).predict(read_image(image), progress or no_progress)
