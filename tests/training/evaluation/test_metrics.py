"""The metrics, on maps whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from illustrators_depth_training.evaluation.metrics import depth_metrics, normalized


@pytest.fixture
def stack() -> np.ndarray:
    index = np.ones((60, 60), np.int32)
    index[10:50, 10:50] = 2
    index[20:30, 20:30] = 3
    index[35:45, 35:45] = 4
    return index


def test_truth_scores_one(stack: np.ndarray) -> None:
    found = depth_metrics(stack * 0.3 - 7.0, stack)
    assert found.order == found.order_paper == found.foreground_order == 1.0
    assert found.touching_order == 1.0
    assert found.mae == pytest.approx(0.0, abs=1e-9)


def test_reversed_scores_nothing(stack: np.ndarray) -> None:
    found = depth_metrics(-stack, stack)
    assert found.order == found.foreground_order == found.touching_order == 0.0
    assert found.mae > 1.0


def test_ties_are_wrong_unless_the_papers_tool_counts(stack: np.ndarray) -> None:
    found = depth_metrics(np.zeros_like(stack), stack)
    assert found.order == 0.0
    assert found.order_paper == 1.0
    assert found.touching_order == 0.0


def test_foreground_order_ignores_the_background(stack: np.ndarray) -> None:
    prediction = stack.astype(float)
    prediction[stack == 1] = 99.0
    found = depth_metrics(prediction, stack)
    assert found.foreground_order == 1.0
    assert found.order < 0.6


def test_touching_order_ignores_layers_apart(stack: np.ndarray) -> None:
    prediction = stack.astype(float)
    prediction[stack == 3], prediction[stack == 4] = 4.0, 3.0  # they never meet
    found = depth_metrics(prediction, stack)
    assert found.touching_order == 1.0
    assert found.foreground_order < 1.0


def test_normalised_as_in_the_paper() -> None:
    values = normalized(np.array([1.0, 1.0, 1.0, 2.0, 5.0]))
    assert values.tolist() == [0.0, 0.0, 0.0, 1.0, 4.0]  # median 1, mean deviation 1


def test_shapes_must_agree(stack: np.ndarray) -> None:
    with pytest.raises(ValueError, match="differ in shape"):
        depth_metrics(np.zeros((3, 3)), stack)


@pytest.fixture
def hiding() -> tuple[np.ndarray, np.ndarray]:
    """Page, 2 under 3 with a common border, 4 under 5 apart from it, 6 beside all, 7 tiny."""
    index = np.ones((64, 64), np.int32)
    index[4:20, 4:20], index[10:30, 10:30] = 2, 3
    index[40:60, 4:24], index[44:56, 8:20] = 4, 5
    index[40:60, 40:60] = 6
    index[0, 0] = 7  # shows less than 12 pixels of 512 x 512 would here, were it not rounded up
    return index, np.array([[2, 3, 100, 20], [4, 5, 144, 48], [4, 6, 30, 0]])


def test_occlusion_order_of_the_truth_is_one(hiding: tuple[np.ndarray, np.ndarray]) -> None:
    index, pairs = hiding
    found = depth_metrics(index * 2.0, index, occlusions=pairs)
    assert found.occlusion_order == found.occlusion_touching == found.free_order == 1.0
    assert found.faultless == 1.0


def test_only_pairs_that_hide_count_in_the_occlusion_order(
    hiding: tuple[np.ndarray, np.ndarray],
) -> None:
    index, pairs = hiding
    swapped = index.astype(float)
    swapped[index == 2], swapped[index == 4] = 4.5, 2.5  # 2 and 3 wrong, free pairs wrong
    found = depth_metrics(swapped, index, occlusions=pairs)
    assert found.occlusion_order == pytest.approx(2 / 3)
    assert found.occlusion_touching == pytest.approx(1 / 2)
    assert found.faultless == 0.0
    apart = index.astype(float)
    apart[index == 3] = 9.0  # above 4, 5 and 6, none of which meets it; and above the tiny one
    found = depth_metrics(apart, index, occlusions=pairs)
    assert found.occlusion_order == 1.0 and found.faultless == 1.0
    # Pairs of 2..7 that hide nothing: 15 - 3; wrong: 3 with 4, 5, 6 and 7.
    assert found.free_order == pytest.approx(8 / 12)


def test_ties_are_wrong_in_the_occlusion_order(hiding: tuple[np.ndarray, np.ndarray]) -> None:
    index, pairs = hiding
    found = depth_metrics(np.zeros(index.shape), index, occlusions=pairs)
    assert found.occlusion_order == found.free_order == found.faultless == 0.0


def test_layers_that_hardly_show_are_in_no_pair() -> None:
    index = np.ones((512, 512), np.int32)
    index[100:200, 100:200], index[150:250, 150:250] = 2, 3
    index[0, :11], index[1, :12] = 4, 5
    pairs = np.array([[2, 3, 2500, 100], [4, 5, 40, 11], [2, 4, 40, 0]])
    wrong = np.where(index == 4, 0.5, index)
    assert depth_metrics(wrong, index, occlusions=pairs).occlusion_order == 1.0
    gone = np.where(index == 4, 1, index)  # a layer that is not seen at all, as after shrinking
    assert depth_metrics(gone, gone, occlusions=pairs).occlusion_order == 1.0


def test_nothing_that_hides_is_no_value_and_so_is_a_set_that_does_not_say(
    stack: np.ndarray,
) -> None:
    found = depth_metrics(stack, stack, occlusions=np.zeros((0, 4), np.int64))
    assert np.isnan(found.occlusion_order) and np.isnan(found.faultless)
    assert found.free_order == 1.0
    assert np.isnan(depth_metrics(stack, stack).free_order)
