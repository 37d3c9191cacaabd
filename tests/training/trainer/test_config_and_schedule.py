"""Run configs: inheritance, checks, every shipped file; and the learning rate they describe."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from illustrators_depth.errors import InputError
from illustrators_depth_training.cli.train import yaml_overrides
from illustrators_depth_training.trainer.config import SHIPPED, load_config
from illustrators_depth_training.trainer.lightning_trainer import make_trainer
from illustrators_depth_training.trainer.module import OptimizerConfig, learning_rate_factor

RUNS = sorted(
    path.stem
    for path in SHIPPED.glob("*.yaml")
    if {"network", "extends"} & set(yaml.safe_load(path.read_text()))
)


@pytest.mark.parametrize("name", RUNS)
def test_every_shipped_run_loads(name: str) -> None:
    assert load_config(Path(name)).sources


def test_ablations_differ_from_the_full_run_in_one_thing_only() -> None:
    full = load_config(Path("ablation_full"))
    prior = load_config(Path("ablation_no_prior"))
    space = load_config(Path("ablation_disparity"))
    raw = load_config(Path("ablation_no_cleaning"))
    for other in (prior, space, raw):
        assert (other.steps, other.batch, other.size, other.seed, other.optimizer) == (
            full.steps, full.batch, full.size, full.seed, full.optimizer,
        )  # fmt: skip
    assert prior.network.prior == "none" and full.network.prior == "imagenet"
    assert space.loss.space == "disparity" and full.loss.space == "index"
    assert raw.sources[0].path != full.sources[0].path
    assert raw.validation == full.validation == prior.validation


def test_child_overrides_and_keeps(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("sources: [{kind: procedural}]\nsize: 64\nloss: {rank: 2}\n")
    (tmp_path / "b.yaml").write_text("extends: a.yaml\nloss: {touch: 3}\noptimizer: {lr: 1e-3}\n")
    config = load_config(tmp_path / "b.yaml", {"batch": 5})
    assert (config.size, config.batch) == (64, 5)
    assert (config.loss.rank, config.loss.touch) == (2.0, 3.0)
    assert config.optimizer.lr == 1e-3  # YAML reads 1e-3 as text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sources: [{kind: procedural}]\nsteps: many\n", "steps must be of type int"),
        ("sources: [{kind: procedural}]\nloss: {ranks: 1}\n", "unknown setting 'ranks'"),
        ("sources: [{kind: procedural}]\nloss: {space: log}\n", "index or disparity"),
        ("size: 64\n", "names no sources"),
        ("sources: [{kind: procedural, share: 0}]\n", "names no sources"),
        ("sources: procedural\n", "sources must be a list, not 'procedural'"),
        ("sources: [{kind: procedural}]\nbatch: 0\n", "batch must be a number at least 1, not 0"),
        ("sources: [{kind: procedural}]\nbatch: 1.5\n", "batch must be of type int, not 1.5"),
        ("sources: [{kind: procedural}]\nseed: -1\n", "seed must be a number from 0"),
        ("sources: [{kind: procedural}]\noptimizer: {lr: .nan}\n", "lr must be a number"),
        ("sources: [{kind: procedural}]\noptimizer: {schedule: cosin}\n", "cosine or trapezoid"),
        ("sources: [{kind: procedural}]\noptimizer: {betas: 0.9}\n", "betas must be tuple"),
        ("extends: depth_pro\nsize: 768\n", "squares of 1536 pixels"),
        ("extends: bad.yaml\n", "break the circle"),
        ("sources: " + "[" * 5000, "not valid YAML"),
        # Ten names of ten copies each: 10**9 words, were the value ever written out.
        (
            "a0: &a0 [x]\n"
            + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 10))
            + "name: *a9\n",
            "unknown setting 'a0'",
        ),
        (
            "name: &a0 x\noptimizer: {kind: ["
            + "&a1 [*a0, *a0], "
            + "".join(f"&a{i} [{', '.join([f'*a{i - 1}'] * 10)}], " for i in range(2, 11))
            + "*a10]}\n",
            "kind must be of type str",
        ),
        ("sources: [", "not valid YAML"),
        ("- a\n- b\n", "must hold a mapping"),
    ],
)
def test_mistakes_are_one_sentence(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        load_config(path)


def test_set_is_read_as_yaml_and_its_mistakes_are_one_sentence() -> None:
    got = yaml_overrides(["batch=8", "optimizer.lr=1e-4", "optimizer.kind=muon", "name=a b=c"])
    assert got == {"batch": 8, "optimizer": {"lr": "1e-4", "kind": "muon"}, "name": "a b=c"}
    for items, said in (
        (["batch"], "must look like name=value"),
        (["loss={mae: 1"], "is not valid YAML"),
        (["loss=1", "loss.mae=1"], "goes into loss"),
        (["name=2020-13-45"], "month must be in 1..12"),
    ):
        with pytest.raises(InputError, match=said):
            yaml_overrides(items)


def test_what_lightning_refuses_is_one_sentence(tmp_path: Path) -> None:
    for setting in ({"accelerator": "warp"}, {"strategy": "dpp"}, {"precision": "bf61"}):
        config = load_config(Path("procedural"), setting)
        with pytest.raises(InputError, match=r"^Lightning refuses .*\S$"):
            make_trainer(config, tmp_path, quiet=True)


def test_unknown_config_lists_the_shipped_ones() -> None:
    with pytest.raises(InputError, match=r"compact.*depth_pro"):
        load_config(Path("kompakt"))


def test_cosine_rises_and_falls_to_zero() -> None:
    config = OptimizerConfig(warmup=10, schedule="cosine")
    factors = [learning_rate_factor(step, 100, config) for step in range(101)]
    assert factors[0] == pytest.approx(0.1)
    assert max(factors) == factors[10] == 1.0
    assert factors[100] == pytest.approx(0.0)
    assert all(a >= b for a, b in pairwise(factors[10:]))


def test_trapezoid_stays_up_until_it_is_told_to_fall() -> None:
    config = OptimizerConfig(warmup=10, schedule="trapezoid", decay_from=60, floor=0.1)
    assert learning_rate_factor(59, 100, config) == 1.0
    assert 0.1 < learning_rate_factor(80, 100, config) < 1.0
    assert learning_rate_factor(100, 100, config) == pytest.approx(0.1)
