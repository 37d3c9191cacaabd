"""Which steps a relief has: grouped, cleaned of what is too small, never a hole."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from illustrators_depth.errors import InputError
from illustrators_depth.geometry import relief
from illustrators_depth.geometry.terrace_levels import relief_steps
from illustrators_depth.settings import ReliefSettings
from illustrators_depth.types import LayerStack
from tests.engine.geometry.test_relief import assert_solid, stack_of


def bars() -> LayerStack:
    """A page with bars of 40, 12 and 3 pixels, each a layer; 200 pixels wide."""
    labels = np.zeros((100, 200), np.int32)
    labels[20:60, 20:180] = 1
    labels[70:82, 20:180] = 2
    labels[90:93, 20:180] = 3
    return stack_of(labels)


def test_narrow_parts_join_their_surroundings() -> None:
    stack = bars()
    settings = ReliefSettings(mode="terraced", size_mm=200.0)
    assert len(relief_steps(stack, settings).steps) == 4
    found = relief_steps(stack, replace(settings, smallest_mm=5.0))
    assert [step.layer for step in found.steps] == [0, 1, 2]
    assert found.levels.min() == 0  # no hole where the thin bar was
    found = relief_steps(stack, replace(settings, smallest_mm=20.0))
    assert [step.layer for step in found.steps] == [0, 1]
    clear = stack_of(np.where(stack.labels > 0, stack.labels, -1).astype(np.int32))
    with pytest.raises(InputError, match="is 60 mm wide"):
        relief_steps(clear, replace(settings, smallest_mm=60.0))


@pytest.mark.parametrize("page", [100, 400])
@pytest.mark.parametrize(("fit", "bar_mm"), [("drawing", 8.0), ("picture", 800.0)])
def test_a_part_is_measured_as_it_is_printed(page: int, fit: str, bar_mm: float) -> None:
    """A bar of 8 pixels on a drawing of 100, which a clear page around it makes no narrower."""
    labels = np.full((page, page), -1, np.int32)
    first = (page - 100) // 2
    labels[first : first + 100, first : first + 100] = 0
    labels[first + 20 : first + 28, first : first + 100] = 1
    bar = bar_mm if fit == "drawing" else bar_mm / page
    settings = ReliefSettings(mode="terraced", size_mm=100.0, fit=fit)
    for smallest_mm, count in ((0.7 * bar, 2), (1.3 * bar, 1)):
        kept = relief_steps(stack_of(labels), replace(settings, smallest_mm=smallest_mm))
        assert len(kept.steps) == count


def test_wide_parts_keep_their_shape() -> None:
    labels = np.zeros((120, 120), np.int32)
    cv2.circle(labels, (60, 60), 30, 1, -1)
    stack = stack_of(labels)
    found = relief_steps(stack, ReliefSettings(mode="terraced", size_mm=120.0, smallest_mm=8.0))
    assert np.mean(found.levels != labels) < 0.005


def test_layers_share_steps_where_little_outline_is_lost() -> None:
    """Levels 1 and 2 touch along 30 pixels, 2 and 3 along 60, each the page along more."""
    labels = np.zeros((80, 200), np.int32)
    labels[10:75, 10:40] = 1
    labels[10:40, 40:100] = 2
    labels[40:78, 40:110] = 3
    stack = stack_of(labels)
    settings = ReliefSettings(mode="terraced", max_steps=3, base_mm=1, thickness_mm=0.5)
    found = relief_steps(stack, settings)
    assert [found.levels[row, col] for row, col in ((0, 0), (20, 20), (20, 60), (60, 60))] == [
        0, 1, 1, 2,
    ]  # fmt: skip
    colors = [stack.layers[k].color[0] for k in (1, 2)]
    assert found.steps[1].layer == 1  # the larger of the two
    assert colors[0] < found.steps[1].color[0] < colors[1]
    mesh = relief(stack, settings)
    assert mesh.size_mm[2] == pytest.approx(2.0)
    assert_solid(mesh)


def test_best_grouping_by_trying_all() -> None:
    from itertools import combinations

    from illustrators_depth.geometry.terrace_levels import _group_levels, _shared_outlines

    rng = np.random.default_rng(3)
    for _ in range(20):
        levels = rng.integers(0, 6, (12, 12)).astype(np.int32)
        outlines = _shared_outlines(levels, 6)
        assert (
            outlines.sum()
            == (levels[1:] != levels[:-1]).sum() + (levels[:, 1:] != levels[:, :-1]).sum()
        )

        def lost(group: np.ndarray, outlines: np.ndarray = outlines) -> float:
            return float(outlines[group[:, None] == group[None]].sum())

        ways = [
            np.searchsorted(c, np.arange(6), side="right") for c in combinations(range(1, 6), 2)
        ]
        group = _group_levels(outlines, 3)
        assert group.tolist() == sorted(group.tolist()) and set(group) == {0, 1, 2}
        assert lost(group) == min(lost(way) for way in ways)


def test_split_parts_stack_up_to_the_solid() -> None:
    stack = bars()
    one = relief(stack, ReliefSettings(mode="terraced", total_mm=4.0))
    parts = relief(stack, ReliefSettings(mode="terraced", total_mm=4.0, split=True))
    assert [p.name for p in parts.parts] == [layer.name for layer in stack]
    assert parts.size_mm == pytest.approx(one.size_mm)
    assert_solid(parts)
    import trimesh

    volumes = [trimesh.Trimesh(p.vertices, p.faces).volume for p in parts.split()]
    assert sum(volumes) == pytest.approx(trimesh.Trimesh(one.vertices, one.faces).volume, rel=1e-4)


def test_a_layer_that_is_seen_nowhere_takes_no_step() -> None:
    stack = bars()
    covered = replace(stack.layers[1], visible_crop=np.zeros_like(stack.layers[1].visible_crop))
    labels = np.where(stack.labels == 1, 0, stack.labels).astype(np.int32)
    hidden = replace(stack, labels=labels, layers=(stack.layers[0], covered, *stack.layers[2:]))
    mesh = relief(hidden, ReliefSettings(mode="terraced", base_mm=1.0, thickness_mm=1.0))
    assert mesh.size_mm[2] == pytest.approx(3.0)


def test_each_step_takes_its_layers_own_thickness() -> None:
    stack = bars()
    own = ReliefSettings(mode="terraced", base_mm=1.0, thickness_mm=0.5, layer_mm=(0, 2.0, 0, 0.2))
    mesh = relief(stack, own)
    assert sorted({round(float(z), 4) for z in mesh.vertices[:, 2]}) == [0, 1.0, 3.0, 3.5, 3.7]
    # The thinnest bar joins the page: its 0.2 mm go with it.
    assert relief(stack, replace(own, smallest_mm=5.0)).size_mm[2] == pytest.approx(3.5)
    with pytest.raises(InputError, match="3 thicknesses but 4 layers"):
        relief(stack, replace(own, layer_mm=(1.0, 1.0, 1.0)))
