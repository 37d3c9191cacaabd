"""The heuristic's order, the precomputed predictor, and how predictors are found by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from illustrators_depth.borders import settle_values
from illustrators_depth.depth import predict_depth
from illustrators_depth.errors import Cancelled, InputError
from illustrators_depth.predictors import Predictor, make_predictor, region_order
from illustrators_depth.predictors.heuristic import HeuristicPredictor, filled_areas
from illustrators_depth.settings import DepthSettings
from illustrators_depth.types import Image
from tests.engine.drawings import box, disc, paint, stacked_discs


def test_what_is_enclosed_lies_above() -> None:
    drawing = stacked_discs()
    depth = HeuristicPredictor().predict(drawing.image)
    medians = [np.median(depth.values[drawing.truth == k]) for k in (0, 2, 3, 4)]
    assert medians == sorted(medians) and len(set(medians)) == 4


def crossing_bars(large_above: bool) -> list[float]:
    """Depths of the page, both ends of a small bar, a large one across it and a dot on that one."""
    size = (160, 200)
    bars = [
        ((200, 40, 40), box(size, 20, 70, 180, 84)),
        ((40, 60, 200), box(size, 60, 15, 130, 145)),
    ]
    dot = ((240, 200, 40), disc(size, 95, 40, 9))
    drawing = paint(size, [*(bars if large_above else bars[::-1]), dot])
    values = HeuristicPredictor().predict(drawing.image).values
    return [float(values[y, x]) for y, x in ((5, 5), (77, 40), (77, 155), (120, 95), (40, 95))]


def test_junctions_outweigh_areas() -> None:
    page, left, right, large, dot = crossing_bars(large_above=True)
    assert page < min(left, right) and max(left, right) < large < dot
    page, left, right, large, dot = crossing_bars(large_above=False)
    assert page < large < min(left, right) and large < dot


def test_what_takes_up_the_frame_is_ground() -> None:
    size = (128, 160)
    drawing = paint(size, [((200, 40, 40), disc(size, 80, 64, 66))])
    values = HeuristicPredictor().predict(drawing.image).values
    assert max(values[64, 2], values[64, 157]) < values[64, 80]


def test_of_very_many_junctions_the_surest_are_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, cols = np.divmod(np.arange(480 * 480).reshape(480, 480), 480)
    bricks = rows // 14 * 36 + (cols + rows // 14 % 2 * 7) // 14
    colors = np.random.default_rng(0).random((bricks.max() + 1, 3), np.float32)
    image = Image(np.dstack([colors[bricks], np.ones((480, 480), np.float32)]))
    counts = []

    def settle(prior: np.ndarray, pairs: np.ndarray, *rest: object) -> np.ndarray:
        counts.append(len(pairs))
        return settle_values(prior, pairs, *rest)

    monkeypatch.setattr(region_order, "settle_values", settle)
    first, second = (HeuristicPredictor().predict(image).values for _ in range(2))
    assert counts == [256, 256]
    assert np.array_equal(first, second) and len(np.unique(first)) > 900


def test_filled_area_counts_holes_in() -> None:
    labels = np.zeros((20, 20), np.int32)
    labels[5:15, 5:15] = 1
    labels[8:12, 8:12] = 2
    assert filled_areas(labels, 3).tolist() == [400, 100, 16]


def test_transparent_is_lowest() -> None:
    rgba = np.zeros((32, 32, 4), np.float32)
    rgba[8:24, 8:24] = 1.0
    depth = HeuristicPredictor().predict(Image(rgba)).values
    assert depth[0, 0] == 0.0 and depth[16, 16] == 1.0


def test_a_cancel_stops_the_prediction() -> None:
    def stop(stage: str, fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        HeuristicPredictor().predict(stacked_discs().image, stop)


def test_precomputed_depth_is_used_and_stretched(tmp_path: Path) -> None:
    drawing = stacked_discs()
    path = tmp_path / "depth.npy"
    np.save(path, drawing.depth.values)
    depth = predict_depth(drawing.image, model=str(path))
    assert np.array_equal(depth.values, drawing.depth.values)
    np.save(path, drawing.depth.values[::2, ::2].copy())
    assert predict_depth(drawing.image, model=str(path)).shape == drawing.truth.shape
    np.save(path, np.zeros((50, 128), np.float32))
    with pytest.raises(InputError, match="shapes differ"):
        predict_depth(drawing.image, model=str(path))


def test_names_are_found_or_refused(tmp_path: Path) -> None:
    assert isinstance(make_predictor(DepthSettings(model="heuristic")), Predictor)
    for model, words in {
        "midas": "no model called",
        "depth-pro": "weights of your own",
        str(tmp_path / "gone.onnx"): "does not exist",
        str(tmp_path / "notes.txt"): "does not exist",
    }.items():
        with pytest.raises(InputError, match=words):
            make_predictor(DepthSettings(model=model))
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(InputError, match="not a model that can be read"):
        make_predictor(DepthSettings(model=str(tmp_path / "notes.txt")))


def test_a_device_that_is_none_is_refused_by_every_model() -> None:
    for device in ("gpu", "cuda:x", ""):
        with pytest.raises(InputError, match="device must be"):
            make_predictor(DepthSettings(model="heuristic", device=device))
