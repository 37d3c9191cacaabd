"""Names of layers: plain words a person would use, never the same twice."""

from __future__ import annotations

import numpy as np
import pytest

from illustrators_depth.layering.names import color_names


@pytest.mark.parametrize(
    ("rgb", "word"),
    [
        ((0, 0, 250), "blue"),
        ((0, 0, 0), "black"),
        ((255, 255, 255), "white"),
        ((255, 0, 0), "red"),
        ((0, 255, 0), "green"),
        ((128, 128, 128), "grey"),
        ((246, 10, 141), "magenta"),
        ((123, 70, 40), "brown"),
    ],
)
def test_plain_words(rgb: tuple[int, int, int], word: str) -> None:
    assert color_names([np.array(rgb) / 255.0]) == [word]


def test_repeats_are_numbered() -> None:
    black = np.zeros(3)
    assert color_names([black, black + 0.01, black]) == ["black", "black 2", "black 3"]
    assert color_names([]) == []
