"""What lies over a whole picture: canvas, paper, folds, uneven light, print, screens, files."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from .noise import Field, fractal, grain, soft_noise

__all__ = ["CHAINS", "SURFACES", "compress", "surface"]

Rng = np.random.Generator
Rgb = NDArray[np.uint8]


def surface(rng: Rng, rgb: Rgb) -> Rgb:
    """Put one surface, now and then two, over a picture uint8 (H, W, 3)."""
    for _ in range(2 if rng.random() < 0.25 else 1):
        rgb = SURFACES[int(rng.integers(len(SURFACES)))](rng, rgb)
    return rgb


def compress(rng: Rng, rgb: Rgb) -> Rgb:
    """Send a picture through one or two kinds of file or screen."""
    for _ in range(2 if rng.random() < 0.3 else 1):
        rgb = CHAINS[int(rng.integers(len(CHAINS)))](rng, rgb)
    return rgb


def _multiply(rgb: Rgb, field: Field) -> Rgb:
    """Multiply by 1 + field, a little darker over all, so that a white page shows it too."""
    field = field - 0.8 * float(field.std())
    return np.clip(rgb * (1.0 + field[..., None]), 0, 255).astype(np.uint8)


def _canvas(rng: Rng, rgb: Rgb) -> Rgb:
    """A weave: threads over and under, of uneven thickness."""
    height, width = rgb.shape[:2]
    pitch = float(np.exp(rng.uniform(np.log(2.0), np.log(9.0))))
    turn = rng.normal(0, 0.1)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    bend = 0.15 * pitch
    x = columns * np.cos(turn) + rows * np.sin(turn) + bend * soft_noise(rng, (height, width), 12)
    y = rows * np.cos(turn) - columns * np.sin(turn) + bend * soft_noise(rng, (height, width), 12)
    over = np.cos(np.pi * x / pitch) * np.cos(np.pi * y / pitch) > 0
    ridge_x, ridge_y = np.abs(np.sin(np.pi * x / pitch)), np.abs(np.sin(np.pi * y / pitch))
    weave = np.where(over, ridge_x, ridge_y).astype(np.float32) - 0.64
    thread = 0.3 * grain(rng, (height, width), 0.7)
    return _multiply(rgb, float(rng.uniform(0.05, 0.3)) * (weave + thread))


def _paper(rng: Rng, rgb: Rgb) -> Rgb:
    """Fibres, stains, a yellowed tone."""
    shape = rgb.shape[:2]
    field = 0.5 * grain(rng, shape, float(rng.uniform(0.4, 1.5)))
    field += 1.5 * (fractal(rng, shape, max(shape) / 4) - 0.5)
    tone = (1.0 - rng.uniform(0, 1) * np.array([0.02, 0.05, 0.16])).astype(np.float32)
    toned = np.clip(rgb * tone, 0, 255).astype(np.uint8)
    return _multiply(toned, float(rng.uniform(0.02, 0.12)) * field)


def _fold(rng: Rng, rgb: Rgb) -> Rgb:
    """One to three folds: the light changes across each, and the fold itself is worn."""
    height, width = rgb.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    field = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 4))):
        angle, reach = rng.choice([0.0, np.pi / 2]) + rng.normal(0, 0.05), rng.uniform(10, 60)
        along = (columns - width * rng.random()) * np.cos(angle)
        along += (rows - height * rng.random()) * np.sin(angle)
        shade = rng.normal(0, 0.12)
        field += shade * np.sign(along) * np.exp(-np.abs(along) / reach)
        field += rng.uniform(0, 0.2) * np.exp(-(along**2) / 1.5)
    return _multiply(rgb, field.astype(np.float32))


def _uneven_light(rng: Rng, rgb: Rgb) -> Rgb:
    """A lamp from one side, a vignette, a hand's shadow: slow changes of brightness and colour."""
    height, width = rgb.shape[:2]
    field = soft_noise(rng, (height, width), max(height, width) * rng.uniform(0.4, 1.2))
    tint = (1.0 + rng.normal(0, 0.25, 3)).astype(np.float32)
    lit = rgb * (1.0 + float(rng.uniform(0.05, 0.22)) * field[..., None] * tint)
    return np.clip(lit, 0, 255).astype(np.uint8)


def _halftone(rng: Rng, rgb: Rgb) -> Rgb:
    """Dots of print in three turned screens, mixed with the picture."""
    height, width = rgb.shape[:2]
    pitch, mix = rng.uniform(2.5, 5.0), rng.uniform(0.15, 0.6)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    dots = np.empty(rgb.shape, np.float32)
    for channel, angle in enumerate(rng.uniform(0, np.pi) + np.array([0.26, 1.31, 0.0])):
        x = columns * np.cos(angle) + rows * np.sin(angle)
        y = rows * np.cos(angle) - columns * np.sin(angle)
        dots[..., channel] = np.cos(2 * np.pi * x / pitch) + np.cos(2 * np.pi * y / pitch)
    screen = np.clip((rgb / 255.0 - 0.5 + 0.25 * dots) * 3 + 0.5, 0, 1) * 255
    return np.clip((1 - mix) * rgb + mix * screen, 0, 255).astype(np.uint8)


def _through_file(rgb: Rgb, ending: str, options: list[int]) -> Rgb:
    _, data = cv2.imencode(ending, rgb, options)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def _jpeg(rng: Rng, rgb: Rgb) -> Rgb:
    return _through_file(rgb, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 92))])


def _webp(rng: Rng, rgb: Rgb) -> Rgb:
    return _through_file(rgb, ".webp", [cv2.IMWRITE_WEBP_QUALITY, int(rng.integers(20, 85))])


def _dither(rng: Rng, rgb: Rgb) -> Rgb:
    """A small palette with an ordered pattern, as in a GIF."""
    levels = int(rng.integers(4, 9))
    bayer = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) / 16 - 0.47
    height, width = rgb.shape[:2]
    pattern = np.tile(bayer, (height // 4 + 1, width // 4 + 1))[:height, :width, None]
    step = 255.0 / (levels - 1)
    return np.clip(np.round(rgb / step + pattern) * step, 0, 255).astype(np.uint8)


def _sharpened(rng: Rng, rgb: Rgb) -> Rgb:
    """Halos, as screens and scanners make them."""
    soft = cv2.GaussianBlur(rgb, (0, 0), float(rng.uniform(0.7, 2.0)))
    amount = float(rng.uniform(0.4, 1.8))
    return np.asarray(cv2.addWeighted(rgb, 1 + amount, soft, -amount, 0), np.uint8)


def _rescaled(rng: Rng, rgb: Rgb) -> Rgb:
    """Made smaller and larger again, as pictures are that were passed on."""
    height, width = rgb.shape[:2]
    share = rng.uniform(0.4, 0.9)
    size = (max(8, round(width * share)), max(8, round(height * share)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    back = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST)[int(rng.integers(3))]
    return np.asarray(cv2.resize(small, (width, height), interpolation=back), np.uint8)


Effect = Callable[[Rng, Rgb], Rgb]
SURFACES: tuple[Effect, ...] = (_canvas, _canvas, _paper, _paper, _fold, _uneven_light, _halftone)
CHAINS: tuple[Effect, ...] = (_jpeg, _jpeg, _jpeg, _webp, _dither, _sharpened, _rescaled)
