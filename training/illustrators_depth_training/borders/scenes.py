"""Deep scenes composed of a data set's drawings, for the border network to learn from.

Single drawings show mostly borders of one hand: a patch on a shape. Where things of different hands
cross, as in deep illustrations, outlines end at junctions; composed scenes have many of those.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..samples.drawings import Drawing, Drawings
from ..samples.shard_source import KindShares, compose_recolored, sampling_weights

__all__ = ["SCENE_PX", "composed_scenes"]

SCENE_PX = 384
"""Side of a scene, the size at which borders are looked at."""
# How many drawings lie in a scene, and how the kinds of drawing are mixed: nearest to what people
# bring first.
_FEWEST, _MOST = 4, 10
_SHARES = KindShares(illustration=0.4, emoji=0.35, icons=0.08, themes=0.12, avatars=0.05)


def composed_scenes(drawings: Drawings, count: int, seed: int) -> Iterator[Drawing]:
    """Compose scenes, the same for a seed.

    Args:
        drawings: what is composed; must know its layers' occlusions.
        count: how many scenes. seed: of everything random.

    Yields:
        Scenes of SCENE_PX x SCENE_PX pixels. Their `meta` has `key`, `layers` and `occlusions`, of
        which only the first two columns (layer below, layer above) are known; the others are 0.
    """
    chance = sampling_weights(drawings.layers, drawings.sources, drawings.kinds, _SHARES)
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        chosen = rng.choice(len(drawings), int(rng.integers(_FEWEST, _MOST + 1)), p=chance)
        picked = [drawings[int(n)].layered for n in chosen]
        scene = compose_recolored(rng, picked, SCENE_PX)
        hides = np.zeros((0, 2), np.int32) if scene.hides is None else scene.hides
        yield Drawing(
            scene.rgb,
            scene.index,
            {
                "key": f"scene-{number}",
                "layers": int(scene.index.max()),
                "occlusions": np.pad(hides, ((0, 0), (0, 2))).tolist(),
            },
        )
