"""What goes wrong in a run on a device: memory that ends, kills, lost losses, another pack."""

from __future__ import annotations

import csv
import itertools
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from stacks import random_shapes, stack_of, write_set

from illustrators_depth.errors import InputError
from illustrators_depth_training.batched import load_corpus
from illustrators_depth_training.device_run import run as device_run
from illustrators_depth_training.device_run.__main__ import main, recipe_of
from illustrators_depth_training.device_run.loss_log import LossLog
from illustrators_depth_training.device_run.networks import build_network
from illustrators_depth_training.device_run.recipe import DeviceRecipe
from illustrators_depth_training.device_run.run import train_in_time
from illustrators_depth_training.device_run.state import LAST, RunState
from illustrators_depth_training.learning.time_plan import TimePlan
from illustrators_depth_training.packed import pack_corpus, pack_travel

CPU = torch.device("cpu")
SCRIPT = Path(__file__).parents[3] / "scripts" / "train_on_gpu.py"
SMALL = {"size": 32, "batch": 2, "tokens": 8}
# As CUDA, Metal, cuBLAS and the processor's allocator say it.
NO_MEMORY = (
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    RuntimeError("MPS backend out of memory (MPS allocated: 7.64 GiB, max allowed: 9.07 GiB)."),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:118] DefaultCPUAllocator: can't allocate memory: "
                 "you tried to allocate 400000 bytes. Error code 12 (Cannot allocate memory)"),
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small packed corpus and its travel pack, and another travel pack."""
    folder = tmp_path_factory.mktemp("failures")
    for name, seeds in (("set", range(4)), ("other", range(4, 7))):
        write_set(folder / name, [stack_of(random_shapes(s, 64), s) for s in seeds], "train",
                  full_shapes=False)  # fmt: skip
        pack_travel(folder / name, folder / f"{name}.travel")
    pack_corpus(folder / "set", folder / "corpus.pack", workers=1)
    return folder


def _run(recipe: DeviceRecipe, folder: Path, out: Path, said: list[str]) -> RunState:
    """Some steps of training; each look at the clock takes a second."""
    seconds = itertools.count()
    out.mkdir(exist_ok=True)
    plan = TimePlan(0.6, recipe.batch, lambda: float(next(seconds)))
    corpus = load_corpus(folder / "corpus.pack", "train", CPU)
    return train_in_time(recipe, corpus, out, plan, said.append)[1]


def _rows(out: Path) -> list[tuple[int, int]]:
    with (out / "log.csv").open() as file:
        return [(int(row["step"]), int(row["samples"])) for row in csv.DictReader(file)]


@pytest.mark.parametrize("error", NO_MEMORY, ids=lambda error: str(error)[:14])
def test_memory_that_ends_halves_the_batch_whoever_says_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    step = device_run.optimizer_step

    def small_memory(*given: object) -> torch.Tensor:
        recipe, state = given[3], given[0]
        assert isinstance(recipe, DeviceRecipe) and isinstance(state, RunState)
        if recipe.batch > 2:
            raise error
        return step(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(device_run, "optimizer_step", small_memory)
    said: list[str] = []
    state = _run(recipe_of("compact-gpu", {**SMALL, "batch": 4}), folder, tmp_path, said)
    assert "The device's memory is too small; going on with batches of 2." in said
    assert state.samples == 2 * state.step > 0
    assert _rows(tmp_path)[-1] == (state.step, state.samples)


def test_memory_for_not_even_one_sample_is_one_sentence(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def no_memory(*_given: object) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(device_run, "optimizer_step", no_memory)
    settings = [f"--set={name}={value}" for name, value in SMALL.items()]
    given = ["compact-gpu", f"--data={folder / 'corpus.pack'}", f"--out={tmp_path}", "--minutes=1"]
    assert main([*given, "--device=cpu", *settings]) == 2
    error = capsys.readouterr().err
    assert "too small for batches of 1; lower --set size" in error and error.count("\n") == 1


def test_other_errors_are_no_lack_of_memory(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object) -> torch.Tensor:
        raise RuntimeError("CUDA error: device-side assert triggered")

    monkeypatch.setattr(device_run, "optimizer_step", broken)
    with pytest.raises(RuntimeError, match="device-side assert"):
        _run(recipe_of("compact-gpu", SMALL), folder, tmp_path, [])


@pytest.mark.slow
def test_a_run_that_was_killed_goes_on_from_its_last_state(folder: Path, tmp_path: Path) -> None:
    """`kill -9` after steps that were logged but not saved; their rows are not kept twice."""
    out = tmp_path / "run"
    command = [
        sys.executable, "-u", str(SCRIPT), "compact-gpu", f"--data={folder / 'corpus.pack'}",
        f"--out={out}", "--minutes=30", "--device=cpu", "--set=checkpoint_minutes=0.02",
        *(f"--set={name}={value}" for name, value in SMALL.items()),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while process.poll() is None and not (
            (out / "log.csv").is_file() and (out / "checkpoints" / LAST).is_file()
        ):
            time.sleep(0.1)
    finally:
        process.kill()
    assert process.wait() == -signal.SIGKILL
    saved = torch.load(out / "checkpoints" / LAST, weights_only=True)
    with (out / "log.csv").open("a") as file:  # as if it had been killed some rows later
        for step in (saved["global_step"] + 7, saved["global_step"] + 27):
            file.write(f"{step},{2 * step},3.0,0.001\n")
    state = _run(recipe_of("compact-gpu", SMALL), folder, out, [])
    assert state.step > saved["global_step"] and state.samples == 2 * state.step
    rows = _rows(out)
    assert rows == sorted(set(rows)) and rows[-1] == (state.step, state.samples)
    assert all(samples == 2 * step for step, samples in rows)
    assert saved["global_step"] + 7 not in dict(rows)
    assert not [path for path in out.rglob("*") if "partial" in path.name]


def test_weights_that_are_not_finite_are_not_saved(tmp_path: Path) -> None:
    recipe = recipe_of("compact-gpu", SMALL)
    state = RunState(build_network("compact", "none", CPU), recipe.optimizer)
    state.save(tmp_path)
    before = (tmp_path / LAST).read_bytes()
    with torch.no_grad():
        state.network.head.bias.fill_(torch.nan)  # type: ignore[union-attr, operator]
    with pytest.raises(InputError, match=r"length of the weights became nan by step 0; training"):
        state.save(tmp_path)
    assert (tmp_path / LAST).read_bytes() == before


def test_a_loss_that_is_not_finite_ends_the_run(tmp_path: Path) -> None:
    recipe = recipe_of("compact-gpu", SMALL)
    state = RunState(build_network("compact", "none", CPU), recipe.optimizer)
    log = LossLog(tmp_path / "log.csv", state)
    for _ in range(20):
        state.step += 1
        log.add(torch.tensor(1.0))
    log.add(torch.tensor(torch.inf))
    with pytest.raises(InputError, match="The loss became inf by step 20; training stopped"):
        log.flush()
    assert [step for step, _ in _rows(tmp_path)] == [20]


def test_another_travel_pack_is_drawn_anew(folder: Path, tmp_path: Path) -> None:
    """A run's folder keeps what it drew; it stands for that very pack only."""
    said: list[str] = []
    packed = tmp_path / "corpus.pack"
    for name, words in (("set", "Drew 4"), ("set", ""), ("other", "Drew 3"), ("other", "")):
        said.clear()
        assert device_run._unpack_once(folder / f"{name}.travel", tmp_path, said.append) == packed
        assert len(said) == bool(words) and all(line.startswith(words) for line in said)
    packed.write_bytes(packed.read_bytes()[:-9])
    device_run._unpack_once(folder / "other.travel", tmp_path, said.append)
    assert said and said[-1].startswith("Drew 3")


def test_drawings_smaller_than_the_frame_are_said_to_be(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["compact-gpu", f"--data={folder / 'corpus.pack'}", f"--out={tmp_path / 'run'}",
             "--minutes=0.01", "--device=cpu", "--set=batch=1", "--set=tokens=4"]  # fmt: skip
    assert main([*given, "--set=size=96"]) == 0
    assert "They have 64x64 pixels and are enlarged to 96" in capsys.readouterr().out
