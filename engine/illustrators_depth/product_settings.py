"""Settings of the verbs that turn a stack into products: drawings, sheets, prints, text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import InputError
from .settings import Settings, setting

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


_MOTIONS = {
    "orbit": "a flat circle",
    "dolly": "closer and back",
    "kenburns": "across, slowly closer",
    "breathe": "near layers swell",
}
MOTIONS = tuple(_MOTIONS)
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
            up to twenty times as large.
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

    tracer: str = setting(
        "contour",
        "Tracer",
        "What finds the outlines",
        choices={"contour": "our own, sub-pixel", "vtracer": "the VTracer library"},
    )
    tolerance: float = setting(
        0.15,
        "Tolerance",
        "How far a curve may stray from the outline, in pixels",
        least=0.01,
        most=10.0,
        unit="pixels",
    )
    corner_angle: float = setting(
        45.0,
        "Corner Angle",
        "Sharper turns stay corners, degrees",
        least=5.0,
        most=180.0,
        unit="degrees",
    )
    despeckle: float = setting(
        0.1,
        "Despeckle",
        "Leave out smaller shapes and holes, square pixels",
        least=0.0,
        most=1e6,
        unit="square pixels",
    )
    overlap: int = setting(
        2,
        "Overlap",
        "Reach of a layer under those above, so that no seam shows, in pixels",
        least=0,
        most=16,
        unit="pixels",
    )
    gradients: bool = setting(True, "Gradients", "Fit gradients to shaded areas")
    max_colors: int = setting(
        64, "Most Colors", "Areas of different color per layer, at most", least=1, most=4096
    )
    decimals: int = setting(2, "Decimals", "Digits after the point in coordinates", least=0, most=6)
    mode: str = setting(
        "stacked",
        "Mode",
        "How far layers reach",
        choices={
            "stacked": "under those above",
            "cutout": "each only where it is seen, as for vinyl and inlay",
        },
    )
    width_mm: float = setting(
        0.0,
        "Width",
        "Width in millimeters; 0: as the picture's resolution says, else in pixels",
        least=0.1,
        most=1e5,
        unit="millimeters",
        zero="as the picture says",
    )


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

    generator: str = setting(
        "", "Generator", "A diffusers pipeline: its folder here, or a model id", short="-g"
    )
    template: str = setting(
        "Vector graphics of a simple {subject}. SVG file. Filled shapes, minimalist design.",
        "Template",
        "The prompt, {subject} for the text",
    )
    negative: str = setting(
        "gradient, 3D, small details, fine lines.", "Negative", "What the picture should not have"
    )
    steps: int = setting(28, "Steps", "Denoising steps", least=1, most=1000)
    guidance: float = setting(
        0.0, "Guidance", "How closely to follow the text; 0: as is usual", least=0.0, most=100.0
    )
    width: int = setting(0, "Width", "Pixels; 0: the generator's own")
    height: int = setting(0, "Height", "Pixels; 0: the generator's own")
    seed: int = setting(0, "Seed", "Another seed, another picture", least=0, most=2**63 - 1)
    device: str = setting("auto", "Device", "auto, cpu, cuda, cuda:N or mps")
    allow_download: bool = setting(False, "Allow Download", "Fetch the generator if it is not here")

    def check(self) -> None:
        super().check()
        self.require(
            "generator",
            bool(self.generator),
            "is missing: text2vector needs a generator, the folder or id of a diffusers pipeline",
        )
        self.require("template", "{subject}" in self.template, "must contain {subject}")
        for name, value in (("width", self.width), ("height", self.height)):
            self.require(
                name,
                value == 0 or (8 <= value <= 8192 and value % 8 == 0),
                "must be a multiple of 8 up to 8192 pixels, or 0 for the pipeline's own",
            )


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

    size_mm: float = setting(
        200.0, "Size", "Longest side inside the frame, mm", least=1.0, most=10_000.0
    )
    frame_mm: float = setting(10.0, "Frame", "Width of the frame, mm", above=0.0, most=1000.0)
    bridge_mm: float = setting(
        2.0, "Bridges", "Width of bars to islands, mm; 0: loose islands", least=0.0, most=100.0
    )
    support: bool = setting(True, "Support", "Sheets also hold what lies above, to rest on")
    kerf_mm: float = setting(0.0, "Kerf", "What blade or beam takes away, mm", least=0.0, most=5.0)
    hole_mm: float = setting(3.0, "Holes", "Registration holes, mm; 0: none", least=0.0)
    guides: bool = setting(True, "Guides", "Score where the sheet above goes")
    smallest_mm2: float = setting(
        2.0, "Smallest Piece", "Leave out smaller pieces and holes", least=0.0
    )
    tolerance_mm: float = setting(
        0.05, "Tolerance", "How far a curve may stray, mm", least=0.001, most=10.0
    )
    plate_mm: tuple[float, ...] = setting(
        (),
        "Plate",
        "What the cutter holds, mm: larger sheets become pieces with keys",
        option="--plate",
        metavar="WxH",
    )

    def check(self) -> None:
        super().check()
        self.require(
            "hole_mm",
            self.hole_mm < 0.8 * self.frame_mm,
            "must be less than 0.8 of the frame's width, or the holes would break out of it",
        )
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

    motion: str = setting(
        "orbit",
        "Motion",
        "How the camera moves, in a loop",
        choices=_MOTIONS,
    )
    seconds: float = setting(4.0, "Length", "Length of the loop, seconds", least=0.1, most=600.0)
    fps: float = setting(30.0, "Frame Rate", "Frames per second", least=1.0, most=120.0)
    amount: float = setting(
        0.04, "Amount", "How far, as a share of the camera's distance", least=0.0, most=0.25
    )
    offset: float = setting(
        0.0,
        "Offset",
        "Distance between layers, in heights of the picture; 0: by their number",
        least=0.0,
        most=10.0,
        unit="heights of the picture",
    )
    height: int = setting(
        0,
        "Height",
        "Height in pixels; 0: the picture's, at most 1080 (.gif: 480)",
        least=16,
        most=4320,
        zero="the picture's",
    )
    alpha: bool = setting(False, "Alpha", "Keep transparency (not .mp4)")
    background: str = setting("#ffffff", "Background", "Behind a transparent picture")

    @property
    def frame_count(self) -> int:
        return max(2, round(self.seconds * self.fps))

    def check(self) -> None:
        super().check()
        _require(
            self.frame_count <= MAX_FRAMES,
            f"{self.seconds:g} seconds of {self.fps:g} frames are {self.frame_count} frames, more "
            f"than {MAX_FRAMES}; choose fewer.",
        )
        self.require(
            "background",
            re.fullmatch(r"#[0-9a-fA-F]{6}", self.background) is not None,
            f"is written #rrggbb, not {self.background!r:.60}",
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

    nozzle_mm: float = setting(
        0.4, "Nozzle", "Width of the printer's nozzle, mm", least=0.05, most=10.0
    )
    first_layer_mm: float = setting(
        0.0,
        "First Layer",
        "Height of the first printed layer, mm; 0: as the others",
        least=0.0,
        most=10.0,
    )
    min_base_mm: float = setting(
        0.24, "Thinnest Base", "Warn of a base thinner than this, mm", least=0.0, most=100.0
    )
    bed_mm: tuple[float, ...] = setting(
        (220.0, 220.0, 250.0), "Bed", "What fits the printer, mm", metavar="X,Y,Z"
    )
    filaments: tuple[str, ...] = setting(
        (),
        "Filaments",
        "Filaments at hand, #rrggbb or name=#rrggbb, or a CSV file of them (name, color, "
        "transmission_mm); each step takes the nearest",
        metavar="COLOR,...",
    )

    def check(self) -> None:
        super().check()
        self.require(
            "bed_mm",
            len(self.bed_mm) == 3 and all(side > 0.0 for side in self.bed_mm),
            "must hold width, depth and height, each above 0",
        )
        for filament in self.filaments:
            _require(
                re.fullmatch(r"([^=]+=)?#[0-9a-fA-F]{6}(@\d{1,3}(\.\d{1,6})?)?", filament)
                is not None,
                f"A filament is written #rrggbb or name=#rrggbb, with @1.5 for a transmission of "
                f"1.5 mm, not {filament!r:.80}.",
            )
