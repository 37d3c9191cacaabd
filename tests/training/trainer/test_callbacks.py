"""What accumulation, GPUs and the full network ask for, which no quick run here has."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from torch import nn

from illustrators_depth_training.network_config import DepthProSizes, NetworkConfig
from illustrators_depth_training.trainer import lightning_trainer
from illustrators_depth_training.trainer.callbacks import AveragedWeights, TimedCheckpoint
from illustrators_depth_training.trainer.networks import make_network


def _module(value: float, device: str = "cpu") -> Any:
    network = nn.Linear(1, 1, bias=False, device=device)
    if device == "cpu":
        nn.init.constant_(network.weight, value)
    return SimpleNamespace(network=network)


def test_weights_are_averaged_once_a_step_not_once_a_batch() -> None:
    average, trainer, module = AveragedWeights(0.5), SimpleNamespace(global_step=100), _module(1.0)
    average.on_train_start(trainer, module)  # type: ignore[arg-type]
    nn.init.constant_(module.network.weight, 0.0)
    for step in (100, 100, 100, 101):  # the last of four batches is the step
        trainer.global_step = step
        average.on_train_batch_end(trainer, module)  # type: ignore[arg-type]
    assert float(average.average["weight"]) == 0.5


def test_a_loaded_average_follows_the_network_to_its_device() -> None:
    """Checkpoints are read into main memory; "meta" stands for a GPU, which few machines have."""
    average, trainer = AveragedWeights(0.5), SimpleNamespace(global_step=7)
    average.load_state_dict({"average": {"weight": torch.ones(1, 1)}})
    module = _module(0.0, device="meta")
    average.on_train_start(trainer, module)  # type: ignore[arg-type]
    trainer.global_step = 8
    average.on_train_batch_end(trainer, module)  # type: ignore[arg-type]
    assert average.average["weight"].device.type == "meta"


def test_no_checkpoint_in_the_middle_of_an_accumulated_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    saved = []
    monkeypatch.setattr(ModelCheckpoint, "on_train_batch_end", lambda *args: saved.append(args[-1]))
    trainer: Any = SimpleNamespace(accumulate_grad_batches=4)
    checkpoint = TimedCheckpoint()
    for batch in range(9):
        checkpoint.on_train_batch_end(trainer, _module(0.0), None, None, batch)
    assert saved == [3, 7]


def test_everything_in_depth_pro_that_trains_gets_a_gradient() -> None:
    """DDP ends a run whose trainable parameters take no part in the loss."""
    small = DepthProSizes(
        image=128, width=32, depth=4, heads=2, hooks=(1, 3), fine=16, levels=(24, 32, 32)
    )
    config = NetworkConfig(kind="depth_pro", prior="none", checkpointing=True, sizes=small)
    network = make_network(config).train()
    network(torch.rand(1, 3, 512, 512)).sum().backward()
    trained = [(n, p) for n, p in network.named_parameters() if p.requires_grad]
    assert len(trained) > 100
    assert [name for name, parameter in trained if parameter.grad is None] == []


@pytest.mark.parametrize(
    ("accelerator", "native", "said"),
    [("auto", True, "bf16-mixed"), ("gpu", False, "16-mixed"), ("cpu", True, "32-true")],
)
def test_automatic_precision_is_that_of_the_device_in_use(
    accelerator: str, native: bool, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old GPUs emulate bfloat16; and a GPU beside the processor says nothing about the latter."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(
        torch.cuda,
        "is_bf16_supported",
        lambda including_emulation=True: including_emulation or native,
    )
    monkeypatch.setattr(lightning_trainer, "fast_bfloat16", lambda: False)
    assert lightning_trainer.choose_precision("auto", accelerator) == said
