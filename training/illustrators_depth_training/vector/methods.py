"""The rows of the vector table: ways to make a drawing from a picture, and the quoted numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from illustrators_depth.errors import InputError
from illustrators_depth.layering import decompose
from illustrators_depth.predictors import Predictor
from illustrators_depth.settings import DecomposeSettings
from illustrators_depth.tracing import vectorize
from illustrators_depth.types import Image

from ..evaluation.baselines import vtracer_svg
from ..evaluation.table_rows import named_predictor
from .potrace import potrace_svg, potrace_trouble

__all__ = ["PAPER_VECTOR_ROWS", "POTRACE_ROW", "Method", "SvgFolder", "standard_methods"]

# Order (ties kept), MAE, path count error, RGB MSE x 1e-2, SSIM, LPIPS, as printed in the paper,
# at 1536 x 1536 pixels.
PAPER_VECTOR_ROWS: tuple[tuple[str, float, float, float, float, float, float], ...] = (
    ("paper: VTracer + Potrace (area order) (1536 px)", 0.694, 1.67, 0.83, 0.019, 0.997, 0.005),
    ("paper: Less Is More (1536 px)", 0.746, 2.43, 5.54, 0.663, 0.961, 0.043),
    ("paper: LIVE (1536 px)", 0.838, 4.88, 8.62, 0.297, 0.946, 0.053),
    ("paper: StarVector (1536 px)", 0.918, 1.52, 0.53, 9.123, 0.858, 0.302),
    ("paper: OmniSVG (1536 px)", 0.925, 1.31, 0.54, 9.997, 0.830, 0.317),
    ("paper: theirs + [VTracer, Potrace] (1536 px)", 0.987, 0.46, 0.16, 0.018, 0.997, 0.005),
)
POTRACE_ROW = "VTracer + Potrace"
# As many layers as the data asks for: the paper's path counts know no limit of 32.
_NO_LIMIT = DecomposeSettings(max_layers=255)


@dataclass(frozen=True)
class Method:
    """A row: its name, and how it draws a picture (an Image named by its key) as SVG bytes.

    `draw` returns None where it has no drawing of that picture.
    """

    name: str
    draw: Callable[[Image], bytes | None]


class SvgFolder:
    """Drawings that another tool made, one file per picture, named KEY.svg.

    Raises InputError when the folder holds no .svg file.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise InputError(f"There is no folder {folder} with predictions.")
        self._files = {file.stem: file for file in sorted(folder.glob("*.svg"))}
        if not self._files:
            raise InputError(f"{folder} holds no .svg files; name each after its sample's key.")

    def __call__(self, image: Image) -> bytes | None:
        file = self._files.get(image.name)
        return None if file is None else file.read_bytes()

    def covers(self, keys: Sequence[str]) -> int:
        """How many of the keys have a drawing here."""
        return sum(key in self._files for key in keys)


def standard_methods(model: str = "compact", size: int = 0) -> list[Method]:
    """Ours, ours with areas instead of depth, VTracer (the paper's settings), VTracer + Potrace.

    The last is left out where potracer is not installed, see `potrace_trouble`.
    """
    methods = [
        Method(f"ours ({Path(model).stem})", _Ours(named_predictor(model, size))),
        Method("ours, area order", _Ours(named_predictor("area"))),
        Method("VTracer", vtracer_svg),
    ]
    return methods if potrace_trouble() else [*methods, Method(POTRACE_ROW, potrace_svg)]


class _Ours:
    """Depth, layers, smooth paths: the product as it is."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor

    def __call__(self, image: Image) -> bytes:
        depth = self._predictor.predict(image)
        return vectorize(decompose(image, depth, _NO_LIMIT)).encode()
