"""What the network is compared with: orders that need no training, and VTracer's own stacking."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import cv2
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import UnavailableError
from illustrators_depth.progress import Progress, no_progress
from illustrators_depth.regions import flat_regions
from illustrators_depth.types import DepthMap, Image

__all__ = ["AreaOrder", "DarknessOrder", "VtracerOrder", "vtracer_areas", "vtracer_svg"]


def vtracer_svg(image: Image, mode: str = "spline") -> bytes:
    """VTracer alone, stacked, with the paper's settings (speckle 8, precision 7, difference 5).

    Raises UnavailableError when it is not installed.
    """
    try:
        import vtracer
    except ImportError as error:
        raise UnavailableError("the vtracer package is not installed") from error
    rgb = np.round(image.over() * 255).astype(np.uint8)
    done, data = cv2.imencode(".png", np.ascontiguousarray(rgb[..., ::-1]))
    if not done:
        raise RuntimeError("OpenCV could not encode the picture")
    svg: str = vtracer.convert_raw_image_to_svg(
        data.tobytes(),
        img_format="png",
        colormode="color",
        hierarchical="stacked",
        filter_speckle=8,
        color_precision=7,
        layer_difference=5,
        mode=mode,
    )
    return svg.encode()


def vtracer_areas(
    image: Image, mode: str = "polygon"
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Which of VTracer's areas is on top at every pixel, and their colours.

    `mode` "none" follows the pixels, "polygon" straightens. Returns int32 (H, W), 0 = nothing
    drawn, and uint8 (n, 3), row 0 white, in paint order.
    """
    svg = vtracer_svg(image, mode).decode()
    top = np.zeros((image.height, image.width), np.int32)
    colors = [(255, 255, 255)]
    for path in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}path"):
        outlines = _polygons(path.get("d", ""), path.get("transform", ""))
        fill = path.get("fill", "#ffffff").lstrip("#")
        colors.append((int(fill[0:2], 16), int(fill[2:4], 16), int(fill[4:6], 16)))
        if outlines:
            cv2.fillPoly(top, outlines, len(colors) - 1)  # even-odd, as holes need
    return top, np.asarray(colors, np.uint8)


class AreaOrder:
    """Flat-colour regions by their visible area, the largest lowest."""

    name = "area order"
    device = "none"

    def predict(self, image: Image, progress: Progress = no_progress) -> DepthMap:
        regions = flat_regions(image.rgba)
        rank = np.empty(regions.count, np.float32)
        rank[np.argsort(-regions.areas, kind="stable")] = np.arange(regions.count)
        depth = np.where(regions.labels >= 0, rank[regions.labels], -1.0)
        progress("depth", 1.0)
        return DepthMap(depth.astype(np.float32), self.name, self.device)


class DarknessOrder:
    """Darker is nearer: on a white page, a better guess than it deserves to be."""

    name = "darkness"
    device = "none"

    def predict(self, image: Image, progress: Progress = no_progress) -> DepthMap:
        luminance = image.over() @ np.array([0.299, 0.587, 0.114], np.float32)
        progress("depth", 1.0)
        return DepthMap((1.0 - luminance).astype(np.float32), self.name, self.device)


class VtracerOrder:
    """The stacking order of VTracer's own output (stacked mode, the paper's settings)."""

    name = "VTracer stacking"
    device = "none"

    def predict(self, image: Image, progress: Progress = no_progress) -> DepthMap:
        depth = vtracer_areas(image)[0].astype(np.float32)
        progress("depth", 1.0)
        return DepthMap(depth, self.name, self.device)


_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def _polygons(d: str, transform: str) -> list[NDArray[np.int32]]:
    """The closed polygons of a path made of M, L and Z only, in pixels."""
    shift = [float(x) for x in _NUMBER.findall(transform)] or [0.0, 0.0]
    out = []
    for part in d.split("M")[1:]:
        values = np.array([float(x) for x in _NUMBER.findall(part)])
        if values.size >= 6:
            points = values[: values.size // 2 * 2].reshape(-1, 2) + shift
            out.append(np.round(points).astype(np.int32))
    return out
