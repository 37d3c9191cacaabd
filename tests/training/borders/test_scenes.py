"""Scenes composed for the border network: repeatable, deep, and true to what hides what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from illustrators_depth_training.borders.pairs import labelled_crops
from illustrators_depth_training.borders.scenes import SCENE_PX, composed_scenes
from illustrators_depth_training.samples.drawings import Drawing

SIDE = 96


def card(color: tuple[int, int, int], spot: tuple[int, int, int]) -> Drawing:
    """A card with a spot on it, on white: layers 1 (page), 2 and 3."""
    index = np.ones((SIDE, SIDE), np.int32)
    index[8:-8, 8:-8] = 2
    y, x = np.ogrid[:SIDE, :SIDE]
    index[(y - 48) ** 2 + (x - 48) ** 2 < 400] = 3
    rgb = np.array([(0, 0, 0), (255, 255, 255), color, spot], np.uint8)[index]
    hides = [[1, 2, 900, 300], [1, 3, 900, 0], [2, 3, 900, 120]]
    return Drawing(rgb, index, {"key": "card", "layers": 3, "occlusions": hides})


@dataclass
class Cards:
    """A data set in memory."""

    cards: list[Drawing]
    meta: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.meta = [c.meta for c in self.cards]
        self.layers: NDArray[np.int64] = np.full(len(self.cards), 3)
        self.sources = ["cards"] * len(self.cards)
        self.kinds = ["illustration"] * len(self.cards)

    def __len__(self) -> int:
        return len(self.cards)

    def __getitem__(self, number: int) -> Drawing:
        return self.cards[number]


CARDS = Cards([card((200, 30, 30), (20, 20, 120)), card((30, 160, 60), (240, 220, 40))])


def test_scenes_are_deep_and_the_same_for_a_seed() -> None:
    first, again = (list(composed_scenes(CARDS, 4, seed=3)) for _ in range(2))
    other = next(iter(composed_scenes(CARDS, 1, seed=4)))
    for one, same in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.rgb, same.rgb)
        np.testing.assert_array_equal(one.index, same.index)
        assert one.rgb.shape == (SCENE_PX, SCENE_PX, 3)
        assert one.meta["layers"] == one.index.max() > 3
    assert (other.rgb != first[0].rgb).any()


def test_a_spot_hides_its_card_and_what_is_known_is_what_was_pasted() -> None:
    for scene in composed_scenes(CARDS, 4, seed=5):
        pairs = scene.occlusions
        assert pairs is not None and len(pairs)
        assert (pairs[:, 0] < pairs[:, 1]).all() and pairs[:, :2].max() <= scene.index.max()


def test_crops_of_a_scene_learn_from_its_facts() -> None:
    scene = next(iter(composed_scenes(CARDS, 1, seed=6)))
    pairs = labelled_crops(scene.rgb, scene.index, scene.meta, np.random.default_rng(0), 40)
    assert pairs is not None
    assert (pairs.weight == 1.0).any(), "no pair of the scene counts as a fact"
