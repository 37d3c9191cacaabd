"""What belongs to a drawing on a clear page: solids, soft shadows, translucent art; no rims."""

from __future__ import annotations

import cv2
import numpy as np

from illustrators_depth.layering import decompose
from illustrators_depth.regions import opaque_mask
from illustrators_depth.types import DepthMap, Image
from tests.engine.drawings import disc

SIZE = (96, 96)


def coverage(x: float, y: float, radius: float) -> np.ndarray:
    fine = disc(SIZE, x, y, radius).astype(np.float32)
    return cv2.resize(fine, (96, 96), interpolation=cv2.INTER_AREA)


def test_an_antialiased_edge_is_cut_at_half() -> None:
    alpha = coverage(48, 48, 30.4)
    assert np.array_equal(opaque_mask(alpha), alpha >= 0.5)


def test_a_soft_shadow_belongs_to_the_drawing() -> None:
    shadow = 0.4 * cv2.GaussianBlur(coverage(52, 60, 28), (0, 0), 5)
    alpha = np.maximum(shadow, coverage(40, 40, 25)).astype(np.float32)
    mask = opaque_mask(alpha)
    assert mask[alpha > 0.06].mean() > 0.98
    assert not mask[alpha < 0.03].any()


def test_a_shadow_becomes_a_layer() -> None:
    rgba = np.zeros((*SIZE, 4), np.float32)
    body = coverage(36, 36, 24)
    black = 0.4 * coverage(60, 64, 26) * (1.0 - body)
    rgba[..., 3] = body + black
    share = body / np.maximum(rgba[..., 3], 1e-6)
    rgba[..., :3] = share[..., None] * np.array([0.9, 0.3, 0.2], np.float32)
    depth = (body > 0.5).astype(np.float32)
    stack = decompose(Image(rgba), DepthMap(depth))
    assert len(stack) == 2
    shadow = stack.layers[0]
    assert shadow.visible[70, 66]
    assert abs(float(shadow.rgba[70, 66, 3]) - 0.4) < 0.02
    assert float(shadow.rgba[70, 66, :3].max()) < 0.05
    hidden = shadow.mask & (body > 0.99)
    assert hidden.any(), "the shadow runs on below the body"
    assert np.abs(shadow.rgba[hidden][:, 3] - 0.4).max() < 0.1


def test_translucent_throughout_is_a_drawing() -> None:
    assert opaque_mask(0.3 * coverage(48, 48, 30)).any()
    assert not opaque_mask(np.zeros(SIZE, np.float32)).any()
