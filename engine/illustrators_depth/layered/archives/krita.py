"""Reads Krita files (.kra): a zip of tiled pixels, drawings and a list of layers."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError, UnavailableError
from ...io.color import linear_to_srgb
from ...io.pictures.picture_file import check_pixels
from ..layer_collector import Inherited, LayerCollector
from ..raster_layer import FileLayers, RasterLayer
from ..xml_names import local_name
from .krita_tiles import TileError, read_tiles
from .zip_members import layer_list, number_of, open_archive, read_member

__all__ = ["read_krita"]

_MAX_DRAWING_BYTES = 8 << 20
_MAX_NUMBER = float(1 << 24)  # of places, sizes and opacities
# Colour spaces: kind of number, and the channels that are red, green, blue, alpha.
_SPACES: dict[str, tuple[type[np.generic], tuple[int, int, int, int]]] = {
    "RGBA": (np.uint8, (2, 1, 0, 3)),
    "RGBA16": (np.uint16, (2, 1, 0, 3)),
    "RGBAF16": (np.float16, (0, 1, 2, 3)),
    "RGBAF32": (np.float32, (0, 1, 2, 3)),
    "GRAYA": (np.uint8, (0, 0, 0, 1)),
    "GRAYA16": (np.uint16, (0, 0, 0, 1)),
}
_MODES = {
    "dodge": "color-dodge",
    "burn": "color-burn",
    "diff": "difference",
    "add": "plus",
    "linear_dodge": "plus",
    "luminize": "luminosity",
    "soft_light_svg": "soft-light",
}
_LINEAR = ("linear", "g10", "scrgb")
_NO_PIXELS = {
    "adjustmentlayer": "a filter layer",
    "generatorlayer": "a fill layer",
    "clonelayer": "a clone layer",
    "filelayer": "a file layer",
    "referenceimages": "reference images",
}


def read_krita(path: Path, max_pixels: int) -> FileLayers:
    """The layers of a Krita file.

    Raises InputError when the file is damaged or larger than `max_pixels`.
    """
    with open_archive(path) as archive:
        root = layer_list(archive, "maindoc.xml", path)
        image = next((e for e in root.iter() if local_name(e) == "IMAGE"), None)
        if image is None:
            raise InputError(f"{path.name} is a zip archive, but not a Krita file.")
        try:
            frame = int(image.get("height", "")), int(image.get("width", ""))
        except ValueError:
            raise InputError(f"{path.name} does not say how large its page is.") from None
        check_pixels(path.name, frame[1], frame[0], max_pixels)
        reader = _Reader(archive, path, frame, image)
        reader.collect(image, Inherited())
        return FileLayers(reader.layers[::-1], frame, reader.notes, _dpi(image))


def _dpi(image: ElementTree.Element) -> float | None:
    try:
        dpi = float(image.get("x-res", ""))
    except ValueError:
        return None
    return dpi if 1.0 <= dpi <= 1e5 else None


class _Reader(LayerCollector):
    """Collects the layers of nested groups, top to bottom as the file lists them."""

    def __init__(
        self,
        archive: zipfile.ZipFile,
        path: Path,
        frame: tuple[int, int],
        image: ElementTree.Element,
    ) -> None:
        super().__init__(path.name)
        self._archive, self._path, self._frame = archive, path, frame
        self._home = f"{image.get('name', '')}/layers/"
        self._space, self._profile = image.get("colorspacename", "RGBA"), image.get("profile", "")

    def collect(self, parent: ElementTree.Element, around: Inherited) -> None:
        for listed in (e for e in parent if local_name(e).lower() == "layers"):
            for layer in listed:
                self._add(layer, around)

    def _add(self, layer: ElementTree.Element, around: Inherited) -> None:
        name, kind = layer.get("name", ""), layer.get("nodetype", "paintlayer")
        opacity = self._whole(layer, "opacity", 255) / 255.0
        own = around.with_own(opacity, layer.get("visible", "1") == "0")
        if layer.get("channelflags", "").endswith("0"):
            self.notes.append(f"{name!r} is not cut to what lies below it (alpha inheritance).")
        if kind == "grouplayer":
            mode = layer.get("compositeop", "normal")
            inside = self.enter(
                own,
                name,
                lost_mode="" if mode == "normal" else mode,
                isolated=layer.get("passthrough", "0") != "1",
            )
            self.collect(layer, inside)
            return
        if kind == "paintlayer":
            rgba, top, left = self._painted(layer)
        elif kind == "shapelayer":
            rgba, top, left = self._drawn(layer), 0, 0
        else:
            what = _NO_PIXELS.get(kind, kind)
            self.notes.append(f"{name!r} ({what}) has no pixels of its own: left out.")
            return
        if not rgba.size:
            return
        masked = self._masked(layer, rgba, top, left)
        rgba[..., 3] *= np.float32(min(max(own.opacity, 0.0), 1.0)) * masked
        mode = layer.get("compositeop", "normal")
        blend = self.blend(name, _MODES.get(mode, mode.replace("_", "-")), mode)
        self.layers.append(
            RasterLayer(name, rgba, top, left, own.hidden, own.group, blend, own.isolated)
        )

    def _painted(self, layer: ElementTree.Element) -> tuple[NDArray[np.float32], int, int]:
        """A paint layer's own pixels, straight-alpha float32 RGBA, and their place."""
        space = layer.get("colorspacename", self._space)
        if space not in _SPACES:
            raise InputError(
                f"{self._path.name}: the colours of {layer.get('name', '')!r} are {space}; convert "
                "the picture to RGB and save it again."
            )
        dtype, channels = _SPACES[space]
        raw, top, left = self._pixels(layer.get("filename", ""), layer)
        values = raw.view(dtype)[..., channels]
        if issubclass(dtype, np.integer):
            scale = np.float32(np.iinfo(dtype).max)
            return np.divide(values, scale, dtype=np.float32), top, left
        rgba = np.nan_to_num(values.astype(np.float32), posinf=1.0, neginf=0.0)
        rgba = np.clip(rgba, 0.0, 1.0)
        if any(word in self._profile.lower() for word in _LINEAR):
            rgba[..., :3] = linear_to_srgb(rgba[..., :3])
        return rgba, top, left

    def _pixels(self, file: str, layer: ElementTree.Element) -> tuple[NDArray[np.uint8], int, int]:
        """Raw pixels of a member inside the page, and their place there."""
        limit = 40 * max(self._frame[0] * self._frame[1], 1 << 20) * 4
        data = read_member(self._archive, self._home + file, limit, self._path)
        default = read_member(self._archive, f"{self._home}{file}.defaultpixel", 64, self._path)
        across, down = self._whole(layer, "x", 0), self._whole(layer, "y", 0)
        box = -down, -across, self._frame[0] - down, self._frame[1] - across
        try:
            tiles = read_tiles(data, default, box)
        except TileError as error:
            raise InputError(
                f"{self._path.name}: {layer.get('name', file)!r} is damaged, its pixels are "
                f"{error}; save the file again."
            ) from error
        return tiles.pixels, tiles.top + down, tiles.left + across

    def _masked(
        self, layer: ElementTree.Element, rgba: NDArray[np.float32], top: int, left: int
    ) -> NDArray[np.float32] | float:
        """The product of the layer's transparency masks, where its pixels lie."""
        product: NDArray[np.float32] | float = 1.0
        for mask in (e for e in layer.iter() if local_name(e) == "mask" and e is not layer):
            if mask.get("visible", "1") == "0":
                continue
            if mask.get("nodetype") != "transparencymask":
                what = mask.get("nodetype", "mask")
                self.notes.append(f"The {what} of {layer.get('name', '')!r} is left out.")
                continue
            file = f"{mask.get('filename', '')}.pixelselection"
            raw, first_row, first_column = self._pixels(file, mask)
            page = np.zeros(self._frame, np.float32)
            rows = slice(first_row, first_row + raw.shape[0])
            page[rows, first_column : first_column + raw.shape[1]] = raw[..., 0] / np.float32(255.0)
            product = product * page[top : top + rgba.shape[0], left : left + rgba.shape[1]]
        return product

    def _drawn(self, layer: ElementTree.Element) -> NDArray[np.float32]:
        """A vector layer, drawn at the page's size."""
        from ..svg.read_svg import draw_text

        member = f"{self._home}{layer.get('filename', '')}.shapelayer/content.svg"
        data = read_member(self._archive, member, _MAX_DRAWING_BYTES, self._path)
        try:
            return draw_text(data, self._frame, f"{self._path.name}: {layer.get('name', '')}")
        except UnavailableError:
            name = layer.get("name", "")
            self.notes.append(f"{name!r} is a vector layer, which needs resvg: left out.")
            return np.zeros((0, 0, 4), np.float32)

    def _whole(self, element: ElementTree.Element, name: str, default: int) -> int:
        return int(number_of(element, name, default, _MAX_NUMBER, self._path.name))
