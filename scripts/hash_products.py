"""Hashes of what the engine makes: the same before and after a change that shall change nothing.

    python scripts/hash_products.py examples/*.png > before.txt

One line a picture for its regions, one for each stack and one for each file. The depth is the
heuristic's, so that no model is needed. A picture's settings follow one another in one session, so
that layers kept from one are used in the next.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from illustrators_depth import predict_depth, read_image
from illustrators_depth.batch.preset import Preset
from illustrators_depth.batch.products import PRODUCTS, Products, write_products
from illustrators_depth.errors import InputError
from illustrators_depth.layering.session import LayerSession
from illustrators_depth.papercut import papercut
from illustrators_depth.papercut.write import write_papercut
from illustrators_depth.pipeline import LayeredPicture
from illustrators_depth.progress import no_progress
from illustrators_depth.regions import flat_regions
from illustrators_depth.settings import CompleteSettings, DecomposeSettings
from illustrators_depth.types import DepthMap, Image, LayerStack

_DECOMPOSITIONS = tuple(DecomposeSettings("bins" if n else "auto", n) for n in (0, 4, 5))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", type=Path, nargs="+")
    parser.add_argument("--size", type=int, default=256, help="longest side in pixels")
    parser.add_argument("--method", nargs="*", default=["smooth", "nearest", "none"])
    parser.add_argument("--no-files", action="store_true", help="regions and stacks alone")
    options = parser.parse_args()
    completions = [CompleteSettings(method=method) for method in options.method]
    completions += [CompleteSettings(options.method[0], feather) for feather in (0.0, 3.0)]
    for path in options.pictures:
        image = _reduced(read_image(path), options.size)
        depth = predict_depth(image, model="heuristic")
        regions = flat_regions(image.rgba)
        print(path.name, "regions", regions.count, _hash(regions.labels, regions.colors))
        first = None
        for label, stack in _stacks(image, depth, completions):
            first = first or stack
            print(path.name, label, len(stack), stack_hash(stack), flush=True)
        if first is not None and not options.no_files:
            for name, digest in _files(LayeredPicture(first, image, depth)):
                print(path.name, "file", name, digest, flush=True)


def _stacks(
    image: Image, depth: DepthMap, completions: list[CompleteSettings]
) -> Iterator[tuple[str, LayerStack]]:
    for eight_bit in (False, True):
        session = LayerSession(image, depth, eight_bit)
        for decomposition in _DECOMPOSITIONS:
            for complete in completions:
                try:
                    stack = session.decompose(decomposition, complete)
                except InputError:  # fewer layers than asked for
                    continue
                yield (
                    f"{decomposition.layers} {complete.method} {complete.feather} {eight_bit}",
                    stack,
                )


def _files(layered: LayeredPicture) -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        write_products(Products(layered, Preset()), list(PRODUCTS), "out", folder, no_progress)
        write_papercut(papercut(layered.stack), folder / "sheets")
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            digest = hashlib.blake2b(path.read_bytes(), digest_size=12).hexdigest()
            yield path.relative_to(folder).as_posix(), digest


def stack_hash(stack: LayerStack) -> str:
    """A hash of all that a stack holds."""
    facts = [[x.name, x.depth, x.color, x.window, x.uid, x.hidden] for x in stack]
    parts = [part for x in stack for part in (x.visible_crop, x.mask_crop, x.rgba_crop)]
    return _hash(np.frombuffer(json.dumps(facts).encode(), np.uint8), stack.labels, *parts)


def _hash(*arrays: np.ndarray) -> str:
    state = hashlib.blake2b(digest_size=12)
    for array in arrays:
        state.update(np.ascontiguousarray(array).tobytes())
    return state.hexdigest()


def _reduced(image: Image, size: int) -> Image:
    scale = size / max(image.height, image.width)
    if scale >= 1.0:
        return image
    shape = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return Image(cv2.resize(image.rgba, shape, interpolation=cv2.INTER_AREA), image.name)


if __name__ == "__main__":
    main()
