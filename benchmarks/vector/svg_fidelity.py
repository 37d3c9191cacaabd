"""How near the layered SVG is to the flattened layers, and those to the picture.

    python -m benchmarks svg_fidelity [PICTURE ...] [--side 512] [--clip-art DIR] [--keep FOLDER]

Pictures: examples/, the drawings of `inputs.svg_drawings`, those named, and 40 deep ones of a
folder of clip art. RMS of 255, over white: as resvg draws the SVG, whose edges have 16 steps,
and as it does four times as large, averaged, which is what exact coverage gives.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import time
from pathlib import Path
from typing import Any

from ..harness.measure import ROOT, print_row, run_row, save_results
from ..inputs.clip_art import deep_clip_art, draw_svg
from ..inputs.svg_drawings import DRAWINGS, svg_drawing

_SIZE = r'width="[\d.]+(?:mm)?" height="[\d.]+(?:mm)?"'
_FINER = 4


def _picture(source: str, side: int) -> Any:
    """The picture of a row as `Image`: a drawing by name, or a file, no larger than `side`."""
    import resvg_py
    from PIL import Image as PilImage

    from illustrators_depth import read_image

    if source in DRAWINGS:
        data = bytes(resvg_py.svg_to_bytes(svg_string=svg_drawing(source)))
        return read_image(PilImage.open(io.BytesIO(data)))
    if source.endswith(".svg"):
        return read_image(draw_svg(Path(source)))
    opened = PilImage.open(source)
    if max(opened.size) > side:
        opened = opened.convert("RGBA")
        opened.thumbnail((side, side), PilImage.Resampling.LANCZOS)
        return read_image(opened)
    return read_image(source)


def _row(source: str, side: int, keep: str) -> None:
    import numpy as np
    from PIL import Image as PilImage

    from illustrators_depth import predict_depth
    from illustrators_depth.editing import flatten
    from illustrators_depth.layering import decompose
    from illustrators_depth.tracing import trace_stack

    image = _picture(source, side)
    stack = decompose(image, predict_depth(image))
    begun = time.process_time()
    document = trace_stack(stack)
    svg = document.to_svg()
    seconds = time.process_time() - begun
    drawn, exact = (_drawn(svg, stack.width, stack.height, times) for times in (1, _FINER))
    flat, seen = flatten(stack).over(), image.over()

    def rms(one: Any, other: Any) -> float:
        return round(float(np.sqrt(((one - other) ** 2).mean())) * 255.0, 2)

    if keep:
        folder = Path(keep)
        folder.mkdir(parents=True, exist_ok=True)
        name = Path(source).stem
        (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
        error = np.clip(np.abs(drawn - flat).max(axis=2, keepdims=True) * 3.0, 0.0, 1.0)
        sheet = np.concatenate([seen, flat, drawn, np.repeat(error, 3, axis=2)], axis=1)
        PilImage.fromarray(np.rint(sheet * 255.0).astype(np.uint8)).save(folder / f"{name}.png")
    paths = re.findall(r' d="([^"]*)"', svg)
    print_row(
        svg_to_flat=rms(drawn, flat), exact_to_flat=rms(exact, flat),
        flat_to_input=rms(flat, seen), layers=len(stack),
        paths=len(paths), segments=sum(_segments(d) for d in paths), kilobytes=len(svg) / 1000,
        cpu=round(seconds, 2),
    )  # fmt: skip


def _drawn(svg: str, width: int, height: int, times: int) -> Any:
    """A drawing over white, float32 (h, w, 3), drawn so many times as large and averaged."""
    import numpy as np
    import resvg_py
    from PIL import Image as PilImage

    sized = re.sub(_SIZE, f'width="{width * times}" height="{height * times}"', svg, count=1)
    data = bytes(resvg_py.svg_to_bytes(svg_string=sized))
    drawn = np.asarray(PilImage.open(io.BytesIO(data)).convert("RGBA"), np.float32) / 255.0
    drawn = drawn[..., :3] * drawn[..., 3:] + 1.0 - drawn[..., 3:]
    return drawn.reshape(height, times, width, times, 3).mean(axis=(1, 3))


def _segments(data: str) -> int:
    """Lines, curves and arcs of a path, repeated letters counted."""
    sizes = {"l": 2, "c": 6, "h": 1, "v": 1, "a": 7, "q": 4, "s": 4, "t": 2}
    total = 0
    for letter, rest in re.findall(r"([a-zA-Z])([^a-zA-Z]*)", data):
        if letter.lower() in sizes:
            count = len(re.findall(r"-?(?:\d+\.?\d*|\.\d+)", rest))
            total += count // sizes[letter.lower()]
    return total


def main() -> int:
    """Run every row in a process of its own; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pictures", nargs="*", help="further picture files")
    parser.add_argument("--side", type=int, default=512, help="larger pictures are made smaller")
    parser.add_argument("--keep", default="", help="a folder for sheets: input, flat, SVG, error")
    parser.add_argument(
        "--clip-art", default="", help="a folder of SVG files: 40 of them are added"
    )
    parser.add_argument("--only", action="store_true", help="only the pictures named")
    parser.add_argument("--name", default="svg_fidelity", help="of the file in results/")
    parser.add_argument("--row", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.row:
        _row(options.row[0], int(options.row[1]), options.row[2] if len(options.row) > 2 else "")
        return 0
    sources = [*options.pictures]
    if not options.only:
        examples = sorted(p for p in (ROOT / "examples").iterdir() if p.suffix != ".md")
        sources = [*map(str, examples), *DRAWINGS, *sources]
    if options.clip_art:
        sources += map(str, deep_clip_art(Path(options.clip_art)))
    rows: list[dict[str, Any]] = []
    for source in sources:
        measured = run_row(
            __spec__.name, source, options.side, *([options.keep] * bool(options.keep))
        )
        rows.append({"picture": Path(source).stem, **measured})
        print(rows[-1], flush=True)
    save_results(options.name, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
