"""Training in a box of time: the schedule follows the clock."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import onnxruntime
import pytest
import torch
from stacks import random_shapes, stack_of, write_set
from tiny import write_config
from typer.testing import CliRunner

from illustrators_depth.errors import InputError
from illustrators_depth_training.cli.app import app
from illustrators_depth_training.learning.losses import LossWeights
from illustrators_depth_training.trainer import boxed_run
from illustrators_depth_training.trainer.config import load_config
from illustrators_depth_training.trainer.module import DepthModule, OptimizerConfig
from illustrators_depth_training.trainer.time_box import TimeBox


class _Clock:
    """Time that passes only when told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def _run(box: TimeBox, clock: _Clock, seconds_a_step: Any, steps: int) -> SimpleNamespace:
    """Steps of a trainer that has no network: each waits a fifth of its time for samples."""
    network = torch.nn.Conv2d(3, 1, 1)
    module = DepthModule(network, LossWeights(), OptimizerConfig(), steps=10**6)
    loop = SimpleNamespace(epoch_loop=SimpleNamespace(max_steps=10**6))
    trainer = SimpleNamespace(global_step=0, should_stop=False, fit_loop=loop, module=module)
    while trainer.global_step < min(steps, loop.epoch_loop.max_steps) and not trainer.should_stop:
        took = seconds_a_step(trainer.global_step)
        clock.now += 0.2 * took
        box.on_train_batch_start(trainer, module, None, 0)
        clock.now += 0.8 * took
        trainer.global_step += 1
        box.on_train_batch_end(trainer, module, None, None, 0)
    return trainer


def test_the_schedule_is_laid_into_the_time_that_is_left() -> None:
    clock = _Clock()
    box = TimeBox(10.0, batch=8, clock=clock)
    trainer = _run(box, clock, lambda step: 30.0 if step == 0 else 0.5, 60)
    # 600 s, 60 of them kept: 510 s after the first step, which is no measure of speed.
    assert trainer.module.steps == trainer.fit_loop.epoch_loop.max_steps == 1021
    report = box.report()
    assert report.samples_per_second == pytest.approx(16.0)
    assert report.waiting_share == pytest.approx(0.2)


def test_a_box_too_short_to_learn_its_speed_says_so() -> None:
    clock = _Clock()
    box = TimeBox(0.1, batch=2, clock=clock)
    trainer = _run(box, clock, lambda _step: 30.0, 60)
    assert trainer.should_stop and trainer.global_step == 1
    assert str(box.report()) == "1 steps, too few to tell their speed"


def test_a_device_that_slows_down_still_ends_in_time() -> None:
    clock = _Clock()
    box = TimeBox(10.0, batch=1, clock=clock)
    trainer = _run(box, clock, lambda step: 0.5 if step < 200 else 2.0, 10**6)
    assert clock.now <= 100.0 + 540.0 + 2.0
    assert trainer.global_step >= trainer.module.steps - 1 or trainer.should_stop


def test_minutes_and_devices_that_are_not_there_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--minutes must be above 0, not 0"):
        TimeBox(0.0, 1)
    if not torch.cuda.is_available():
        config = str(write_config(tmp_path, 5))
        result = CliRunner().invoke(
            app, ["train", config, "--out", str(tmp_path / "run"), "--device", "cuda"]
        )
        assert isinstance(result.exception, InputError)
        assert str(result.exception) == "PyTorch finds no cuda device here; use --device cpu."
        assert not (tmp_path / "run").exists()


def test_a_batch_too_large_for_the_device_is_halved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = []

    def train(config: Any, *_: Any, **__: Any) -> None:
        batches.append(config.batch)
        if config.batch > 3:
            raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(boxed_run, "train", train)
    config = load_config(write_config(tmp_path, 5), {"batch": 12})
    said: list[str] = []
    boxed_run.run_boxed(config, tmp_path / "run", 1.0, say=said.append)
    assert batches == [12, 6, 3]
    assert said[0].endswith("going on with batches of 6.") and "batches of 3." in said[1]


@pytest.mark.slow
def test_a_box_ends_with_a_model_that_is_measured(tmp_path: Path) -> None:
    stacks = [stack_of(random_shapes(seed, 64), seed) for seed in range(3)]
    for split in ("train", "val"):
        write_set(tmp_path / "set", stacks, split)
    sources = "{kind: shards, path: $DATA}"
    config = tmp_path / "config.yaml"
    text = write_config(tmp_path, 10**6).read_text()
    text = text.replace("{kind: procedural}", sources) + "tokens: 8\n"
    config.write_text(text)
    out = tmp_path / "run"
    result = CliRunner().invoke(
        app,
        ["train", str(config), "--out", str(out), "--quiet", "--minutes", "0.05", "--device", "cpu",
         "--data", str(tmp_path / "set"), "--set", "workers=0"],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "Trained: " in result.output and "On 3 drawings of val" in result.output
    assert (out / "checkpoints" / "last.ckpt").is_file()
    onnxruntime.InferenceSession(out / "compact.onnx", providers=["CPUExecutionProvider"])
    assert json.loads((out / "val.json").read_text())["pictures"] == 3
