"""The model that ships: what it answers, what it refuses, and that it needs no torch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth import predict_depth
from illustrators_depth.depth import DepthSession
from illustrators_depth.errors import Cancelled, InputError, UnavailableError
from illustrators_depth.predictors import make_predictor
from illustrators_depth.predictors.onnx import OnnxPredictor
from illustrators_depth.settings import DepthSettings
from illustrators_depth.types import Image


@pytest.fixture(scope="module")
def predictor() -> OnnxPredictor:
    made = make_predictor(DepthSettings())
    assert isinstance(made, OnnxPredictor)
    return made


@pytest.fixture
def face() -> Image:
    """Eyes on a face on a page, 120 x 200."""
    canvas = np.full((480, 800, 3), 255, np.uint8)
    cv2.circle(canvas, (400, 240), 200, (250, 200, 60), -1)
    for x in (330, 470):
        cv2.circle(canvas, (x, 200), 30, (60, 40, 20), -1)
    small = cv2.resize(canvas, (200, 120), interpolation=cv2.INTER_AREA)
    rgba = np.dstack([small / 255.0, np.ones((120, 200))]).astype(np.float32)
    return Image(rgba, "face")


def test_eyes_over_face_over_page(predictor: OnnxPredictor, face: Image) -> None:
    depth = predictor.predict(face)
    assert depth.shape == (120, 200) and depth.values.dtype == np.float32
    page, skin, eye = depth.values[5, 5], depth.values[90, 100], depth.values[50, 82]
    assert page < skin < eye
    assert (depth.predictor, depth.device) == ("compact", "cpu")


def test_each_flat_region_has_one_depth(predictor: OnnxPredictor, face: Image) -> None:
    depth = predictor.predict(face).values
    white = face.rgba[..., :3].min(axis=2) > 0.999
    assert np.ptp(depth[white]) < 0.02 * np.ptp(depth)


def test_same_picture_same_answer(predictor: OnnxPredictor, face: Image) -> None:
    np.testing.assert_array_equal(predictor.predict(face).values, predictor.predict(face).values)


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (33, 47), (300, 20)])
def test_any_shape(predictor: OnnxPredictor, shape: tuple[int, int]) -> None:
    rgba = np.random.default_rng(0).random((*shape, 4)).astype(np.float32)
    depth = predictor.predict(Image(rgba))
    assert depth.shape == shape


def test_transparent_picture_is_seen_on_a_white_page(predictor: OnnxPredictor, face: Image) -> None:
    clear = face.rgba.copy()
    white = clear[..., :3].min(axis=2) > 0.999
    clear[white] = 0.0
    depth = predictor.predict(Image(clear)).values
    assert depth[5, 5] < depth[90, 100] < depth[50, 82]


def test_working_size_can_be_chosen(face: Image) -> None:
    assert predict_depth(face, settings=DepthSettings(size=96)).shape == (120, 200)


def test_progress_can_cancel(predictor: OnnxPredictor, face: Image) -> None:
    def stop(_stage: str, fraction: float) -> None:
        if fraction >= 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        predictor.predict(face, stop)


@pytest.mark.parametrize("device", ["cuda", "cuda:3", "mps"])
def test_missing_device_is_said(device: str) -> None:
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this ONNX Runtime has CUDA")
    with pytest.raises(UnavailableError, match=device.partition(":")[0]):
        predict_depth(np.zeros((8, 8, 3), np.uint8), device=device)


def test_file_that_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"not a model")
    with pytest.raises(InputError, match=r"broken\.onnx is not a usable ONNX model"):
        predict_depth(np.zeros((8, 8, 3), np.uint8), model=str(path))


def test_foreign_model_is_refused(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", kind, [1])],
        [helper.make_tensor_value_info("y", kind, [1])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(tmp_path / "foreign.onnx"))
    with pytest.raises(InputError, match=r"foreign\.onnx is not a depth model.*takes x"):
        predict_depth(np.zeros((8, 8, 3), np.uint8), model=str(tmp_path / "foreign.onnx"))


@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_damaged_installation_is_said(
    damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from importlib import resources

    whole = Path(str(resources.files("illustrators_depth"))) / "models"
    models = tmp_path / "models"
    models.mkdir()
    (models / "compact.json").write_bytes((whole / "compact.json").read_bytes())
    if damage == "changed":
        (models / "compact.onnx").write_bytes((whole / "compact.onnx").read_bytes() + b"x")
    monkeypatch.setattr(resources, "files", lambda _package: tmp_path)
    with pytest.raises(UnavailableError, match="reinstall illustrators-depth"):
        OnnxPredictor.shipped(DepthSettings())


def test_runs_without_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import numpy as np\n"
        "from illustrators_depth import predict_depth\n"
        "print(predict_depth(np.zeros((40, 40, 3), np.uint8)).device)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "cpu"


def test_shipped_file_is_small_and_credits_its_sources() -> None:
    import json
    from importlib import resources

    models = resources.files("illustrators_depth") / "models"
    assert len((models / "compact.onnx").read_bytes()) <= 15 * 1024 * 1024
    card = json.loads((models / "compact.json").read_text())
    assert card["training_data"]
    assert all(s["source"] and s["licence"] for s in card["training_data"])


def predicted(path: Path) -> None:
    settings = DepthSettings(model=str(path))
    DepthSession(settings).predict(Image(np.full((40, 50, 4), 0.5, np.float32)))


def odd_model(path: Path, answer: str) -> Path:
    """A model with the names of ours whose depth is something else."""
    onnx = pytest.importorskip("onnx")
    rgb = onnx.helper.make_tensor_value_info("rgb", onnx.TensorProto.FLOAT, [1, 3, None, None])
    kinds = {
        "text": (onnx.TensorProto.STRING, [1], [b"near"]),
        "one number": (onnx.TensorProto.FLOAT, [], [1.0]),
        "another shape": (onnx.TensorProto.FLOAT, [1, 4, 4], [0.5] * 16),
    }
    kind, shape, values = kinds[answer]
    depth = onnx.helper.make_tensor_value_info("depth", kind, shape)
    constant = onnx.helper.make_tensor("value", kind, shape, values)
    node = onnx.helper.make_node("Constant", [], ["depth"], value=constant)
    graph = onnx.helper.make_graph([node], "odd", [rgb], [depth])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)])
    model.ir_version = 8
    path.write_bytes(model.SerializeToString())
    return path


@pytest.mark.parametrize("answer", ["text", "one number", "another shape"])
def test_models_that_answer_with_something_else(tmp_path: Path, answer: str) -> None:
    with pytest.raises(InputError, match=r"^odd\.onnx is not a depth model"):
        predicted(odd_model(tmp_path / "odd.onnx", answer))


def test_a_model_with_a_scalar_for_depth() -> None:
    case = Path(__file__).parents[2] / "cases" / "files" / "onnx_scalar_depth.onnx"
    with pytest.raises(InputError, match=r"^onnx_scalar_depth\.onnx"):
        predicted(case)


def run_with_broken_runtime(folder: Path, *code: str) -> subprocess.CompletedProcess[str]:
    """Python where `import onnxruntime` finds a package that cannot be loaded."""
    package = folder / "broken" / "onnxruntime"
    package.mkdir(parents=True, exist_ok=True)
    message = "DLL load failed while importing onnxruntime_pybind11_state"
    (package / "__init__.py").write_text(f"raise ImportError({message!r})")
    return subprocess.run(
        [sys.executable, *code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(package.parent)},
    )


def test_a_runtime_that_cannot_be_loaded(tmp_path: Path) -> None:
    """A missing Visual C++ runtime, an old macOS: one sentence, and what needs no network works."""
    PilImage.fromarray(np.tile(np.uint8([[0, 255]]), (24, 24))).save(tmp_path / "a.png")
    command = ["-m", "illustrators_depth"]
    depth = [*command, "depth", str(tmp_path / "a.png"), "-o", str(tmp_path / "a.npy")]
    done = run_with_broken_runtime(tmp_path, *depth)
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1
    assert "DLL load failed" in done.stderr and "heuristic" in done.stderr
    done = run_with_broken_runtime(tmp_path, *depth, "-m", "heuristic")
    assert done.returncode == 0, done.stderr
    code = "from illustrators_depth.worker.environment import hello; print(hello()['devices'])"
    hello = run_with_broken_runtime(tmp_path, "-c", code)
    assert hello.stdout.strip() == "['cpu']", hello.stderr
