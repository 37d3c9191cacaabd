"""What both packed files have in common: long tables, blocks of drawings, what is said of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import InputError

from ..data.shards import SPLITS
from .container import Container

__all__ = [
    "CORPUS_KIND",
    "CORPUS_TITLE",
    "NO_REGION",
    "TRAVEL_KIND",
    "TRAVEL_TITLE",
    "Progress",
    "block_ranges",
    "read_meta",
    "stored_splits",
    "table_ends",
    "wrong_size",
]

CORPUS_KIND, CORPUS_TITLE = "corp", "packed corpus"
TRAVEL_KIND, TRAVEL_TITLE = "trvl", "travel pack"
NO_REGION = 0xFFFF
"""What a map of regions holds where there is none."""
_DRAWINGS_PER_BLOCK = 64

Progress = Callable[[int, int], None]
"""Called with the number of drawings done and of all."""


def stored_splits(folder: Path) -> list[str]:
    """The splits whose shards a folder holds; InputError when there are none."""
    splits = [split for split in SPLITS if any(folder.glob(f"{split}-[0-9]*.tar"))]
    if not splits:
        raise InputError(f"{folder} holds no shards; build the data set first.")
    return splits


def table_ends(counts: Sequence[int]) -> NDArray[np.int64]:
    """Where each part of a long table begins, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(np.asarray(counts, np.int64))]).astype(np.int64)


def block_ranges(count: int) -> list[range]:
    """0 to `count` in blocks, each packed in one go by one process."""
    starts = range(0, count, _DRAWINGS_PER_BLOCK)
    return [range(start, min(start + _DRAWINGS_PER_BLOCK, count)) for start in starts]


def wrong_size(
    key: str, size: tuple[int, ...], expected: tuple[int, ...], title: str
) -> InputError:
    """The error for a drawing (height, width) among drawings of another size."""
    return InputError(
        f"Sample {key} is {size[1]}x{size[0]}, but a {title} holds drawings of one size, here "
        f"{expected[1]}x{expected[0]}."
    )


def read_meta(container: Container) -> list[dict[str, Any]]:
    """What a packed file says of each of its drawings."""
    try:
        meta: list[dict[str, Any]] = json.loads(container.array("meta").tobytes())
    except ValueError as error:
        raise InputError(f"{container.path} is damaged at meta; pack it again.") from error
    return meta
