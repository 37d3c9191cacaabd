"""From a checkpoint to the shipped file, and from predictions to tables."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from illustrators_depth.errors import InputError
from illustrators_depth.networks.compact import CompactNetwork
from illustrators_depth.predictors.onnx import OnnxPredictor
from illustrators_depth.predictors.torch import TorchPredictor
from illustrators_depth.progress import Progress, no_progress
from illustrators_depth.settings import DepthSettings
from illustrators_depth.types import DepthMap, Image
from illustrators_depth_training import cli
from illustrators_depth_training.data.drawing.sample import encode_index_png, encode_png
from illustrators_depth_training.data.shards import tar_bytes
from illustrators_depth_training.evaluation.baselines import AreaOrder, DarknessOrder, VtracerOrder
from illustrators_depth_training.evaluation.evaluate import (
    METRICS,
    Evaluation,
    PictureResult,
    bootstrap_interval,
    choose,
    evaluate,
    save,
)
from illustrators_depth_training.evaluation.report import plot_by_layers, worst_sheet
from illustrators_depth_training.evaluation.table_rows import report_names
from illustrators_depth_training.export import onnx_export
from illustrators_depth_training.export.compact import export
from illustrators_depth_training.export.model_card import write_card
from illustrators_depth_training.export.variant import LARGEST_FILE, Variant
from illustrators_depth_training.output_files import output_folder
from illustrators_depth_training.procedural import make_scene
from illustrators_depth_training.results import results_page
from illustrators_depth_training.samples.drawings import DrawingSet


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


def test_reports_of_equally_named_checkpoints_do_not_replace_each_other(tmp_path: Path) -> None:
    paths = [tmp_path / run / "checkpoints" / "last.ckpt" for run in ("Leg 8", "leg9")]
    for path in paths:
        path.parent.mkdir(parents=True)
        path.touch()
    names = [str(path) for path in paths]
    assert report_names(names[:1]) == {names[0]: ("last", False)}
    assert list(report_names([*names, "area"]).values()) == [
        ("leg-8-last", True), ("leg9-last", True), ("area", False),
    ]  # fmt: skip
    with pytest.raises(InputError, match=r"no file .*gone\.onnx"):
        report_names(["area", str(tmp_path / "gone.onnx")])


def test_nothing_to_evaluate_is_one_sentence(data: Path) -> None:
    with pytest.raises(InputError, match="No drawing here has 999 layers"):
        choose(DrawingSet(data, "val"), 10, min_layers=999)


def test_worst_pictures_leave_out_those_without_an_order() -> None:
    found = Evaluation("p", "cpu", "d", "val", (8, 8))
    for number, order in enumerate((0.9, np.nan, 0.5, np.nan, 0.7)):
        values = {**dict.fromkeys(METRICS, 0.0), "order": order}
        found.pictures.append(PictureResult(number, str(number), "s", 2, values, 0.1))
    assert [p.number for p in found.worst(9)] == [2, 4, 0]


def test_an_export_that_answers_nan_is_not_equal_to_torch(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Broken:
        def __init__(self, *_: object, **__: object) -> None:
            pass

        def run(self, *_: object) -> list[np.ndarray]:
            return [np.full((1, 32, 32), np.nan, np.float32), np.zeros((1, 2), np.float32)]

    monkeypatch.setattr(onnx_export.onnxruntime, "InferenceSession", Broken)
    inputs = [onnx_export.example_inputs(1, 1, 2)]
    worst = onnx_export.largest_difference(CompactNetwork(), tmp_path / "x.onnx", inputs)
    assert np.isnan(worst)


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
    assert "| truth |  | - | - | - | - | **1.000** (1.000 to 1.000)" in page
    assert "| Depth Pro | not run: no weights here" in page
    assert "| paper: full, MMSVG (1536 px) |" in page
    assert "| full | 1.000 |" in page
    assert "| without the depth prior | not run |" in page
    assert page.count("## Depth:") == 1
    framed = {**found.to_json(), "size": [64, 96]}  # the same drawings cut to 3 : 2
    (saved / "depth-wide.json").write_text(json.dumps({"rows": [framed], "not_run": {}}))
    assert results_page(saved).count("## Depth:") == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("depth-b.json", "[]"),
        ("depth-b.json", '{"rows": [{"data": "d"}], "not_run": {}}'),
        ("depth-b.json", "{"),
        ("vector-b.json", '{"rows": 3}'),
        ("ablation_full.json", '{"mean": {"order": "high"}}'),
        ("speed.json", "{}"),
        ("layers.json", "3"),
    ],
)
def test_a_saved_file_that_is_no_report_is_named(
    data: Path, tmp_path: Path, name: str, text: str
) -> None:
    drawings = DrawingSet(data, "val")
    found = evaluate(_Truth(drawings), drawings, choose(drawings, 2), "set", "val")
    report = {"rows": [found.to_json()], "not_run": {}}
    (tmp_path / "depth-a.json").write_text(json.dumps(report))
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=rf"^{name} is not .* again\.$"):
        results_page(tmp_path)


def test_what_the_disk_refuses_is_one_sentence(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "file"
    taken.touch()
    with pytest.raises(InputError, match="cannot be made a folder"):
        output_folder(taken)

    def full() -> None:  # as a logger that cannot write its line
        raise OSError(errno.ENOSPC, "No space left on device", "metrics.csv")

    monkeypatch.setattr("illustrators_depth_training.cli.app.app", full)
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("Error: the disk refused at metrics.csv (No space left") and (
        said.count("\n") == 1
    )
