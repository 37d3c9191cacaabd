"""A JPEG of quality 60 falls into about as many layers as the picture it was made from."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from illustrators_depth import decompose, predict_depth
from illustrators_depth.io.pictures.read_image import read_image
from illustrators_depth.settings import CompleteSettings
from illustrators_depth.types import Image

_EXAMPLES = Path(__file__).parents[3] / "examples"
_LONGEST_PX = 640


def _layer_count(rgb: NDArray[np.uint8]) -> int:
    rgba = np.dstack([rgb / np.float32(255), np.ones(rgb.shape[:2], np.float32)])
    image = Image(rgba.astype(np.float32))
    depth = predict_depth(image, model="compact")
    return len(decompose(image, depth, complete=CompleteSettings(method="none")))


def test_compression_hardly_changes_the_number_of_layers_of_the_examples() -> None:
    off = {}
    for path in sorted(_EXAMPLES.iterdir()):
        # The painted canvas is at the border between flat art and a painting, compressed or not.
        if path.suffix == ".md" or path.stem == "sunflower-canvas":
            continue
        rgb = np.rint(read_image(path).over() * 255.0).astype(np.uint8)
        scale = _LONGEST_PX / max(rgb.shape[:2])
        rgb = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        data = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 60])[1]
        lossy = np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])
        clean = _layer_count(rgb)
        off[path.stem] = abs(_layer_count(lossy) - clean) / clean
    assert len(off) == 9
    assert max(off.values()) <= 0.2, off
    assert float(np.mean(list(off.values()))) <= 0.075, off
