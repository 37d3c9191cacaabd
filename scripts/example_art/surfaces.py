"""The looks of other media, put over flat art: brush and canvas, a photograph's lens and film."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from .sources import as_float

__all__ = ["backdrop", "flatten", "painted", "photographed", "soft_shadow"]


def _noise(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.standard_normal(shape).astype(np.float32)


def _to_picture(values: np.ndarray) -> Image.Image:
    return Image.fromarray(np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8))


def flatten(picture: Image.Image, page: tuple[int, int, int] = (255, 255, 255)) -> Image.Image:
    """The picture over a plain page, RGB."""
    base = Image.new("RGBA", picture.size, (*page, 255))
    return Image.alpha_composite(base, picture).convert("RGB")


def painted(picture: Image.Image, seed: int, brush: int = 7) -> Image.Image:
    """An RGB picture as if painted with a brush on canvas: strokes, pigment, weave and light.

    Kuwahara filter (strokes with sharp borders), oriented noise modulating lightness, then the
    weave of the canvas lit from the upper left.
    """
    rng = np.random.default_rng(seed)
    rgb = np.asarray(picture.convert("RGB"), np.float32) / 255.0
    # Uneven hand: bend outlines by a pixel or two.
    h, w = rgb.shape[:2]
    dx, dy = (cv2.GaussianBlur(_noise(rng, h, w), (0, 0), 9) * 42
              for _ in range(2))  # fmt: skip
    x, y = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    rgb = cv2.remap(rgb, x + dx, y + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    rgb = _kuwahara(rgb, brush)
    grain = _noise(rng, h, w)
    strokes = cv2.GaussianBlur(grain, (0, 0), sigmaX=9, sigmaY=0.9)
    strokes += cv2.GaussianBlur(_noise(rng, h, w), (0, 0), 1.2, sigmaY=7)
    strokes /= strokes.std()
    pigment = cv2.GaussianBlur(_noise(rng, h, w), (0, 0), 40)
    pigment /= pigment.std()
    rgb = rgb * (1.0 + 0.045 * strokes + 0.03 * pigment)[..., None]
    period = 5.0
    weave = np.abs(np.sin(np.pi * x / period)) * (np.floor(y / period) % 2 == 0)
    weave = weave + np.abs(np.sin(np.pi * y / period)) * (np.floor(x / period) % 2 == 0)
    height = cv2.GaussianBlur(weave.astype(np.float32), (0, 0), 0.9)
    relief = cv2.Sobel(height, cv2.CV_32F, 1, 1, ksize=3)
    return _to_picture(rgb + 0.05 * relief[..., None])


def _kuwahara(rgb: np.ndarray, radius: int) -> np.ndarray:
    """Replace each pixel by the mean of the least varied of its four quadrant windows."""
    size = (radius + 1, radius + 1)
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    means, spreads = [], []
    for ax in (0, radius):
        for ay in (0, radius):
            anchor = (ax, ay)
            means.append(cv2.boxFilter(rgb, -1, size, anchor=anchor))
            m = cv2.boxFilter(grey, -1, size, anchor=anchor)
            spreads.append(cv2.boxFilter(grey * grey, -1, size, anchor=anchor) - m * m)
    best = np.argmin(np.stack(spreads), axis=0)
    return np.take_along_axis(np.stack(means), best[None, ..., None], axis=0)[0]


def backdrop(width: int, height: int, seed: int) -> Image.Image:
    """A blurred late-afternoon garden: colour wash and out-of-focus highlights (bokeh), RGBA."""
    rng = np.random.default_rng(seed)
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    sky, leaf = np.array([0.80, 0.84, 0.78], np.float32), np.array([0.23, 0.34, 0.20], np.float32)
    wash = np.broadcast_to(sky * (1 - y) + leaf * y, (height, width, 3)).copy()
    blotches = cv2.resize(rng.random((14, 20, 3)).astype(np.float32), (width, height),
                          interpolation=cv2.INTER_CUBIC)  # fmt: skip
    wash += 0.22 * (cv2.GaussianBlur(blotches, (0, 0), width / 30) - 0.5)
    glow = np.zeros_like(wash)
    for _ in range(46):
        disc = np.zeros((height, width), np.float32)
        at = (int(rng.integers(0, width)), int(rng.integers(0, int(height * 0.85))))
        cv2.circle(disc, at, int(rng.integers(width // 60, width // 18)), 1.0, -1, cv2.LINE_AA)
        tint = np.array([1.0, rng.uniform(0.82, 0.97), rng.uniform(0.55, 0.8)], np.float32)
        glow += cv2.GaussianBlur(disc, (0, 0), 3)[..., None] * tint * rng.uniform(0.04, 0.16)
    rgb = 1 - (1 - np.clip(wash, 0, 1)) * (1 - np.clip(glow, 0, 1))
    return _to_picture(np.concatenate([rgb, np.ones((height, width, 1), np.float32)], axis=2))


def soft_shadow(alpha: Image.Image, blur: float, strength: float) -> Image.Image:
    """A blurred black RGBA shadow of a coverage map."""
    cover = cv2.GaussianBlur(np.asarray(alpha, np.float32) / 255.0, (0, 0), blur) * strength
    rgba = np.zeros((*cover.shape, 4), np.float32)
    rgba[..., 3] = cover
    return _to_picture(rgba)


def photographed(picture: Image.Image, seed: int) -> Image.Image:
    """An RGB picture as a camera gives it: key light, lens softness, vignette, bloom, grain."""
    rng = np.random.default_rng(seed)
    rgb = as_float(picture.convert("RGBA"))[..., :3]
    h, w = rgb.shape[:2]
    x, y = np.meshgrid(
        np.linspace(-1, 1, w, dtype=np.float32), np.linspace(-1, 1, h, dtype=np.float32)
    )
    light = 1.10 - 0.16 * (0.55 * x + 0.45 * y) - 0.20 * (x * x + y * y) / 2
    linear = np.power(rgb, 2.2) * light[..., None]
    bloom = cv2.GaussianBlur(np.clip(linear - 0.72, 0, None), (0, 0), w / 60)
    linear = cv2.GaussianBlur(linear, (0, 0), 0.8) + 0.5 * bloom
    encoded = np.power(np.clip(linear, 0, 1), 1 / 2.2)
    # A gentle film curve, then luminance and chroma grain.
    encoded = encoded + 0.05 * np.sin((encoded - 0.5) * np.pi * 2) * 0.6
    grain = cv2.GaussianBlur(_noise(rng, h, w, 1), (0, 0), 0.7)[..., None]
    chroma = cv2.GaussianBlur(_noise(rng, h, w, 3), (0, 0), 1.0)
    return _to_picture(encoded + 0.022 * grain + 0.012 * chroma)


def defocus(premultiplied: np.ndarray, radius: float) -> np.ndarray:
    """Blur premultiplied float RGBA (H, W, 4) with a disc, as a lens out of focus does."""
    if radius < 0.5:
        return premultiplied
    size = 2 * int(np.ceil(radius)) + 1
    disc = np.zeros((size, size), np.float32)
    cv2.circle(disc, (size // 2, size // 2), size // 2, 1.0, -1, cv2.LINE_AA)
    return cv2.filter2D(premultiplied, -1, disc / disc.sum())


def over(scene: Image.Image, premultiplied: np.ndarray) -> Image.Image:
    """Put premultiplied float RGBA over an opaque scene; RGBA."""
    base = as_float(scene)
    return _to_picture(premultiplied + base * (1.0 - premultiplied[..., 3:]))
