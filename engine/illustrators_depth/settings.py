"""One settings dataclass per verb, shared by Python, the command line, the worker and Blender.

Every field is a plain JSON value, so that a settings object travels as `asdict(settings)` and
comes back through `from_dict`. `check()` raises one InputError that names the field.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, fields
from numbers import Integral, Real
from typing import Any, Self

from .errors import InputError, check_kind

__all__ = [
    "CompleteSettings",
    "DecomposeSettings",
    "DepthSettings",
    "ReadSettings",
    "ReliefSettings",
    "Settings",
]


@dataclass(frozen=True)
class Settings:
    """Base of all settings: conversion to and from JSON-able dictionaries."""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build from a mapping; unknown names and values of another type raise InputError."""
        if not isinstance(values, Mapping):
            raise InputError(f"{cls.__name__} needs names and values, not {values!r:.60}.")
        known = {f.name for f in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise InputError(
                f"Unknown setting {unknown[0]!r} for {cls.__name__}; "
                f"known: {', '.join(sorted(known))}."
            )
        settings = cls(
            **{f.name: _typed(cls, f, values[f.name]) for f in fields(cls) if f.name in values}
        )
        settings.check()
        return settings

    @classmethod
    def given(cls, settings: Self | None, argument: str = "settings") -> Self:
        """What a caller gave for an argument, checked; the defaults for None."""
        if settings is None:
            return cls()
        check_kind(settings, cls, argument)
        settings.check()
        return settings

    def check(self) -> None:
        """Raise InputError on the first field that is out of range."""

    def check_range(self, name: str, least: float, most: float, unit: str = "") -> None:
        """Raise InputError when the field `name` is not a number from `least` to `most`."""
        value = getattr(self, name)
        span = f"lie between {least:.10g} and {most:.10g} {unit}".rstrip()
        words = span if most < math.inf else f"be at least {least:g}"
        _require(least <= value <= most, f"{name} must {words}, not {value!s:.40}.")

    def check_types(self) -> None:
        """Raise InputError on the first field that is of another kind than its default."""
        for each in fields(self):
            _typed(type(self), each, getattr(self, each.name))


def _typed(owner: type, field: Field[Any], value: Any) -> Any:
    """The value as its field's type; InputError when it is of another kind."""
    default = field.default
    if isinstance(default, bool):
        fits = isinstance(value, bool)
    elif isinstance(default, int | float):
        kind: Any = Integral if isinstance(default, int) else Real
        fits = isinstance(value, kind) and not isinstance(value, bool)
    elif isinstance(default, tuple):
        each: Any = str if "str" in str(field.type) else Real
        fits = isinstance(value, list | tuple) and all(isinstance(v, each) for v in value)
        value = tuple(value) if fits else value
    else:
        fits = isinstance(value, type(default))
    if not fits:
        wanted = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
        several = "a list of texts" if "str" in str(field.type) else "a list of numbers"
        raise InputError(
            f"{field.name} of {owner.__name__} must be "
            f"{wanted.get(type(default), several)}, not {value!r:.60}."
        )
    return value


def _require(ok: bool, message: str) -> None:
    if not ok:
        raise InputError(message)


@dataclass(frozen=True)
class ReadSettings(Settings):
    """How a picture file becomes an Image.

    Attributes:
        max_pixels: pictures with more pixels are refused before they are decoded.
        alpha: "straight", "premultiplied", or "auto" (what the file format says).
    """

    max_pixels: int = 100_000_000
    alpha: str = "auto"

    def check(self) -> None:
        self.check_types()
        _require(self.max_pixels >= 1, "max_pixels must be at least 1.")
        _require(
            self.alpha in ("auto", "straight", "premultiplied"),
            f"alpha must be auto, straight or premultiplied, not {self.alpha!r}.",
        )


# Longest side that a network works at, in pixels: beyond it, memory grows past any machine's.
MIN_NETWORK_SIZE, MAX_NETWORK_SIZE = 32, 4096


@dataclass(frozen=True)
class DepthSettings(Settings):
    """How depth is predicted.

    Attributes:
        model: a predictor's name ("compact", "heuristic", "depth-pro", ...) or a model file's path.
        device: "auto", "cpu", "cuda", "cuda:N" or "mps".
        size: longest side the network works at, in pixels; 0 lets the model choose.
        denoise: strength of the blur against paper and canvas texture, 0 (off) .. 1.
    """

    model: str = "compact"
    device: str = "auto"
    size: int = 0
    denoise: float = 0.0

    def check(self) -> None:
        self.check_types()
        _require(bool(self.model), "model must name a predictor or a model file.")
        _require(
            re.fullmatch(r"auto|cpu|mps|cuda(:\d+)?", self.device) is not None,
            f"device must be auto, cpu, mps, cuda or cuda:N, not {self.device!r}.",
        )
        _require(
            self.size == 0 or MIN_NETWORK_SIZE <= self.size <= MAX_NETWORK_SIZE,
            f"size must be 0 (automatic) or lie between {MIN_NETWORK_SIZE} and "
            f"{MAX_NETWORK_SIZE} pixels, not {self.size!s:.40}.",
        )
        self.check_range("denoise", 0.0, 1.0)


@dataclass(frozen=True)
class DecomposeSettings(Settings):
    """How a depth map becomes layers.

    Attributes:
        method: "clusters" (flat art), "bins" (painterly, photographic) or "auto" (by the picture).
        layers: 0 chooses the number from the data, else the number wanted (1..255).
        max_layers: the most that `layers=0` may choose: what a person can still work with. The
            paper's path counts need 255.
        thresholds: explicit depth cuts, strictly rising, in units of the *normalised* depth 0..1;
            overrides `layers` and implies "bins".
        binning: for "bins": "optimal" (least squares), "quantile" or "uniform".
        detail: 0..1; how readily `layers=0` opens a further layer.
        merge_color: neighbours in depth order closer than this in sRGB (L2, 0..1) merge; the
            paper's 0.05.
        min_region: connected parts smaller than this many pixels (of a 1024x1024 picture; scaled
            with the picture's area) are absorbed by their neighbour.
        denoise: strength of the blur against paper and canvas texture before clustering, 0..1.
    """

    method: str = "auto"
    layers: int = 0
    max_layers: int = 32
    thresholds: tuple[float, ...] = ()
    binning: str = "optimal"
    detail: float = 0.5
    merge_color: float = 0.05
    min_region: float = 24.0
    denoise: float = 0.0

    def check(self) -> None:
        self.check_types()
        _require(
            self.method in ("auto", "clusters", "bins"),
            f"method must be auto, clusters or bins, not {self.method!r}.",
        )
        _require(
            self.binning in ("optimal", "quantile", "uniform"),
            f"binning must be optimal, quantile or uniform, not {self.binning!r}.",
        )
        _require(
            0 <= self.layers <= 255,
            f"layers must lie between 1 and 255, or 0 for automatic, not {self.layers}.",
        )
        self.check_range("max_layers", 1, 255)
        _require(
            all(a < b for a, b in zip(self.thresholds, self.thresholds[1:], strict=False)),
            "thresholds must rise strictly.",
        )
        _require(all(0.0 < t < 1.0 for t in self.thresholds), "thresholds must lie inside 0..1.")
        self.check_range("detail", 0.0, 1.0)
        self.check_range("merge_color", 0.0, 2.0)
        self.check_range("min_region", 0.0, math.inf)
        self.check_range("denoise", 0.0, 1.0)


@dataclass(frozen=True)
class CompleteSettings(Settings):
    """How a layer continues under the layers above it.

    Attributes:
        method: "contour" (its outline goes on as a person would draw it: lines straight, circles
            round, else with little bending), "smooth" (it continues smoothly, without regard to
            its shape), "nearest" (nearest visible pixel) or "none".
        feather: width of the anti-aliased edge of `Layer.rgba`, in pixels.
    """

    method: str = "contour"
    feather: float = 1.0

    def check(self) -> None:
        self.check_types()
        _require(
            self.method in ("contour", "smooth", "nearest", "none"),
            f"completion must be contour, smooth, nearest or none, not {self.method!r}.",
        )
        self.check_range("feather", 0.0, 8.0, "pixels")


@dataclass(frozen=True)
class ReliefSettings(Settings):
    """How layers or depth become solid geometry.

    Attributes:
        mode: "stacked" (one closed slab per layer), "terraced" (one solid with a step per layer),
            "heightfield" (one solid over the continuous depth), "flat" (all steps side by side,
            thickness_mm thick, mirrored, with base_mm over them: to be printed face down with
            several filaments) or "auto": what the file is for,
            "terraced" where it is for a printer or a mill, else "stacked".
        size_mm: longest side of the relief, measured as `fit` says.
        fit: "drawing" (the solid itself measures size_mm: what a ruler says of the print) or
            "picture" (the frame does; a drawing on a transparent page comes out smaller, and all
            products of one picture share one scale). No difference for opaque pictures.
        thickness_mm: "stacked": thickness of each slab; "terraced": height of each step.
        gap_mm: "stacked": clear distance between slabs; above 0 there is no z-fighting.
        base_mm: thickness of what lies under the lowest point of "terraced" and "heightfield".
        height_mm: "heightfield": height of the nearest point over the base.
        smoothing: 0..1, how far outlines may leave the pixel staircase (at most half a pixel).
        simplify: tolerance of outline simplification, in pixels.
        max_vertices: "heightfield": about so many vertices on top at most; 0 goes by the size:
            135 000 for 200 mm.
        total_mm: height of everything, base included; thickness_mm (height_mm) then follows from
            it. 0 lets the total follow from the parts.
        layer_height_mm: the printer's layer height; all heights become whole multiples of it. 0
            leaves them as they are.
        first_layer_mm: height of the printer's first layer; 0 for that of the others. Steps end
            where printer layers do: on it, and on every layer_height_mm above it.
        layer_mm: "stacked", "terraced": thickness of each shown layer, bottom to top, instead of
            thickness_mm; 0 in it means thickness_mm. "terraced" has base_mm for the lowest.
        max_steps: "terraced": layers next to each other in the stack share a step until there are
            at most so many, so that as little outline as possible is lost; 0 gives each its own.
        smallest_mm: "terraced": what is narrower than this joins what is beside it; 0 keeps all.
        split: "terraced": one closed part per step, in its layer's colour, instead of one solid.
    """

    mode: str = "auto"
    size_mm: float = 200.0
    fit: str = "drawing"
    thickness_mm: float = 2.0
    gap_mm: float = 0.2
    base_mm: float = 1.0
    height_mm: float = 6.0
    smoothing: float = 1.0
    simplify: float = 0.1
    max_vertices: int = 0
    total_mm: float = 0.0
    layer_height_mm: float = 0.0
    first_layer_mm: float = 0.0
    layer_mm: tuple[float, ...] = ()
    max_steps: int = 0
    smallest_mm: float = 0.0
    split: bool = False

    def check(self) -> None:
        self.check_types()
        _require(
            self.mode in ("auto", "stacked", "terraced", "heightfield", "flat"),
            f"mode must be auto, stacked, terraced, heightfield or flat, not {self.mode!r}.",
        )
        _require(
            self.fit in ("drawing", "picture"),
            f"fit must be drawing or picture, not {self.fit!r}.",
        )
        for name, most in (("size_mm", 1e5), ("thickness_mm", 1e4), ("height_mm", 1e4)):
            value = getattr(self, name)
            words = f"{name} must be above 0 and at most {most:.10g}, not {value!s:.40}."
            _require(0.0 < value <= most, words)
        self.check_range("gap_mm", 0.0, 10_000.0)
        self.check_range("base_mm", 0.0, 10_000.0)
        _require(
            self.mode in ("auto", "stacked") or self.base_mm > 0.0,
            "base_mm must be above 0, or the relief would have no underside.",
        )
        self.check_range("smoothing", 0.0, 1.0)
        self.check_range("simplify", 0.0, 10.0, "pixels")
        _require(
            self.max_vertices == 0 or self.max_vertices >= 4,
            f"max_vertices must be at least 4, or 0 for as many as the size asks for, not "
            f"{self.max_vertices}.",
        )
        self.check_range("total_mm", 0.0, 10_000.0)
        _require(
            self.layer_height_mm == 0.0 or 0.01 <= self.layer_height_mm <= 10.0,
            "layer_height_mm must lie between 0.01 and 10, or 0 for heights as they are.",
        )
        self.check_range("first_layer_mm", 0.0, 10.0)
        _require(
            all(0.0 <= value <= 10_000.0 for value in self.layer_mm),
            "layer_mm must hold thicknesses between 0 and 10000.",
        )
        _require(0 <= self.max_steps <= 255, "max_steps must lie between 1 and 255, or 0 for all.")
        self.check_range("smallest_mm", 0.0, 1000.0)
