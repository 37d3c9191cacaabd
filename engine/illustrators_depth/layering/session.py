"""Takes one picture apart again and again, as settings change, without starting over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..blas_memory import reserve_blas_memory
from ..errors import InputError, check_depth_shape
from ..progress import Progress, no_progress
from ..regions import FlatRegions, flat_regions, opaque_mask, region_medians
from ..regions.denoise import denoise
from ..settings import CompleteSettings, DecomposeSettings
from ..types import DepthMap, Image, LayerStack
from .build import LayerCache, build_stack
from .compositing.quantize import in_eight_bits
from .discretize.bins import bin_labels
from .discretize.clusters import cluster_labels
from .discretize.line_art import ink_labels

__all__ = ["LayerSession"]

# Flat art: at least this share of pixels lies in a flat neighbourhood ...
_FLAT_SHARE = 0.7
# ... and there are at most this many regions, of the size that `min_region` allows.
_MAX_REGIONS = 600


class LayerSession:
    """Keeps the steps between a picture and its layers; `decompose` redoes only what changed.

    Args:
        picture: the picture.
        depth: its depth map, of the same size.
        eight_bit: give layers whose pixels are in 8 bits, which is what textures and PNGs hold;
            with exact colours a stack is many times as large. Coverage and colour at edges are then
            estimated from rounded colours, and may be a few steps off the exact ones.
        keep: cache layers for the next call; for a single call that only costs time and memory.

    Raises:
        InputError: the sizes differ, or the picture is fully transparent.
    """

    def __init__(
        self, picture: Image, depth: DepthMap, eight_bit: bool = False, keep: bool = True
    ) -> None:
        size = picture.height, picture.width
        check_depth_shape(depth.shape, size, f"the picture {picture.name!r} is")
        self._opaque = opaque_mask(picture.alpha)
        if not self._opaque.any():
            raise InputError(
                f"The picture {picture.name!r} is fully transparent; nothing to layer."
            )
        self.picture = picture
        self.depth = depth
        self._denoised: tuple[float, NDArray[np.float32]] | None = None
        self._regions: tuple[tuple[float, float], FlatRegions, NDArray[np.float32]] | None = None
        # Whole layer numbers, as a truth holds, rather than a prediction.
        self._exact = bool((depth.values == np.rint(depth.values)).all())
        self._layers = LayerCache() if keep else None
        # The picture that layers are cut from.
        self._paint, self._eight_bit = picture, eight_bit
        if eight_bit:
            rounded = in_eight_bits(picture.rgba)
            if not np.array_equal(rounded, picture.rgba):
                self._paint = replace(picture, rgba=rounded)

    def decompose(
        self,
        settings: DecomposeSettings | None = None,
        complete: CompleteSettings | None = None,
        progress: Progress | None = None,
    ) -> LayerStack:
        """The layers, as `illustrators_depth.decompose` gives them, and with its errors.

        Raises MemoryError as `reserve_blas_memory` does.
        """
        reserve_blas_memory()
        settings = DecomposeSettings.or_default(settings)
        complete = CompleteSettings.or_default(complete, "complete")
        report = progress or no_progress
        report("layers", 0.0)
        labels, method = self._discretise(settings, report)
        meta: dict[str, Any] = {
            "method": method,
            "decompose": settings.to_dict(),
            "complete": complete.to_dict(),
            "predictor": self.depth.predictor,
        }
        if self._paint.dpi is not None:
            meta["dpi"] = list(self._paint.dpi)
        return build_stack(
            self._paint,
            labels,
            self.depth.values,
            complete,
            meta,
            lambda f: report("layers", 0.3 + 0.7 * f),
            self._layers,
            self._eight_bit,
            self.depth.confidence,
        )

    def _discretise(
        self, settings: DecomposeSettings, report: Progress
    ) -> tuple[NDArray[np.int32], str]:
        """Label map, bottom = 0, and the method that made it."""
        values = self.depth.values
        if settings.thresholds or settings.method == "bins":
            return bin_labels(values, self._opaque, settings), "bins"
        regions, medians = self._flat_regions(settings)
        report("layers", 0.2)
        crowded = regions.count > _MAX_REGIONS
        painterly = regions.core_share < _FLAT_SHARE or crowded
        if settings.layers == 0:
            inks = ink_labels(regions, medians, settings.merge_color, flat=not painterly)
            if inks is not None:
                return inks, "clusters"
        if settings.method == "auto" and painterly:
            return bin_labels(values, self._opaque, settings), "bins"
        return cluster_labels(regions, medians, settings, self._exact), "clusters"

    def _flat_regions(self, settings: DecomposeSettings) -> tuple[FlatRegions, NDArray[np.float32]]:
        """The picture's regions and the median depth of each."""
        key = (settings.denoise, settings.min_region)
        if self._denoised is None or self._denoised[0] != settings.denoise:
            self._denoised = settings.denoise, denoise(self.picture.rgba, settings.denoise)
        if self._regions is None or self._regions[0] != key:
            regions = flat_regions(self._denoised[1], settings.min_region)
            self._regions = (
                key,
                regions,
                region_medians(self.depth.values, regions.labels, regions.count),
            )
        return self._regions[1:]
