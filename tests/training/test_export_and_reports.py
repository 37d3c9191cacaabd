"""From a checkpoint to the shipped file, and from predictions to tables."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from illustrators_depth.errors import InputError
from illustrators_depth.networks.compact import CompactNetwork
from illustrators_depth.nouns import DepthMap, Image
from illustrators_depth.predictors import Progress, no_progress
from illustrators_depth.predictors.onnx import OnnxPredictor
from illustrators_depth.predictors.torch import TorchPredictor
from illustrators_depth.settings import DepthSettings
from illustrators_depth_training.baselines import AreaOrder, DarknessOrder, VtracerOrder
from illustrators_depth_training.data.sample import encode_index_png, encode_png
from illustrators_depth_training.data.shards import tar_bytes
from illustrators_depth_training.drawings import DrawingSet
from illustrators_depth_training.evaluate import bootstrap_interval, choose, evaluate, save
from illustrators_depth_training.export import LARGEST_FILE, export, write_card
from illustrators_depth_training.procedural import make_scene
from illustrators_depth_training.report import plot_by_layers, worst_sheet
from illustrators_depth_training.results import results_page


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Procedural drawings as train and val splits; two in three belong to one group."""
    folder = tmp_path_factory.mktemp("set")
    for split, numbers in (("train", range(3)), ("val", range(10, 16))):
        members = []
        for n in numbers:
            scene = make_scene(np.random.default_rng(n), 96)
            meta = {
                "source": f"made:{n % 2}",
                "licence": "CC0-1.0",
                "author": "nobody",
                "layers": int(scene.index.max()),
                "group": "variants" if n % 3 else f"single {n}",
                "name": f"scene {n}",
            }
            members += [
                (f"{n:04d}.rgb.png", encode_png(scene.rgb)),
                (f"{n:04d}.index.png", encode_index_png(scene.index)),
                (f"{n:04d}.json", json.dumps(meta).encode()),
            ]
        (folder / f"{split}-000000.tar").write_bytes(tar_bytes(members))
    return folder


class _Truth:
    """Answers with the true index of the drawing it is shown."""

    name, device = "truth", "none"

    def __init__(self, drawings: DrawingSet) -> None:
        self.known = {str(d.meta["key"]): d.index for d in map(drawings.__getitem__, range(6))}

    def predict(self, image: Image, progress: Progress = no_progress) -> DepthMap:
        return DepthMap(self.known[image.name].astype(np.float32))


@pytest.mark.slow
def test_export_installs_a_model_that_answers_like_torch(data: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = CompactNetwork()
    with torch.no_grad():  # no layer may be silent
        for parameter in network.parameters():
            if not parameter.any():
                parameter.normal_(std=0.02)
    checkpoint = tmp_path / "weights.pt"
    torch.save(network.state_dict(), checkpoint)
    said: list[str] = []
    variants = export(checkpoint, data, tmp_path / "out", say=said.append)
    assert {v.kind for v in variants} == {"float32", "float16 weights", "int8"}
    assert variants[0].bytes <= LARGEST_FILE
    assert any("ONNX against torch" in line for line in said)
    half = next(v for v in variants if v.kind == "float16 weights")
    write_card(half, data, checkpoint, tmp_path / "models", "a test")
    card = json.loads((tmp_path / "models" / "compact.json").read_text())
    assert card["training_data"][0]["licence"] == "CC0-1.0"
    assert "| made:0 | CC0-1.0 | nobody |" in (tmp_path / "models" / "compact.md").read_text()
    exact = next(v for v in variants if v.kind == "float32")
    for variant in variants:
        written = variant.path.read_bytes()
        assert str(Path.cwd()).encode() not in written, "no path of the exporting machine"
        assert b"site-packages" not in written
    drawing = DrawingSet(data, "val")[0]
    image = Image(np.dstack([drawing.rgb / 255.0, np.ones((96, 96))]).astype(np.float32))
    ours = OnnxPredictor.from_file(exact.path, DepthSettings()).predict(image).values
    theirs = TorchPredictor.from_file(checkpoint, DepthSettings(device="cpu")).predict(image).values
    np.testing.assert_allclose(ours, theirs, atol=1e-3 * float(theirs.std()))


def test_a_model_too_large_is_not_installed(data: Path, tmp_path: Path) -> None:
    from illustrators_depth_training.export import Variant

    variant = Variant("float32", tmp_path / "big.onnx", LARGEST_FILE + 1, {}, 0.0)
    with pytest.raises(InputError, match="at most 15 MB"):
        write_card(variant, data, tmp_path / "x.ckpt", tmp_path / "models", "")


def test_truth_evaluates_to_one(data: Path) -> None:
    drawings = DrawingSet(data, "val")
    found = evaluate(_Truth(drawings), drawings, choose(drawings, 0), "set", "val")
    report = found.to_json()
    assert report["pictures"] == 6
    assert report["mean"]["order"] == 1.0 and report["mean"]["mae"] == 0.0
    assert report["interval95"]["order"] == [1.0, 1.0]
    assert set(report["sources"]) == {"made:0", "made:1"}
    assert sum(s["pictures"] for s in report["sources"].values()) == 6


def test_variants_of_one_motif_can_be_limited(data: Path) -> None:
    drawings = DrawingSet(data, "val")
    assert len(choose(drawings, 0)) == 6
    # 10, 11, 13 and 14 are variants, two from each source; 12 and 15 stand alone.
    assert len(choose(drawings, 0, per_group=1)) == 4
    assert choose(drawings, 3) == choose(drawings, 3)


def test_interval_covers_the_mean() -> None:
    values = np.random.default_rng(0).normal(0.5, 0.1, 200)
    low, high = bootstrap_interval(values)
    assert low < values.mean() < high
    assert high - low == pytest.approx(2 * 1.96 * 0.1 / np.sqrt(200), rel=0.2)


def test_baselines_see_a_small_dark_thing_on_a_large_light_one() -> None:
    rgb = np.full((64, 64, 3), 255, np.uint8)
    rgb[14:50, 14:50] = (200, 220, 120)
    rgb[24:40, 24:40] = (30, 30, 60)
    image = Image(np.dstack([rgb / 255.0, np.ones((64, 64))]).astype(np.float32))
    for predictor in (AreaOrder(), DarknessOrder(), VtracerOrder()):
        depth = predictor.predict(image).values
        assert depth[2, 2] < depth[18, 18] < depth[32, 32], predictor.name


def test_report_files(data: Path, tmp_path: Path) -> None:
    drawings = DrawingSet(data, "val")
    maps: dict[int, np.ndarray] = {}
    numbers = choose(drawings, 0)
    found = evaluate(DarknessOrder(), drawings, numbers, "set", "val", keep=maps.__setitem__)
    worst_sheet(found, drawings, maps, tmp_path / "worst.png")
    plot_by_layers([found], tmp_path / "plot.png")
    assert (tmp_path / "worst.png").stat().st_size > 1000
    assert (tmp_path / "plot.png").stat().st_size > 1000
    assert [p.values["order"] for p in found.worst(2)] == sorted(
        p.values["order"] for p in found.pictures
    )[:2]


def test_results_page_is_made_of_saved_files_only(data: Path, tmp_path: Path) -> None:
    drawings = DrawingSet(data, "val")
    found = evaluate(_Truth(drawings), drawings, choose(drawings, 0), "set", "val")
    saved = tmp_path / "results"
    saved.mkdir()
    with pytest.raises(InputError, match="no depth-"):
        results_page(saved)
    report = {"rows": [found.to_json()], "not_run": {"Depth Pro": "no weights here"}}
    (saved / "depth-val.json").write_text(json.dumps(report))
    save(found, saved / "ablation_full.json")
    page = results_page(saved)
    assert "| truth | **1.000** (1.000 to 1.000)" in page
    assert "| Depth Pro | not run: no weights here" in page
    assert "| paper: full, MMSVG |" in page
    assert "| full | 1.000 |" in page
    assert "| without the depth prior | not run |" in page
