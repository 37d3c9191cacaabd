"""Flat-colour regions: the parts of a picture that an artist filled in one go."""

from .flat import FlatRegions, eight_bit_regions, flat_regions
from .opacity import opaque_mask
from .statistics import adjacency, area_weighted_median, region_medians, runs_of

__all__ = [
    "FlatRegions",
    "adjacency",
    "area_weighted_median",
    "eight_bit_regions",
    "flat_regions",
    "opaque_mask",
    "region_medians",
    "runs_of",
]
