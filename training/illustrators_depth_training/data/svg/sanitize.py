"""The engine's reading of strangers' SVGs, with the data builder's verdict on what it refuses."""

from __future__ import annotations

from illustrators_depth.layered.svg.refusals import SvgRefusedError
from illustrators_depth.layered.svg.sanitize import SvgLimits, sanitize_svg

from ..reasons import Discarded

__all__ = ["SvgLimits", "sanitize"]


def sanitize(data: bytes, limits: SvgLimits | None = None, *, rasters: str = "reject") -> str:
    """`sanitize_svg`, which see; raises `Discarded` with the reason when it refuses."""
    try:
        return sanitize_svg(data, limits, rasters=rasters)
    except SvgRefusedError as error:
        raise Discarded(error.reason, error.detail) from None
