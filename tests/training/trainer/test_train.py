"""Training end to end: exact resume after a kill, two processes, and everything that goes wrong."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny import COMMAND, last_weights, start, write_config

from illustrators_depth.errors import InputError
from illustrators_depth.networks.checkpoint import load_compact
from illustrators_depth_training.data.drawing.sample import encode_index_png, encode_png
from illustrators_depth_training.data.shards import tar_bytes
from illustrators_depth_training.trainer.config import load_config
from illustrators_depth_training.trainer.train import train

pytestmark = pytest.mark.skipif(not COMMAND.is_file(), reason="the command is not installed")


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of five steps that nothing disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    torch.set_num_threads(1)
    train(load_config(write_config(folder, 5)), folder / "run", quiet=True)
    return folder / "run"


@pytest.mark.slow
def test_killed_run_resumes_exactly(uninterrupted: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    process = start(write_config(tmp_path, 200), out)
    last = out / "checkpoints" / "last.ckpt"
    try:
        deadline = time.monotonic() + 120
        while not last.is_file() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    reached = int(torch.load(last, weights_only=True)["global_step"])
    if reached >= 5:
        pytest.skip(f"the run was at step {reached} before it could be killed")
    train(load_config(write_config(tmp_path, 5)), out, quiet=True)
    want, got = last_weights(uninterrupted), last_weights(out)
    assert int(got["step"]) == 5
    assert sorted(want) == sorted(got)
    assert [k for k in want if not torch.equal(want[k], got[k])] == []
    assert [p.name for p in last.parent.glob("last*")] == ["last.ckpt"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "extra"),
    [
        (signal.SIGTERM, ()),
        (signal.SIGINT, ()),  # Ctrl-C
        (signal.SIGTERM, ("--set", "devices=2", "--set", "strategy=ddp", "--set", "workers=0")),
    ],
    ids=["terminate", "interrupt", "one-of-two"],
)
def test_a_signalled_run_saves_its_last_step(
    number: int, extra: tuple[str, ...], tmp_path: Path
) -> None:
    """A signal to a run's group reaches the loader's worker too, and the run must not die of that;
    of two ranks only the first is signalled, and the other must not wait for it for ever."""
    out = tmp_path / "run"
    config = write_config(tmp_path, 100_000)
    config.write_text(config.read_text().replace("checkpoint_minutes: 0.0001", ""))
    process = start(config, out, *extra, own_group=True)
    metrics = out / "csv" / "version_0" / "metrics.csv"
    try:
        deadline = time.monotonic() + 120
        while not metrics.is_file() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        if extra:
            process.send_signal(number)
        else:
            os.killpg(process.pid, number)
        said = process.communicate(timeout=60)[0]
        assert process.returncode == 0, said
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    step = int(last_weights(out)["step"])
    assert step >= 1  # though no checkpoint was due
    assert f"saved at step {step}; the same command goes on" in said
    assert not (out / "previews").exists()  # no validation before the state was saved


def test_a_resumed_run_takes_its_new_rates_and_keeps_the_old_settings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A loaded optimiser state brings the old rates; advice such as "lower the rate" must hold."""
    out = tmp_path / "run"
    train(load_config(write_config(tmp_path, 1)), out, quiet=True)
    slower = {"lr": 2e-5, "encoder_lr": 1e-5, "weight_decay": 0.5}
    path = write_config(tmp_path, 2)
    trainer = train(load_config(path, {"optimizer": slower}), out, quiet=True)
    assert trainer.global_step == 2
    (optimizer,) = trainer.optimizers
    assert {g["initial_lr"] for g in optimizer.param_groups} == {2e-5, 1e-5}
    assert {g["weight_decay"] for g in optimizer.param_groups} == {0.5, 0.0}
    assert max(g["lr"] for g in optimizer.param_groups) <= 2e-5
    said = capsys.readouterr().out
    assert "goes on with other settings" in said and "optimizer.lr 0.001 -> 2e-05" in said
    assert json.loads((out / "config-before-1.json").read_text())["optimizer"]["lr"] == 1e-3
    assert json.loads((out / "config.json").read_text())["optimizer"]["lr"] == 2e-5
    with pytest.raises(InputError, match=r"optimizer\.kind adamw and cannot go on with muon"):
        train(load_config(path, {"optimizer": {"kind": "muon"}}), out, quiet=True)
    with pytest.raises(InputError, match="tokens 0 and cannot go on with 8"):
        train(load_config(path, {"tokens": 8}), out, quiet=True)


def test_run_leaves_logs_settings_and_loadable_weights(uninterrupted: Path) -> None:
    assert (uninterrupted / "config.json").is_file()
    assert list((uninterrupted / "tensorboard").glob("events*"))
    (metrics,) = (uninterrupted / "csv").glob("*/metrics.csv")
    assert "train/loss" in metrics.read_text()
    assert "head.weight" in load_compact(uninterrupted / "checkpoints" / "last.ckpt")


@pytest.mark.slow
def test_two_ranks_draw_other_samples_and_end_in_the_weights_of_one_process(tmp_path: Path) -> None:
    """Two gloo ranks of one sample each take the same steps as one process with batches of two."""
    plain = "loss: {mae: 1.0}\nworkers: 0\n"  # a mean over pixels, so that halves average exactly
    config = write_config(tmp_path, 3, plain)
    text = config.read_text().replace("loss: {region: 0.5, rank: 1.0, touch: 1.0}\n", "")
    config.write_text(text.replace("workers: 1\n", ""))
    job = [sys.executable, str(Path(__file__).with_name("ddp_job.py")), str(config)]
    ranks = ["--set", "devices=2", "--set", "strategy=ddp", "--set", "batch=1"]
    for name, more in (("one", []), ("two", ranks)):
        done = subprocess.run(
            [*job, str(tmp_path / name), *more], check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def drawn(name: str, rank: int) -> list[int]:
        return [int(n) for n in (tmp_path / f"{name}-samples-{rank}.txt").read_text().split()]

    assert drawn("one", 0)[:6] == [0, 1, 2, 3, 4, 5]
    first, second = drawn("two", 0)[:3], drawn("two", 1)[:3]
    assert (first, second) == ([0, 2, 4], [1, 3, 5])
    want, got = last_weights(tmp_path / "one"), last_weights(tmp_path / "two")
    assert int(got["step"]) == 3 and sorted(want) == sorted(got)
    for name in ("network.head.bias", "network.encoder.stem.weight"):
        torch.testing.assert_close(got[name], want[name], atol=2e-4, rtol=1e-3)
    # AdamW's step for a gradient that is all rounding has either sign, so not every weight agrees.
    gaps = [(got[n] - want[n]).abs().flatten() for n in want if n.startswith("network.")]
    assert float((torch.cat(gaps) < 2e-4).float().mean()) > 0.99


def test_nan_loss_stops_and_keeps_the_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from illustrators_depth_training.learning import training_loss

    config = load_config(write_config(tmp_path, 2))
    train(config, tmp_path / "run", quiet=True)
    before = (tmp_path / "run" / "checkpoints" / "last.ckpt").read_bytes()

    def broken(*args: Any) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        return args[0].sum() * float("nan"), {}

    monkeypatch.setattr(training_loss, "depth_loss", broken)
    with pytest.raises(InputError, match=r"loss became nan at step 2"):
        train(load_config(write_config(tmp_path, 4)), tmp_path / "run", quiet=True)
    assert (tmp_path / "run" / "checkpoints" / "last.ckpt").read_bytes() == before


def test_full_disk_keeps_the_old_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from illustrators_depth_training.trainer.callbacks import AtomicCheckpointIO

    path = tmp_path / "last.ckpt"
    store = AtomicCheckpointIO()
    store.save_checkpoint({"a": torch.ones(3)}, path)
    before = path.read_bytes()

    def full(_values: object, stream: Any) -> None:
        stream.write(b"half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(InputError, match=r"last\.ckpt could not be written.*No space left"):
        store.save_checkpoint({"a": torch.zeros(3)}, path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["last.ckpt"]


def test_missing_shards_are_one_sentence(tmp_path: Path) -> None:
    config = load_config(
        write_config(tmp_path, 2),
        {"sources": [{"kind": "shards", "path": str(tmp_path / "none")}]},
    )
    with pytest.raises(InputError, match="shards"):
        train(config, tmp_path / "run", quiet=True)


def _shard(folder: Path, rgb: bytes, index: bytes, layers: int) -> dict[str, Any]:
    """Overrides for a run on a data set of one drawing."""
    members = [
        ("a.rgb.png", rgb),
        ("a.index.png", index),
        ("a.json", json.dumps({"layers": layers}).encode()),
    ]
    (folder / "train-000000.tar").write_bytes(tar_bytes(members))
    return {"sources": [{"kind": "shards", "path": str(folder)}]}


def test_a_damaged_picture_in_a_worker_is_one_sentence(tmp_path: Path) -> None:
    sources = _shard(tmp_path, b"not a picture", b"nor this", 2)
    config = load_config(write_config(tmp_path, 2), sources)  # with one worker
    with pytest.raises(
        InputError, match=r"^The shard train-000000\.tar holds a damaged picture; \S+"
    ):
        train(config, tmp_path / "run", quiet=True)
    for child in multiprocessing.active_children():  # one left would hold this process at its exit
        child.join(10)
        assert not child.is_alive()


def test_drawings_that_show_nothing_to_order_end_a_run_instead_of_holding_it(
    tmp_path: Path,
) -> None:
    white, flat = np.full((32, 32, 3), 255, np.uint8), np.ones((32, 32), np.int32)
    one = _shard(tmp_path, encode_png(white), encode_index_png(flat), 1)
    config = write_config(tmp_path, 2)
    with pytest.raises(InputError, match="has two layers"):
        train(load_config(config, one), tmp_path / "run", quiet=True)
    lies = _shard(tmp_path, encode_png(white), encode_index_png(flat), 2)
    with pytest.raises(InputError, match="no drawing showed two layers at 32 pixels"):
        train(load_config(config, {**lies, "workers": 0}), tmp_path / "run", quiet=True)
