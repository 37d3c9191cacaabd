"""OpenRaster (.ora): layers for Krita, GIMP, MyPaint and others, a zip of PNGs.

After the OpenRaster baseline 0.0.6 (Create project / freedesktop.org).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ...io.atomic import atomic_path
from ...io.user_path import user_path
from ...io.xml_text import attribute
from ...io.zip_writer import write_member
from ...layering.layer_tree import LayerGroup, layer_tree
from ...progress import Progress, no_progress
from ...types import LayerStack
from .layer_images import layer_bytes, to_bytes

__all__ = ["write_ora"]

_MIMETYPE = b"image/openraster"
_THUMBNAIL_PX = 256


def write_ora(
    stack: LayerStack,
    path: str | Path,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Write a stack as OpenRaster, atomically: all layers with name, group, place,
    visibility and blend mode.

    Returns the path written. Raises InputError for an empty stack, and as `atomic_path` does.
    """
    from ...editing.flatten import flatten

    report = progress or no_progress
    final = user_path(path)
    if not stack.layers:
        raise InputError(f"The stack {stack.name!r} has no layers to write to {final.name}.")
    with atomic_path(final, overwrite) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        # First and uncompressed, so that the kind of file shows in its first bytes.
        _add(archive, "mimetype", _MIMETYPE)
        entries = []
        for number, layer in enumerate(stack.layers):
            report("write layers", number / (len(stack) + 1))
            source = f"data/{number:03d}.png"
            _add(archive, source, _png(layer_bytes(layer)))
            top, left = layer.window[:2]
            mode = "src-over" if layer.blend == "normal" else layer.blend
            entries.append(
                f"<layer name={attribute(layer.name)} src={attribute(source)} "
                f'x="{left}" y="{top}" opacity="1.0" composite-op="svg:{mode}" '
                f'visibility="{"hidden" if layer.hidden else "visible"}"/>\n'
            )
        merged = to_bytes(flatten(stack).rgba)
        _add(archive, "stack.xml", _stack_xml(stack, entries).encode())
        _add(archive, "mergedimage.png", _png(merged))
        _add(archive, "Thumbnails/thumbnail.png", _png(_thumbnail(merged)))
    return final


def _stack_xml(stack: LayerStack, entries: list[str]) -> str:
    # The first element is the top-most.
    size = f'w="{stack.width}" h="{stack.height}"'
    if stack.meta.get("dpi"):
        across, down = (max(1, round(float(value))) for value in stack.meta["dpi"])
        size += f' xres="{across}" yres="{down}"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<image version="0.0.6" {size} name={attribute(stack.name)}>\n'
        '  <stack name="root">\n'
        + "".join(_xml_lines(layer_tree([layer.group for layer in stack]), entries, "    "))
        + "  </stack>\n</image>\n"
    )


def _xml_lines(nodes: Sequence[int | LayerGroup], entries: list[str], indent: str) -> Iterator[str]:
    """Lines of the list, top to bottom; a group is a stack in the stack."""
    for node in reversed(nodes):
        if isinstance(node, LayerGroup):
            yield f'{indent}<stack name={attribute(node.name)} isolation="auto">\n'
            yield from _xml_lines(node.members, entries, indent + "  ")
            yield f"{indent}</stack>\n"
        else:
            yield indent + entries[node]


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    deflated = name == "stack.xml"  # PNG is compressed already
    write_member(archive, name, data, zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED)


def _png(rgba: NDArray[np.uint8]) -> bytes:
    from PIL import Image as PilImage

    buffer = io.BytesIO()
    PilImage.fromarray(rgba).save(buffer, format="PNG", compress_level=4)
    return buffer.getvalue()


def _thumbnail(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """At most 256 pixels on a side; averaged with premultiplied alpha."""
    height, width = rgba.shape[:2]
    scale = min(1.0, _THUMBNAIL_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    values = rgba.astype(np.float32)
    values[..., :3] *= values[..., 3:] / 255.0
    small = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    small[..., :3] *= 255.0 / np.maximum(small[..., 3:], 1e-3)
    return np.rint(np.clip(small, 0.0, 255.0)).astype(np.uint8)
