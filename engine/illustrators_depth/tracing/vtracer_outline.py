"""Outlines by VTracer (MIT, visioncortex): the alternative to our own, one mask at a time."""

from __future__ import annotations

import re

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import UnavailableError
from ..product_settings import VectorizeSettings

__all__ = ["check_vtracer", "vtracer_outlines"]

_PATH = re.compile(r'<path d="([^"]*)"[^>]*translate\(([-\d.]+),\s*([-\d.]+)\)')
_COMMAND = re.compile(r"([MLCZ])([^MLCZ]*)")


def check_vtracer() -> None:
    """Raise UnavailableError unless vtracer can be loaded."""
    try:
        import vtracer  # noqa: F401
    except ImportError as error:
        raise UnavailableError(
            "The tracer vtracer is not installed; run pip install vtracer, or use the tracer "
            "contour."
        ) from error


def vtracer_outlines(
    mask: NDArray[np.bool_], top: int, left: int, settings: VectorizeSettings
) -> list[NDArray[np.float64]]:
    """Closed outlines of a mask, each float64 (k, 4, 2) cubics as `follow_rings` gives them.

    Args:
        mask: bool (h, w).
        top, left: where it lies in the picture.
        settings: corner_angle and despeckle are passed on.

    Raises:
        UnavailableError: vtracer is not installed.
    """
    check_vtracer()
    import vtracer

    # Black on white is what its binary mode traces.
    done, data = cv2.imencode(".png", np.where(mask, 0, 255).astype(np.uint8))
    if not done:
        raise RuntimeError("OpenCV could not encode the mask")
    svg = vtracer.convert_raw_image_to_svg(
        data.tobytes(),
        img_format="png",
        colormode="binary",
        mode="spline",
        filter_speckle=max(0, round(settings.despeckle**0.5)),
        corner_threshold=round(settings.corner_angle),
        path_precision=settings.decimals + 1,
    )
    outlines: list[NDArray[np.float64]] = []
    for path, x, y in _PATH.findall(svg):
        outlines += _parse(path, np.array([float(x) + left, float(y) + top]))
    return outlines


def _parse(path: str, offset: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Subpaths of absolute M, L, C, Z commands as runs of cubics."""
    outlines: list[NDArray[np.float64]] = []
    curves: list[NDArray[np.float64]] = []
    start = at = offset
    for letter, rest in _COMMAND.findall(path):
        points = np.array(rest.replace(",", " ").split(), np.float64).reshape(-1, 2) + offset
        if letter == "M":
            start = at = points[0]
            points = points[1:]
            letter = "L"
        if letter == "C":
            for one, two, three in points.reshape(-1, 3, 2):
                curves.append(np.stack([at, one, two, three]))
                at = three
        elif letter == "L":
            for point in points:
                curves.append(_line(at, point))
                at = point
        else:
            if np.abs(at - start).max() > 1e-6:
                curves.append(_line(at, start))
            if curves:
                outlines.append(np.stack(curves))
            curves, at = [], start
    return outlines


def _line(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    third = (end - start) / 3.0
    return np.stack([start, start + third, end - third, end])
