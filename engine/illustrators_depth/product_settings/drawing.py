"""Settings of drawings: layers as paths, words as layers."""

from __future__ import annotations

from dataclasses import dataclass

from ..settings import Settings, setting

__all__ = ["TextSettings", "VectorizeSettings"]


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
