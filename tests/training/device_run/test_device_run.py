"""Runs of so many minutes on one device, with samples made there."""

from __future__ import annotations

import csv
import itertools
import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from stacks import random_shapes, stack_of, write_set
from typer.testing import CliRunner

from illustrators_depth.errors import InputError
from illustrators_depth.networks.checkpoint import load_compact
from illustrators_depth.networks.compact import CompactConfig, CompactNetwork
from illustrators_depth.networks.region_stage import RegionBatch
from illustrators_depth_training.batched import BatchMaker, load_corpus
from illustrators_depth_training.cli.app import app
from illustrators_depth_training.device_run import run as device_run
from illustrators_depth_training.device_run.__main__ import main, recipe_of
from illustrators_depth_training.device_run.meter import count_operations
from illustrators_depth_training.device_run.recipe import RECIPES, DeviceRecipe
from illustrators_depth_training.device_run.run import train_in_time
from illustrators_depth_training.device_run.state import RunState
from illustrators_depth_training.device_run.step import loss_function
from illustrators_depth_training.export import onnx_file
from illustrators_depth_training.export.onnx_export import largest_difference
from illustrators_depth_training.learning.losses import LossWeights
from illustrators_depth_training.learning.optimizer import OptimizerConfig
from illustrators_depth_training.learning.teacher import (
    distillation_loss,
    make_teacher,
    student_batch,
)
from illustrators_depth_training.learning.time_plan import TimePlan
from illustrators_depth_training.packed import pack_corpus, pack_travel

CPU = torch.device("cpu")
SCRIPT = Path(__file__).parents[3] / "scripts" / "train_on_gpu.py"
SMALL = {"size": 32, "batch": 2, "tokens": 8}
# What a machine with PyTorch and little else has.
ONLY = """
import sys
from importlib.machinery import PathFinder
has = {"torch", "numpy", "cv2", "safetensors", "onnx", "torchgen", "functorch", "ml_dtypes",
       "google", "typing_extensions", "sympy", "mpmath", "networkx", "jinja2", "markupsafe",
       "fsspec", "filelock", "illustrators_depth", "illustrators_depth_training"}
class Only:
    @staticmethod
    def find_spec(name, path=None, target=None):
        top = name.partition(".")[0]
        known = top in has or top in sys.stdlib_module_names or top.startswith("_")
        return PathFinder.find_spec(name, path, target) if path is not None or known else None
sys.meta_path[:] = [Only if finder is PathFinder else finder
                    for finder in sys.meta_path if "editable" not in repr(finder)]
import runpy
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small data set, its packed corpus and its travel pack."""
    folder = tmp_path_factory.mktemp("device")
    for split, seeds in (("train", range(4)), ("val", range(4, 6))):
        stacks = [stack_of(random_shapes(seed, 64), seed) for seed in seeds]
        write_set(folder / "set", stacks, split, full_shapes=False)
    pack_corpus(folder / "set", folder / "corpus.pack", workers=1)
    pack_travel(folder / "set", folder / "travel.pack")
    return folder


@pytest.mark.slow
def test_a_run_needs_pytorch_and_little_else(folder: Path, tmp_path: Path) -> None:
    """From the travel pack to an ONNX file, as on a machine without anything else installed."""
    out = tmp_path / "run"
    settings = [f"--set={name}={value}" for name, value in SMALL.items()]
    done = subprocess.run(
        [sys.executable, "-c", ONLY, str(SCRIPT), "compact-gpu", "--data",
         str(folder / "travel.pack"), "--out", str(out), "--minutes", "1", "--device", "cpu",
         *settings],
        capture_output=True, text=True, check=False, timeout=500,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Drew 6 drawings" in done.stdout and "4 drawings of corpus.pack on cpu" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("Ended ")
    for words in ("samples/s", "% waiting", "TFLOP/s", "% of what matrix products reach here"):
        assert words in done.stdout or "too few to tell their speed" in done.stdout
    session = onnxruntime.InferenceSession(out / "compact.onnx", providers=["CPUExecutionProvider"])
    depth = session.run(None, onnx_file.example_inputs(3, 2, 4))[0]
    assert depth.shape == (1, 96, 64) and np.isfinite(depth).all()
    assert json.loads((out / "val.json").read_text())["pictures"] >= 1
    with (out / "log.csv").open() as file:
        assert all(np.isfinite(float(row["loss"])) for row in csv.DictReader(file))


def _run(recipe: DeviceRecipe, folder: Path, out: Path, said: list[str]) -> RunState:
    """Some steps of training, without what follows; each look at the clock takes a second."""
    seconds = itertools.count()
    corpus = load_corpus(folder / "corpus.pack", "train", CPU)
    out.mkdir(exist_ok=True)
    plan = TimePlan(0.6, recipe.batch, lambda: float(next(seconds)))
    return train_in_time(recipe, corpus, out, plan, said.append)[1]


def test_a_run_goes_on_where_it_stopped(folder: Path, tmp_path: Path) -> None:
    said: list[str] = []
    recipe = recipe_of("compact-gpu", {**SMALL, "average_samples": 10})
    first, second = (_run(recipe, folder, tmp_path, said).step for _ in range(2))
    saved = torch.load(tmp_path / "checkpoints" / "last.ckpt", weights_only=True)
    assert 0 < first < second == saved["global_step"]
    with (tmp_path / "log.csv").open() as file:
        steps = [int(row["step"]) for row in csv.DictReader(file)]
    assert steps == sorted(set(steps)) and steps[-1] == second
    average = saved["callbacks"]["AveragedWeights"]["average"]
    raw = saved["state_dict"]["network.head.weight"]
    assert not torch.equal(average["head.weight"], raw)
    fitted = load_compact(tmp_path / "checkpoints" / "last.ckpt")
    assert torch.equal(fitted["head.weight"], average["head.weight"])
    other = replace(recipe, optimizer=OptimizerConfig("adamw"))
    with pytest.raises(InputError, match="is no state of such a run"):
        _run(other, folder, tmp_path, said)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_run_with_its_state_saved(
    folder: Path, tmp_path: Path, number: signal.Signals
) -> None:
    """To the real process, in the midst of its steps; the same command then goes on."""
    out = tmp_path / "run"
    command = [
        sys.executable, "-u", str(SCRIPT), "compact-gpu", f"--data={folder / 'corpus.pack'}",
        f"--out={out}", "--minutes=30", "--device=cpu",
        *(f"--set={name}={value}" for name, value in SMALL.items()),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        while process.poll() is None and not (out / "log.csv").is_file():
            time.sleep(0.1)
        process.send_signal(number)
        text = process.communicate(timeout=240)[0]
    finally:
        process.kill()
    assert process.returncode == 0 and "Traceback" not in text, text
    saved = torch.load(out / "checkpoints" / "last.ckpt", weights_only=True)
    step = saved["global_step"]
    assert step >= 20  # log.csv begins after so many
    assert text.splitlines()[-1].startswith(f"Stopped after step {step}, which is saved")
    assert not (out / "compact.onnx").exists()
    recipe = recipe_of("compact-gpu", SMALL)
    assert _run(recipe, folder, out, []).step > step


def test_a_batch_that_does_not_fit_is_halved(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    step = device_run.optimizer_step

    def small_memory(*given: object) -> torch.Tensor:
        recipe = given[3]
        assert isinstance(recipe, DeviceRecipe)
        tried.append(recipe.batch)
        if recipe.batch > 3:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return step(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(device_run, "optimizer_step", small_memory)
    said: list[str] = []
    recipe = recipe_of("compact-gpu", {**SMALL, "batch": 12})
    assert _run(recipe, folder, tmp_path, said).step > 0
    assert tried[:3] == [12, 6, 3] and set(tried[2:]) == {3}
    assert sum("going on with batches of" in line for line in said) == 2


def test_rates_follow_the_samples() -> None:
    recipe = RECIPES["compact-gpu"]
    half = replace(recipe, batch=128)
    assert recipe.rate_share == 1.0 and half.rate_share == pytest.approx(0.5**0.5)
    assert half.average_decay**2 == pytest.approx(recipe.average_decay)
    assert recipe.rate_factor(49, 10_000) == pytest.approx(0.5)  # of 100 steps of warm-up
    assert half.rate_factor(99, 10_000) == pytest.approx(0.5)
    assert recipe.rate_factor(5_000, 10_000) == 1.0
    assert recipe.rate_factor(8_000, 10_000) == pytest.approx(0.5)
    assert recipe.rate_factor(10_000, 10_000) == pytest.approx(0.0)
    assert recipe.rate_factor(5, 100) == pytest.approx(0.6)  # a short run warms up in its tenth


def test_a_step_never_waits_for_the_device(folder: Path) -> None:
    """On tensors without values: forward, backward and what a teacher adds."""
    meta = torch.device("meta")
    batch = BatchMaker(
        load_corpus(folder / "corpus.pack", "train", CPU), replace(RECIPES["compact-gpu"].samples)
    ).batch(0, 2)
    empty = {name: value.to(meta) for name, value in batch.items()}
    with meta:
        network, teacher = CompactNetwork(), _small_teacher()
    weights = RECIPES["compact-gpu"].loss
    for each in (network, teacher):
        each.regions.limit_neighbors(8)
    for taught in (None, teacher):
        loss_function(network, weights, torch.float32, taught)(empty).backward()
        assert network.head.weight.grad is not None
    network.regions.limit_neighbors(0)
    with pytest.raises(NotImplementedError):  # it counts the pairs that touch
        loss_function(network, weights, torch.float32)(empty)


def test_hearing_from_the_nearest_is_hearing_from_all() -> None:
    torch.manual_seed(0)
    network = CompactNetwork().eval()
    for messages in network.regions.messages:
        torch.nn.init.normal_(messages.out.weight)
    inputs = {n: torch.from_numpy(v) for n, v in onnx_file.example_inputs(2, 2, 6).items()}
    rgb = inputs.pop("rgb")
    inputs["pairs"] *= torch.rand(6, 6)[None, :, :, None] > 0.5
    found = []
    with torch.inference_mode():
        for most in (0, 6, -1):
            network.regions.limit_neighbors(most)
            found.append(network.with_regions(rgb, RegionBatch(**inputs))[1])
    torch.testing.assert_close(found[1], found[0])
    torch.testing.assert_close(found[2], found[0])


def test_the_older_exporter_gives_the_same_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    network = CompactNetwork().eval()
    torch.nn.init.normal_(network.regions.head.weight)
    monkeypatch.setattr(onnx_file.importlib.util, "find_spec", lambda _name: None)
    onnx_file.export_onnx(network, tmp_path / "traced.onnx")
    pictures = [onnx_file.example_inputs(r, c, k) for r, c, k in ((4, 6, 5), (6, 3, 9))]
    assert largest_difference(network, tmp_path / "traced.onnx", pictures) < 1e-3


def _small_teacher() -> CompactNetwork:
    config = CompactConfig(
        context_width=32, context_layers=1, context_heads=2, middle_width=16, fine_width=16,
        region_width=16, region_layers=1,
    )  # fmt: skip
    return make_teacher(config, (8, 8, 16, 16, 16), (1, 1, 1, 1, 1))


def test_the_teacher_s_size() -> None:
    with torch.device("meta"):
        teacher = make_teacher()
        assert teacher(torch.zeros(1, 3, 384, 384)).shape == (1, 384, 384)
    assert 50e6 < sum(p.numel() for p in teacher.parameters()) < 100e6


def test_a_student_sees_the_same_regions_at_half_the_size(folder: Path) -> None:
    corpus = load_corpus(folder / "corpus.pack", "train", CPU)
    batch = BatchMaker(corpus, recipe_of("compact-gpu", {"size": 64, "tokens": 8}).samples).batch(
        0, 3
    )
    small = student_batch(batch)
    assert small["rgb"].shape == (3, 3, 32, 32) and small["cover"].shape == (3, 8, 8, 8)
    torch.testing.assert_close(small["cover"].sum((2, 3)) * 4, batch["cover"].sum((2, 3)))
    at = small["region"].flatten(1).gather(1, small["pixels"].long())
    was = batch["region"].flatten(1).gather(1, batch["pixels"].long())
    asked = small["pixel_relation"].amax(2) > 0
    assert asked.float().mean() > 0.8 and torch.equal(at[asked], was[asked])


def test_a_student_learns_its_teacher_s_order() -> None:
    torch.manual_seed(0)
    real = torch.tensor([[True] * 5 + [False]])
    wanted, dense = torch.randn(1, 6), torch.randn(1, 16, 16)
    theirs = dense.repeat_interleave(2, 1).repeat_interleave(2, 2)
    # A shift, a scale and what stands on padding say nothing.
    same = 3 * wanted + torch.tensor([[7.0] * 5 + [99.0]])
    assert distillation_loss(dense, same, theirs, wanted, real) < 1e-5
    values = torch.zeros(1, 6, requires_grad=True)
    optimizer = torch.optim.SGD([values], 0.3)
    with torch.no_grad():
        values += 0.1 * torch.randn(1, 6)
    for _ in range(200):
        optimizer.zero_grad()
        distillation_loss(dense, values, theirs, wanted, real).backward()
        optimizer.step()
    assert torch.equal(values[0, :5].argsort(), wanted[0, :5].argsort())


def test_a_step_teaches_and_moves_the_average(folder: Path) -> None:
    corpus = load_corpus(folder / "corpus.pack", "train", CPU)
    recipe = recipe_of("compact-gpu", {"size": 64, "tokens": 8})
    batch = BatchMaker(corpus, recipe.samples).batch(0, 2)
    student, teacher = CompactNetwork(), _small_teacher().eval().requires_grad_(False)
    state = RunState(student, recipe.optimizer)
    before = {name: value.clone() for name, value in state.average.items()}
    loss = loss_function(student, LossWeights(), torch.float32, teacher)
    device_run.optimizer_step(state, loss, batch, recipe)
    assert state.step == 1
    assert not torch.equal(state.average["head.weight"], before["head.weight"])
    assert all(p.grad is None for p in teacher.parameters())


def test_operations_are_counted() -> None:
    layer = torch.nn.Linear(8, 4, bias=False)
    counted = count_operations(lambda: layer(torch.ones(2, 8)).sum().backward())
    assert counted == 2 * (2 * 8 * 4) * 2  # multiply and add, forward and for the weights


@pytest.mark.slow
def test_the_benchmark_is_rehearsed_on_a_processor(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "gpu.json"
    subprocess.run(
        [sys.executable, "-m", "benchmarks.network.gpu", "--training",
         "--device=cpu", f"--corpus={folder / 'corpus.pack'}", "--batch=2", "--size=32",
         "--repeats=1", f"--out={out}"],
        check=True,
    )  # fmt: skip
    rows = {row["variant"]: row for row in json.loads(out.read_text())["rows"]}
    assert set(rows) == {"training on one batch", "making samples", "both"}
    assert all(row["samples_per_second"] > 0 for row in rows.values())
    assert 0 < rows["both"]["share_of_matrix_rate"] < 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--set=batch=0"], "must be a number at least 1"),
        (["--set=sise=3"], "unknown setting 'sise'"),
        (["--set=size=33"], "size must be a multiple of 32, not 33"),
        (["--set=batch"], "must look like name=value"),
        (["--set=loss=1", "--set=loss.mae=1"], "goes into loss, which another --set fills"),
        (["--minutes=0"], "--minutes must be above 0"),
        (["--data=missing.pack"], "missing.pack cannot be read"),
        (["--device=cuda"], "PyTorch finds no cuda device here; use --device cpu."),
    ],
)
def test_bad_arguments_are_one_sentence(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    if torch.cuda.is_available() and "--device=cuda" in arguments:
        pytest.skip("a CUDA device is here")
    given = ["compact-gpu", f"--data={folder / 'corpus.pack'}", f"--out={tmp_path / 'run'}",
             "--minutes=0.01", "--device=cpu"]  # fmt: skip
    assert main([*given, *arguments]) == 2
    error = capsys.readouterr().err
    assert sentence in error and error.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_the_command_says_what_is_missing(folder: Path, tmp_path: Path) -> None:
    for given, lacks in (
        (["--minutes", "1"], "give --data"),
        (["--data", str(folder / "corpus.pack")], "give --minutes"),
    ):
        result = CliRunner().invoke(
            app, ["train", "compact-gpu", "--out", str(tmp_path / "run"), *given]
        )
        assert isinstance(result.exception, InputError) and lacks in str(result.exception)
