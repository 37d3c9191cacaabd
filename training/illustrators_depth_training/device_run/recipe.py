"""What is trained in a few minutes of one device; rates and horizons are counted in samples."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from illustrators_depth.errors import InputError
from illustrators_depth.networks.compact import STRIDE

from ..batched import SampleRecipe
from ..checked_settings import MAX_SEED, chance, check_ranges, file_name, limited
from ..effects import EffectChances
from ..learning.losses import LossWeights
from ..learning.optimizer import OptimizerConfig
from ..samples.shard_source import KindShares

__all__ = ["RECIPES", "DeviceRecipe"]


@dataclass(frozen=True)
class DeviceRecipe:
    """A time-boxed run on one device.

    Attributes:
        network: "compact", or "teacher", which is a dozen times as large and has no use but to
            teach.
        prior: weights to start from, or "none"; those that ship are training/weights/*.safetensors.
        teacher: a teacher's checkpoint to learn from, or "none". It sees samples at twice `size`.
        size, tokens, compose, segmented, effects: see `batched.SampleRecipe`.
        kinds: shares of the kinds of drawings.
        batch: samples a step; halved where they do not fit the device's memory.
        seed: of the samples.
        loss, optimizer: as for other runs. The rates are those for batches of `rated_batch`, and
            change with the root of the batch; `warmup` and `schedule` are left to the following.
        warmup_samples: of linear warm-up; at most a tenth of the run.
        anneal_share: the last part of a run, in which the rate falls to zero along a cosine.
        clip: largest norm of the gradients.
        average_samples: the horizon of the averaged weights.
        precision: "auto" (bfloat16 where the device is fast at it), "bf16" or "fp32".
        compile: pass the step through torch.compile; where that fails it is done without.
        checkpoint_minutes: between saved states.
    """

    network: str = "compact"
    prior: str = file_name("none")
    teacher: str = file_name("none")
    size: int = limited(192, 16, 8192)
    tokens: int = limited(64, 1, 4096)
    compose: float = chance(0.2)
    segmented: float = chance(0.6)
    kinds: KindShares = field(default_factory=KindShares)
    effects: EffectChances = field(default_factory=EffectChances)
    batch: int = limited(256, 1)
    seed: int = limited(0, 0, MAX_SEED)
    loss: LossWeights = field(default_factory=LossWeights)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    rated_batch: int = limited(256, 1)
    warmup_samples: int = limited(25_600, 0)
    anneal_share: float = chance(0.4)
    clip: float = limited(1.0, 0)
    average_samples: int = limited(100_000, 1)
    precision: str = "auto"
    compile: bool = False
    checkpoint_minutes: float = limited(2.0, 1e-6)

    def __post_init__(self) -> None:
        check_ranges(self)
        if self.size % STRIDE or self.size < STRIDE:
            raise InputError(f"size must be a multiple of {STRIDE}, not {self.size}.")
        if self.network not in ("compact", "teacher"):
            raise InputError(f"network must be compact or teacher, not {self.network!r}.")
        if self.precision not in ("auto", "bf16", "fp32"):
            raise InputError(f"precision must be auto, bf16 or fp32, not {self.precision!r}.")

    @property
    def samples(self) -> SampleRecipe:
        """What the samples are like; twice as large where a teacher looks at them, too."""
        size = self.size * 2 if self.teacher != "none" else self.size
        return SampleRecipe(size, self.tokens, self.compose, self.segmented, self.effects)

    @property
    def rate_share(self) -> float:
        """The learning rate for this batch over that for `rated_batch`."""
        return math.sqrt(self.batch / self.rated_batch)

    @property
    def average_decay(self) -> float:
        """What a step leaves of the averaged weights."""
        return math.exp(-self.batch / self.average_samples)

    def rate_factor(self, step: int, steps: int) -> float:
        """The share of the peak learning rate at `step` of `steps`: up, level, down."""
        warmup = max(1.0, min(self.warmup_samples / self.batch, 0.1 * steps))
        rise = min(1.0, (step + 1) / warmup)
        done = (step - (1 - self.anneal_share) * steps) / max(1.0, self.anneal_share * steps)
        return rise * 0.5 * (1 + math.cos(math.pi * min(1.0, max(0.0, done))))


_KINDS = KindShares(
    illustration=0.32, emoji=0.33, icons=0.14, themes=0.14, avatars=0.06, flags=0.01
)
_EFFECTS = EffectChances(
    backdrop=0.25, shade=0.25, grain=0.15, wobble=0.06, surface=0.2, files=0.15
)
_LOSS = LossWeights(region=0.5, rank=1.0, touch=1.0, clamp=8.0)

RECIPES = {
    "compact-gpu": DeviceRecipe(
        kinds=_KINDS,
        effects=_EFFECTS,
        loss=_LOSS,
        optimizer=OptimizerConfig("muon", lr=1.5e-3, encoder_lr=7e-4),
    ),
    "teacher-gpu": DeviceRecipe(
        network="teacher",
        kinds=_KINDS,
        effects=_EFFECTS,
        loss=_LOSS,
        size=384,
        tokens=96,
        batch=64,
        rated_batch=64,
        warmup_samples=12_800,
        average_samples=40_000,
        optimizer=OptimizerConfig("muon", lr=1e-3, encoder_lr=1e-3),
    ),
}
