"""The border network: which of two touching regions lies above, from what lies along their border.

Local evidence looks alike in every style: whose outline continues past a junction, which side
bulges, where a third shape is cut off. The network sees small crops around one border and a few
numbers, never the whole picture, so it learns from few drawings and generalises to other styles.
It is antisymmetric by construction: exchanging the two regions changes the sign of the answer.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..borders.crops import FEATURES

__all__ = ["BorderNetwork"]

_SWAPPED = (0, 1, 2, 4, 3)  # channels with the two regions' masks exchanged


class _Encoder(nn.Module):
    """Strided convolutions over a crop, then mean and maximum: (N, 5, S, S) -> (N, 2 out)."""

    def __init__(self, widths: tuple[int, ...], out: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 5
        for width in widths:
            layers += [
                nn.Conv2d(channels, width, 3, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(),
            ]
            channels = width
        layers += [
            nn.Conv2d(channels, out, 3, padding=1, bias=False),
            nn.BatchNorm2d(out),
            nn.ReLU(),
        ]
        self.layers = nn.Sequential(*layers)

    def forward(self, crop: Tensor) -> Tensor:
        maps = self.layers(crop)
        return torch.cat([maps.mean(dim=(2, 3)), maps.amax(dim=(2, 3))], dim=1)


class BorderNetwork(nn.Module):
    """Log odds that the first region of each pair lies above the second.

    Args:
        widths: channels of the strided stages; the last stage keeps its resolution.
        width: channels of an encoder's maps; it gives twice as many numbers for a crop.
    """

    def __init__(self, widths: tuple[int, ...] = (24, 48, 64), width: int = 96) -> None:
        super().__init__()
        self.context = _Encoder(widths, width)
        self.ends = _Encoder(widths, width)
        self.features = nn.Sequential(nn.Linear(FEATURES, 48), nn.ReLU())
        self.head = nn.Sequential(
            nn.Linear(2 * width + 4 * width + 48, 128), nn.ReLU(), nn.Linear(128, 1)
        )

    def forward(self, context: Tensor, ends: Tensor, features: Tensor) -> Tensor:
        """Log odds (P,).

        Args:
            context: (P, 5, S, S), 0..1.
            ends: (P, 2, 5, E, E), 0..1.
            features: (P, 2, FEATURES).
        """
        swapped = list(_SWAPPED)
        contexts = torch.cat([context, context[:, swapped]])
        both_ends = torch.cat([ends, ends[:, :, swapped]])
        numbers = torch.cat([features[:, 0], features[:, 1]])
        values = self._one_sided(contexts - 0.5, both_ends - 0.5, numbers)
        sides = values.unflatten(0, (2, -1))
        return sides[0] - sides[1]

    def _one_sided(self, context: Tensor, ends: Tensor, features: Tensor) -> Tensor:
        """How much speaks for the first region of each pair to lie above, (P,)."""
        end_features = self.ends(ends.flatten(0, 1)).unflatten(0, (-1, 2))
        # The two ends have no order: their mean and maximum are the same either way.
        encoded = [self.context(context), end_features.mean(dim=1), end_features.amax(dim=1)]
        value: Tensor = self.head(torch.cat([*encoded, self.features(features)], dim=1))[:, 0]
        return value

    def loss(self, logits: Tensor, above: Tensor, weight: Tensor) -> Tensor:
        """Weighted logistic loss; `above` is 1 where the first region lies above, else 0."""
        each = F.binary_cross_entropy_with_logits(logits, above, reduction="none")
        return (each * weight).sum() / weight.sum().clamp_min(1e-6)
