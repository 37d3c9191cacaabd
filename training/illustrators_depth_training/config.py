"""A training run as one YAML file; a file may extend another and override parts of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

import yaml

from illustrators_depth.errors import InputError

from .losses import LossWeights
from .module import OptimizerConfig

__all__ = ["NetworkConfig", "SourceConfig", "TrainConfig", "load_config", "read_yaml"]

SHIPPED = Path(__file__).parent / "configs"


@dataclass(frozen=True)
class NetworkConfig:
    """Which network, and what it starts from.

    Attributes:
        kind: "compact" or "depth_pro".
        prior: "imagenet" (compact's encoder), "none", or a checkpoint's path.
        checkpointing: trade time for memory by recomputing activations (depth_pro).
        compile: pass the network through torch.compile.
    """

    kind: str = "compact"
    prior: str = "imagenet"
    checkpointing: bool = False
    compile: bool = False


@dataclass(frozen=True)
class SourceConfig:
    """One source of training samples.

    Attributes:
        kind: "procedural", "lines" (line drawings, made too), or "shards" (a built data set).
        path: of the data set; "~" and environment variables are expanded.
        share: of all samples.
        compose: share of this source's samples that are scenes pasted from several drawings.
        exclude: names of sources (styles) to leave out.
    """

    kind: str = "shards"
    path: str = ""
    share: float = 1.0
    compose: float = 0.0
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrainConfig:
    """Everything about a run except where it writes; the shipped files are commented examples.

    `tokens` > 0 trains the compact network's region stage with at most so many regions a picture, a
    share `segmented` of them found in the picture, as at inference, and the others the true ones;
    `aspect` > 1 shows half of the batches in frames that are wider or taller than square.
    """

    name: str = "run"
    network: NetworkConfig = field(default_factory=NetworkConfig)
    sources: tuple[SourceConfig, ...] = ()
    validation: SourceConfig = field(default_factory=lambda: SourceConfig(kind="procedural"))
    validation_pictures: int = 200
    validate_every: int = 1000
    size: int = 160
    aspect: float = 1.0
    batch: int = 16
    accumulate: int = 1
    workers: int = 1
    tokens: int = 0
    segmented: float = 0.3
    steps: int = 10_000
    seed: int = 0
    loss: LossWeights = field(default_factory=LossWeights)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    clip: float = 1.0
    average: float = 0.999
    precision: str = "auto"
    accelerator: str = "auto"
    devices: int = 1
    nodes: int = 1
    strategy: str = "auto"
    checkpoint_minutes: float = 10.0


def read_yaml(path: Path) -> dict[str, Any]:
    """The file's mapping, on top of the file that its `extends` names."""
    if not path.is_file():
        shipped = SHIPPED / (path.name if path.suffix else f"{path.name}.yaml")
        if not shipped.is_file():
            names = ", ".join(sorted(p.stem for p in SHIPPED.glob("*.yaml")))
            raise InputError(f"There is no config {path}; give a YAML file or one of: {names}.")
        path = shipped
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise InputError(f"{path.name} is not valid YAML: {error}") from error
    if not isinstance(values, dict):
        raise InputError(f"{path.name} must hold a mapping of settings.")
    parent = values.pop("extends", None)
    if parent is None:
        return values
    beside = path.with_name(str(parent))
    return _merge(read_yaml(beside if beside.is_file() else Path(str(parent))), values)


def load_config(path: Path, overrides: Mapping[str, Any] | None = None) -> TrainConfig:
    """Read a config file, apply overrides (nested mapping), and check every name and type."""
    values = _merge(read_yaml(path), dict(overrides or {}))
    config = _build(TrainConfig, values, path.name)
    assert isinstance(config, TrainConfig)
    if not config.sources:
        raise InputError(f"{path.name} names no sources of training samples.")
    return config


def _merge(base: dict[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for key, value in top.items():
        both = isinstance(value, Mapping) and isinstance(out.get(key), Mapping)
        out[key] = _merge(out[key], value) if both else value
    return out


_NESTED: dict[str, type] = {
    "network": NetworkConfig,
    "loss": LossWeights,
    "optimizer": OptimizerConfig,
    "validation": SourceConfig,
}


def _build(kind: type, values: Mapping[str, Any], where: str) -> Any:
    if not isinstance(values, Mapping):
        raise InputError(f"{where}: expected a mapping for {kind.__name__}, got {values!r}.")
    assert is_dataclass(kind)
    known = {f.name: f for f in fields(kind)}
    made: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            raise InputError(
                f"{where}: unknown setting {name!r}; known here: {', '.join(sorted(known))}."
            )
        if name in _NESTED:
            value = _build(_NESTED[name], value, where)
        elif name == "sources":
            value = tuple(_build(SourceConfig, item, where) for item in value)
        elif isinstance(value, list):
            value = tuple(value)
        elif name in ("path", "prior"):
            value = os.path.expandvars(os.path.expanduser(str(value)))  # noqa: PTH111
        made[name] = _checked(name, value, known[name].type, where)
    return kind(**made)


def _checked(name: str, value: Any, annotation: Any, where: str) -> Any:
    """Numbers that YAML reads as text (1e-3) become numbers; any other wrong type fails."""
    wanted = {"float": float, "int": int, "bool": bool, "str": str}.get(str(annotation))
    if wanted is None or isinstance(value, wanted):
        return value
    try:
        if wanted is bool:
            raise ValueError
        return wanted(value)
    except (TypeError, ValueError):
        raise InputError(f"{where}: {name} must be of type {annotation}, not {value!r}.") from None
