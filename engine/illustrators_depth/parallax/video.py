"""Frames into an MP4: H.264 through FFmpeg where there is one, else what OpenCV brings along."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, UnavailableError
from ..io.suppress_output import quiet_opencv

__all__ = ["ffmpeg_program", "write_mp4"]

# Constant quality; 18 is where x264 is called visually lossless.
_QUALITY = "18"
# sRGB stated as what players take untagged video for: BT.709, limited range.
_COLOR = (
    "-vf", "scale=out_color_matrix=bt709:out_range=tv",
    "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "iec61966-2-1",
)  # fmt: skip


def ffmpeg_program() -> str | None:
    """FFmpeg on this machine: the one of the package imageio-ffmpeg, or one on PATH."""
    try:
        return str(importlib.import_module("imageio_ffmpeg").get_ffmpeg_exe())
    except (ImportError, RuntimeError, OSError):
        return shutil.which("ffmpeg")


def write_mp4(
    frames: Iterable[NDArray[np.uint8]], size: tuple[int, int], fps: float, path: Path
) -> str:
    """Write frames (uint8 (h, w, 3), RGB, even sides) to a file; return the codec's name.

    Raises InputError where encoding fails, UnavailableError where nothing here writes video.
    """
    program = ffmpeg_program()
    if program is None:
        _write_opencv(frames, size, fps, path)
        return "MPEG-4 Part 2"
    _write_ffmpeg(program, frames, size, fps, path)
    return "H.264"


def _write_ffmpeg(
    program: str,
    frames: Iterable[NDArray[np.uint8]],
    size: tuple[int, int],
    fps: float,
    path: Path,
) -> None:
    command = [
        program, "-hide_banner", "-loglevel", "error", "-y",
        "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}", "-r", f"{fps:.6g}",
        "-i", "-", *_COLOR, "-c:v", "libx264", "-preset", "veryfast", "-crf", _QUALITY,
        "-pix_fmt", "yuv420p", "-movflags", "+faststart", str(path),
    ]  # fmt: skip
    with tempfile.TemporaryFile() as messages:
        try:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=messages)
        except OSError as error:
            raise UnavailableError(
                f"{program} cannot be started ({error.strerror}); repair it, or write a .webp."
            ) from error
        assert process.stdin is not None
        try:
            for frame in frames:
                process.stdin.write(np.ascontiguousarray(frame).data)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it has ended; its message is read below
        except BaseException:
            process.kill()
            process.wait()
            raise
        if process.wait() != 0:
            raise InputError(
                f"FFmpeg could not write {path.suffix}: {_last_line(messages)}; install one with "
                "libx264 (pip install imageio-ffmpeg), or write a .webp."
            )


def _last_line(stream: IO[bytes]) -> str:
    stream.seek(0)
    lines = stream.read().decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "it ended without a word"


def _write_opencv(
    frames: Iterable[NDArray[np.uint8]], size: tuple[int, int], fps: float, path: Path
) -> None:
    with quiet_opencv():
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, size)
    try:
        if not writer.isOpened():
            raise UnavailableError(
                "Nothing on this machine writes MP4 video: pip install imageio-ffmpeg, or write a "
                ".webp, a .gif or a folder of frames."
            )
        for frame in frames:
            writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    finally:
        writer.release()
