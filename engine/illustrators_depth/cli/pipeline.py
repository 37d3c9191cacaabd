"""The way from a picture (or saved layers) to a stack, shared by `layers` and `relief`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from ..io.read_image import read_image
from ..io.stack_file import load_stack
from ..nouns import DepthMap, Image, LayerStack
from ..predictors.base import Progress
from ..settings import CompleteSettings, DecomposeSettings, DepthSettings, ReadSettings

__all__ = ["Made", "make_stack", "spare_source"]


@dataclass(frozen=True)
class Made:
    """A stack and what it was made from; picture and depth are None for a loaded `.idl`."""

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
) -> Made:
    """Read, predict and decompose `source`, or load it when it is an `.idl` file."""
    if source.suffix.lower() == ".idl":
        return Made(load_stack(source, read.max_pixels, progress))
    from ..depth import predict_depth
    from ..layering.decompose import decompose as decompose_image

    image = read_image(source, read)
    values = predict_depth(image, settings=depth, progress=progress)
    stack = decompose_image(image, values, decompose, complete, progress)
    return Made(stack, image, values)


def spare_source(source: Path, final: Path) -> None:
    """Refuse to write over the picture itself, which --overwrite does not mean.

    Saved layers (`.idl`) may be edited in place. Raises InputError.
    """
    source = source.expanduser()
    both_there = source.is_file() and final.is_file()
    if both_there and source.suffix.lower() != ".idl" and source.samefile(final):
        raise InputError(f"{final} is the picture itself; choose another name for the output.")
