"""Names layers by their colours: the nearest plain word, numbered where it repeats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["color_names"]

# Plain words and typical sRGB values, 0..255; a word may have several.
_WORDS: tuple[tuple[str, tuple[int, int, int]], ...] = (
    ("white", (255, 255, 255)),
    ("light grey", (205, 205, 205)),
    ("grey", (140, 140, 140)),
    ("dark grey", (75, 75, 75)),
    ("black", (20, 20, 20)),
    ("red", (220, 35, 40)),
    ("dark red", (130, 20, 30)),
    ("orange", (250, 135, 40)),
    ("peach", (255, 205, 165)),
    ("brown", (125, 75, 40)),
    ("dark brown", (70, 42, 28)),
    ("tan", (200, 160, 110)),
    ("yellow", (253, 215, 60)),
    ("cream", (255, 243, 205)),
    ("olive", (125, 130, 45)),
    ("lime", (165, 215, 60)),
    ("green", (50, 160, 70)),
    ("green", (0, 225, 60)),
    ("dark green", (20, 85, 50)),
    ("mint", (140, 230, 185)),
    ("teal", (20, 140, 140)),
    ("cyan", (60, 205, 235)),
    ("light blue", (150, 205, 250)),
    ("blue", (40, 110, 220)),
    ("blue", (10, 20, 245)),
    ("navy", (28, 40, 95)),
    ("purple", (125, 65, 180)),
    ("lilac", (200, 170, 240)),
    ("magenta", (225, 30, 150)),
    ("pink", (255, 160, 190)),
)


def _lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIE L*a*b* (D65) of sRGB 0..1, (n, 3): distances match what people see (IEC 61966-2-1)."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = linear @ to_xyz.T / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16.0 / 116.0)
    return np.stack(
        [116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1
    )


def color_names(colors: Sequence[NDArray[np.floating]]) -> list[str]:
    """A colour word per colour (sRGB 0..1, three values each); repeats are numbered from 2."""
    if not colors:
        return []
    words = [word for word, _ in _WORDS]
    table = _lab(np.array([value for _, value in _WORDS], np.float64) / 255.0)
    lab = _lab(np.clip(np.stack([np.asarray(c, np.float64) for c in colors]), 0.0, 1.0))
    nearest = np.linalg.norm(lab[:, None] - table[None], axis=2).argmin(axis=1)
    counts: Counter[str] = Counter()
    names = []
    for index in nearest:
        word = words[int(index)]
        counts[word] += 1
        names.append(word if counts[word] == 1 else f"{word} {counts[word]}")
    return names
