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
    kept = np.flatnonzero(areas)
    if len(kept) == 0:
        raise NothingShownError(stack.name)
    levels = _renumbered(levels, kept, np.arange(len(kept)))
    count = min(settings.max_steps or len(kept), len(kept))
    if count < len(kept):
        group = _grouped(_shared_outlines(levels, len(kept)), count)
        levels = _renumbered(levels, np.arange(len(kept)), group)
    else:
        group = np.arange(count)
    joined = [kept[group == k] for k in range(count)]
    steps = [_step([(m, stack.layers[m]) for m in step.tolist()], areas[step]) for step in joined]
    if settings.smallest_mm > 0.0:
        # After grouping: what is narrow alone may be wide together with its neighbour.
        scale = settings.size_mm / max(stack.width, stack.height)
        levels = _without_narrow(levels, settings.smallest_mm / scale, settings.smallest_mm)
        left = np.flatnonzero(np.bincount(levels[levels >= 0], minlength=count))
        steps = [steps[k] for k in left]
        levels = _renumbered(levels, left, np.arange(len(left)))
    return Steps(levels, tuple(steps))


def _renumbered(
    levels: NDArray[np.int32], old: NDArray[np.integer], new: NDArray[np.integer]
) -> NDArray[np.int32]:
    """The level map with `old` numbers (rising, all there are) replaced by `new` ones; -1 stays."""
    number = np.full(int(old[-1]) + 2, -1, np.int32)
    number[old] = new
    return np.asarray(number[levels], np.int32)


def step_heights(stack: LayerStack, steps: Sequence[Step], settings: ReliefSettings) -> Heights:
    """Heights of the steps; of `layer_mm`, one per shown layer, each takes its layer's.

    Raises InputError when `layer_mm` is not of as many values, and as `layer_heights` does.
    """
    if settings.layer_mm:
        shown = [index for index, _ in stack.shown()]
        check_thickness_count(len(shown), settings)
        chosen = tuple(settings.layer_mm[shown.index(step.layer)] for step in steps)
        settings = replace(settings, layer_mm=chosen)
    return layer_heights(len(steps), settings)


def _step(members: list[tuple[int, Layer]], areas: NDArray[np.int64]) -> Step:
    index, largest = members[int(np.argmax(areas))]
    colors = np.array([layer.color for _, layer in members])
    red, green, blue = (float(c) for c in np.average(colors, axis=0, weights=areas))
    return Step(largest.name, index, (red, green, blue))


def _shared_outlines(levels: NDArray[np.int32], count: int) -> NDArray[np.float64]:
    """Length of the outline between every two levels, in pixel edges, (lower, higher)."""
    total = np.zeros(count * count)
    for one, other in ((levels[:, :-1], levels[:, 1:]), (levels[:-1], levels[1:])):
        edge = (one != other) & (one >= 0) & (other >= 0)
        low, high = np.minimum(one, other)[edge], np.maximum(one, other)[edge]
        pairs = low.astype(np.int64) * count + high
        total += np.bincount(pairs, minlength=count * count)
    return total.reshape(count, count)


def _grouped(outlines: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """Which of `count` runs each level joins, so that the least outline is lost inside runs.

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
        through = best[:, None] + cost
        choices.append(np.argmin(through, axis=0))
        best = through.min(axis=0)
    cuts = [n]
    for choice in reversed(choices):
        cuts.append(int(choice[cuts[-1]]))
    return np.searchsorted(np.sort(cuts), np.arange(n), side="right")


def _without_narrow(levels: NDArray[np.int32], width: float, width_mm: float) -> NDArray[np.int32]:
    """Give what no disc of `width` pixels inside its own step covers to the nearest that is."""
    wide = levels < 0
    radius = width / 2.0
    for level in np.flatnonzero(np.bincount(levels[levels >= 0])):
        mask = levels == level
        window = mask_window(mask, margin=int(radius) + 2)
        wide[window] |= _opened(mask[window], radius)
    if not (wide & (levels >= 0)).any():
        raise SettingError(
            ReliefSettings,
            f"Nothing in the picture is {width_mm:g} mm wide at this size; ask for a smaller "
            "{smallest_mm} or a larger relief.",
        )
    if bool(wide.all()):
        return levels
    return np.asarray(spread_known(levels, wide), np.int32)


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
