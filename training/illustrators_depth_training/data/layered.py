"""A picture with its layer index, and what is known of the order of its layers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["FACT", "FREE", "MASKED", "LayeredImage", "layer_relations", "no_pairs"]

Pairs = NDArray[np.int32]

# What the order of two layers is, for the loss.
MASKED, FREE, FACT = 0, 1, 2


def no_pairs() -> Pairs:
    """Return an empty list of pairs: int32 (0, 2)."""
    return np.zeros((0, 2), np.int32)


@dataclass(frozen=True)
class LayeredImage:
    """A drawing as training handles it.

    Attributes:
        rgb: uint8 (H, W, 3).
        index: int32 (H, W), larger = nearer; need not be consecutive.
        hides: int32 (P, 2), pairs of index values of which the second hides part of the first;
            None where the data set does not say.
        invisible: int32 (Q, 2), pairs of index values that meet in one colour: their border cannot
            be seen, and nothing can be learnt from it.
        shapes: bool (N, H, W), full shapes of layers 1 to N, where they are known.
    """

    rgb: NDArray[np.uint8]
    index: NDArray[np.int32]
    hides: Pairs | None = None
    invisible: Pairs | None = None
    shapes: NDArray[np.bool_] | None = None

    def renumbered(self) -> LayeredImage:
        """Return the same order with consecutive numbers from 1; pairs of hidden layers go."""
        present = np.bincount(self.index.ravel()) > 0
        rank = np.where(present, np.cumsum(present), 0).astype(np.int32)
        return replace(
            self,
            index=rank[self.index],
            hides=_mapped(self.hides, rank),
            invisible=_mapped(self.invisible, rank),
            shapes=None if self.shapes is None else self.shapes[np.flatnonzero(present[1:])],
        )


def _mapped(pairs: Pairs | None, rank: NDArray[np.int32]) -> Pairs | None:
    if pairs is None:
        return None
    pairs = pairs[(pairs < len(rank)).all(axis=1)]
    mapped = rank[pairs]
    return mapped[(mapped > 0).all(axis=1)]


def layer_relations(
    count: int, hides: Pairs | None, invisible: Pairs | None = None
) -> NDArray[np.uint8]:
    """Return `FACT`, `FREE` or `MASKED` for all pairs of layers: uint8 (count + 1, count + 1).

    Symmetric, by index 1 to count. An order is a fact where one layer hides the other, or hides one
    that hides it, and so on; side by side, either order draws the same picture. Everything lies on
    the lowest layer. Without `hides` every order counts as a fact.
    """
    relations = np.full((count + 1, count + 1), FREE if hides is not None else FACT, np.uint8)
    if hides is not None:
        above = np.zeros((count + 1, count + 1), np.bool_)
        above[hides[:, 0], hides[:, 1]] = True
        for layer in range(count - 1, 0, -1):
            direct = np.flatnonzero(above[layer])
            if direct.size:
                above[layer] |= above[direct].any(axis=0)
        relations[above | above.T] = FACT
        relations[1], relations[:, 1] = FACT, FACT
    if invisible is not None and len(invisible):
        relations[invisible[:, 0], invisible[:, 1]] = MASKED
        relations[invisible[:, 1], invisible[:, 0]] = MASKED
    return relations
