"""The rows of the depth table: who is measured, and the numbers that are quoted instead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from illustrators_depth.errors import InputError, UnavailableError
from illustrators_depth.predictors import Predictor, make_predictor
from illustrators_depth.progress import Progress, no_progress
from illustrators_depth.settings import DepthSettings
from illustrators_depth.types import DepthMap, Image

__all__ = ["PAPER_ROWS", "TransformersDepth", "baseline_rows", "named_predictor", "report_names"]


class PaperRow(NamedTuple):
    """Means over a test set, as printed in the paper.

    `order` is our `order_paper`: a tie in the prediction counts as right ("ties kept"). `mae` and
    `mse` are of normalised maps, without a unit.
    """

    name: str
    order: float
    mae: float
    mse: float


# On the paper's own test drawings, at 1536 x 1536 pixels.
PAPER_ROWS = tuple(
    PaperRow(*row)
    for row in (
        ("paper: Depth Pro (1536 px)", 0.636, 1.44, 4.76),
        ("paper: Depth Anything v2 (1536 px)", 0.791, 1.16, 3.58),
        ("paper: without depth prior (1536 px)", 0.903, 0.51, 1.17),
        ("paper: without cleaning (1536 px)", 0.905, 0.53, 1.21),
        ("paper: disparity space (1536 px)", 0.980, 0.50, 1.88),
        ("paper: full, MMSVG (1536 px)", 0.987, 0.12, 0.26),
        ("paper: full, SVGX (1536 px)", 0.984, 0.16, 0.53),
    )
)

_HUB_NAMES = {
    "Depth Pro": "apple/DepthPro-hf",
    "Depth Anything V2 Small": "depth-anything/Depth-Anything-V2-Small-hf",
}


class TransformersDepth:
    """A depth network from transformers whose weights the user already has on disk."""

    device = "cpu"

    def __init__(self, name: str, weights: str) -> None:
        """Load from a folder or the local cache; nothing is ever downloaded.

        Raises UnavailableError when transformers or the weights are not there.
        """
        try:
            import torch
            from transformers import AutoImageProcessor, AutoModelForDepthEstimation
        except ImportError as error:
            raise UnavailableError(f"{name} needs the transformers package.") from error
        self.name = name
        self._torch = torch
        try:
            self._processor = AutoImageProcessor.from_pretrained(weights, local_files_only=True)
            self._model = AutoModelForDepthEstimation.from_pretrained(
                weights, local_files_only=True
            ).eval()
        except (OSError, ValueError) as error:
            raise UnavailableError(f"the weights {weights} are not on this machine") from error

    def predict(self, image: Image, progress: Progress = no_progress) -> DepthMap:
        """Relative nearness at the picture's size: larger = nearer.

        The network's raw output, which is inverse depth in both networks; Depth Pro's own
        post-processing would turn it into metres, where smaller is nearer.
        """
        rgb = np.round(image.over() * 255).astype(np.uint8)
        with self._torch.inference_mode():
            inputs = self._processor(images=rgb, return_tensors="pt")
            depth = self._model(**inputs).predicted_depth[0]
            resized = self._torch.nn.functional.interpolate(
                depth[None, None].float(), size=rgb.shape[:2], mode="bilinear", align_corners=False
            )[0, 0]
        progress("depth", 1.0)
        return DepthMap(np.ascontiguousarray(resized.numpy(), np.float32), self.name, self.device)


def named_predictor(name: str, size: int = 0) -> Predictor:
    """A predictor by name ("compact", "heuristic", "area", "darkness", "vtracer") or model file.

    Args:
        name: a name as above, or the path of a model file.
        size: longest side that a network works at, in pixels; 0 lets the model choose. "area",
            "darkness" and "vtracer" have no such size.

    Raises InputError when the name is unknown or the file is no model.
    """
    from .baselines import AreaOrder, DarknessOrder, VtracerOrder

    simple: dict[str, Callable[[], Predictor]] = {
        "area": AreaOrder,
        "darkness": DarknessOrder,
        "vtracer": VtracerOrder,
    }
    if name in simple:
        return simple[name]()
    try:
        return make_predictor(DepthSettings(model=name, size=size))
    except InputError as error:
        raise InputError(f"{error} (also known here: {', '.join(simple)})") from None


def baseline_rows() -> list[tuple[str, Callable[[], Predictor]]]:
    """Every comparison of the depth table: its name, and how to make it when its turn comes."""
    names = ("heuristic", "area", "darkness", "vtracer")
    rows: list[tuple[str, Callable[[], Predictor]]] = [
        (name, partial(named_predictor, name)) for name in names
    ]
    rows += [(name, partial(TransformersDepth, name, hub)) for name, hub in _HUB_NAMES.items()]
    return rows


def report_names(predictors: Sequence[str]) -> dict[str, tuple[str, bool]]:
    """Where each predictor's report goes: file name without ending, unlike all others.

    `A/checkpoints/last.ckpt` is "last"; beside `B/checkpoints/last.ckpt` it is "a-last".

    Args:
        predictors: names and files of all that get a report in one folder, baselines too.

    Returns:
        By predictor: the file name, and whether the report must show it in place of the
        predictor's own name, because another file has the same stem.

    Raises InputError when one of them is a file that does not exist, before any is measured.
    """
    weights = (".ckpt", ".pt", ".pth", ".safetensors", ".onnx")
    labels: dict[str, tuple[str, bool]] = {}
    stems = [Path(name).stem for name in predictors]
    for name, stem in zip(predictors, stems, strict=True):
        path = Path(name).expanduser()
        if path.suffix.lower() in weights and not path.is_file():
            raise InputError(f"There is no file {path} to evaluate; check the path.")
        ambiguous = stems.count(stem) > 1
        folders = [part for part in path.resolve().parts[1:-1] if part != "checkpoints"]
        label = "-".join([*folders[-1:], stem]) if ambiguous and path.suffix else stem
        label = label.replace(" ", "-").lower()
        used_labels = {used_label for used_label, _ in labels.values()}
        candidates = (label, *(f"{label}-{n}" for n in range(2, len(stems) + 1)))
        unused_label = next(x for x in candidates if x not in used_labels)
        labels.setdefault(name, (unused_label, ambiguous))
    return labels
