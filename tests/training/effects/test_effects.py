"""Effects change how a drawing looks, never what lies on what."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from illustrators_depth_training.data.layered import LayeredImage
from illustrators_depth_training.effects import EffectChances, apply_effects
from illustrators_depth_training.effects.backdrop import make_backdrop, put_on_backdrop
from illustrators_depth_training.effects.ink import ink_over, ink_under
from illustrators_depth_training.effects.shadow import cast_shadow
from illustrators_depth_training.effects.surface import CHAINS, SURFACES
from illustrators_depth_training.procedural import make_scene

NAMES = [f.name for f in fields(EffectChances)]


@pytest.fixture
def badge() -> LayeredImage:
    """A square with a smaller one on it, on a white page."""
    index = np.ones((60, 80), np.int32)
    index[10:50, 15:65] = 2
    index[20:40, 30:50] = 3
    colors = np.array([[0, 0, 0], [255, 255, 255], [200, 40, 40], [40, 60, 200]], np.uint8)
    return LayeredImage(colors[index], index, np.array([[2, 3]], np.int32))


@pytest.mark.parametrize("name", NAMES)
def test_effects_keep_the_truth_and_repeat(badge: LayeredImage, name: str) -> None:
    chances = EffectChances(**{name: 1.0})
    changed = 0
    for seed in range(12):
        out = apply_effects(np.random.default_rng(seed), badge, chances)
        again = apply_effects(np.random.default_rng(seed), badge, chances)
        np.testing.assert_array_equal(out.rgb, again.rgb)
        assert out.rgb.shape == badge.rgb.shape and out.rgb.dtype == np.uint8
        assert out.index.dtype == np.int32
        if name in ("ink", "shadow"):
            _same_order(badge.index, out.index)
            continue
        if name == "wobble":
            assert (out.index == badge.index).mean() > 0.7
            assert set(np.unique(out.index)) <= {1, 2, 3}
        else:
            np.testing.assert_array_equal(out.index, badge.index)
        assert out.hides is badge.hides
        changed += not np.array_equal(out.rgb, badge.rgb)
    assert changed >= 10 or name in ("ink", "shadow")


def _same_order(before: np.ndarray, after: np.ndarray) -> None:
    """At most one layer is new; among the others the order is what it was."""
    pixels = np.random.default_rng(0).integers(0, before.size, (2, 4000))
    one, two = (before.ravel()[p].astype(int) for p in pixels)
    new_one, new_two = (after.ravel()[p].astype(int) for p in pixels)
    kept = {int(np.bincount(after[before == layer]).argmax()) for layer in np.unique(before)}
    new = sorted(set(np.unique(after).tolist()) - kept)
    assert len(new) <= 1
    old = ~np.isin(new_one, new) & ~np.isin(new_two, new)
    assert old.sum() > 1000
    np.testing.assert_array_equal(np.sign(one - two)[old], np.sign(new_one - new_two)[old])


@pytest.mark.parametrize("seed", range(8))
def test_ink_and_shadows_say_what_they_hide(badge: LayeredImage, seed: int) -> None:
    assert badge.hides is not None
    over = ink_over(np.random.default_rng(seed), badge)
    assert over.hides is not None
    assert {tuple(p) for p in over.hides.tolist()} == {(2, 3), (2, 4), (3, 4)}
    assert (over.index == 4).sum() > 100
    under = ink_under(np.random.default_rng(seed), badge)
    assert under.hides is not None
    # The silhouette is number 2, and the patches on it lie side by side.
    assert {tuple(p) for p in under.hides.tolist()} == {(2, 3), (2, 4)}
    assert (under.index == 2).sum() > 100
    shadow = cast_shadow(np.random.default_rng(seed), badge)
    assert shadow.hides is not None
    if shadow.index.max() == 4:
        pairs = {tuple(p) for p in shadow.hides.tolist()}
        assert pairs >= ({(2, 3), (3, 4), (2, 4)} if (shadow.index == 3).any() else set())
    else:
        np.testing.assert_array_equal(shadow.index, badge.index)
    hair = LayeredImage(badge.rgb, np.where(np.eye(60, 80) > 0, 2, 1).astype(np.int32))
    assert ink_over(np.random.default_rng(seed), hair) is hair


def test_no_chance_no_change(badge: LayeredImage) -> None:
    out = apply_effects(np.random.default_rng(1), badge, EffectChances())
    np.testing.assert_array_equal(out.rgb, badge.rgb)


def test_a_backdrop_replaces_the_page_alone(badge: LayeredImage) -> None:
    for seed in range(16):
        out = put_on_backdrop(np.random.default_rng(seed), badge)
        inner = np.zeros(badge.index.shape, bool)
        inner[12:48, 17:63] = True
        assert np.abs(out.rgb[inner].astype(int) - badge.rgb[inner]).max() <= 1
        assert (out.rgb[:5] != 255).any()
    full = LayeredImage(badge.rgb, np.where(badge.index == 1, 2, badge.index))
    assert put_on_backdrop(np.random.default_rng(0), full) is full


@pytest.mark.parametrize("shape", [(33, 64), (96, 48)])
def test_backdrops_fill_any_frame(shape: tuple[int, int]) -> None:
    for seed in range(24):
        backdrop = make_backdrop(np.random.default_rng(seed), shape)
        assert backdrop.shape == (*shape, 3)
        assert backdrop.min() >= -1 and backdrop.max() <= 256


@pytest.mark.parametrize("effect", dict.fromkeys([*SURFACES, *CHAINS]))
def test_surfaces_leave_the_drawing_recognisable(badge: LayeredImage, effect: object) -> None:
    assert callable(effect)
    for seed in range(6):
        out = effect(np.random.default_rng(seed), badge.rgb)
        assert out.shape == badge.rgb.shape and out.dtype == np.uint8
        middle = np.median(out[22:38, 32:48].reshape(-1, 3), axis=0)
        around = np.median(out[12:18, 17:63].reshape(-1, 3), axis=0)
        assert np.abs(middle - around).max() > 40


def test_effects_work_on_scenes_of_every_depth() -> None:
    always = EffectChances(**dict.fromkeys(NAMES, 1.0))
    for seed in range(8):
        scene = make_scene(np.random.default_rng(seed), 48)
        out = apply_effects(np.random.default_rng(seed), scene, always)
        assert out.index.max() <= scene.index.max() + 2
