"""The region stage: flat-colour regions as tokens that reason about their common order.

The dense decoder sees edges; which of two touching shapes is on top, what encloses what and which
sibling comes first are facts about whole regions. Features are pooled over each region, and a
small transformer, given the spatial relation of every pair, corrects each region's mean depth.
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
    """Messages to each region from those it touches, weighted by their share of its boundary.

    Attributes:
        max_neighbors: at most so many send, those with the longest common boundary. 0: all of them,
            whose number has to be fetched from the device. -1: every pair, of which most have
            weight 0.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.max_neighbors = 0
        self.norm = nn.LayerNorm(width)
        self.own = nn.Linear(width, width)
        self.other = nn.Linear(width, width, bias=False)
        self.pair = nn.Linear(PAIR_FEATURES, width, bias=False)
        self.out = nn.Linear(width, width)
        nn.init.zeros_(self.out.weight)

    def forward(self, tokens: Tensor, pairs: Tensor) -> Tensor:
        if self.max_neighbors < 0:
            return self._messages_of_all(tokens, pairs)
        if self.max_neighbors:
            return self._messages_of_nearest(tokens, pairs)
        batch, count, width = tokens.shape
        # Only a few of the R x R pairs touch; the messages of the others have weight 0.
        touching = (pairs[..., 1] > 0).nonzero(as_tuple=True)  # three of (T,): picture, a, b
        offset = touching[0] * count
        receiver, sender = offset + touching[1], offset + touching[2]
        t = self.norm(tokens).flatten(0, 1)  # (B * R, width)
        facts = pairs[touching]  # (T, PAIR_FEATURES)
        hidden = self.own(t).index_select(0, receiver)
        hidden = hidden + self.other(t).index_select(0, sender) + self.pair(facts)
        share = facts[:, 1:2]  # of the receiver's boundary; (T, 1)
        messages = (F.gelu(hidden, approximate="tanh") * share).float()
        received = messages.new_zeros(batch * count, width).index_add(0, receiver, messages)
        out: Tensor = tokens + self.out(received).view(batch, count, width)
        return out

    def _messages_of_all(self, tokens: Tensor, pairs: Tensor) -> Tensor:
        """The same over all R x R pairs, of which most have weight 0."""
        t = self.norm(tokens)
        hidden = self.own(t)[:, :, None] + self.other(t)[:, None] + self.pair(pairs)
        messages = F.gelu(hidden, approximate="tanh") * pairs[..., 1:2]
        out: Tensor = tokens + self.out(messages.float().sum(2))
        return out

    def _messages_of_nearest(self, tokens: Tensor, pairs: Tensor) -> Tensor:
        """The same with a fixed number of senders to each region."""
        batch, count, width = tokens.shape
        senders = min(self.max_neighbors, count)
        share, sender = pairs[..., 1].topk(senders, dim=2)  # (B, R, S)
        facts = pairs.gather(2, sender[..., None].expand(-1, -1, -1, pairs.shape[3]))
        t = self.norm(tokens)
        sent = self.other(t).gather(1, sender.view(batch, -1, 1).expand(-1, -1, width))
        hidden = self.own(t)[:, :, None] + sent.view(batch, count, senders, width)
        hidden = hidden + self.pair(facts)
        messages = F.gelu(hidden, approximate="tanh") * share[..., None]
        out: Tensor = tokens + self.out(messages.float().sum(2))
        return out


class RegionStage(nn.Module):
    """Pooled features and geometry of R regions -> the depth of each region, float32 (B, R).

    A region's depth is the mean of the dense depth over it, plus a correction.
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

    def limit_neighbors(self, max_neighbors: int) -> None:
        """Limit the messages to each region, see `_TouchMessages.max_neighbors`."""
        for messages in self.messages:
            assert isinstance(messages, _TouchMessages)
            messages.max_neighbors = max_neighbors

    def forward(self, fine: Tensor, context: Tensor, dense: Tensor, r: RegionBatch) -> Tensor:
        """Depth of each region.

        Args:
            fine: (B, C, H/4, W/4), features.
            context: (B, D, H/16, W/16), features.
            dense: (B, H, W), depth.
            r: the regions.

        Returns:
            float32 (B, R), in the unit of `dense`; arbitrary on padding.
        """
        grid = r.cover
        # The ring around a region: its 3x3-dilated cover less the cover itself.
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
