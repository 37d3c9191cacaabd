"""Which network is trained, from what it starts, and the sizes of Depth Pro."""

from __future__ import annotations

from dataclasses import dataclass, field

from illustrators_depth.errors import InputError
from illustrators_depth.networks.depth_pro import DepthProConfig
from illustrators_depth.networks.vit import VitConfig

from .checked_settings import file_name, limited

__all__ = ["DepthProSizes", "NetworkConfig"]

MAX_SIZE = 65536


@dataclass(frozen=True)
class DepthProSizes:
    """Sizes of Depth Pro; the defaults are the public network's, others are for trials.

    The picture has 4 x `image` pixels a side. See `networks.depth_pro.DepthProConfig`.
    """

    image: int = limited(384, 1, MAX_SIZE)
    width: int = limited(1024, 1, MAX_SIZE)
    depth: int = limited(24, 1, MAX_SIZE)
    heads: int = limited(16, 1, MAX_SIZE)
    hooks: tuple[int, int] = limited((5, 11), 0, MAX_SIZE)
    fine: int = limited(256, 1, MAX_SIZE)
    levels: tuple[int, int, int] = limited((512, 1024, 1024), 1, MAX_SIZE)
    last: int = limited(32, 1, MAX_SIZE)

    def __post_init__(self) -> None:
        patch = VitConfig().patch
        if self.image % (8 * patch) or self.width % self.heads or max(self.hooks) >= self.depth:
            raise InputError(
                f"network.sizes: image must be a multiple of {8 * patch}, width one of heads, and "
                "hooks must be below depth."
            )

    @property
    def config(self) -> DepthProConfig:
        """The network's own configuration."""
        vit = VitConfig(self.image, VitConfig().patch, self.width, self.depth, self.heads)
        return DepthProConfig(vit, self.hooks, self.fine, self.levels, self.last)


@dataclass(frozen=True)
class NetworkConfig:
    """Which network, and what it starts from.

    Attributes:
        kind: "compact" or "depth_pro".
        prior: "imagenet" (compact's encoder), "none", or a checkpoint's path.
        checkpointing: trade time for memory by recomputing activations (depth_pro).
        compile: pass the network through torch.compile.
        sizes: of Depth Pro, for trials.
    """

    kind: str = "compact"
    prior: str = file_name("imagenet")
    checkpointing: bool = False
    compile: bool = False
    sizes: DepthProSizes = field(default_factory=DepthProSizes)
