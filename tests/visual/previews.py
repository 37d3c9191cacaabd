"""Small previews of every example: its layers pulled apart, and the solid that is printed of it.

    python -m tests.visual.previews [--out out/visual] [--update] [--new-depth]

Writes a page that shows each stored preview beside today's and what differs; ends with code 1 when
one differs by more than the tolerance. `--update` stores today's. Depth is stored too, as the
network saw it when the previews were made, so that new weights change nothing here: what is watched
is everything after the network. Drawn with NumPy and OpenCV alone, without a GPU.
"""

from __future__ import annotations

import argparse
import html
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.depth import predict_depth
from illustrators_depth.geometry import relief
from illustrators_depth.io.depth_file import write_depth
from illustrators_depth.io.pictures.read_image import read_image
from illustrators_depth.layering import decompose
from illustrators_depth.predictors.precomputed import PrecomputedPredictor
from illustrators_depth.settings import ReliefSettings
from illustrators_depth.types import Image, LayerStack, Mesh

HERE = Path(__file__).resolve().parent
STORED, DEPTHS = HERE / "previews", HERE / "depth"
EXAMPLES = sorted(
    p for p in (HERE.parents[1] / "examples").iterdir() if p.suffix in (".png", ".jpg", ".webp")
)
SIDE = 288  # pixels of the pictures' longest side: enough for the layers to be the real ones
# The least SSIM and the largest mean difference of two previews that pass for the same.
LEAST_LIKENESS, MOST_OFF = 0.97, 0.012


def small_picture(path: Path) -> Image:
    """An example at SIDE pixels."""
    image = read_image(path)
    scale = SIDE / max(image.height, image.width)
    size = (round(image.width * scale), round(image.height * scale))
    premultiplied = image.rgba.copy()
    premultiplied[..., :3] *= premultiplied[..., 3:]
    rgba = cv2.resize(premultiplied, size, interpolation=cv2.INTER_AREA)
    rgba[..., :3] /= np.maximum(rgba[..., 3:], 1e-6)
    return replace(image, rgba=np.ascontiguousarray(np.clip(rgba, 0.0, 1.0)))


def preview(path: Path) -> NDArray[np.uint8]:
    """Today's preview of an example, uint8 RGB (SIDE x 2 SIDE or so)."""
    image = small_picture(path)
    depth = PrecomputedPredictor.from_file(DEPTHS / f"{path.stem}.png").predict(image)
    stack = decompose(image, depth)
    solid = relief(stack, ReliefSettings(mode="stacked", gap_mm=6.0, thickness_mm=3.0))
    return np.hstack([apart(stack), painted(solid)])


def apart(stack: LayerStack) -> NDArray[np.uint8]:
    """Layers laid over one another, each a step further up and to the right, with a soft shadow."""
    count = len(stack)
    step = 0.35 * SIDE / max(count - 1, 1)
    frame = np.full((SIDE, SIDE, 3), 0.93, np.float32)
    scale = 0.62 * SIDE / max(stack.height, stack.width)
    for index, layer in enumerate(stack):
        rgba = layer.rgba.copy()
        rgba[..., :3] *= rgba[..., 3:]
        x, y = 6 + step * index, SIDE - 6 - scale * stack.height - step * index
        place = np.array([[scale, 0, x], [0, scale, y]], np.float32)
        laid = cv2.warpAffine(rgba, place, (SIDE, SIDE), flags=cv2.INTER_AREA)
        shadow = cv2.GaussianBlur(np.roll(laid[..., 3], (3, -3), (0, 1)), (0, 0), 2.0)
        frame *= 1.0 - 0.3 * shadow[..., None]
        frame = frame * (1.0 - laid[..., 3:]) + laid[..., :3]
    return np.rint(np.clip(frame, 0.0, 1.0) * 255).astype(np.uint8)


def painted(mesh: Mesh) -> NDArray[np.uint8]:
    """The mesh seen from the lower left, its triangles painted from the farthest to the nearest."""
    turn, tilt = np.radians(20.0), np.radians(50.0)
    across = np.array([np.cos(turn), np.sin(turn), 0.0])
    away = np.array([-np.sin(turn) * np.sin(tilt), np.cos(turn) * np.sin(tilt), -np.cos(tilt)])
    up = np.cross(across, away)
    corners = mesh.vertices.astype(np.float64)
    flat = np.stack([corners @ across, -(corners @ up)], axis=1)
    flat -= flat.min(axis=0)
    flat *= (SIDE - 12) / flat.max()
    flat += (SIDE - flat.max(axis=0)) / 2
    triangles = corners[mesh.faces]
    normal = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    colour = np.zeros((len(mesh.faces), 3))
    for part in mesh.parts:
        colour[part.faces] = part.color
    lit = 0.45 + 0.55 * np.clip(normal @ np.array([-0.3, -0.5, 0.81]), 0.0, 1.0)
    colour = np.clip(colour * lit[:, None] * 255, 0, 255)
    facing = normal @ away < 0.0
    order = np.argsort(-(triangles.mean(axis=1) @ away), kind="stable")
    canvas = np.full((SIDE, SIDE, 3), 237, np.uint8)
    fixed = np.rint(flat * 16).astype(np.int32)
    for face in order[facing[order]]:
        points = fixed[mesh.faces[face]]
        cv2.fillConvexPoly(canvas, points, colour[face].tolist(), cv2.LINE_AA, 4)
    return canvas


@dataclass(frozen=True)
class Verdict:
    """How near two previews are: SSIM (1 = the same) and mean difference (0..1)."""

    likeness: float
    off: float

    @property
    def same(self) -> bool:
        return self.likeness >= LEAST_LIKENESS and self.off <= MOST_OFF


def compare(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> Verdict:
    """Structural similarity of the grey pictures (Wang et al. 2004, Gaussian window of 1.5)."""
    if before.shape != after.shape:
        return Verdict(0.0, 1.0)
    a, b = (cv2.cvtColor(x, cv2.COLOR_RGB2GRAY).astype(np.float64) for x in (before, after))

    def blur(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(cv2.GaussianBlur(x, (11, 11), 1.5))

    mean_a, mean_b = blur(a), blur(b)
    spread_a, spread_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    shared = blur(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    likeness = ((2 * mean_a * mean_b + c1) * (2 * shared + c2)) / (
        (mean_a**2 + mean_b**2 + c1) * (spread_a + spread_b + c2)
    )
    off = np.abs(before.astype(np.float64) - after).mean() / 255
    return Verdict(float(likeness.mean()), float(off))


def read_png(path: Path) -> NDArray[np.uint8]:
    """A stored preview, uint8 RGB."""
    return np.rint(read_image(path).rgba[..., :3] * 255).astype(np.uint8)


def write_png(path: Path, rgb: NDArray[np.uint8]) -> None:
    """Save a preview with few colours: small, and nothing that is watched is lost."""
    from PIL import Image as PilImage

    PilImage.fromarray(rgb).save(path, optimize=True)


def main() -> int:
    """Make all previews and the page; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("out/visual"))
    parser.add_argument("--update", action="store_true", help="store today's previews")
    parser.add_argument("--new-depth", action="store_true", help="store today's depth first")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    rows, changed = [], 0
    for path in EXAMPLES:
        name = f"{path.stem}.png"
        if options.new_depth:
            write_depth(predict_depth(small_picture(path)), DEPTHS / name, overwrite=True)
        after = preview(path)
        write_png(options.out / f"after-{name}", after)
        verdict, pictures = "no stored preview", [f"after-{name}"]
        if (STORED / name).is_file():
            before = read_png(STORED / name)
            found = compare(before, after)
            changed += not found.same
            verdict = f"SSIM {found.likeness:.4f}, mean difference {found.off:.4f}"
            verdict += "" if found.same else " - CHANGED"
            shutil.copyfile(STORED / name, options.out / f"before-{name}")
            pictures.insert(0, f"before-{name}")
            if before.shape == after.shape:
                off = np.abs(before.astype(int) - after).clip(0, 85).astype(np.uint8) * 3
                write_png(options.out / f"off-{name}", 255 - off)
                pictures.append(f"off-{name}")
        print(f"{path.stem}: {verdict}", flush=True)
        shown = "".join(f'<td><img src="{html.escape(p)}"></td>' for p in pictures)
        rows.append(f"<tr><th>{html.escape(path.stem)}<br>{html.escape(verdict)}</th>{shown}</tr>")
        if options.update:
            write_png(STORED / name, after)
    page = (
        "<!doctype html><meta charset=utf-8><title>Previews: before and after</title>"
        "<style>body{font:14px sans-serif}th{text-align:left;vertical-align:top;width:12em}"
        "img{width:100%;max-width:576px}</style><h1>Previews</h1>"
        "<p>Stored, today's, and what differs (three times as strong).</p>"
        f"<table>{''.join(rows)}</table>"
    )
    (options.out / "index.html").write_text(page, encoding="utf-8")
    print(f"{changed} of {len(EXAMPLES)} changed; see {options.out / 'index.html'}")
    return 1 if changed and not options.update else 0


if __name__ == "__main__":
    sys.exit(main())
