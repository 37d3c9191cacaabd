"""Renders SVG text with an independent renderer (resvg), for the tests of drawings."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as PilImage


def render(svg: str) -> NDArray[np.float32]:
    """Straight-alpha RGBA, float32 (H, W, 4), 0..1, at the drawing's own size."""
    resvg = pytest.importorskip("resvg_py", reason="resvg-py is not installed")
    data = bytes(resvg.svg_to_bytes(svg_string=svg))
    return np.asarray(PilImage.open(io.BytesIO(data)).convert("RGBA"), np.float32) / 255.0


def over_white(rgba: NDArray[np.float32]) -> NDArray[np.float32]:
    return rgba[..., :3] * rgba[..., 3:] + 1.0 - rgba[..., 3:]


def numbers_of(path: str) -> list[float]:
    """All numbers of a path's data."""
    return [float(n) for n in re.findall(r"-?\d*\.?\d+", path)]
