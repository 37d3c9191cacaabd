"""A training run as one YAML file; a file may extend another and override parts of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from illustrators_depth.errors import InputError

from ..checked_settings import MAX_SEED, chance, file_name, limited, merge, settings_from
from ..effects import EffectChances
from ..learning.losses import LossWeights
from ..learning.optimizer import OptimizerConfig
from ..network_config import NetworkConfig
from ..samples.augment import Augmentation
from ..samples.shard_source import KindShares

__all__ = [
    "SAMPLINGS",
    "SourceConfig",
    "TrainConfig",
    "load_config",
    "read_yaml",
]

SHIPPED = Path(__file__).parents[1] / "configs"
_MAX_EXTENDS = 20  # files that extend one another
SAMPLINGS = ("weighted", "epochs")


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
    path: str = file_name("")
    share: float = limited(1.0, 0)
    compose: float = chance(0.0)
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
    validation_pictures: int = limited(200, 1)
    validate_every: int = limited(1000, 1)
    size: int = limited(160, 16, 8192)
    aspect: float = limited(1.0, 1, 8)
    batch: int = limited(16, 1)
    accumulate: int = limited(1, 1)
    workers: int = limited(1, 0, 1024)
    tokens: int = limited(0, 0, 4096)
    segmented: float = chance(0.3)
    steps: int = limited(10_000, 1)
    seed: int = limited(0, 0, MAX_SEED)
    loss: LossWeights = field(default_factory=LossWeights)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    clip: float = limited(1.0, 0)
    average: float = chance(0.999)
    precision: str = "auto"
    accelerator: str = "auto"
    devices: int = 1
    nodes: int = limited(1, 1)
    strategy: str = "auto"
    checkpoint_minutes: float = limited(10.0, 1e-6)


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
    return merge(read_yaml(base, _above + 1), values)


def load_config(path: Path, overrides: Mapping[str, Any] | None = None) -> TrainConfig:
    """Read a config file, apply overrides (nested mapping), and check every name and type."""
    values = merge(read_yaml(path), dict(overrides or {}))
    config = settings_from(TrainConfig, values, path.name)
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
