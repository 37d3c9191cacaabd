"""One layer's continued part against its true one.

Looked at are the pixels where only higher layers show: there a layer may continue and nobody sees
it. IoU compares the two hidden parts; the outline error is the mean distance from the true outline
in there to the outline of ours, in pixels of a picture 512 pixels wide, capped.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["MIN_PART_PX", "OUTLINE_CAP_PX", "HiddenPart", "is_measured", "measure_part"]

Mask = NDArray[np.bool_]

# Pixels at 512 x 512: a layer that shows or hides less is not measured.
MIN_PART_PX = 64
# Pixels at a width of 512: a farther outline counts as that far.
OUTLINE_CAP_PX = 32.0
_REFERENCE_SIDE_PX = 512
_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


@dataclass(frozen=True)
class HiddenPart:
    """What was measured of one layer.

    Attributes:
        layer: its index, 1 = background.
        visible, hidden: pixels that show, and pixels that the true shape has under higher layers.
        iou: of the hidden parts.
        outline: mean distance in pixels of 512; NaN where the true shape has no outline in there.
    """

    layer: int
    visible: int
    hidden: int
    iou: float
    outline: float

    @property
    def partial(self) -> bool:
        """Whether no more is hidden than shows."""
        return self.hidden <= self.visible


def is_measured(visible: Mask, hidden: Mask) -> bool:
    """Whether enough of a layer shows and enough is hidden."""
    min_pixels = MIN_PART_PX * visible.size / _REFERENCE_SIDE_PX**2
    return bool(min(np.count_nonzero(visible), np.count_nonzero(hidden)) >= min_pixels)


def measure_part(
    layer: int, index: NDArray[np.integer], shape: Mask, completed: Mask
) -> HiddenPart:
    """Compare a layer's completed mask with its true full shape.

    Args:
        layer: its index.
        index: integer (H, W), the true layers, 1 = background.
        shape: bool (H, W), the layer drawn alone.
        completed: bool (H, W), what is to be judged.
    """
    above = index > layer
    true, ours = shape & above, completed & above
    union = np.count_nonzero(true | ours)
    return HiddenPart(
        layer=layer,
        visible=int(np.count_nonzero(index == layer)),
        hidden=int(np.count_nonzero(true)),
        iou=np.count_nonzero(true & ours) / union if union else 1.0,
        outline=_outline_error(shape | (index == layer), completed, above),
    )


def _outline(mask: Mask) -> Mask:
    """Pixels of a mask with a neighbour outside it; the frame's border is no outline."""
    inner = cv2.erode(mask.view(np.uint8), _CROSS) > 0
    return np.asarray(mask & ~inner)


def _outline_error(shape: Mask, completed: Mask, above: Mask) -> float:
    true_outline = _outline(shape) & above
    if not true_outline.any():
        return float("nan")
    scale = _REFERENCE_SIDE_PX / max(shape.shape)
    outline = _outline(completed)
    if not outline.any():
        return OUTLINE_CAP_PX
    distance = cv2.distanceTransform((~outline).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return float(np.minimum(distance[true_outline] * scale, OUTLINE_CAP_PX).mean())
