"""`illustrators-depth depth`: a picture's depth map as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from ...io.atomic import check_output
from ...settings import DepthSettings, ReadSettings
from .. import options
from ..pipeline import check_split, spare_source
from ..report import stage_progress, stopwatch, wrote
from ..settings_options import takes

__all__ = ["depth"]

Out = Annotated[
    Path | None,
    options.out_option(
        ".npy, .exr or .tif (float32), or .png (16-bit). Default: IMAGE-depth.png here."
    ),
]


@takes(settings=options.DEPTH, read=options.READ)
def depth(
    image: options.Picture,
    out: Out = None,
    *,
    settings: DepthSettings,
    read: ReadSettings,
    overwrite: options.Overwrite = False,
) -> None:
    """Predict the [bold]depth map[/bold] of a picture: for every pixel, how near in the stack.

    The values are float32, of the picture's size; larger = nearer the viewer. Unit and offset are
    the model's own: only order and relative spacing count. A file that holds layers (.svg, .ora,
    .psd) gives their numbers, 1 at the bottom, and nothing is predicted.

    Example: [cyan]illustrators-depth depth fox.png -o fox-depth.npy[/cyan]
    """
    from ...io.depth_file import check_depth_suffix, write_depth
    from ...io.pictures.read_image import read_image
    from ...layered import holds_layers, read_layers
    from ...types import DepthMap

    final = out if out is not None else Path(f"{image.stem}-depth.png")
    check_depth_suffix(final)
    final = check_output(final, overwrite)
    spare_source(image, final)
    check_split(image, read)
    with stopwatch() as seconds, stage_progress() as progress:
        if holds_layers(image):
            stack = read_layers(image, read.split, max_pixels=read.max_pixels)
            values = DepthMap(stack.discrete_depth(), "layers")
        else:
            from ...depth import predict_depth

            picture = read_image(image, read)
            values = predict_depth(picture, settings=settings, progress=progress)
        write_depth(values, final, overwrite)
    height, width = values.shape
    wrote(
        final,
        f"{width} x {height}, {values.predictor} on {values.device}, {seconds[0]:.1f} s",
    )
