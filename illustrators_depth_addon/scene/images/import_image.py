"""A picture file -> an image datablock that shows what the engine reads in that file.

Blender's own loader ignores EXIF rotation and embedded color profiles. A file with either is
decoded by the engine and packed upright, in sRGB; all others are opened by Blender as usual and
stay linked to their file. Once a picture is in the .blend, its pixels as Blender shows them are the
truth: what is predicted fits what is seen.
"""

from __future__ import annotations

from pathlib import Path

import bpy

from illustrators_depth.errors import InputError

from .packing import image_from_engine

__all__ = ["EXTENSIONS", "ignored_by_blender", "import_picture"]

# What read_image takes, apart from rarities; also what can be dropped into an editor.
EXTENSIONS = (
    ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".exr", ".bmp", ".tga", ".gif", ".psd",
    ".avif", ".jp2",
    # Files that hold their layers; ".psd" above is either.
    ".svg", ".svgz", ".psb", ".ora", ".kra",
)  # fmt: skip


def import_picture(path: Path) -> bpy.types.Image:
    """Bring a picture file into the open .blend and return its datablock.

    A file that is open already is not opened twice.

    Raises InputError when the file is missing, damaged, too large or no picture.
    """
    from illustrators_depth.io.pictures.describe import unsupported_metadata
    from illustrators_depth.io.pictures.read_image import read_image

    # Decoded even when Blender opens it: Blender shows half a file without a word.
    picture = read_image(path)
    if not unsupported_metadata(path):
        image = _open_in_blender(path, (picture.width, picture.height))
        if image is not None:
            return image
    image = image_from_engine(picture)
    image.name = path.name
    return image


def ignored_by_blender(image: bpy.types.Image) -> tuple[str, ...]:
    """What the file behind a datablock holds and Blender does not show, see
    `unsupported_metadata`; empty when there is no file to look at."""
    if image.source != "FILE" or image.packed_file is not None or not image.filepath:
        return ()
    from illustrators_depth.io.pictures.describe import unsupported_metadata

    try:
        return unsupported_metadata(bpy.path.abspath(image.filepath, library=image.library))
    except InputError:
        return ()  # gone, or known to Blender only: its pixels are there all the same


def _open_in_blender(path: Path, size: tuple[int, int]) -> bpy.types.Image | None:
    """The file as Blender reads it; None when Blender takes it for something else."""
    before = set(bpy.data.images)
    try:
        image: bpy.types.Image = bpy.data.images.load(str(path), check_existing=True)
    except RuntimeError:
        return None
    if tuple(image.size) == size and image.source == "FILE" and image.type == "IMAGE":
        return image
    if image not in before:
        bpy.data.images.remove(image)
    return None
