"""The region stage: flat-colour regions as tokens that reason about their common order.

The dense decoder sees edges; which of two touching shapes is on top, what encloses what and which
sibling comes first are facts about whole regions. Features are pooled over each region, and a
small transformer, told how every pair of regions lies to each other, corrects the region's mean.
Trained end to end with the dense network; names and shapes of its tensors are those of the weights
that ship.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..regions.region_inputs import PAIR_FEATURES, REGION_FEATURES
from .blocks import TransformerLayer

__all__ = ["RegionBatch", "RegionStage"]


@dataclass
class RegionBatch:
    """Region inputs of a batch, padded to R tokens; see `region_inputs.RegionInputs`.

    Attributes:
        cover: float32 (B, R, H/4, W/4).
        features: float32 (B, R, REGION_FEATURES).
        pairs: float32 (B, R, R, PAIR_FEATURES).
        real: bool (B, R), False on padding; None when nothing is padded.
    """

    cover: Tensor
    features: Tensor
    pairs: Tensor
    real: Tensor | None = None


class _TouchMessages(nn.Module):
    """Each region hears from those it touches, weighted by their share of its boundary.

    Attributes:
        most_neighbors: at most so many speak, those of the longest boundary; 0: all of them, for
            which the device must be asked how many there are; -1: every pair, heard or not.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.most_neighbors = 0
        self.norm = nn.LayerNorm(width)
        self.own = nn.Linear(width, width)
        self.other = nn.Linear(width, width, bias=False)
        self.pair = nn.Linear(PAIR_FEATURES, width, bias=False)
        self.out = nn.Linear(width, width)
        nn.init.zeros_(self.out.weight)

    def forward(self, tokens: Tensor, pairs: Tensor) -> Tensor:
        if self.most_neighbors < 0:
            return self._heard_from_all(tokens, pairs)
        if self.most_neighbors:
            return self._heard_from_nearest(tokens, pairs)
        batch, count, width = tokens.shape
        # Of R x R pairs only some 3 R touch, and the others' messages weigh nothing.
        touching = (pairs[..., 1] > 0).nonzero(as_tuple=True)  # three of (T,): picture, a, b
        at = touching[0] * count
        hearer, speaker = at + touching[1], at + touching[2]
        t = self.norm(tokens).flatten(0, 1)  # (B * R, width)
        facts = pairs[touching]  # (T, PAIR_FEATURES)
        meeting = self.own(t).index_select(0, hearer)
        meeting = meeting + self.other(t).index_select(0, speaker) + self.pair(facts)
        share = facts[:, 1:2]  # of the hearer's own boundary; (T, 1)
        messages = (F.gelu(meeting, approximate="tanh") * share).float()
        heard = messages.new_zeros(batch * count, width).index_add(0, hearer, messages)
        out: Tensor = tokens + self.out(heard).view(batch, count, width)
        return out

    def _heard_from_all(self, tokens: Tensor, pairs: Tensor) -> Tensor:
        """The same over all R x R pairs, of which most weigh nothing."""
        t = self.norm(tokens)
        meeting = self.own(t)[:, :, None] + self.other(t)[:, None] + self.pair(pairs)
        messages = F.gelu(meeting, approximate="tanh") * pairs[..., 1:2]
        out: Tensor = tokens + self.out(messages.float().sum(2))
        return out

    def _heard_from_nearest(self, tokens: Tensor, pairs: Tensor) -> Tensor:
        """The same with a fixed number of speakers for each region."""
        batch, count, width = tokens.shape
        speakers = min(self.most_neighbors, count)
        share, speaker = pairs[..., 1].topk(speakers, dim=2)  # (B, R, S)
        facts = pairs.gather(2, speaker[..., None].expand(-1, -1, -1, pairs.shape[3]))
        t = self.norm(tokens)
        said = self.other(t).gather(1, speaker.view(batch, -1, 1).expand(-1, -1, width))
        meeting = self.own(t)[:, :, None] + said.view(batch, count, speakers, width)
        meeting = meeting + self.pair(facts)
        messages = F.gelu(meeting, approximate="tanh") * share[..., None]
        out: Tensor = tokens + self.out(messages.float().sum(2))
        return out


class RegionStage(nn.Module):
    """Pooled features and geometry of R regions -> the depth of each region, float32 (B, R).

    It is the mean of the dense depth over the region, corrected.
    """

    def __init__(
        self, fine: int, context: int, width: int = 128, layers: int = 3, heads: int = 4
    ) -> None:
        super().__init__()
        self.from_fine = nn.Linear(fine, width)
        self.from_ring = nn.Linear(fine, width, bias=False)
        self.from_context = nn.Linear(context, width, bias=False)
        self.from_features = nn.Sequential(
            nn.Linear(REGION_FEATURES, width), nn.GELU(approximate="tanh"), nn.Linear(width, width)
        )
        self.pair_bias = nn.Sequential(
            nn.Linear(PAIR_FEATURES, 24), nn.GELU(approximate="tanh"), nn.Linear(24, layers * heads)
        )
        self.messages = nn.ModuleList(_TouchMessages(width) for _ in range(2))
        self.layers = nn.ModuleList(TransformerLayer(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def limit_neighbors(self, most: int) -> None:
        """Let each region hear at most so many, see `_TouchMessages.most_neighbors`."""
        for messages in self.messages:
            assert isinstance(messages, _TouchMessages)
            messages.most_neighbors = most

    def forward(self, fine: Tensor, context: Tensor, dense: Tensor, r: RegionBatch) -> Tensor:
        """Depth of each region.

        Args:
            fine: (B, C, H/4, W/4). context: (B, D, H/16, W/16). dense: (B, H, W) depth.
            r: the regions.

        Returns:
            float32 (B, R), in layers as `dense` is; on padding it means nothing.
        """
        grid = r.cover
        # What lies around a region: its 3x3-dilated cover less itself.
        around = F.avg_pool2d(grid, 3, stride=1, padding=1) * 9.0
        around = (around.clamp(max=1.0) - grid).clamp_min(0.0)
        coarse = F.avg_pool2d(grid, 4)  # (B, R, H/16, W/16)
        pooled = _pool(grid, fine)
        ring = _pool(around, fine)
        wide = _pool(coarse, context)
        level = _pool(grid, F.avg_pool2d(dense[:, None], 4))[..., 0]  # (B, R) mean dense depth
        tokens = (
            self.from_fine(pooled)
            + self.from_ring(ring)
            + self.from_context(wide)
            + self.from_features(r.features)
        )  # (B, R, width)
        bias = self.pair_bias(r.pairs).permute(0, 3, 1, 2)  # (B, layers * heads, R, R)
        if r.real is not None:
            bias = bias.masked_fill(~r.real[:, None, None, :], -1e4)
        per_layer = bias.chunk(len(self.layers), dim=1)
        tokens = self.messages[0](tokens, r.pairs)
        for number, layer in enumerate(self.layers):
            tokens = layer(tokens, per_layer[number])
            if number == 0:
                tokens = self.messages[1](tokens, r.pairs)
        correction: Tensor = self.head(self.norm(tokens))[..., 0]
        return level + correction.float()


def _pool(weights: Tensor, maps: Tensor) -> Tensor:
    """Weighted means of maps (B, C, h, w) over R weight maps (B, R, h, w): (B, R, C)."""
    w = weights.flatten(2)
    total = w.sum(dim=2, keepdim=True).clamp_min(1e-3)
    return torch.matmul(w, maps.flatten(2).transpose(1, 2).to(w.dtype)) / total
