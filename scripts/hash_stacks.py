"""Hashes of the layers of pictures: the same before and after a change that shall change nothing.

    python scripts/hash_stacks.py examples/*.png > before.txt

One line a picture and setting. The depth is the heuristic's, so that no model is needed; each
picture's settings follow one another in one session, so that layers kept from one are used in the
next.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import cv2
import numpy as np

from illustrators_depth import predict_depth, read_image
from illustrators_depth.errors import InputError
from illustrators_depth.layering.session import LayerSession
from illustrators_depth.settings import CompleteSettings, DecomposeSettings
from illustrators_depth.types import Image, LayerStack

_CUTS = tuple(DecomposeSettings("bins" if n else "auto", n) for n in (0, 4, 5))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", type=Path, nargs="+")
    parser.add_argument("--size", type=int, default=256, help="longest side in pixels")
    parser.add_argument("--method", nargs="*", default=["smooth", "nearest", "none"])
    chosen = parser.parse_args()
    completions = [CompleteSettings(method=method) for method in chosen.method]
    completions += [CompleteSettings(chosen.method[0], feather) for feather in (0.0, 3.0)]
    for path in chosen.pictures:
        image = _reduced(read_image(path), chosen.size)
        depth = predict_depth(image, model="heuristic")
        for eight_bit in (False, True):
            session = LayerSession(image, depth, eight_bit)
            for cut in _CUTS:
                for complete in completions:
                    try:
                        stack = session.decompose(cut, complete)
                    except InputError:  # fewer layers than asked for
                        continue
                    how = f"{complete.method} {complete.feather} {eight_bit}"
                    print(path.name, cut.layers, how, len(stack), stack_hash(stack), flush=True)


def stack_hash(stack: LayerStack) -> str:
    """A hash of all that a stack holds."""
    state = hashlib.blake2b(digest_size=12)
    state.update(np.ascontiguousarray(stack.labels).tobytes())
    for layer in stack:
        facts = [layer.name, layer.depth, layer.color, layer.window, layer.uid, layer.hidden]
        state.update(json.dumps(facts).encode())
        for part in (layer.visible_crop, layer.mask_crop, layer.rgba_crop):
            state.update(np.ascontiguousarray(part).tobytes())
    return state.hexdigest()


def _reduced(image: Image, size: int) -> Image:
    scale = size / max(image.height, image.width)
    if scale >= 1.0:
        return image
    shape = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return Image(cv2.resize(image.rgba, shape, interpolation=cv2.INTER_AREA), image.name)


if __name__ == "__main__":
    main()
