"""Composes a drawing the way illustrators do: parts on parts, front to back known exactly.

A scene is a tree painted depth first. A part may carry an outline (painted before it, wider, or
after it, as a line), a shadow or highlight, details inside it, a pair of mirrored details, a row
of marks, and further parts on top. Colours follow the data set's rules: consecutive layers of one
colour merge, and a colour returns later only where it does not touch its former self.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..data.layered import LayeredImage
from .outlines import Outline, random_outline, random_stroke, stroke_outline

__all__ = ["make_scene"]

_OVERSAMPLE = 2
_MAX_LAYERS = 120
_MIN_OVERLAP_SHARE = 16 / 512**2  # of the picture, from which on a layer hides another
_MIN_COLOR_DISTANCE = 30.0  # of 255, L2: below it a boundary would be hard to see


def make_scene(rng: np.random.Generator, size: int) -> LayeredImage:
    """Draw one random scene of size x size pixels; one generator state gives one scene."""
    while True:
        painter = _Painter(rng, size)
        painter.paint()
        scene = painter.finish()
        if scene is not None:
            return scene


class _Painter:
    def __init__(self, rng: np.random.Generator, size: int) -> None:
        self.rng, self.size = rng, size
        self.side = size * _OVERSAMPLE
        self.labels = np.zeros((self.side, self.side), np.uint8)
        self.colors = [np.full(3, 255.0)]
        self.hides: list[tuple[int, int]] = []
        self.slopes = [np.zeros((2, 3))]  # colour change per unit of x and y
        self.gradients = rng.random() < 0.3
        self.outline_style = rng.choice(["none", "none", "under", "over"])
        self.outline_color = self._dark() if rng.random() < 0.7 else self._any()
        self.palette = [self._any() for _ in range(int(rng.integers(3, 12)))]

    # Colours ---------------------------------------------------------------------------------
    def _any(self) -> NDArray[np.float64]:
        hue, sat, val = self.rng.random(), self.rng.beta(1.5, 1.2), self.rng.beta(2.5, 1.0)
        k = (np.array([5.0, 3.0, 1.0]) + hue * 6.0) % 6.0
        return 255.0 * (val - val * sat * np.clip(np.minimum(k, 4.0 - k), 0.0, 1.0))

    def _dark(self) -> NDArray[np.float64]:
        return self._any() * self.rng.uniform(0.0, 0.35)

    def _fresh(self, near: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """A colour unlike those in use; `near` asks for a shade of that colour."""
        color = self.palette[0]
        for attempt in range(14):
            if near is not None and attempt < 6:
                factor = self.rng.uniform(0.55, 1.35)
                color = np.clip(near * factor + self.rng.normal(0, 10, 3), 0, 255)
            elif attempt < 10 and self.rng.random() < 0.7:
                color = self.palette[int(self.rng.integers(len(self.palette)))]
                color = np.clip(color + self.rng.normal(0, 6, 3), 0, 255)
            else:
                color = self._any()
            used = np.asarray(self.colors)
            if np.linalg.norm(used - color, axis=1).min() > _MIN_COLOR_DISTANCE:
                break
        return color

    # Painting --------------------------------------------------------------------------------
    def _mask(self, outlines: list[Outline], clip: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
        canvas = np.zeros((self.side, self.side), np.uint8)
        points = [np.round(o * self.side * 8).astype(np.int32) for o in outlines]
        for p in points:
            cv2.fillPoly(canvas, [p], 1, shift=3)
        mask = canvas.view(np.bool_)
        return mask if clip is None else mask & clip

    def _new(self, color: NDArray[np.float64]) -> int:
        self.colors.append(color)
        slope = np.zeros((2, 3))
        if self.gradients and self.rng.random() < 0.5:
            slope = self.rng.normal(0, 1, (2, 1)) * self.rng.normal(60, 40, (1, 3))
        self.slopes.append(slope)
        return len(self.colors) - 1

    def _put(
        self, mask: NDArray[np.bool_], color: NDArray[np.float64], again: bool = False
    ) -> NDArray[np.bool_]:
        """Paint `mask`; `again` lets the layer just painted grow (one colour, consecutive)."""
        if len(self.colors) >= _MAX_LAYERS:
            return mask
        label = len(self.colors) - 1 if again else self._new(color)
        covered = np.bincount(self.labels[mask], minlength=1)
        covered[0] = 0  # the page
        least = _MIN_OVERLAP_SHARE * mask.size
        self.hides += [(int(below), label) for below in np.flatnonzero(covered > least)]
        self.labels[mask] = label
        return mask

    def _reuse(self, mask: NDArray[np.bool_]) -> NDArray[np.float64] | None:
        """A colour already used, if no layer of that colour touches `mask`."""
        if len(self.colors) < 4:
            return None
        pick = int(self.rng.integers(1, len(self.colors)))
        wide = cv2.dilate(mask.view(np.uint8), np.ones((5, 5), np.uint8)).view(np.bool_)
        color = self.colors[pick]
        same = [i for i, c in enumerate(self.colors) if np.linalg.norm(c - color) < 12.0]
        return None if np.isin(self.labels[wide], same).any() else color

    def _place(self, shape: Outline, centre: NDArray[np.float64], radius: float) -> Outline:
        return shape * radius + centre

    def paint(self) -> None:
        rng = self.rng
        self._backdrop()
        deep = rng.random() < 0.3
        count = int(rng.integers(2, 12)) if deep else int(rng.integers(1, 5))
        spread = rng.uniform(0.1, 0.35)
        for _ in range(count):
            centre = 0.5 + rng.uniform(-1, 1, 2) * spread
            radius = rng.uniform(0.08, 0.3) if count > 3 else rng.uniform(0.15, 0.42)
            self._part(centre, radius, None, int(rng.integers(1, 4)))

    def _backdrop(self) -> None:
        rng = self.rng
        kind = rng.random()
        if kind < 0.55:
            return
        if kind < 0.7:
            self.colors[0] = self._any()
        elif kind < 0.82:  # a sticker or badge that everything lies on
            outline = random_outline(rng)
            mask = self._mask([self._place(outline, np.array([0.5, 0.5]), 0.47)], None)
            self._put(mask, self._fresh())
        else:  # bands: sky, hills, ground
            level = 0.0
            self.colors[0] = self._any()
            for _ in range(int(rng.integers(1, 5))):
                level += rng.uniform(0.1, 0.3)
                x = np.linspace(-0.1, 1.1, 40)
                wave = rng.normal(0, 0.05) * np.sin(x * rng.uniform(2, 14) + rng.uniform(0, 6))
                top = np.stack([x, level + wave + rng.normal(0, 0.1) * (x - 0.5)], axis=1)
                ground = np.concatenate([top, [[1.1, 1.1], [-0.1, 1.1]]])
                self._put(self._mask([ground], None), self._fresh())

    def _part(
        self,
        centre: NDArray[np.float64],
        radius: float,
        clip: NDArray[np.bool_] | None,
        depth: int,
    ) -> None:
        rng = self.rng
        if len(self.colors) >= _MAX_LAYERS - 8:
            return
        if clip is None and depth > 1 and rng.random() < 0.3:  # something behind: ears, wings
            for sign in (-1, 1) if rng.random() < 0.6 else (1,):
                offset = np.array([sign * radius * rng.uniform(0.5, 0.9), -radius * 0.6])
                self._part(centre + offset, radius * rng.uniform(0.3, 0.6), None, 0)
        outline = self._place(random_outline(rng), centre, radius)
        mask = self._mask([outline], clip)
        if mask.sum() < 12:
            return
        if self.outline_style == "under" and clip is None:
            width = max(1, int(self.side * rng.uniform(0.006, 0.02)))
            disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * width + 1, 2 * width + 1))
            wide = cv2.dilate(mask.view(np.uint8), disc).view(np.bool_)
            self._put(wide, self._line_color())
        color = self._reuse(mask) if rng.random() < 0.3 else None
        color = self._fresh() if color is None else color
        self._put(mask, color)
        if rng.random() < 0.35:
            self._shade(mask, color)
        if depth > 0:
            self._details(centre, radius, mask, color, depth)
        if self.outline_style == "over" and rng.random() < 0.85:
            width = max(2, int(self.side * rng.uniform(0.008, 0.025)))
            canvas = np.zeros((self.side, self.side), np.uint8)
            points = [np.round(outline * self.side * 8).astype(np.int32)]
            cv2.polylines(canvas, points, True, 1, width, cv2.LINE_8, 3)
            line = canvas.view(np.bool_)
            self._put(line if clip is None else line & clip, self._line_color())

    def _line_color(self) -> NDArray[np.float64]:
        """The drawing's line colour, varied so that two lines stay two layers."""
        return np.clip(self.outline_color + self.rng.normal(0, 14, 3), 0, 255)

    def _shade(self, mask: NDArray[np.bool_], color: NDArray[np.float64]) -> None:
        """A darker or lighter zone inside a shape: the shape minus a shifted copy of itself."""
        rows, columns = self.rng.integers(-self.side // 8, self.side // 8 + 1, 2)
        zone = mask & ~np.roll(mask, (int(rows), int(columns)), (0, 1))
        if self.rng.random() < 0.4:
            zone = mask & ~zone
        factor = self.rng.uniform(0.55, 0.85) if self.rng.random() < 0.7 else 1.0
        tint = color * factor if factor < 1.0 else color + (255 - color) * 0.35
        if zone.sum() > 20 and np.linalg.norm(tint - color) > 12:
            self._put(zone, tint)

    def _details(
        self,
        centre: NDArray[np.float64],
        radius: float,
        mask: NDArray[np.bool_],
        color: NDArray[np.float64],
        depth: int,
    ) -> None:
        rng = self.rng
        for _ in range(int(rng.integers(0, 4))):
            kind = rng.random()
            at = centre + rng.uniform(-0.5, 0.5, 2) * radius
            inside = mask if rng.random() < 0.6 else None
            if kind < 0.3:
                self._part(at, radius * rng.uniform(0.2, 0.6), inside, depth - 1)
            elif kind < 0.5:  # a mirrored pair: one layer (eyes), or two
                shape = random_outline(rng) * radius * rng.uniform(0.08, 0.25)
                apart = np.array([radius * rng.uniform(0.25, 0.5), 0.0])
                where = centre + np.array([0.0, rng.uniform(-0.4, 0.3) * radius])
                merged = rng.random() < 0.7
                first = self._fresh()
                self._put(self._mask([shape * [-1, 1] + where - apart], inside), first)
                self._put(
                    self._mask([shape + where + apart], inside),
                    first if merged else self._fresh(first),
                    again=merged,
                )
                if rng.random() < 0.4:
                    pupils = [shape * 0.45 + where - apart, shape * 0.45 + where + apart]
                    self._put(self._mask(pupils, inside), self._fresh())
            elif kind < 0.65:  # a row of marks: text, buttons, teeth, windows
                self._marks(at, radius, inside)
            elif kind < 0.8:  # stripes across the shape
                stripe = self._fresh(color)
                bar = random_stroke(rng) * radius * 1.5
                for i in range(int(rng.integers(1, 4))):
                    band = stroke_outline(bar, radius * rng.uniform(0.1, 0.3), False)
                    shifted = band + at + [0.0, (i - 1) * radius * 0.55]
                    self._put(self._mask([shifted], mask), stripe, again=i > 0)
            elif kind < 0.92:  # a line: mouth, crease, hair
                curve = random_stroke(rng) * radius * rng.uniform(0.3, 0.9)
                width = self.size**-1 * rng.uniform(1.0, 5.0)
                line = stroke_outline(curve, width, rng.random() < 0.4) + at
                self._put(self._mask([line], inside), self._fresh())
            else:  # a hole: what lies beneath shows again, in the colour of the page
                hole = self._mask([self._place(random_outline(rng), at, radius * 0.3)], mask)
                self._put(hole, self._fresh())

    def _marks(
        self, at: NDArray[np.float64], radius: float, clip: NDArray[np.bool_] | None
    ) -> None:
        rng = self.rng
        count, pitch = int(rng.integers(2, 8)), radius * rng.uniform(0.15, 0.35)
        shape = random_outline(rng) * pitch * rng.uniform(0.25, 0.45)
        same = rng.random() < 0.6
        color = self._fresh()
        vertical = rng.random() < 0.3
        for i in range(count):
            step = np.array([0.0, 1.0] if vertical else [1.0, 0.0]) * pitch * (i - count / 2)
            if rng.random() < 0.3:
                shape = random_outline(rng) * pitch * 0.35
            tint = color if same or i == 0 else self._fresh(color)
            self._put(self._mask([shape + at + step], clip), tint, again=same and i > 0)

    # Truth -----------------------------------------------------------------------------------
    def finish(self) -> LayeredImage | None:
        """Downsample picture and labels; None when fewer than two layers can be seen."""
        axis = np.linspace(-0.5, 0.5, self.side)
        base = np.asarray(self.colors, np.float32)
        slopes = np.asarray(self.slopes, np.float32)
        picture = base[self.labels]
        if self.gradients:
            picture = picture + slopes[self.labels, 0] * axis[None, :, None].astype(np.float32)
            picture += slopes[self.labels, 1] * axis[:, None, None].astype(np.float32)
        picture = np.clip(picture, 0, 255).astype(np.uint8)
        rgb = cv2.resize(picture, (self.size, self.size), interpolation=cv2.INTER_AREA)
        crisp = self.labels[_OVERSAMPLE // 2 :: _OVERSAMPLE, _OVERSAMPLE // 2 :: _OVERSAMPLE]
        present = np.bincount(crisp.ravel(), minlength=256) > 0
        if present.sum() < 2:
            return None
        hides = np.array([p for p in self.hides if p[0] != p[1]], np.int32).reshape(-1, 2)
        drawing = LayeredImage(np.ascontiguousarray(rgb), crisp.astype(np.int32) + 1, hides + 1)
        return drawing.renumbered()
