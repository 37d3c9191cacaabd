"""resvg's own test files through the reader of layers: drawn as resvg draws them, or refused.

They are not part of this house: name a folder of them (`crates/resvg/tests/tests` of a checkout) in
the environment variable RESVG_TESTS.
"""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from illustrators_depth import read_layers
from illustrators_depth.editing.flatten import flatten
from illustrators_depth.errors import EngineError

resvg_py = pytest.importorskip("resvg_py", reason="draws SVG")
FOLDER = os.environ.get("RESVG_TESTS", "")
EVERY = int(os.environ.get("RESVG_EVERY", "16"))
SIZE, FAR, FEW = 256, 16.0, 0.005


@pytest.mark.slow
@pytest.mark.skipif(not FOLDER, reason="RESVG_TESTS names no folder of resvg's test files")
def test_every_file_is_drawn_or_refused() -> None:
    files = sorted(Path(FOLDER).rglob("*.svg"))[::EVERY]
    assert files
    same, refused, other = 0, 0, []
    for file in files:
        try:
            stack = read_layers(file, size=SIZE)
        except EngineError as error:  # any other exception fails the test
            assert "\n" not in str(error)
            refused += 1
            continue
        text = file.read_text("latin-1")
        try:
            png = resvg_py.svg_to_bytes(
                svg_path=str(file),
                width=stack.width,
                height=stack.height,
                dpi=96.0,  # as resvg's program has it; left out, millimetres are nothing
                languages=["en"],
                skip_system_fonts="<text" not in text,
            )
        except ValueError:
            continue  # what resvg itself does not read
        drawn = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED).astype(float)
        drawn = drawn[..., [2, 1, 0, 3]]
        ours = flatten(stack).rgba * 255.0
        apart = [x[..., :3] * x[..., 3:] / 255.0 for x in (ours, drawn)]
        distance = np.maximum(
            abs(apart[0] - apart[1]).max(axis=2), abs(ours[..., 3] - drawn[..., 3])
        )
        if (distance > FAR).mean() <= FEW:
            same += 1
        else:
            other.append(file.name)
    print(f"{len(files)} files: {same} the same, {refused} refused, others {other}")
    assert same + refused >= 0.97 * len(files), other
