"""Reads Photoshop files (.psd, .psb) with psd-tools: layers with their masks and groups."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, UnavailableError
from ..io.pictures.picture_file import check_pixels
from .layer_collector import Inherited, LayerCollector
from .raster_layer import FileLayers, RasterLayer

__all__ = ["read_photoshop"]

_SIGNATURE = b"8BPS"
_MODES = {"LINEAR_DODGE": "plus", "PASS_THROUGH": "normal"}
"""Modes that Photoshop calls otherwise than W3C does."""


def read_photoshop(path: Path, max_pixels: int) -> FileLayers:
    """The layers of a Photoshop file.

    Raises InputError when the file is damaged or larger than `max_pixels`, UnavailableError where
    psd-tools is not installed.
    """
    try:
        import psd_tools  # noqa: F401 - opened later; asked for before work is done
    except ImportError as error:
        raise UnavailableError(
            "Layers of Photoshop files need psd-tools; run "
            "`pip install illustrators-depth[layers]`, or save the file as OpenRaster (.ora)."
        ) from error
    height, width = _size(path)
    check_pixels(path.name, width, height, max_pixels)
    try:
        document = _opened(path)
        reader = _Reader(path.name, _has_profile(document))
        reader.collect(document, Inherited())
    except (InputError, MemoryError):
        raise
    except Exception as error:  # psd-tools raises many kinds on damaged files
        why = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise InputError(f"{path.name} is damaged ({why}); save it again.") from error
    if not reader.layers:
        raise InputError(
            f"{path.name} has no layers with pixels; if it is a flat picture, save it as PNG."
        )
    return FileLayers(reader.layers, (height, width), reader.notes)


def _opened(path: Path) -> Any:
    """The document; blend modes that ImageMagick 6 writes backwards are read as they are meant."""
    from psd_tools import PSDImage
    from psd_tools.constants import BlendMode

    try:
        return PSDImage.open(path)
    except ValueError as error:
        if "BlendMode" not in str(error):
            raise
        data = path.read_bytes()
        keys = {bytes(mode.value) for mode in BlendMode}
        for key in sorted(keys):
            if key[::-1] not in keys:
                data = data.replace(b"8BIM" + key[::-1], b"8BIM" + key)
        return PSDImage.open(io.BytesIO(data))


def _size(path: Path) -> tuple[int, int]:
    """Height and width from the header, before anything is unpacked."""
    with path.open("rb") as stream:
        head = stream.read(26)
    if len(head) < 26 or not head.startswith(_SIGNATURE):
        raise InputError(f"{path.name} is not a whole Photoshop file; save it again.")
    return int.from_bytes(head[14:18], "big"), int.from_bytes(head[18:22], "big")


class _Reader(LayerCollector):
    """Collects pixel layers of nested groups, bottom to top."""

    def __init__(self, file: str, has_profile: bool) -> None:
        super().__init__(file)
        self._has_profile = has_profile

    def collect(self, parent: Any, around: Inherited) -> None:
        base = None  # alpha and place of what layers are clipped to
        for layer in parent:  # bottom to top
            own = around.with_own(layer.opacity / 255.0, not layer.visible)
            if layer.is_group():
                mode = layer.blend_mode.name
                plain = mode in ("NORMAL", "PASS_THROUGH")
                inside = self.enter(
                    own,
                    layer.name,
                    lost_mode="" if plain else mode.lower(),
                    isolated=mode != "PASS_THROUGH",
                )
                self.collect(layer, inside)
                base = None
                continue
            if not layer.has_pixels():
                self.notes.append(
                    f"{layer.name!r} ({layer.kind}) has no pixels of its own: left out."
                )
                continue
            rgba = _pixels(layer, self._has_profile)
            if layer.clipping and base is not None:
                _clip(rgba, layer, *base)
            elif layer.clipping:
                self.notes.append(f"{layer.name!r} is not clipped to the group below it.")
            elif not layer.clipping:
                base = rgba[..., 3].copy(), layer.top, layer.left
            _fade(rgba, own.opacity)
            mode = layer.blend_mode.name
            blend = _MODES.get(mode, mode.lower().replace("_", "-"))
            blend = self.blend(layer.name, blend, mode.lower())
            self.layers.append(
                RasterLayer(
                    layer.name,
                    rgba,
                    layer.top,
                    layer.left,
                    own.hidden,
                    own.group,
                    blend,
                    own.isolated,
                )
            )


def _pixels(layer: Any, has_profile: bool) -> NDArray[np.uint8]:
    """A layer's own pixels with its mask, straight-alpha RGBA; a profile's colours become sRGB."""
    picture = layer.topil(apply_icc=has_profile)
    if picture.mode == "LAB":
        rgba = _from_lab(layer)
    else:
        rgba = np.array(picture.convert("RGBA"))
    if "A" not in picture.getbands():  # of CMYK and Lab, pictures of Pillow have none
        shape = layer.numpy("shape")
        if shape is not None:
            rgba[..., 3] = np.rint(shape[..., 0] * 255.0).astype(np.uint8)
    mask = layer.mask
    if mask is not None and not mask.disabled:
        inside = np.full(rgba.shape[:2], mask.background_color, np.uint8)
        shape = mask.topil()
        if shape is not None:
            values = np.asarray(shape.convert("L"))
            _paste(inside, values, mask.top - layer.top, mask.left - layer.left)
        _fade(rgba, inside / np.float32(255.0))
    return rgba


def _from_lab(layer: Any) -> NDArray[np.uint8]:
    """A layer of L*, a* and b*, each as 0 to 255 in the file, opaque sRGB."""
    values = np.rint(layer.numpy("color") * 255.0).astype(np.uint8)
    rgb = cv2.cvtColor(np.ascontiguousarray(values), cv2.COLOR_LAB2RGB)
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2RGBA), np.uint8)


def _clip(
    rgba: NDArray[np.uint8], layer: Any, alpha: NDArray[np.uint8], top: int, left: int
) -> None:
    """Let a layer, in place, be seen only where the one is that it is clipped to, at a place."""
    inside = np.zeros(rgba.shape[:2], np.uint8)
    _paste(inside, alpha, top - layer.top, left - layer.left)
    _fade(rgba, inside / np.float32(255.0))


def _fade(rgba: NDArray[np.uint8], factor: NDArray[np.float32] | float) -> None:
    """Multiply the alpha of pixels, in place."""
    if isinstance(factor, float) and factor >= 1.0:
        return
    rgba[..., 3] = np.rint(rgba[..., 3] * np.float32(1.0) * factor).astype(np.uint8)


def _has_profile(document: Any) -> bool:
    """Whether colours are those of a profile other than sRGB, and have to be converted."""
    from PIL import ImageCms
    from psd_tools.constants import Resource

    profile = document.image_resources.get_data(Resource.ICC_PROFILE)
    if not profile:
        return False
    try:
        return "sRGB" not in ImageCms.getProfileDescription(io.BytesIO(profile))
    except (ImageCms.PyCMSError, OSError):
        return False  # a damaged one says nothing


def _paste(into: NDArray[np.uint8], values: NDArray[np.uint8], top: int, left: int) -> None:
    """Put values whose first lies at (top, left) into the part of an array that they reach."""
    rows = slice(max(0, top), min(into.shape[0], top + values.shape[0]))
    columns = slice(max(0, left), min(into.shape[1], left + values.shape[1]))
    if rows.start < rows.stop and columns.start < columns.stop:
        into[rows, columns] = values[
            rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
        ]
