"""The way from a picture (or saved layers) to a stack, shared by the commands and the batch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .blas_memory import reserve_blas_memory
from .progress import Progress, no_progress
from .settings import CompleteSettings, DecomposeSettings, DepthSettings, ReadSettings
from .types import DepthMap, Image, LayerStack

if TYPE_CHECKING:
    from .depth import DepthSession

__all__ = ["LayeredPicture", "make_stack", "predict_inside"]


@dataclass(frozen=True)
class LayeredPicture:
    """A stack and what it was made from.

    Attributes:
        stack: the layers.
        image, depth: None where the file held its layers already.
    """

    stack: LayerStack
    image: Image | None = None
    depth: DepthMap | None = None


def make_stack(
    source: Path,
    read: ReadSettings,
    depth: DepthSettings,
    decompose: DecomposeSettings,
    complete: CompleteSettings,
    progress: Progress,
    session: DepthSession | None = None,
) -> LayeredPicture:
    """Read, predict and decompose `source`, or load the layers that it holds already.

    session: a loaded predictor to use, which then decides instead of `depth`.
    """
    reserve_blas_memory()
    if source.suffix.lower() == ".idl":
        from .io.stack_file import load_stack

        return LayeredPicture(load_stack(source, read.max_pixels, progress))
    from .layered import holds_layers, read_layers

    if holds_layers(source):
        return LayeredPicture(read_layers(source, read.split, max_pixels=read.max_pixels))
    from .depth import DepthSession
    from .io.pictures.describe import picture_size
    from .io.pictures.picture_file import LAYERS_BYTES_PER_PIXEL, check_memory, check_pixels
    from .io.pictures.read_image import read_image
    from .layering.decompose import decompose as decompose_image

    width, height = picture_size(source)
    check_pixels(source.name, width, height, read.max_pixels)
    check_memory(source.name, width, height, LAYERS_BYTES_PER_PIXEL)
    image = read_image(source, read)
    values = (session or DepthSession(depth)).predict(image, progress)
    stack = decompose_image(image, values, decompose, complete, progress)
    return LayeredPicture(stack, image, values)


def predict_inside(
    stack: LayerStack,
    index: int,
    depth: DepthSettings | None = None,
    decompose: DecomposeSettings | None = None,
    complete: CompleteSettings | None = None,
    progress: Progress | None = None,
    session: DepthSession | None = None,
) -> LayerStack:
    """Predict the depth of one layer alone and take it apart; see `editing.take_apart`.

    Args:
        stack: the layers.
        index: which one.
        depth, decompose, complete: settings of the prediction and of the taking apart.
        progress: called with (stage, fraction).
        session: a loaded predictor to use, which then decides instead of `depth`.

    Raises InputError when the layer cannot be taken apart.
    """
    from .depth import DepthSession
    from .editing.take_apart import layer_picture, take_apart

    report = progress or no_progress
    values = (session or DepthSession(depth)).predict(layer_picture(stack, index), report)
    return take_apart(stack, index, values, decompose, complete, report)
