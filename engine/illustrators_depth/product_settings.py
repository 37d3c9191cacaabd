"""Settings of the verbs that turn a stack into products: drawings, sheets, prints, text."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from .errors import InputError
from .settings import Settings

__all__ = [
    "MOTIONS",
    "PapercutSettings",
    "ParallaxSettings",
    "PrinterSettings",
    "TextSettings",
    "VectorizeSettings",
]


def check_plate(plate_mm: tuple[float, ...]) -> None:
    """Raise InputError unless a plate is nothing, or two sides of 20 mm to 10 m."""
    fits = not plate_mm or (len(plate_mm) == 2 and all(20.0 <= s <= 10_000.0 for s in plate_mm))
    _require(fits, "A plate is written WIDTHxHEIGHT, each between 20 and 10000 mm, as 220x220.")


MOTIONS = ("orbit", "dolly", "kenburns", "breathe")
MAX_FRAMES = 3600


def _require(ok: bool, message: str) -> None:
    if not ok:
        raise InputError(message)


@dataclass(frozen=True)
class VectorizeSettings(Settings):
    """How layers become paths.

    Attributes:
        tracer: "contour" (our own: sub-pixel outlines, cubic curves) or "vtracer".
        tolerance: how far a curve may stray from the outline it follows, in pixels.
        corner_angle: turns sharper than this many degrees stay corners.
        despeckle: shapes and holes smaller than this many square pixels are left out; faint ones
            up to four times as large.
        overlap: how far a layer reaches under the layers above it beyond what completion gave it,
            in pixels, so that no seam shows.
        gradients: fit linear and radial gradients where a layer is smoothly shaded; else every
            area takes its mean colour.
        max_colors: at most so many areas of different colour inside one layer.
        decimals: digits after the point in coordinates.
        mode: "stacked" (layers reach under those above) or "cutout" (each only where it is seen, as
            for vinyl and inlay).
        width_mm: width of the drawing in millimetres; 0 takes the picture's resolution, and pixels
            where it has none.
    """

    tracer: str = "contour"
    tolerance: float = 0.15
    corner_angle: float = 45.0
    despeckle: float = 0.5
    overlap: int = 2
    gradients: bool = True
    max_colors: int = 64
    decimals: int = 2
    mode: str = "stacked"
    width_mm: float = 0.0

    def check(self) -> None:
        self.check_types()
        _require(
            self.mode in ("stacked", "cutout"),
            f"mode must be stacked or cutout, not {self.mode!r}.",
        )
        self.check_range("width_mm", 0.0, 1e5, "millimetres")
        _require(
            self.width_mm == 0.0 or self.width_mm >= 0.1,
            f"width_mm must be 0 or at least 0.1 millimetres, not {self.width_mm:g}.",
        )
        _require(
            self.tracer in ("contour", "vtracer"),
            f"tracer must be contour or vtracer, not {self.tracer!r}.",
        )
        self.check_range("tolerance", 0.01, 10.0, "pixels")
        self.check_range("corner_angle", 5.0, 180.0)
        self.check_range("despeckle", 0.0, 1e6)
        self.check_range("overlap", 0, 16, "pixels")
        self.check_range("max_colors", 1, 4096)
        self.check_range("decimals", 0, 6)


@dataclass(frozen=True)
class TextSettings(Settings):
    """How words become a picture, before it is layered and traced.

    Attributes:
        generator: a diffusers pipeline: the folder of one on this machine, or a model id.
        template: the prompt; `{subject}` stands for what is asked for. The paper's by default.
        negative: what the picture should not have; pipelines that take no such prompt go without.
        steps: denoising steps; the paper's 28.
        guidance: how closely the prompt is followed; 0 leaves it to the pipeline.
        width, height: of the picture in pixels, multiples of 8; 0 leaves them to the pipeline.
        seed: the same seed gives the same picture on the same machine.
        device: "auto", "cpu", "cuda", "cuda:N" or "mps".
        allow_download: let diffusers fetch a model that is not on this machine.
    """

    generator: str = ""
    template: str = (
        "Vector graphics of a simple {subject}. SVG file. Filled shapes, minimalist design."
    )
    negative: str = "gradient, 3D, small details, fine lines."
    steps: int = 28
    guidance: float = 0.0
    width: int = 0
    height: int = 0
    seed: int = 0
    device: str = "auto"
    allow_download: bool = False

    def check(self) -> None:
        self.check_types()
        _require(
            bool(self.generator),
            "text2vector needs a generator: the folder or the id of a diffusers pipeline.",
        )
        _require("{subject}" in self.template, "template must contain {subject}.")
        self.check_range("steps", 1, 1000)
        self.check_range("guidance", 0.0, 100.0)
        for name, value in (("width", self.width), ("height", self.height)):
            _require(
                value == 0 or (8 <= value <= 8192 and value % 8 == 0),
                f"{name} must be a multiple of 8 up to 8192 pixels, or 0 for the pipeline's own.",
            )
        _require(0 <= self.seed < 2**63, "seed must not be negative.")


@dataclass(frozen=True)
class PapercutSettings(Settings):
    """How layers become sheets to cut.

    Attributes:
        size_mm: longest side of the picture, without the frame.
        frame_mm: width of the border that every sheet has around the picture.
        bridge_mm: width of the bars that join islands to the rest of their sheet; 0 leaves islands
            loose, to be glued by hand.
        support: a sheet holds everything above it as well, so that each rests on the one below;
            else only its own layer.
        kerf_mm: width of what the blade or beam takes away: outlines move outwards by half of it.
        hole_mm: diameter of the registration holes in the frame's corners; 0 leaves them out.
        guides: draw where the sheet above goes, to be scored.
        smallest_mm2: pieces and holes below this area are left out.
        tolerance_mm: how far a curve may stray from the outline.
        plate_mm: width and height of what the cutter holds: larger sheets are cut into pieces with
            keys; empty for no limit.
    """

    size_mm: float = 200.0
    frame_mm: float = 10.0
    bridge_mm: float = 2.0
    support: bool = True
    kerf_mm: float = 0.0
    hole_mm: float = 3.0
    guides: bool = True
    smallest_mm2: float = 2.0
    tolerance_mm: float = 0.05
    plate_mm: tuple[float, ...] = ()

    def check(self) -> None:
        self.check_types()
        self.check_range("size_mm", 1.0, 10_000.0)
        _require(0.0 < self.frame_mm <= 1000.0, "frame_mm must be above 0: it holds a sheet.")
        self.check_range("bridge_mm", 0.0, 100.0)
        self.check_range("kerf_mm", 0.0, 5.0)
        _require(
            0.0 <= self.hole_mm < 0.8 * self.frame_mm,
            "hole_mm must be less than 0.8 of frame_mm, or the holes would break out of the frame.",
        )
        self.check_range("smallest_mm2", 0.0, math.inf)
        self.check_range("tolerance_mm", 0.001, 10.0)
        check_plate(self.plate_mm)


@dataclass(frozen=True)
class ParallaxSettings(Settings):
    """How a camera moves among the layers of a picture.

    Attributes:
        motion: one of MOTIONS, each a loop: "orbit" (a flat circle), "dolly" (towards the picture
            and back), "kenburns" (across it, slowly closer) or "breathe" (near layers swell).
        seconds: length of the loop.
        fps: frames per second.
        amount: how far, as a share of the camera's distance.
        offset: distance between layers, in heights of the picture; 0 is 0.1, or less where there
            are so many layers that details would part from what they belong to.
        height: of the frames in pixels; 0 is the picture's, at most 1080 (480 for a GIF).
        alpha: keep transparency instead of laying a transparent picture over `background`.
        background: "#rrggbb" behind a transparent picture.
    """

    motion: str = "orbit"
    seconds: float = 4.0
    fps: float = 30.0
    amount: float = 0.04
    offset: float = 0.0
    height: int = 0
    alpha: bool = False
    background: str = "#ffffff"

    @property
    def frame_count(self) -> int:
        return max(2, round(self.seconds * self.fps))

    def check(self) -> None:
        self.check_types()
        _require(
            self.motion in MOTIONS,
            f"motion must be {', '.join(MOTIONS[:-1])} or {MOTIONS[-1]}, not {self.motion!r}.",
        )
        self.check_range("seconds", 0.1, 600.0)
        self.check_range("fps", 1.0, 120.0)
        self.check_range("amount", 0.0, 0.25)
        self.check_range("offset", 0.0, 10.0, "heights of the picture")
        _require(
            self.frame_count <= MAX_FRAMES,
            f"{self.seconds:g} seconds of {self.fps:g} frames are {self.frame_count} frames, more "
            f"than {MAX_FRAMES}; choose fewer.",
        )
        _require(
            self.height == 0 or 16 <= self.height <= 4320,
            f"height must lie between 16 and 4320, or 0 for the picture's, not {self.height}.",
        )
        _require(
            re.fullmatch(r"#[0-9a-fA-F]{6}", self.background) is not None,
            f"background is written #rrggbb, not {self.background!r}.",
        )


@dataclass(frozen=True)
class PrinterSettings(Settings):
    """What a 3D printer can do; the checks and the colour-swap list go by it.

    Attributes:
        nozzle_mm: width of the line that it lays: narrower features are lost.
        first_layer_mm: height of the first layer, 0 for that of the others.
        min_base_mm: a thinner base is warned of: it tears or lets light through.
        bed_mm: width, depth and height of what fits.
        filaments: those at hand, "#rrggbb" or "name=#rrggbb", either with "@1.5" where 1.5 mm of it
            let a tenth of the light through; each step takes the nearest. Empty gives every colour
            its own filament.
    """

    nozzle_mm: float = 0.4
    first_layer_mm: float = 0.0
    min_base_mm: float = 0.24
    bed_mm: tuple[float, ...] = (220.0, 220.0, 250.0)
    filaments: tuple[str, ...] = ()

    def check(self) -> None:
        self.check_types()
        self.check_range("nozzle_mm", 0.05, 10.0)
        self.check_range("first_layer_mm", 0.0, 10.0)
        self.check_range("min_base_mm", 0.0, 100.0)
        _require(
            len(self.bed_mm) == 3 and all(side > 0.0 for side in self.bed_mm),
            "bed_mm must hold width, depth and height, each above 0.",
        )
        for filament in self.filaments:
            _require(
                re.fullmatch(r"([^=]+=)?#[0-9a-fA-F]{6}(@\d{1,3}(\.\d{1,6})?)?", filament)
                is not None,
                f"A filament is written #rrggbb or name=#rrggbb, with @1.5 for a transmission of "
                f"1.5 mm, not {filament!r:.80}.",
            )
