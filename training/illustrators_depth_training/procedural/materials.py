"""What is one layer though it looks like many: glass over things, tufts of hair, screentone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..data.layered import LayeredImage
from .outlines import Outline, random_outline
from .painted_canvas import Fill, PaintedCanvas, Patch

__all__ = ["make_glass", "make_materials", "make_screentone", "make_tufts"]

Rng = np.random.Generator
Points = NDArray[np.float64]


def make_materials(rng: Rng, size: int) -> LayeredImage:
    """Glass, tufts or screentone, of size x size pixels; one generator state, one drawing."""
    makers = (make_glass, make_tufts, make_screentone)
    return makers[int(rng.integers(len(makers)))](rng, size)


def make_glass(rng: Rng, size: int) -> LayeredImage:
    """Flat things, and panes, discs or vessels over them through which they show.

    A pane is one layer, whatever lies beneath; its rim and the light on it are layers above.
    """
    while True:
        canvas = PaintedCanvas(rng, size, _page(rng))
        _things(canvas, int(rng.integers(2, 7)))
        tint = rng.uniform(0, 255, 3)
        for _ in range(int(rng.integers(1, 4))):
            if rng.random() < 0.5:
                tint = rng.uniform(0, 255, 3)
            _pane(canvas, tint)
        drawing = canvas.finish()
        if drawing is not None:
            return drawing


def make_tufts(rng: Rng, size: int) -> LayeredImage:
    """Heads with hair behind and before them, furry bodies, or rows of grass.

    Strands of one colour that were drawn in one go are one layer.
    """
    while True:
        canvas = PaintedCanvas(rng, size, _page(rng))
        kind = rng.random()
        if kind < 0.5:
            _head(canvas)
        elif kind < 0.75:
            _fur(canvas)
        else:
            _grass(canvas)
        drawing = canvas.finish()
        if drawing is not None:
            return drawing


def make_screentone(rng: Rng, size: int) -> LayeredImage:
    """Shapes of which some are filled with dots, lines or hatching: one layer, gaps included."""
    while True:
        canvas = PaintedCanvas(rng, size, _page(rng))
        for _ in range(int(rng.integers(3, 9))):
            outline = _thing(rng)
            if rng.random() < 0.5:
                canvas.put_painted(outline, _tone(rng, canvas.size))
            else:
                canvas.put_polygons([outline])
            if rng.random() < 0.3:  # inked
                closed = np.concatenate([outline, outline[:1]])
                canvas.put(canvas.lines([closed], rng.uniform(0.006, 0.018)), rng.uniform(0, 50, 3))
        drawing = canvas.finish()
        if drawing is not None:
            return drawing


def _page(rng: Rng) -> Points | None:
    return None if rng.random() < 0.5 else rng.uniform(110, 255, 3)


def _thing(rng: Rng) -> Outline:
    radius = rng.uniform(0.1, 0.38)
    return random_outline(rng) * radius * [1.0, rng.uniform(0.6, 1.4)] + rng.uniform(0.2, 0.8, 2)


def _things(canvas: PaintedCanvas, count: int) -> None:
    for _ in range(count):
        canvas.put_polygons([_thing(canvas.rng)])


# Glass ---------------------------------------------------------------------------------------


def _pane(canvas: PaintedCanvas, tint: Points) -> None:
    rng = canvas.rng
    outline = _thing(rng) if rng.random() < 0.7 else _window(rng)
    canvas.put_painted(outline, _glaze(rng, tint))
    if rng.random() < 0.5:
        closed = np.concatenate([outline, outline[:1]])
        canvas.put(canvas.lines([closed], rng.uniform(0.006, 0.02)), tint * rng.uniform(0.3, 0.9))
    if rng.random() < 0.5:  # light on it
        middle = outline.mean(axis=0)
        glint = middle + (outline - middle) * [0.18, 0.55] + rng.normal(0, 0.04, 2)
        canvas.put_polygons([glint], np.full(3, rng.uniform(225, 255)))


def _window(rng: Rng) -> Outline:
    """A slanted quadrilateral."""
    middle, half = rng.uniform(0.3, 0.7, 2), rng.uniform(0.15, 0.35, 2)
    corners = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    return middle + corners * half + rng.normal(0, 0.05, (4, 2))


def _slope(slope: Points, patch: Patch) -> NDArray[np.float32]:
    """What changes evenly across the picture, 0 in its middle."""
    across, down = np.float32(slope[0]), np.float32(slope[1])
    return across * (patch.columns - np.float32(0.5)) + down * (patch.rows - np.float32(0.5))


def _glaze(rng: Rng, tint: Points) -> Fill:
    """A tint that covers evenly, or more towards one side; by mixing or by multiplying."""
    cover, slope = rng.uniform(0.2, 0.65), rng.normal(0, 0.35, 2) * (rng.random() < 0.4)
    multiplied = rng.random() < 0.35

    def fill(patch: Patch) -> NDArray[np.uint8]:
        share = np.clip(cover + _slope(slope, patch), 0.12, 0.8)[..., None]
        beneath, color = patch.beneath().astype(np.float32), tint.astype(np.float32)
        over = beneath * (color / 255) if multiplied else color
        return (beneath + share * (over - beneath)).astype(np.uint8)

    return fill


# Tufts ---------------------------------------------------------------------------------------


def _strands(rng: Rng, roots: Points, lean: Points, length: float, width: float) -> list[Points]:
    """Bent blades (6, 2), each from a root (N, 2) along its direction (N, 2) to a point."""
    count = len(roots)
    reach = lean * (length * rng.uniform(0.6, 1.3, (count, 1)))
    aside = np.stack([-reach[:, 1], reach[:, 0]], axis=1)
    aside /= np.linalg.norm(aside, axis=1, keepdims=True) + 1e-9
    bend = aside * (length * rng.normal(0, 0.18, (count, 1)))
    half = aside * (width * rng.uniform(0.6, 1.3, (count, 1)) / 2)
    middle, tip = roots + 0.55 * reach + 0.6 * bend, roots + reach + bend
    return list(
        np.stack([roots - half, middle - 0.7 * half, tip, middle + 0.7 * half, roots + half], 1)
    )


def _around(rng: Rng, middle: Points, radii: Points, arc: tuple[float, float], count: int) -> tuple[
    Points, Points
]:  # fmt: skip
    """Roots on an ellipse between two angles, and the directions away from its middle."""
    angle = np.linspace(*arc, count) + rng.normal(0, 0.03, count)
    away = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return middle + away * radii, away


def _head(canvas: PaintedCanvas) -> None:
    """Hair behind, a head, perhaps a face, and hair before it in one to three colours."""
    rng = canvas.rng
    middle = np.array([0.5, 0.55]) + rng.normal(0, 0.05, 2)
    radii = rng.uniform(0.18, 0.3) * np.array([rng.uniform(0.8, 1.1), 1.0])
    hair = canvas.fresh_color()
    count, width = int(rng.integers(24, 90)), rng.uniform(0.012, 0.045)
    if rng.random() < 0.7:
        roots, away = _around(rng, middle, radii * 0.8, (-3.5, 0.4), count)
        fall = away + np.array([0.0, rng.uniform(0.0, 1.2)])
        canvas.put_polygons(_strands(rng, roots, fall, rng.uniform(0.1, 0.3), width), hair)
    circle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    canvas.put_polygons([middle + np.stack([np.cos(circle), np.sin(circle)], 1) * radii])
    if rng.random() < 0.7:
        eyes = [middle + radii * [sign * 0.4, 0.05] for sign in (-1, 1)]
        shape = random_outline(rng) * radii.min() * 0.13
        canvas.put_polygons([shape + eye for eye in eyes])
    for _ in range(int(rng.integers(1, 4))):
        roots, away = _around(rng, middle, radii * rng.uniform(0.7, 1.0), (-3.1, -0.05), count)
        side = np.array([rng.normal(0, 0.8), rng.uniform(-0.2, 0.9)])
        canvas.put_polygons(
            _strands(rng, roots, away * 0.5 + side, rng.uniform(0.06, 0.2), width), hair
        )
        hair = np.clip(hair * rng.uniform(0.6, 1.5) + rng.normal(0, 12, 3), 0, 255)
        count = max(6, count // 2)


def _fur(canvas: PaintedCanvas) -> None:
    """A body with tufts all around, tufts of another colour on it, and something before it."""
    rng = canvas.rng
    middle, radii = rng.uniform(0.4, 0.6, 2), rng.uniform(0.15, 0.3, 2)
    color = canvas.fresh_color()
    for share in (1.0, rng.uniform(0.35, 0.75)):
        count = int(rng.integers(30, 90))
        roots, away = _around(rng, middle, radii * share, (0.0, 2 * np.pi), count)
        lean = away + rng.normal(0, 0.5, 2)
        tufts = _strands(rng, roots, lean, rng.uniform(0.04, 0.14), rng.uniform(0.02, 0.06))
        canvas.put_polygons([roots, *tufts], color)  # the body and its tufts
        color = np.clip(color * rng.uniform(0.5, 1.6) + rng.normal(0, 20, 3), 0, 255)
    if rng.random() < 0.6:
        _things(canvas, 1)


def _grass(canvas: PaintedCanvas) -> None:
    """Rows of blades from far to near, perhaps with things among them."""
    rng = canvas.rng
    color = canvas.fresh_color()
    for row in range(int(rng.integers(2, 5))):
        base = 0.5 + 0.16 * row + rng.normal(0, 0.03)
        count = int(rng.integers(20, 70))
        roots = np.stack([np.linspace(-0.05, 1.05, count), np.full(count, base)], axis=1)
        lean = np.stack([rng.normal(0, 0.35, count), np.full(count, -1.0)], axis=1)
        blades = _strands(rng, roots, lean, rng.uniform(0.1, 0.25), rng.uniform(0.02, 0.05))
        ground = np.array([[-0.1, base - 0.01], [1.1, base - 0.01], [1.1, 1.1], [-0.1, 1.1]])
        canvas.put_polygons([ground, *blades], color)
        color = np.clip(color * rng.uniform(0.6, 1.5) + rng.normal(0, 14, 3), 0, 255)
        if rng.random() < 0.4:
            _things(canvas, 1)


# Screentone ----------------------------------------------------------------------------------


def _tone(rng: Rng, size: int) -> Fill:
    """Dots, lines or crossed lines of one ink on one paper, evenly or thinning out."""
    pitch, turn = rng.uniform(2.5, 9.0) / size, rng.uniform(0, np.pi)
    kind, cover = int(rng.integers(3)), rng.uniform(0.15, 0.75)  # dots, lines, crossed lines
    slope = rng.normal(0, 0.6, 2) * (rng.random() < 0.5)
    ink, paper = rng.uniform(0, 255, (2, 3))
    if rng.random() < 0.5:
        ink, paper = rng.uniform(0, 60, 3), rng.uniform(200, 255, 3)

    inks = np.stack([paper, ink]).astype(np.uint8)
    c, s = (
        np.float32(2 * np.pi * np.cos(turn) / pitch),
        np.float32(2 * np.pi * np.sin(turn) / pitch),
    )

    def fill(patch: Patch) -> NDArray[np.uint8]:
        height = np.cos(patch.columns * c + patch.rows * s)
        if kind:
            height *= 2
        if kind != 1:
            other = np.cos(patch.rows * c - patch.columns * s)
            height = height + other if kind == 0 else np.maximum(height, 2 * other)
        inked = height > 2 - 4 * np.clip(cover + _slope(slope, patch), 0.05, 0.9)
        return inks[inked.view(np.uint8)]

    return fill
