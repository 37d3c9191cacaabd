"""Which steps a terraced relief has, and where: the layers that are seen, grouped and cleaned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import NothingShownError
from ..raster.nearest import spread_known
from ..raster.window import mask_window
from ..settings import ReliefSettings, SettingError
from ..types import Layer, LayerStack
from .layer_heights import Heights, check_thickness_count, layer_heights

__all__ = ["Step", "Steps", "relief_steps", "step_heights"]


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
    levels = stack.top_labels()
    inside = levels >= 0
    areas = np.bincount(levels[inside], minlength=len(stack))
    visible = np.flatnonzero(areas)
    if len(visible) == 0:
        raise NothingShownError(stack.name)
    levels = _renumbered(levels, visible, np.arange(len(visible)))
    count = min(settings.max_steps or len(visible), len(visible))
    if count < len(visible):
        step_of_layer = _group_levels(_shared_outlines(levels, len(visible)), count)
        levels = _renumbered(levels, np.arange(len(visible)), step_of_layer)
    else:
        step_of_layer = np.arange(count)
    members = [visible[step_of_layer == number] for number in range(count)]
    steps = [
        _step([(layer, stack.layers[layer]) for layer in layers.tolist()], areas[layers])
        for layers in members
    ]
    if settings.smallest_mm > 0.0:
        # After grouping: what is narrow alone may be wide together with its neighbour.
        width_px = settings.smallest_mm / _mm_per_pixel(inside, settings)
        levels = _without_narrow(levels, width_px, settings.smallest_mm)
        remaining = np.flatnonzero(np.bincount(levels[levels >= 0], minlength=count))
        steps = [steps[number] for number in remaining]
        levels = _renumbered(levels, remaining, np.arange(len(remaining)))
    return Steps(levels, tuple(steps))


def _mm_per_pixel(inside: NDArray[np.bool_], settings: ReliefSettings) -> float:
    """How large a pixel is printed, by `size_mm` and `fit`; `inside` is where the drawing is."""
    height, width = inside.shape
    if settings.fit == "drawing":
        rows, cols = mask_window(inside, margin=0)
        height, width = rows.stop - rows.start, cols.stop - cols.start
    return settings.size_mm / max(height, width)


def _renumbered(
    levels: NDArray[np.int32], old: NDArray[np.integer], new: NDArray[np.integer]
) -> NDArray[np.int32]:
    """The level map with `old` numbers (all that occur, rising) made `new` ones; -1 stays."""
    table = np.full(int(old[-1]) + 2, -1, np.int32)
    table[old] = new
    return np.asarray(table[levels], np.int32)


def step_heights(stack: LayerStack, steps: Sequence[Step], settings: ReliefSettings) -> Heights:
    """Heights of the steps, bottom to top.

    `layer_mm` has a thickness for each shown layer; a step takes that of the layer it is named for.

    Raises SettingError when `layer_mm` is not of as many values as layers are shown, and as
    `layer_heights` does.
    """
    if settings.layer_mm:
        shown = [index for index, _ in stack.shown()]
        check_thickness_count(len(shown), settings)
        chosen = tuple(settings.layer_mm[shown.index(step.layer)] for step in steps)
        settings = replace(settings, layer_mm=chosen)
    return layer_heights(len(steps), settings)


def _step(members: list[tuple[int, Layer]], areas: NDArray[np.int64]) -> Step:
    """The step that layers (index and layer) of these visible areas, in pixels, share."""
    index, largest = members[int(np.argmax(areas))]
    colors = np.array([layer.color for _, layer in members])
    red, green, blue = (float(c) for c in np.average(colors, axis=0, weights=areas))
    return Step(largest.name, index, (red, green, blue))


def _shared_outlines(levels: NDArray[np.int32], count: int) -> NDArray[np.float64]:
    """Length of the outline between every two levels, float64 (count, count), in pixel edges.

    Rows are the lower levels and columns the higher ones; below the diagonal all is zero.
    """
    total = np.zeros(count * count)
    for first, second in ((levels[:, :-1], levels[:, 1:]), (levels[:-1], levels[1:])):
        edge = (first != second) & (first >= 0) & (second >= 0)
        low, high = np.minimum(first, second)[edge], np.maximum(first, second)[edge]
        pairs = low.astype(np.int64) * count + high
        total += np.bincount(pairs, minlength=count * count)
    return total.reshape(count, count)


def _group_levels(outlines: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """Number of the run that each level joins, intp (n,): `count` runs of consecutive levels.

    As little outline as possible is lost between levels of one run.

    The best cuts of a sequence, by dynamic programming (as Fisher 1958, with the outline that
    levels share as the cost of putting them together).
    """
    n = len(outlines)
    sums = np.zeros((n + 1, n + 1))
    sums[1:, 1:] = outlines.cumsum(axis=0).cumsum(axis=1)
    # Cost of a run [i, j): what its levels share. Nothing lies below the diagonal.
    start, end = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    cost = np.where(
        end > start,
        sums[end, end] - sums[start, end] - sums[end, start] + sums[start, start],
        np.inf,
    )
    best = cost[0].copy()
    choices = []
    for _ in range(1, count):
        costs = best[:, None] + cost
        choices.append(np.argmin(costs, axis=0))
        best = costs.min(axis=0)
    cuts = [n]
    for choice in reversed(choices):
        cuts.append(int(choice[cuts[-1]]))
    return np.searchsorted(np.sort(cuts), np.arange(n), side="right")


def _without_narrow(levels: NDArray[np.int32], width: float, width_mm: float) -> NDArray[np.int32]:
    """Hand the pixels of narrow places to the nearest step that is wide enough.

    A place is narrow where no disc of `width` pixels that lies inside its step covers it.

    Raises SettingError when nothing is that wide (`width_mm` is for its message).
    """
    is_wide = levels < 0
    radius = width / 2.0
    for level in np.flatnonzero(np.bincount(levels[levels >= 0])):
        mask = levels == level
        window = mask_window(mask, margin=int(radius) + 2)
        is_wide[window] |= _opened(mask[window], radius)
    if not (is_wide & (levels >= 0)).any():
        raise SettingError(
            ReliefSettings,
            f"Nothing in the picture is {width_mm:g} mm wide at this size; ask for a smaller "
            "{smallest_mm} or a larger relief.",
        )
    if bool(is_wide.all()):
        return levels
    return np.asarray(spread_known(levels, is_wide), np.int32)


def _opened(mask: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    """Pixels of a mask, bool (h, w), that discs inside it cover (a morphological opening).

    `radius` is in pixels; the mask goes on beyond the array's border.
    """
    margin = int(radius) + 2
    padded = np.pad(mask, margin, mode="edge").astype(np.uint8)
    # Distances run between pixel centres: the outline lies half a pixel before the next one.
    centres = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) >= radius + 0.5
    if not centres.any():
        return np.zeros_like(mask)
    distance = cv2.distanceTransform(
        (~centres).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE
    )
    covered = (distance <= radius) & (padded > 0)
    return np.asarray(covered[margin:-margin, margin:-margin], bool)
