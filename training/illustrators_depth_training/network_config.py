"""Which network is trained, from what it starts, and the sizes of Depth Pro."""

from __future__ import annotations

from dataclasses import dataclass, field

from illustrators_depth.errors import InputError
from illustrators_depth.networks.depth_pro import DepthProConfig
from illustrators_depth.networks.vit import VitConfig

__all__ = ["DepthProSizes", "NetworkConfig"]


@dataclass(frozen=True)
class DepthProSizes:
    """Sizes of Depth Pro; the defaults are the public network's, others are for trials.

    The picture has 4 x `image` pixels a side. See `networks.depth_pro.DepthProConfig`.
    """

    image: int = 384
    width: int = 1024
    depth: int = 24
    heads: int = 16
    hooks: tuple[int, int] = (5, 11)
    fine: int = 256
    levels: tuple[int, int, int] = (512, 1024, 1024)
    last: int = 32

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
    prior: str = "imagenet"
    checkpointing: bool = False
    compile: bool = False
    sizes: DepthProSizes = field(default_factory=DepthProSizes)
