"""Reads OpenRaster (.ora), which Krita, GIMP and MyPaint write: a zip of PNGs and a list of them.

After the OpenRaster baseline 0.0.6 (Create project / freedesktop.org).
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ...io.pictures.picture_file import check_pixels
from ..layer_collector import Inherited, LayerCollector
from ..raster_layer import FileLayers, RasterLayer
from .zip_members import layer_list, number_of, open_archive, read_member

__all__ = ["read_openraster"]

# A PNG inside may be so many kibibytes larger than the raw pixels of the largest page.
_MAX_PNG_OVERHEAD_KIB = 64
_MAX_NUMBER = 1e6  # of places and opacities
_OVER = "svg:src-over"
# Modes whose names are not "svg:" and that of W3C's; over a page, "atop" looks as "over".
_MODES = {"svg:src-atop": "normal", "svg:add": "plus", "svg:plus": "plus"}


def read_openraster(path: Path, max_pixels: int) -> FileLayers:
    """The layers of an OpenRaster file.

    Raises InputError when the file is damaged or larger than `max_pixels`.
    """
    with open_archive(path) as archive:
        root = layer_list(archive, "stack.xml", path)
        if root.tag != "image":
            raise InputError(f"{path.name} is a zip archive, but not an OpenRaster picture.")
        height, width = _size(root, path)
        check_pixels(path.name, width, height, max_pixels)
        reader = _Reader(archive, path, max_pixels)
        for child in root:
            if child.tag == "stack":
                reader.collect(child, Inherited())
        return FileLayers(reader.layers[::-1], (height, width), reader.notes)


def _size(root: ElementTree.Element, path: Path) -> tuple[int, int]:
    try:
        return int(root.get("h", "")), int(root.get("w", ""))
    except ValueError:
        raise InputError(
            f"{path.name} does not say how large its page is; save it again."
        ) from None


class _Reader(LayerCollector):
    """Collects the layers of nested stacks, top to bottom as the file lists them."""

    def __init__(self, archive: zipfile.ZipFile, path: Path, max_pixels: int) -> None:
        super().__init__(path.name)
        self.archive, self.path, self.max_pixels = archive, path, max_pixels

    def collect(self, stack: ElementTree.Element, around: Inherited) -> None:
        for child in stack:
            hidden = child.get("visibility", "visible") != "visible"
            own = around.with_own(self._number(child, "opacity", 1.0), hidden)
            if child.tag == "stack":
                mode = child.get("composite-op", _OVER)
                inside = self.enter(
                    own,
                    child.get("name", ""),
                    lost_mode="" if mode == _OVER else mode,
                    # By the format a group is a picture of its own unless it says otherwise.
                    isolated=child.get("isolation") != "auto",
                )
                self.collect(child, inside)
            elif child.tag == "layer":
                self._add(child, own)

    def _add(self, layer: ElementTree.Element, own: Inherited) -> None:
        name, mode = layer.get("name", ""), layer.get("composite-op", _OVER)
        blend = _MODES.get(mode, "normal" if mode == _OVER else mode.removeprefix("svg:"))
        blend = self.blend(name, blend, mode, known_as=mode)
        rgba = self._pixels(layer.get("src", ""))
        rgba[..., 3] *= np.float32(min(max(own.opacity, 0.0), 1.0))
        top, left = (round(self._number(layer, axis, 0.0)) for axis in "yx")
        self.layers.append(
            RasterLayer(name, rgba, top, left, own.hidden, own.group, blend, own.isolated)
        )

    def _number(self, element: ElementTree.Element, name: str, default: float) -> float:
        return number_of(element, name, default, _MAX_NUMBER, self.path.name)

    def _pixels(self, source: str) -> NDArray[np.float32]:
        limit = _MAX_PNG_OVERHEAD_KIB * 1024 + 16 * self.max_pixels
        data = read_member(self.archive, source, limit, self.path)
        if len(data) > 24:  # the size stands in the header, before anything is unpacked
            width, height = (int.from_bytes(data[i : i + 4], "big") for i in (16, 20))
            check_pixels(f"{self.path.name}: {source}", width, height, self.max_pixels)
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        if pixels is None:
            raise InputError(f"{self.path.name}: {source} is a damaged PNG; save the file again.")
        return _rgba(pixels)


def _rgba(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """Decoded grey, BGR or BGRA of 8 or 16 bits as straight-alpha float32 RGBA."""
    scale = np.float32(1.0 / np.iinfo(pixels.dtype).max)
    if pixels.ndim == 2:
        pixels = pixels[..., None].repeat(3, axis=2)
    out = np.ones((*pixels.shape[:2], 4), np.float32)
    out[..., :3] = pixels[..., 2::-1] * scale
    if pixels.shape[2] == 4:
        out[..., 3] = pixels[..., 3] * scale
    return out
