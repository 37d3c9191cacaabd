"""Small drawings whose full shapes are known, and data sets made of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from illustrators_depth_training.data.drawing.sample import encode_index_png, encode_png
from illustrators_depth_training.data.shards import tar_bytes
from illustrators_depth_training.samples.drawings import pack_shapes

Stack = tuple[np.ndarray, np.ndarray, np.ndarray]


def disc_under_bar(side: int = 128) -> np.ndarray:
    """Page, a disc, and a bar across its middle: bool (3, side, side)."""
    shapes = np.zeros((3, side, side), np.uint8)
    shapes[0] = 1
    cv2.circle(shapes[1], (side // 2, side // 2), side // 3, 1, -1)
    cv2.rectangle(shapes[2], (0, side // 2 - side // 12), (side, side // 2 + side // 12), 1, -1)
    return shapes > 0


def random_shapes(seed: int, side: int = 96, count: int = 5) -> np.ndarray:
    """Page and ellipses or boxes that overlap: bool (count + 1, side, side)."""
    rng = np.random.default_rng(seed)
    shapes = np.zeros((count + 1, side, side), np.uint8)
    shapes[0] = 1
    for shape in shapes[1:]:
        x, y = rng.integers(side // 4, 3 * side // 4, 2).tolist()
        a, b = rng.integers(side // 8, side // 3, 2).tolist()
        if rng.random() < 0.5:
            cv2.ellipse(shape, (x, y), (a, b), float(rng.integers(180)), 0, 360, 1, -1)
        else:
            cv2.rectangle(shape, (x - a, y - b), (x + a, y + b), 1, -1)
    return shapes > 0


def stack_of(shapes: np.ndarray, seed: int = 0) -> Stack:
    """Picture uint8 (H, W, 3), index int32 (H, W) and the shapes of the layers that show."""
    index = np.zeros(shapes.shape[1:], np.int32)
    for number, shape in enumerate(shapes, 1):
        index[shape] = number
    shown, dense = np.unique(index, return_inverse=True)
    colors = np.random.default_rng(seed).integers(30, 225, (len(shown), 3)).astype(np.uint8)
    colors[0] = 255
    dense = dense.reshape(index.shape)
    return colors[dense], (dense + 1).astype(np.int32), shapes[shown - 1]


def occlusions_of(index: np.ndarray, shapes: np.ndarray) -> list[list[int]]:
    """[below, above, hidden pixels, visible border pixels] of the pairs that overlap."""
    pairs = []
    for above in range(2, len(shapes) + 1):
        for below in range(2, above):
            hidden = int((shapes[above - 1] & shapes[below - 1]).sum())
            near = cv2.dilate((index == below).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
            if hidden >= 16:
                pairs.append([below, above, hidden, int((near & (index == above)).sum())])
    return pairs


def write_set(
    folder: Path,
    stacks: Sequence[Stack],
    split: str = "val",
    full_shapes: bool = True,
    occlusions: bool = True,
    **extra: Any,
) -> Path:
    """A data set of one shard in `folder`; `extra` goes into every sample's JSON."""
    members = []
    for number, (rgb, index, shapes) in enumerate(stacks):
        meta: dict[str, Any] = {
            "source": f"made:{number % 2}", "licence": "CC0-1.0", "author": "nobody",
            "layers": int(index.max()), "name": f"stack {number}", "group": f"g{number}", **extra,
        }  # fmt: skip
        if occlusions:
            meta["occlusions"] = occlusions_of(index, shapes)
        members += [
            (f"{number:04d}.rgb.png", encode_png(rgb)),
            (f"{number:04d}.index.png", encode_index_png(index)),
        ]
        if full_shapes:
            members.append((f"{number:04d}.shapes", pack_shapes(shapes)))
        members.append((f"{number:04d}.json", json.dumps(meta).encode()))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{split}-000000.tar").write_bytes(tar_bytes(members))
    return folder
