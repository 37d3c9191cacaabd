"""A stack and a camera move as a file: .mp4, .gif, .webp, or a folder of PNG frames."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage

from ..errors import InputError, check_kind
from ..io.atomic import atomic_folder, atomic_path, check_output, check_output_folder
from ..io.names import safe_name
from ..io.stale_files import listed_files, remove_stale
from ..io.user_path import user_path
from ..product_settings import ParallaxSettings
from ..progress import Progress, no_progress
from ..types import LayerStack
from .camera import CameraPose, camera_path, plane_depths
from .render import ParallaxRenderer
from .video import write_mp4

__all__ = ["PARALLAX_SUFFIXES", "Movie", "check_parallax_output", "frame_size", "write_parallax"]

Pixels = NDArray[np.uint8]

PARALLAX_SUFFIXES = (".mp4", ".webp", ".gif")
FRAMES_INDEX = "frames.json"
MAX_HEIGHT_PX, MAX_GIF_HEIGHT_PX = 1080, 480
MAX_SIDE_PX = 8192
_WEBP_QUALITY = 85


@dataclass(frozen=True)
class Movie:
    """What was written.

    Attributes:
        path: the file or folder.
        size: (width, height) in pixels.
        frames: how many.
        codec: how they are packed.
    """

    path: Path
    size: tuple[int, int]
    frames: int
    codec: str


def check_parallax_output(
    path: str | Path, settings: ParallaxSettings, overwrite: bool = False
) -> Path:
    """Say early whether a movie may be written to `path`; return it. No ending means a folder.

    Raises InputError for another ending, for alpha where the format has none, and as
    `check_output` does.
    """
    final = user_path(path)
    suffix = _suffix(final)
    if not suffix:
        if final.suffix and not final.is_dir():
            raise InputError(
                f"{final.name}: a move is written as {', '.join(PARALLAX_SUFFIXES)}, or into a "
                "folder of frames (a name without an ending); choose one of these."
            )
        return check_output_folder(final, overwrite)
    if settings.alpha and suffix == ".mp4":
        raise InputError(
            f"{final.name}: MP4 video has no transparency; write a .webp, a .gif or a folder of "
            "frames, or leave out --alpha."
        )
    return check_output(final, overwrite)


def frame_size(stack: LayerStack, settings: ParallaxSettings, suffix: str) -> tuple[int, int]:
    """Width and height of the frames, both even, as video codecs want them.

    Raises InputError when a frame would be wider or higher than MAX_SIDE_PX.
    """
    max_height = MAX_GIF_HEIGHT_PX if suffix == ".gif" else MAX_HEIGHT_PX
    height = settings.height or min(stack.height, max_height)
    width = height * stack.width / stack.height
    size = (max(2, 2 * round(width / 2.0)), max(2, 2 * round(height / 2.0)))
    if max(size) > MAX_SIDE_PX:
        raise InputError(
            f"Frames of {size[0]} x {size[1]} pixels are too large; choose a height that keeps "
            f"both sides within {MAX_SIDE_PX}."
        )
    return size


def write_parallax(
    stack: LayerStack,
    path: str | Path,
    settings: ParallaxSettings | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Movie:
    """Render a camera move among the layers and write it, atomically, as the ending says.

    - `.mp4`: H.264 where FFmpeg is found (package imageio-ffmpeg, or on PATH), else MPEG-4 Part 2.
    - `.webp`, `.gif`: an animation that repeats for ever, with transparency if asked for.
    - none: a folder of numbered PNG frames and `frames.json`, which lists them.

    Args:
        stack: the layers; hidden ones are left out.
        path, overwrite: where to.
        settings: move, length and size.
        progress: is told the share of frames done.

    Raises InputError as `check_parallax_output` and `camera_path` do, and when no layer is shown;
    UnavailableError when nothing on the machine writes the format.
    """
    check_kind(stack, LayerStack, "stack", "call decompose first")
    settings = ParallaxSettings.or_default(settings)
    final = check_parallax_output(path, settings, overwrite)
    suffix = _suffix(final)
    size = frame_size(stack, settings, suffix)
    aspect = stack.width / stack.height
    farthest = plane_depths(max(1, len(stack.shown())), aspect, settings.offset)[0]
    poses = camera_path(settings, aspect, farthest)
    closest = max(pose.view(1.0)[0] for pose in poses)
    renderer = ParallaxRenderer(stack, size, settings.offset, closest)
    frames = _frames(renderer, poses, settings, progress or no_progress)
    if not suffix:
        _write_frames(frames, final, stack.name, settings, overwrite)
        return Movie(final, size, len(poses), "PNG")
    with atomic_path(final, overwrite) as temporary:
        if suffix == ".mp4":
            codec = write_mp4(frames, size, settings.fps, temporary)
        elif suffix == ".webp":
            codec = _write_webp(frames, temporary, settings)
        else:
            codec = _write_gif(frames, temporary, settings)
    return Movie(final, size, len(poses), codec)


def _suffix(final: Path) -> str:
    suffix = final.suffix.lower()
    return suffix if suffix in PARALLAX_SUFFIXES else ""


def _frames(
    renderer: ParallaxRenderer,
    poses: list[CameraPose],
    settings: ParallaxSettings,
    progress: Progress,
) -> Iterator[Pixels]:
    """Frames as they are written: RGB over the background, or straight RGBA."""
    background = np.array([int(settings.background[k : k + 2], 16) for k in (1, 3, 5)], np.float32)
    for index, pose in enumerate(poses):
        progress("frames", index / len(poses))
        frame = renderer.frame(pose)
        alpha = frame[..., 3]
        if settings.alpha:
            yield _straight(frame)
        elif alpha.min() == 255:
            yield np.ascontiguousarray(frame[..., :3])
        else:
            transparency = (255 - alpha).astype(np.float32)[..., None] / 255.0
            yield np.rint(np.minimum(frame[..., :3] + transparency * background, 255.0)).astype(
                np.uint8
            )
    progress("frames", 1.0)


def _straight(frame: Pixels) -> Pixels:
    """Premultiplied to straight alpha."""
    alpha = np.maximum(frame[..., 3:].astype(np.float32), 1.0) / 255.0
    color = np.minimum(frame[..., :3] / alpha, 255.0)
    return np.concatenate([np.rint(color).astype(np.uint8), frame[..., 3:]], axis=2)


def _write_frames(
    frames: Iterator[Pixels], final: Path, name: str, settings: ParallaxSettings, overwrite: bool
) -> None:
    names: list[str] = []
    with atomic_folder(final, overwrite) as temporary:
        for number, frame in enumerate(frames, 1):
            names.append(f"{number:04d}_{safe_name(name)}.png")
            code = cv2.COLOR_RGBA2BGRA if frame.shape[2] == 4 else cv2.COLOR_RGB2BGR
            _, encoded = cv2.imencode(".png", cv2.cvtColor(frame, code))
            (temporary / names[-1]).write_bytes(encoded.tobytes())
        listing = {
            "format": "illustrators-depth-frames",
            "version": 1,
            "fps": settings.fps,
            "loop": True,
            "frames": [{"file": each} for each in names],
        }
        text = json.dumps(listing, indent=2) + "\n"
        (temporary / FRAMES_INDEX).write_text(text, encoding="utf-8", newline="\n")
        earlier = listed_files(final, FRAMES_INDEX, "frames", (".png",))
    remove_stale(final, earlier, names)


def _durations(settings: ParallaxSettings, unit_ms: int) -> list[int]:
    """Milliseconds per frame, multiples of `unit_ms`, that add up to the length of the move."""
    step = 1000.0 / settings.fps / unit_ms
    marks = [round(k * step) for k in range(settings.frame_count + 1)]
    return [
        max(1, after - before) * unit_ms
        for before, after in pairwise(marks)
    ]  # fmt: skip


def _write_webp(frames: Iterator[Pixels], path: Path, settings: ParallaxSettings) -> str:
    pictures = (PilImage.fromarray(frame) for frame in frames)
    first = next(pictures)
    first.save(
        path, "WEBP", save_all=True, append_images=pictures, loop=0, method=1,
        quality=_WEBP_QUALITY, duration=_durations(settings, 1),
    )  # fmt: skip
    return "WebP"


def _write_gif(frames: Iterator[Pixels], path: Path, settings: ParallaxSettings) -> str:
    """One palette for all frames, so that flat colours do not flicker."""
    palette: PilImage.Image | None = None
    pictures: list[PilImage.Image] = []
    for frame in frames:
        solid = PilImage.fromarray(np.ascontiguousarray(frame[..., :3]))
        if palette is None:
            palette = solid.quantize(255, PilImage.Quantize.MEDIANCUT)
        indexed = solid.quantize(palette=palette, dither=PilImage.Dither.NONE)
        if settings.alpha:
            numbers = np.array(indexed)
            numbers[frame[..., 3] < 128] = 255
            colors = indexed.getpalette() or []
            indexed = PilImage.fromarray(numbers, "P")
            indexed.putpalette((colors + [0] * 768)[:768])
        pictures.append(indexed)
    clear = {"transparency": 255, "disposal": 2} if settings.alpha else {}
    pictures[0].save(
        path, "GIF", save_all=True, append_images=pictures[1:], loop=0, optimize=False,
        duration=_durations(settings, 10), **clear,
    )  # fmt: skip
    return "GIF"
