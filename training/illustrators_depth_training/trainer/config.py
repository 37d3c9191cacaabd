"""A training run as one YAML file; a file may extend another and override parts of it."""

from __future__ import annotations

import math
import os
import reprlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

from illustrators_depth.errors import InputError

from ..effects import EffectChances
from ..learning.losses import LossWeights
from ..learning.optimizer import OptimizerConfig
from ..network_config import DepthProSizes, NetworkConfig
from ..samples.augment import Augmentation
from ..samples.shard_source import KindShares

__all__ = [
    "SAMPLINGS",
    "SourceConfig",
    "TrainConfig",
    "build_settings",
    "load_config",
    "read_yaml",
]

SHIPPED = Path(__file__).parents[1] / "configs"
_MAX_EXTENDS = 20  # files that extend one another
SAMPLINGS = ("weighted", "epochs")

# Least and greatest value of every number, by name; what has no entry may be anything finite.
_RANGES: dict[str, tuple[float, float]] = {
    "validation_pictures": (1, math.inf),
    "validate_every": (1, math.inf),
    "size": (16, 8192),
    "aspect": (1, 8),
    "batch": (1, math.inf),
    "accumulate": (1, math.inf),
    "workers": (0, 1024),
    "tokens": (0, 4096),
    "segmented": (0, 1),
    "steps": (1, math.inf),
    "seed": (0, 2**32 - 1),
    "clip": (0, math.inf),
    "average": (0, 1),
    "nodes": (1, math.inf),
    "checkpoint_minutes": (1e-6, math.inf),
    "rated_batch": (1, math.inf),
    "warmup_samples": (0, math.inf),
    "anneal_share": (0, 1),
    "average_samples": (1, math.inf),
    "share": (0, math.inf),
    "compose": (0, 1),
    "lr": (0, math.inf),
    "encoder_lr": (0, math.inf),
    "weight_decay": (0, math.inf),
    "warmup": (0, math.inf),
    "floor": (0, 1),
    "free": (0, 1),
    **{f.name: (0, math.inf) for f in fields(KindShares)},
    **{f.name: (0, 1) for f in fields(EffectChances)},
    **dict.fromkeys(("flip", "invert", "blur", "permute", "jitter", "grain", "jpeg"), (0, 1)),
    **dict.fromkeys(("turn", "shift"), (0, math.inf)),
    "scale": (1e-3, 1e3),
    **dict.fromkeys(("image", "width", "depth", "heads", "fine", "levels", "last"), (1, 65536)),
    "hooks": (0, 65536),
}


@dataclass(frozen=True)
class SourceConfig:
    """One source of training samples.

    Attributes:
        kind: "procedural", "lines", "crowd", "charts" or "materials" (made up), or "shards" (a
            built data set).
        path: of the data set; "~" and environment variables are expanded.
        share: of all samples.
        compose: share of this source's samples that are scenes pasted from several drawings.
        exclude: names of sources (styles) to leave out.
        kinds: shares of the kinds of drawings.
        effects: chances of shading, textures, backdrops and the like.
        augmentation: ranges and chances of placing, colour and blur ("shards").
        sampling: "weighted" (deep stacks more often), or "epochs": every drawing once in each pass
            over the data set, in a new order, as in the paper; then it must be the only source.
    """

    kind: str = "shards"
    path: str = ""
    share: float = 1.0
    compose: float = 0.0
    exclude: tuple[str, ...] = ()
    kinds: KindShares = field(default_factory=KindShares)
    effects: EffectChances = field(default_factory=EffectChances)
    augmentation: Augmentation = field(default_factory=Augmentation)
    sampling: str = "weighted"


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


def read_yaml(path: Path, _above: int = 0) -> dict[str, Any]:
    """The file's mapping, on top of the file that its `extends` names."""
    import yaml  # recipes that are made in code do without

    if not path.is_file():
        shipped = SHIPPED / (path.name if path.suffix else f"{path.name}.yaml")
        if not shipped.is_file():
            names = ", ".join(sorted(p.stem for p in SHIPPED.glob("*.yaml")))
            raise InputError(f"There is no config {path}; give a YAML file or one of: {names}.")
        path = shipped
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path.name} is not valid YAML: {error}") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from error
    if not isinstance(values, dict):
        raise InputError(f"{path.name} must hold a mapping of settings.")
    parent = values.pop("extends", None)
    if parent is None:
        return values
    if _above >= _MAX_EXTENDS:
        raise InputError(f"{path.name} extends files that extend it in turn; break the circle.")
    beside = path.with_name(str(parent))
    base = beside if beside.is_file() else Path(str(parent))
    return _merge(read_yaml(base, _above + 1), values)


def load_config(path: Path, overrides: Mapping[str, Any] | None = None) -> TrainConfig:
    """Read a config file, apply overrides (nested mapping), and check every name and type."""
    values = _merge(read_yaml(path), dict(overrides or {}))
    config = _build(TrainConfig, values, path.name)
    assert isinstance(config, TrainConfig)
    if not sum(source.share for source in config.sources):
        raise InputError(f"{path.name} names no sources of training samples.")
    side = config.network.sizes.config.image
    if config.network.kind == "depth_pro" and (
        config.size != side or config.aspect != 1 or config.tokens
    ):
        raise InputError(
            f"{path.name}: Depth Pro sees squares of {side} pixels and has no "
            "region stage; leave size, aspect and tokens as in depth_pro.yaml."
        )
    _check_sampling(config.sources, path.name)
    return config


def _check_sampling(sources: tuple[SourceConfig, ...], where: str) -> None:
    for source in sources:
        if source.sampling not in SAMPLINGS:
            raise InputError(
                f"{where}: sampling is one of {', '.join(SAMPLINGS)}, not {source.sampling!r}."
            )
        if source.sampling == "epochs" and (
            len(sources) > 1 or source.kind != "shards" or source.compose
        ):
            raise InputError(
                f"{where}: sampling by epochs needs one built data set as the only source, without "
                "composed scenes."
            )


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
    "kinds": KindShares,
    "effects": EffectChances,
    "augmentation": Augmentation,
    "sizes": DepthProSizes,
}


def _build(kind: type, values: Mapping[str, Any], where: str) -> Any:
    if not isinstance(values, Mapping):
        raise InputError(
            f"{where}: expected a mapping for {kind.__name__}, got {reprlib.repr(values)}."
        )
    assert is_dataclass(kind)
    known = {f.name: f for f in fields(kind)}
    made: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            raise InputError(
                f"{where}: unknown setting {name!r}; known here: {', '.join(sorted(known))}."
            )
        if name in _NESTED and str(known[name].type) not in _SCALARS:
            value = _build(_NESTED[name], value, where)
        elif name == "sources":
            if not isinstance(value, list):
                raise InputError(f"{where}: sources must be a list, not {reprlib.repr(value)}.")
            value = tuple(_build(SourceConfig, item, where) for item in value)
        else:
            value = _checked(name, value, str(known[name].type), where)
            if name in ("path", "prior", "teacher"):
                value = os.path.expandvars(os.path.expanduser(value))  # noqa: PTH111
        made[name] = value
    return kind(**made)


def build_settings(base: Any, overrides: Mapping[str, Any], where: str) -> Any:
    """Settings (a dataclass) with some changed, each checked; `where` is said in errors."""
    return _build(type(base), _merge(asdict(base), overrides), where)


_SCALARS: dict[str, type] = {"float": float, "int": int, "bool": bool, "str": str}


def _checked(name: str, value: Any, annotation: str, where: str) -> Any:
    """Numbers that YAML reads as text (1e-3) become numbers; wrong types and values fail."""
    if annotation.startswith("tuple"):
        kind = next((k for k in ("float", "int") if k in annotation), "str")
        few = annotation.count(",") if kind != "str" else 0  # at least
        if isinstance(value, list | tuple) and len(value) > few:
            return tuple(_checked(name, item, kind, where) for item in value)
        raise InputError(f"{where}: {name} must be {annotation}, not {reprlib.repr(value)}.")
    wanted = _SCALARS[annotation]
    wrong = wanted is bool or not isinstance(value, str | int | float)
    try:
        made: Any = value if isinstance(value, wanted) else None if wrong else wanted(value)
        if made is None or (wanted is int and made != float(value)):
            raise ValueError
    except (ValueError, OverflowError):
        shown = reprlib.repr(value)
        raise InputError(f"{where}: {name} must be of type {annotation}, not {shown}.") from None
    if wanted in (int, float):
        low, high = _RANGES.get(name, (-math.inf, math.inf))
        if not (math.isfinite(made) and low <= made <= high):
            span = f"at least {low:g}" if math.isinf(high) else f"from {low:g} to {high:g}"
            raise InputError(f"{where}: {name} must be a number {span}, not {made}.")
    return made
