"""The worker's job "file_layers": reads a file that holds its layers, nothing is predicted.

Called by `Jobs.file_layers`; the client sends it with `submit_file_layers`. What it answers is part
of the protocol: the add-on and `collect_layers` read the keys below.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..progress import Progress
from .array_files import save_array

__all__ = ["read_file_layers"]


def read_file_layers(
    params: Mapping[str, Any], folder: Path, uid_base: int, progress: Progress
) -> dict[str, Any]:
    """A file's layers -> stack.idl, depth.npy (the exact index) and picture.png in `folder`.

    Args:
        params: "path"; "split" and "size" as of `read_layers`, which may be missing.
        folder: empty, for the three files.
        uid_base: layers' uids start above it.
        progress: called with (stage, fraction); raises Cancelled to stop.

    Returns:
        Plain JSON: paths "stack", "depth" and "picture"; "predictor" and "device" as other jobs
        have them; "layers", their number; "list", uid, name, colour and visibility of each, bottom
        first; "notes", sentences on what was not kept; "seconds".
    """
    from PIL import Image as PilImage

    from ..editing.flatten import flatten
    from ..export.layers.layer_images import to_bytes
    from ..io.stack_file import save_stack
    from ..layered import read_layers
    from ..layering.compositing.quantize import eight_bit

    start = time.monotonic()
    progress("reading", 0.05)
    path = Path(str(params.get("path", "")))
    stack = read_layers(path, str(params.get("split", "auto")), int(params.get("size", 0)))
    stack = eight_bit(stack.with_layers(tuple(replace(x, uid=x.uid + uid_base) for x in stack)))
    read = time.monotonic()
    progress("writing", 0.6)
    picture = PilImage.fromarray(to_bytes(flatten(stack).rgba))
    picture.save(folder / "picture.png", format="PNG", compress_level=3)
    progress("writing", 0.75)
    save_array(folder / "depth.npy", stack.discrete_depth())
    save_stack(stack, folder / "stack.idl", overwrite=True)
    progress("writing", 1.0)
    return {
        "stack": str(folder / "stack.idl"),
        "depth": str(folder / "depth.npy"),
        "picture": str(folder / "picture.png"),
        "predictor": "file",
        "device": "none",
        "layers": len(stack),
        "list": [
            {"uid": x.uid, "name": x.name, "color": list(x.color), "hidden": x.hidden}
            for x in stack
        ],
        "notes": stack.meta.get("notes", []),
        "seconds": {
            "reading": round(read - start, 3),
            "writing": round(time.monotonic() - read, 3),
        },
    }
