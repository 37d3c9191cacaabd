"""Settings of the way from a picture file to layers: reading, depth, layers, hidden parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from .base import Settings
from .info import setting

__all__ = [
    "MAX_NETWORK_SIZE",
    "MIN_NETWORK_SIZE",
    "CompleteSettings",
    "DecomposeSettings",
    "DepthSettings",
    "ReadSettings",
]


# Depth and layers are made apart, each from the picture, and so each is told.
_denoise = partial(
    setting,
    0.0,
    "Denoise",
    "Blur against paper and canvas texture before anything else",
    least=0.0,
    most=1.0,
)


@dataclass(frozen=True)
class ReadSettings(Settings):
    """How a picture file becomes an Image.

    Attributes:
        max_pixels: pictures with more pixels are refused before they are decoded.
        alpha: "straight", "premultiplied", or "auto" (what the file format says).
        split: what becomes a layer of an SVG, see `read_layers`: "auto", "groups", "paths" or
            "strokes".
    """

    max_pixels: int = setting(
        100_000_000, "Max Pixels", "Refuse larger pictures before decoding", least=1
    )
    alpha: str = setting(
        "auto",
        "Alpha",
        "How alpha is stored; auto asks the file",
        choices={
            "auto": "as the file says",
            "straight": "color is not multiplied by alpha",
            "premultiplied": "color is multiplied by alpha",
        },
    )
    split: str = setting(
        "auto",
        "Layers Of",
        "What becomes a layer of an SVG drawing",
        choices={
            "auto": "groups where the drawing has several, else shapes of one color",
            "groups": "a layer of each group at the top of the drawing",
            "paths": "a layer of each shape",
            "strokes": "a layer of each fill and each stroke",
        },
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

    model: str = setting(
        "compact",
        "Model",
        "compact (ships in the box), heuristic (no network), a checkpoint's path, or the path of a "
        "depth map you already have (.npy, .exr, .tif, .png)",
        short="-m",
    )
    device: str = setting("auto", "Device", "Where the network runs: auto, cpu, cuda, cuda:N, mps")
    size: int = setting(
        0,
        "Network Size",
        "Longest side the network works at, in pixels; 0 lets the model choose",
        least=MIN_NETWORK_SIZE,
        most=MAX_NETWORK_SIZE,
        unit="pixels",
        zero="automatic",
        option="--network-size",
    )
    denoise: float = _denoise()

    def check(self) -> None:
        super().check()
        self.require("model", bool(self.model), "must name a predictor or a model file")
        is_device = re.fullmatch(r"auto|cpu|mps|cuda(:\d+)?", self.device) is not None
        self.require(
            "device", is_device, f"must be auto, cpu, mps, cuda or cuda:N, not {self.device!r:.60}"
        )


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

    method: str = setting(
        "auto",
        "Method",
        "How depth becomes layers",
        choices={
            "auto": "by the kind of picture",
            "clusters": "for flat art: one layer per color area",
            "bins": "for painterly and photographic pictures",
        },
    )
    layers: int = setting(
        0,
        "Layers",
        "Number of layers; 0 chooses it from the picture",
        least=1,
        most=255,
        zero="automatic",
        short="-n",
    )
    max_layers: int = setting(
        32, "Most Layers", "At most this many when automatic", least=1, most=255
    )
    thresholds: tuple[float, ...] = setting(
        (),
        "Thresholds",
        "Cut the depth at these values, rising, between 0 (far) and 1 (near)",
        metavar="T,T,...",
    )
    binning: str = setting(
        "optimal",
        "Binning",
        "How bins are spaced",
        choices={
            "optimal": "by least squares",
            "quantile": "with as many pixels in each",
            "uniform": "equally wide",
        },
    )
    detail: float = setting(
        0.5,
        "Detail",
        "How readily a further layer is opened when the number is automatic",
        least=0.0,
        most=1.0,
    )
    merge_color: float = setting(
        0.05,
        "Merge Color",
        "Layers next to each other in depth and closer in color than this merge",
        least=0.0,
        most=2.0,
    )
    min_region: float = setting(
        24.0,
        "Smallest Region",
        "Smaller parts join their neighbor, in pixels of a 1024 x 1024 picture",
        least=0.0,
    )
    denoise: float = _denoise()

    def check(self) -> None:
        super().check()
        cuts = self.thresholds
        rising = all(a < b for a, b in pairwise(cuts))
        self.require("thresholds", rising, "must rise strictly")
        self.require("thresholds", all(0.0 < t < 1.0 for t in cuts), "must lie inside 0..1")


@dataclass(frozen=True)
class CompleteSettings(Settings):
    """How a layer continues under the layers above it.

    Attributes:
        method: "contour" (its outline goes on as a person would draw it: lines straight, circles
            round, else with little bending), "smooth" (it continues smoothly, without regard to
            its shape), "nearest" (nearest visible pixel) or "none".
        feather: width of the anti-aliased edge of `Layer.rgba`, in pixels.
    """

    method: str = setting(
        "contour",
        "Hidden Parts",
        "How a layer continues under the layers above it",
        choices={
            "contour": "outlines go on as a person would draw them",
            "smooth": "the outline continues smoothly",
            "nearest": "by the nearest visible pixel",
            "none": "only what is seen",
        },
        option="--complete",
    )
    feather: float = setting(
        1.0, "Feather", "Width of the soft edge, in pixels", least=0.0, most=8.0, unit="pixels"
    )
