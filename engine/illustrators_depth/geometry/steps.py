"""Which steps a terraced relief has, and where: the layers that are seen, grouped and cleaned."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..layering.partition import optimal_partition
from ..nouns import Layer, LayerStack
from ..outlines import mask_window
from ..settings import ReliefSettings

__all__ = ["Step", "Steps", "relief_steps", "seen_levels"]


@dataclass(frozen=True)
class Step:
    """One step: the layer it shows, or the largest of those that share it.

    Attributes:
        name: the layer's.
        layer: its index in the stack.
        color: sRGB 0..1; of several layers the mean over what is seen of them.
    """

    name: str
    layer: int
    color: tuple[float, float, float]


@dataclass(frozen=True)
class Steps:
    """The steps of a relief.

    Attributes:
        levels: int32 (H, W), number of the step at every pixel, -1 where nothing is.
        steps: bottom to top; every one of them is somewhere in `levels`.
    """

    levels: NDArray[np.int32]
    steps: tuple[Step, ...]


def relief_steps(stack: LayerStack, settings: ReliefSettings) -> Steps:
    """One step per layer that is seen, after `max_steps` and `smallest_mm`.

    Raises InputError when no layer is shown, or nothing is as wide as `smallest_mm`.
    """
    levels = seen_levels(stack)
    if settings.smallest_mm > 0.0:
        scale = settings.size_mm / max(stack.width, stack.height)
        levels = _without_narrow(levels, settings.smallest_mm / scale, settings.smallest_mm)
    shown = stack.shown()
    inside = levels >= 0
    areas = np.bincount(levels[inside], minlength=len(shown))
    kept = np.flatnonzero(areas)
    if len(kept) == 0:
        raise InputError(f"The stack {stack.name!r} has no shown layer; unhide one.")
    depths = np.maximum.accumulate([float(shown[k][1].depth) for k in kept])
    count = min(settings.max_steps or len(kept), len(kept))
    starts = optimal_partition(depths, areas[kept].astype(np.float64), count)
    group = np.searchsorted(starts, np.arange(len(kept)), side="right") - 1
    number = np.full(len(shown), -1, np.int32)
    number[kept] = group
    steps = []
    for k in range(count):
        members = kept[group == k]
        steps.append(_step([shown[m] for m in members], areas[members]))
    dense = np.full(levels.shape, -1, np.int32)
    dense[inside] = number[levels[inside]]
    return Steps(dense, tuple(steps))


def seen_levels(stack: LayerStack) -> NDArray[np.int32]:
    """Level of the top shown layer at every pixel, counted from 0 over shown layers; -1 = none."""
    shown = stack.shown()
    if len(shown) == len(stack):
        return stack.labels
    # Hidden layers reveal what continues below them.
    levels = np.full(stack.labels.shape, -1, np.int32)
    for level, (_, layer) in enumerate(shown):
        levels[layer.box][layer.mask_crop] = level
    return levels


def _step(members: list[tuple[int, Layer]], areas: NDArray[np.int64]) -> Step:
    index, largest = members[int(np.argmax(areas))]
    colors = np.array([layer.color for _, layer in members])
    red, green, blue = (float(c) for c in np.average(colors, axis=0, weights=areas))
    return Step(largest.name, index, (red, green, blue))


def _without_narrow(levels: NDArray[np.int32], width: float, width_mm: float) -> NDArray[np.int32]:
    """Give what no disc of `width` pixels inside its own step covers to the nearest that is."""
    wide = levels < 0
    radius = width / 2.0
    for level in np.flatnonzero(np.bincount(levels[levels >= 0])):
        mask = levels == level
        window = mask_window(mask, margin=int(radius) + 2)
        wide[window] |= _opened(mask[window], radius)
    if not (wide & (levels >= 0)).any():
        raise InputError(
            f"Nothing in the picture is {width_mm:g} mm wide at this size; ask for a smaller "
            "smallest_mm or a larger relief."
        )
    if bool(wide.all()):
        return levels
    _, nearest = cv2.distanceTransformWithLabels(
        (~wide).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    known = np.zeros(int(nearest.max()) + 1, np.int32)
    known[nearest[wide]] = levels[wide]
    return np.asarray(known[nearest], np.int32)


def _opened(mask: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    """What discs of this radius inside the mask cover; the picture's border does not narrow it."""
    margin = int(radius) + 2
    padded = np.pad(mask, margin, mode="edge").astype(np.uint8)
    # Distances run between pixel centres: the outline lies half a pixel before the next one.
    inner = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) >= radius + 0.5
    if not inner.any():
        return np.zeros_like(mask)
    away = cv2.distanceTransform((~inner).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    covered = (away <= radius) & (padded > 0)
    return np.asarray(covered[margin:-margin, margin:-margin], bool)
