"""What the worker can do: one function per job, from JSON params to a JSON result.

Params are paths and settings dictionaries; results are paths of files written into the folder that
the client named, and small facts. A job reports through `progress`, which raises Cancelled when the
client asked the job to stop.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from ..io.pictures.resolution import dpi_of_info
from ..product_settings import PrinterSettings
from ..progress import Progress
from ..settings import CompleteSettings, DecomposeSettings, DepthSettings, ReliefSettings
from ..threads import limit_threads_from_env
from ..types import DepthMap, Image
from .array_files import load_array, output_folder, save_array
from .environment import device_notes, devices, versions

if TYPE_CHECKING:
    from ..depth import DepthSession

__all__ = ["Jobs"]

Params = Mapping[str, Any]


class Jobs:
    """The jobs, with what is worth keeping between them: the predictor used last.

    A predictor holds network weights, so that a second picture starts at once.
    """

    def __init__(self) -> None:
        limit_threads_from_env()
        self._session: DepthSession | None = None
        self.table: dict[str, Callable[[Params, Progress], dict[str, Any]]] = {
            "ping": self.ping,
            "depth": self.depth,
            "layers": self.layers,
            "file_layers": self.file_layers,
            "inside": self.inside,
            "export": self.export,
        }

    def ping(self, params: Params, progress: Progress) -> dict[str, Any]:
        """Answer; with `probe` also ask torch for devices; with `seconds` take that long."""
        seconds = _number(params, "seconds", 0.0)
        start = time.monotonic()
        while (spent := time.monotonic() - start) < seconds:
            progress("waiting", spent / seconds)
            time.sleep(0.01)
        probe = bool(params.get("probe", False))
        return {
            "pong": params.get("payload"),
            "versions": versions(),
            "devices": devices(torch=probe),
            "device_notes": device_notes(),
        }

    def depth(self, params: Params, progress: Progress) -> dict[str, Any]:
        """Picture -> depth.npy in `folder`, and confidence.npy where the predictor says."""
        folder = output_folder(params)
        start = time.monotonic()
        image = _image(params)
        depth = self._predict(image, params, progress)
        return {
            **_save_depth(folder, depth),
            "seconds": {"depth": round(time.monotonic() - start, 3)},
        }

    def layers(self, params: Params, progress: Progress) -> dict[str, Any]:
        """Picture -> depth.npy and stack.idl in `folder`; `depth` names a depth.npy to start from.

        Layer pictures are rounded to 8 bits (see `eight_bit`). Layers' uids start above `uid_base`,
        so that a picture taken apart once more shares none with the layers it had.
        Depth takes the first four fifths of the progress, layering the rest.
        """
        from ..io.pictures.picture_file import LAYERS_BYTES_PER_PIXEL, check_memory
        from ..io.stack_file import save_stack
        from ..layering import decompose
        from ..layering.compositing.quantize import eight_bit

        folder = output_folder(params)
        start = time.monotonic()
        image = _image(params)
        check_memory(image.name, image.width, image.height, LAYERS_BYTES_PER_PIXEL)
        if "depth" in params:
            depth = _known_depth(params["depth"])
        else:
            depth = self._predict(image, params, lambda s, f: progress(s, 0.8 * f))
        middle = time.monotonic()
        stack = decompose(
            image,
            depth,
            DecomposeSettings.from_dict(params.get("decompose", {})),
            CompleteSettings.from_dict(params.get("complete", {})),
            lambda stage, f: progress(stage, 0.8 + 0.15 * f),
        )
        base = _integer(params, "uid_base", 0)
        stack = stack.with_layers(tuple(replace(x, uid=x.uid + base) for x in stack))
        progress("writing", 0.95)
        saved = _save_depth(folder, depth)
        save_stack(eight_bit(stack), folder / "stack.idl", overwrite=True)
        progress("writing", 1.0)
        return {
            **saved,
            "stack": str(folder / "stack.idl"),
            "layers": len(stack),
            "list": [
                {
                    "uid": x.uid,
                    "name": x.name,
                    "color": list(x.color),
                    "confidence": x.confidence,
                }
                for x in stack
            ],
            "seconds": {
                "depth": round(middle - start, 3),
                "layers": round(time.monotonic() - middle, 3),
            },
        }

    def file_layers(self, params: Params, progress: Progress) -> dict[str, Any]:
        """A file that holds its layers -> what `file_layers.read_file_layers` says."""
        from .file_layers import read_file_layers

        return read_file_layers(
            params, output_folder(params), _integer(params, "uid_base", 0), progress
        )

    def inside(self, params: Params, progress: Progress) -> dict[str, Any]:
        """Layers, and one of them taken apart by a prediction of its own -> stack.idl in `folder`.

        `stack` names an .idl file, `index` the layer; settings are as for "layers".
        """
        from ..io.stack_file import load_stack, save_stack
        from ..layering.compositing.quantize import eight_bit
        from ..pipeline import predict_inside

        folder, start = output_folder(params), time.monotonic()
        stack = load_stack(Path(str(params.get("stack", ""))))
        settings = DepthSettings.from_dict(params.get("settings", {}))
        result = predict_inside(
            stack,
            _integer(params, "index", 0),
            settings,
            DecomposeSettings.from_dict(params.get("decompose", {})),
            CompleteSettings.from_dict(params.get("complete", {})),
            lambda stage, f: progress(stage, 0.9 * f),
            self._session_for(settings),
        )
        progress("writing", 0.95)
        save_stack(eight_bit(result), folder / "inside.idl", overwrite=True)
        return {
            "stack": str(folder / "inside.idl"),
            "layers": len(result) - len(stack) + 1,
            "seconds": {"inside": round(time.monotonic() - start, 3)},
        }

    def export(self, params: Params, progress: Progress) -> dict[str, Any]:
        """Layers -> a file, one of the formats of `export`, in `folder`/out under the name `file`.

        `stack` names an .idl file, `depth` a depth.npy; with `relief` and `printer` it is a file
        for printing, which `check_first` measures beforehand. Result: "said", a few words on it;
        or "errors", why it cannot be printed, and no file.
        """
        from ..export.print_writer import PrintFile, check_before_print
        from ..export.stack_writer import LayerFile
        from ..io.stack_file import load_stack

        out = output_folder(params) / "out"
        out.mkdir()
        progress("reading", 0.0)
        stack = load_stack(Path(str(params.get("stack", ""))))
        depth = _known_depth(params.get("depth"))
        kind, path = str(params.get("kind")), out / Path(str(params.get("file", ""))).name
        file: LayerFile | PrintFile = LayerFile(kind)
        if "relief" in params:
            relief = ReliefSettings.from_dict(params["relief"])
            printer = PrinterSettings.from_dict(params.get("printer", {}))
            if params.get("check_first"):
                progress("checking", 0.05)
                errors = check_before_print(stack, depth, relief, printer).errors
                if errors:
                    return {"errors": [finding.text for finding in errors]}
            picture = _image(params) if "image" in params else None
            file = PrintFile(kind, relief, printer, picture)
        return {"said": file.write(stack, depth, path, progress=progress), "errors": []}

    def _predict(self, image: Image, params: Params, progress: Progress) -> DepthMap:
        settings = DepthSettings.from_dict(params.get("settings", {}))
        if self._session is None or self._session.settings != settings:
            progress("loading", 0.0)
        return self._session_for(settings).predict(image, progress)

    def _session_for(self, settings: DepthSettings) -> DepthSession:
        """The predictor used last, or a new one in its place."""
        from ..depth import DepthSession

        if self._session is None or self._session.settings != settings:
            self._session = DepthSession(settings)
        return self._session


def _number(params: Params, name: str, default: float) -> float:
    value = params.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise InputError(f"The request's {name} must be a number from 0 on, not {value!r:.60}.")
    return float(value)


def _integer(params: Params, name: str, default: int) -> int:
    value = params.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 53:
        raise InputError(f"The request's {name} must be a whole number, not {value!r:.60}.")
    return value


def _save_depth(folder: Path, depth: DepthMap) -> dict[str, str]:
    """Write a depth map's arrays into `folder`: what the answer says of them."""
    saved = {"depth": str(save_array(folder / "depth.npy", depth.values))}
    if depth.confidence is not None:
        saved["confidence"] = str(save_array(folder / "confidence.npy", depth.confidence))
    return saved | {"predictor": depth.predictor, "device": depth.device}


def _known_depth(entry: Any) -> DepthMap:
    if not isinstance(entry, dict) or not {"path", "predictor", "device"} <= set(entry):
        raise InputError("The request's depth needs a path, a predictor and a device.")
    values = load_array(Path(str(entry["path"])), "float32", 2)
    confidence_path = entry.get("confidence")
    confidence = (
        None if confidence_path is None else load_array(Path(str(confidence_path)), "float32", 2)
    )
    return DepthMap(values, str(entry["predictor"]), str(entry["device"]), confidence)


def _dpi(value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2:
        raise InputError("The request's dpi must be a list of two numbers.")
    return dpi_of_info({"dpi": value})


def _image(params: Params) -> Image:
    """The picture: an .npy of float32 HxWx4 straight-alpha sRGB, or any file `read_image` takes."""
    path = Path(str(params.get("image", "")))
    name = str(params.get("name", path.stem or "picture"))
    if path.suffix == ".npy":
        rgba = load_array(path, "float32", 3)
        if not np.isfinite(rgba).all():
            raise InputError(f"The picture {name!r} holds NaN or infinite values; repair it first.")
        return Image(rgba, name, str(params.get("source", "array")), _dpi(params.get("dpi")))
    from ..io.pictures.read_image import read_image

    return read_image(path)
