"""The paper in one command, small: random weights, 200 generated drawings, real stages."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import time
from pathlib import Path

import pytest
import torch
from mmsvg import node_packages, write_tables, write_weights
from tiny import COMMAND, last_weights
from torch import nn
from typer.testing import CliRunner

from illustrators_depth.errors import InputError, UnavailableError
from illustrators_depth.networks.depth_pro import DepthProNetwork
from illustrators_depth_training.cli.app import app
from illustrators_depth_training.network_config import DepthProSizes
from illustrators_depth_training.reproduce.memory import trace_step
from illustrators_depth_training.reproduce.settings import ABLATIONS, Reproduction
from illustrators_depth_training.reproduce.state import RunState
from illustrators_depth_training.trainer.config import load_config

parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
import pyarrow  # noqa: E402 - after the check that it is there

SET = [
    "size=512", "network.sizes.image=128", "network.sizes.width=16", "network.sizes.depth=2",
    "network.sizes.heads=2", "network.sizes.hooks=[0, 1]", "network.sizes.fine=8",
    "network.sizes.levels=[8, 8, 8]", "network.sizes.last=4", "accelerator=cpu", "steps=2",
    "accumulate=1", "workers=0", "validation_pictures=2", "precision=32-true",
    "optimizer.lr=0.001", "optimizer.encoder_lr=0.001", "optimizer.warmup=1", "average=0",
]  # fmt: skip


@pytest.fixture(scope="session")
def node() -> Path:
    """The folder with the renderer's node packages."""
    return node_packages()


@pytest.fixture(scope="module")
def mmsvg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tables(tmp_path_factory.mktemp("mmsvg"), (range(100), range(100, 200)))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_weights(tmp_path_factory.mktemp("weights") / "depth_pro.pt")


def arguments(mmsvg: Path, weights: Path, out: Path, *extra: str) -> list[str]:
    given = ["reproduce", "--mmsvg", str(mmsvg), "--weights", str(weights), "--out", str(out)]
    given += ["--devices", "1", "--size", "64", "--workers", "1", "--quiet", *extra]
    return given + [part for item in SET for part in ("--set", item)]


def wanted(mmsvg: Path, weights: Path, out: Path, **more: object) -> Reproduction:
    given = {"devices": 1, "size": 64, "overrides": {"accelerator": "cpu"}, **more}
    return Reproduction(mmsvg, weights, out, **given)  # type: ignore[arg-type]


@pytest.mark.slow
def test_killed_in_a_training_it_goes_on_and_ends_in_the_papers_table(
    node: Path, mmsvg: Path, weights: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    # So many steps that it is killed within the first training, and ends it then at once.
    long = [str(COMMAND), *arguments(mmsvg, weights, out)]
    process = subprocess.Popen(
        long, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    state = out / "reproduce.json"
    try:
        deadline = time.monotonic() + 1200
        while time.monotonic() < deadline and process.poll() is None:
            if state.is_file() and "data-uncleaned" in json.loads(state.read_text())["stages"]:
                break
            time.sleep(0.05)
        assert process.poll() is None, process.communicate()[0]
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert "page" not in json.loads(state.read_text())["stages"]
    built = (out / "data" / "manifest.json").stat().st_mtime_ns

    done = subprocess.run(long, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "data: MMSVG" not in done.stdout, "a finished stage is not done again"
    assert "Epoch" not in done.stdout, "--quiet shows no progress"
    assert (out / "data" / "manifest.json").stat().st_mtime_ns == built
    stages = json.loads(state.read_text())["stages"]
    assert stages["train-full"]["steps"] == 2
    drawings = stages["data"]["drawings"]
    assert drawings["train"] + drawings["val"] > 150 and 15 <= drawings["val"] <= 65
    uncleaned = stages["data-uncleaned"]["drawings"]
    assert uncleaned["train"] > drawings["train"], "the rules of cleaning discard some"
    page = (out / "results.md").read_text()
    assert "without prior initialisation" in page and "0.903" in page and "not run" not in page
    maes = set()
    for row in ("depth_pro", "full", "no_prior", "no_cleaning", "disparity"):
        saved = json.loads((out / "evaluate" / f"{row}-mmsvg.json").read_text())
        assert saved["pictures"] == min(100, drawings["val"])
        assert 0.0 <= saved["mean"]["order"] <= saved["mean"]["order_paper"] <= 1.0
        maes.add(saved["mean"]["mae"])
    assert len(maes) > 1, "rows are of different networks"
    _trainings_differ_as_they_should(out)
    first = torch.load(out / "runs" / "full" / "checkpoints" / "last.ckpt", weights_only=True)
    assert first["global_step"] == 2

    again = subprocess.run(long, check=False, capture_output=True, text=True)
    assert again.returncode == 0 and "train-" not in again.stdout


def _trainings_differ_as_they_should(out: Path) -> None:
    """Each ablation ran on its own data or target, and came to weights of its own."""
    settings = {
        row: json.loads((out / "runs" / row / "config.json").read_text()) for row in ABLATIONS
    }
    assert [s["loss"]["space"] for s in settings.values()] == ["index"] * 3 + ["disparity"]
    data = [Path(s["sources"][0]["path"]).name for s in settings.values()]
    assert data == ["data", "data", "data-uncleaned", "data"]
    assert [s["network"]["prior"] == "none" for s in settings.values()] == [False, True] + 2 * [
        False
    ]
    # Two steps in, the flat predictions lie below both targets on all layers, and the mean distance
    # from either is the same: what disparity changes is tested on the loss itself.
    ends = [last_weights(out / "runs" / row) for row in ABLATIONS if row != "disparity"]
    for number, one in enumerate(ends):
        for other in ends[:number]:
            assert any(not torch.equal(one[name], other[name]) for name in one)


def test_a_dry_run_prints_steps_memory_and_hours_and_writes_nothing(
    mmsvg: Path, weights: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = CliRunner().invoke(app, [*arguments(mmsvg, weights, out), "--dry-run"])
    assert done.exit_code == 0, done.output
    assert "200 drawings" in done.output and "2 steps a training" in done.output
    assert "activations at the peak" in done.output and "hours in all" in done.output
    for stage in ("data-uncleaned", "train-no_cleaning", "evaluate-disparity-mmsvg", "page"):
        assert stage in done.output
    assert not out.exists()


def test_traced_memory_is_that_of_the_tensors() -> None:
    """A chain whose peak can be told by hand, and recomputation that saves what it should."""

    class Chain(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(1))

        def forward(self, rgb: torch.Tensor) -> torch.Tensor:
            return (rgb[:, 0] * self.weight).exp().exp()

    cost = trace_step(Chain, 64, 1, half=False)
    one = 64 * 64 * 4
    assert (cost.weights, cost.gradients, cost.optimizer, cost.buckets) == (4, 4, 8, 0)
    assert 6 * one <= cost.activations <= 24 * one

    def network(checkpointing: bool) -> DepthProNetwork:
        made = DepthProNetwork(DepthProSizes(128, 32, 8, 2, (1, 3), 8, (8, 8, 8), 4).config)
        made.set_checkpointing(checkpointing)
        return made.train()

    saved, kept = (trace_step(lambda on=on: network(on), 512, 8) for on in (True, False))
    assert saved.activations < 0.8 * kept.activations
    assert saved.flop > kept.flop
    assert kept.weights == sum(4 * p.numel() for p in network(True).parameters())


def test_bad_input_is_one_sentence(mmsvg: Path, weights: Path, tmp_path: Path) -> None:
    small = load_config(Path("paper"), {"size": 512, "network": {"sizes": {"image": 128}}})
    assert small.network.sizes.config.image == 512
    out = tmp_path / "out"
    with pytest.raises(InputError, match=r"--mmsvg: there is no \.parquet file in"):
        wanted(tmp_path, weights, out).check(False, 1)
    with pytest.raises(InputError, match=r"depth_pro\.pt does not fit DepthProNetwork"):
        wanted(mmsvg, weights, out).check(False, 1)
    if torch.cuda.device_count() < 8:
        with pytest.raises(UnavailableError, match="--devices 8 needs as many NVIDIA GPUs"):
            wanted(mmsvg, weights, out, devices=8, overrides={}).check(False, 1)
    with pytest.raises(InputError, match="do not divide the paper's batch of 8"):
        wanted(mmsvg, weights, out, devices=3).check(False, 1)
    with pytest.raises(InputError, match="--hosts 2 needs torchrun or SLURM"):
        wanted(mmsvg, weights, out, hosts=2).check(False, 1)
    with pytest.raises(InputError, match="4 processes were started"):
        wanted(mmsvg, weights, out).check(True, 4)
    parquet.write_table(pyarrow.table({"svg": ["no drawing"]}), tmp_path / "a.parquet")
    with pytest.raises(InputError, match="hold SVG text in no column"):
        wanted(tmp_path, weights, out).check(False, 1)
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(InputError, match=r"a\.parquet is not a readable Parquet file"):
        wanted(tmp_path, weights, out).check(False, 1)


def test_a_pack_of_another_version_is_refused(weights: Path, tmp_path: Path) -> None:
    pack = tmp_path / "corpus.pack"
    pack.write_bytes(struct.pack("<8sI4s", b"IDTPACK\n", 99, b"corp") + bytes(64))
    for more in ([], ["--dry-run"]):
        done = CliRunner().invoke(app, [*arguments(pack, weights, tmp_path / "out"), *more])
        assert isinstance(done.exception, InputError) and "version" in str(done.exception)
    assert not (tmp_path / "out").exists()


def test_a_state_of_other_settings_or_another_version_is_refused(tmp_path: Path) -> None:
    state = RunState(tmp_path, {"size": 64})
    state.begin()
    state.finish("data", {"drawings": 3})
    assert RunState(tmp_path, {"size": 64}).facts("data") == {"drawings": 3}
    with pytest.raises(InputError, match=r"other settings \(size 64 -> 128\)"):
        RunState(tmp_path, {"size": 128})
    for text, message in (
        ('{"version": 7, "settings": {}, "stages": {}}', "another version"),
        ("[]", "no state of a reproduction"),
        ("{", "cannot be read"),
    ):
        (tmp_path / "reproduce.json").write_text(text)
        with pytest.raises(InputError, match=message):
            RunState(tmp_path, {"size": 64})


def test_only_the_papers_augmentation_and_sampling() -> None:
    full = load_config(Path("paper"))
    raw = load_config(Path("paper_no_cleaning"))
    ours = full.sources[0].augmentation
    assert (ours.scale, ours.turn, ours.shift, ours.flip, ours.permute) == ((1.0, 1.0), 0, 0, 0, 0)
    assert (ours.grain, ours.jpeg) == (0, 0) and min(ours.jitter, ours.invert, ours.blur) > 0
    assert full.sources[0].sampling == "epochs" and full.sources[0].compose == 0
    assert (full.size, full.optimizer.lr, full.optimizer.encoder_lr, full.clip) == (
        1536, 5e-6, 1e-6, 1.0,
    )  # fmt: skip
    assert raw.sources[0].augmentation == ours and raw.sources[0].path != full.sources[0].path
    with pytest.raises(InputError, match="sampling by epochs needs one built data set"):
        load_config(Path("paper"), {"sources": [{"sampling": "epochs", "compose": 0.5}]})
    with pytest.raises(InputError, match="sampling is one of weighted, epochs, not 'all'"):
        load_config(Path("paper"), {"sources": [{"sampling": "all"}]})
