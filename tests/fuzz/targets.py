"""What is fuzzed: one function per reader, from bytes to nothing, and seeds to start from.

A target returns, whatever the bytes, or raises what the reader's documentation promises for bad
input; anything else that comes out of it is a finding.
"""

from __future__ import annotations

import contextlib
import io
import json
import queue
import struct
import tempfile
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from illustrators_depth.errors import EngineError
from illustrators_depth.progress import no_progress
from illustrators_depth.settings import ReadSettings

__all__ = ["MODULES", "TARGETS", "seeds"]

# What atheris watches for new paths; instrumenting every library would take longer than fuzzing.
MODULES = ["illustrators_depth", "illustrators_depth_training"]
_PIXELS = 250_000
_CASES = Path(__file__).parents[1] / "cases" / "files"
_folder = Path(tempfile.mkdtemp(prefix="fuzz-"))


def _file(data: bytes, name: str) -> Path:
    path = _folder / name
    path.write_bytes(data)
    return path


def picture(data: bytes) -> None:
    """Any picture file."""
    from illustrators_depth.io.pictures.read_image import read_image

    with contextlib.suppress(EngineError):
        image = read_image(_file(data, "a.png"), ReadSettings(max_pixels=_PIXELS))
        assert np.isfinite(image.rgba).all()
        assert image.rgba.min() >= 0.0 and image.rgba.max() <= 1.0


def png_chunks(data: bytes) -> None:
    """A PNG whose checksums are right, so that what it says is looked at."""
    picture(_with_checksums(data))
    depth(_with_checksums(data))


def depth(data: bytes) -> None:
    """Any depth file: EXR, NPY, PNG, TIFF."""
    from illustrators_depth.io import depth_file

    depth_file.ReadSettings = lambda: ReadSettings(max_pixels=_PIXELS)  # type: ignore
    with contextlib.suppress(EngineError):
        depth_file.read_depth(_file(data, "a.npy"))


def idl(data: bytes) -> None:
    """A layer file."""
    from illustrators_depth.io.stack_file import load_stack

    with contextlib.suppress(EngineError):
        load_stack(_file(data, "a.idl"), max_pixels=_PIXELS)


def idl_manifest(data: bytes) -> None:
    """A good layer file whose list of contents has been replaced."""
    with zipfile.ZipFile(io.BytesIO(_idl())) as archive:
        members = {i.filename: archive.read(i) for i in archive.infolist()}
    members["stack.json"] = data
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    idl(buffer.getvalue())


def idl_use(data: bytes) -> None:
    """A layer file that is read is used, too: saved again, flattened, written and made solid."""
    from illustrators_depth.editing.flatten import flatten
    from illustrators_depth.export.layers.layer_images import write_layers
    from illustrators_depth.geometry.relief import relief
    from illustrators_depth.io.stack_file import load_stack, save_stack

    with contextlib.suppress(EngineError):
        stack = load_stack(_file(data, "a.idl"), max_pixels=_PIXELS)
        save_stack(stack, _folder / "again.idl", overwrite=True)
        flatten(stack)
        write_layers(stack, _folder / "layers", overwrite=True)
        relief(stack)


def writing(data: bytes) -> None:
    """A layer file that is read is written as everything else, and and read back."""
    from illustrators_depth.export.relief_writer import write_relief
    from illustrators_depth.export.stack_writer import STACK_SUFFIXES, write_stack
    from illustrators_depth.io.stack_file import load_stack
    from illustrators_depth.layered import LAYERED_SUFFIXES, read_layers
    from illustrators_depth.papercut import papercut, write_papercut
    from illustrators_depth.settings import ReliefSettings

    with contextlib.suppress(EngineError):
        stack = load_stack(_file(data, "a.idl"), max_pixels=_PIXELS)
        for suffix in STACK_SUFFIXES:
            with contextlib.suppress(EngineError):
                made = write_stack(stack, _folder / f"made{suffix}", overwrite=True)
                if suffix == ".idl":
                    load_stack(made)
                elif suffix in LAYERED_SUFFIXES:
                    read_layers(made)
        for suffix in (".stl", ".3mf", ".glb", ".obj", ".ply", ".png"):
            with contextlib.suppress(EngineError):
                write_relief(stack, ReliefSettings(), _folder / f"solid{suffix}", overwrite=True)
        for suffix in (".svg", ".pdf", ".dxf"):
            with contextlib.suppress(EngineError):
                write_papercut(papercut(stack), _folder / f"sheets{suffix}", overwrite=True)


def operation(data: bytes) -> None:
    """What is typed after `edit --op`, done to layers that are then saved."""
    from illustrators_depth.editing.script import apply_operation
    from illustrators_depth.io.stack_file import load_stack, save_stack

    stack = load_stack(_file(_idl(), "edited.idl"))
    with contextlib.suppress(EngineError):
        edited = apply_operation(stack, data.decode("utf-8", "replace"))
        load_stack(save_stack(edited, _folder / "edited-again.idl", overwrite=True))


def model(data: bytes) -> None:
    """An ONNX model from elsewhere, and its answer to a small picture."""
    from illustrators_depth.predictors.onnx import OnnxPredictor
    from illustrators_depth.settings import DepthSettings
    from illustrators_depth.types import Image

    with contextlib.suppress(EngineError, MemoryError):
        predictor = OnnxPredictor(data, "fuzz", DepthSettings(size=32), "a.onnx")
        depth = predictor.predict(Image(np.full((32, 32, 4), 0.5, np.float32)))
        assert np.isfinite(depth.values).all()


def preset(data: bytes) -> None:
    """A preset, as JSON and as TOML."""
    from illustrators_depth.batch import load_preset

    for suffix in (".json", ".toml"):
        with contextlib.suppress(EngineError):
            load_preset(_file(data, "a" + suffix)).to_dict()


def svg(data: bytes) -> None:
    """A drawing, to be made safe; what comes out is safe and stays the same when done again."""
    from illustrators_depth_training.data.reasons import Discarded
    from illustrators_depth_training.data.svg.read_tree import read_tree
    from illustrators_depth_training.data.svg.sanitize import SvgLimits, sanitize

    with contextlib.suppress(Discarded):
        text = sanitize(data, SvgLimits(bytes=100_000))
        assert sanitize(text.encode()) == text
        with contextlib.suppress(ValueError, KeyError):
            read_tree(text)


def checkpoint(data: bytes) -> None:
    """Network weights, in PyTorch's container or safetensors; nothing in them may run."""
    from illustrators_depth.networks.checkpoint import read_tensors

    for suffix in (".pt", ".safetensors"):
        with contextlib.suppress(EngineError, MemoryError):
            read_tensors(_file(data, "a" + suffix))


def worker_request(data: bytes) -> None:
    """A line to the worker, and the job it asks for (but one that waits)."""
    from illustrators_depth.worker.jobs import Jobs
    from illustrators_depth.worker.protocol import decode_request

    with contextlib.suppress(EngineError):
        request = decode_request(data)
        job = Jobs().table.get(request.job)
        if job is None or request.job == "ping":
            return
        params = {k: v for k, v in request.params.items() if k not in ("image", "folder")}
        image = _folder / "image.npy"
        if not image.exists():
            np.save(image, np.ones((4, 5, 4), np.float32))
        fixed = {"image": str(image), "folder": str(_folder)}
        chosen = request.params.get("settings")
        if isinstance(chosen, dict) and chosen.get("model") != "heuristic":
            params["settings"] = chosen | {"model": "heuristic"}
        elif chosen is None:
            params["settings"] = {"model": "heuristic"}
        job(params | fixed, no_progress)


def worker_answer(data: bytes) -> None:
    """What a worker of another version, or no worker at all, writes; as the client takes it."""
    from illustrators_depth.worker.client import WorkerClient
    from illustrators_depth.worker.job import Job
    from illustrators_depth.worker.process import WorkerProcess

    # The process's own reading of its pipe, on a pipe that holds the bytes and then closes.
    process = WorkerProcess.__new__(WorkerProcess)
    process.messages = queue.SimpleQueue()
    process._stderr, process._said_hello, process._program = deque(maxlen=40), False, "python"
    ended = SimpleNamespace(join=lambda **_: None, is_alive=lambda: False)
    process._threads = [ended, ended]  # type: ignore[list-item]
    process._process = SimpleNamespace(  # type: ignore[assignment]
        stdin=None, stdout=io.BytesIO(data), stderr=None, kill=int, wait=lambda **_: 0
    )
    process._read_stdout()
    client = WorkerClient()
    client._process = process
    client._jobs = jobs = {i: Job(i, "layers") for i in range(3)}  # type: ignore[assignment]
    before = list(jobs.values())
    client.poll()
    for job in before:
        assert job.finished
        assert 0.0 <= job.fraction <= 1.0
        assert (job.state == "done") == (job.error is None)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "picture": picture,
    "png_chunks": png_chunks,
    "depth": depth,
    "idl": idl,
    "idl_manifest": idl_manifest,
    "idl_use": idl_use,
    "writing": writing,
    "operation": operation,
    "model": model,
    "preset": preset,
    "svg": svg,
    "checkpoint": checkpoint,
    "worker_request": worker_request,
    "worker_answer": worker_answer,
}


def seeds(name: str) -> Iterator[bytes]:
    """Good input of every kind that a target reads."""
    yield from _SEEDS[name]()


def _pictures() -> Iterator[bytes]:
    from PIL import Image as PilImage

    rng = np.random.default_rng(0)
    rgb = PilImage.fromarray(rng.integers(0, 256, (9, 7, 3), np.uint8))
    for kind, mode in (
        ("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1"), ("PNG", "LA"),
        ("JPEG", "RGB"), ("JPEG", "CMYK"), ("WEBP", "RGBA"), ("GIF", "P"), ("BMP", "RGB"),
        ("TIFF", "RGB"), ("TIFF", "LAB"), ("PPM", "RGB"), ("TGA", "RGBA"), ("ICO", "RGBA"),
        ("DDS", "RGBA"), ("SGI", "RGB"), ("PCX", "RGB"), ("AVIF", "RGB"), ("AVIF", "RGBA"),
        ("JPEG2000", "RGB"), ("JPEG2000", "LA"), ("QOI", "RGBA"), ("ICNS", "RGBA"),
    ):  # fmt: skip
        if kind not in PilImage.SAVE and not _can_write(kind):
            continue
        buffer = io.BytesIO()
        (rgb if mode == "LAB" else rgb.convert(mode)).save(buffer, kind)
        yield buffer.getvalue()
    exif = PilImage.Exif()
    exif[0x0112] = 6
    for kind, options in (
        ("JPEG", {"exif": exif}),
        ("PNG", {"save_all": True, "append_images": [rgb.rotate(90, expand=False)]}),
        ("ICO", {"bitmap_format": "bmp"}),
        ("TIFF", {"compression": "tiff_lzw"}),
    ):
        buffer = io.BytesIO()
        rgb.save(buffer, kind, **options)
        yield buffer.getvalue()
    yield _psd()
    for path in sorted(_CASES.iterdir()):
        if path.suffix in (".exr", ".tga", ".png", ".avif") and path.name != "exr_thin.exr":
            yield path.read_bytes()
    yield from _depths()


def _can_write(kind: str) -> bool:
    """Whether this Pillow, its plugins loaded, has an encoder for a format."""
    from PIL import Image as PilImage

    PilImage.init()
    return kind in PilImage.SAVE


def _psd() -> bytes:
    from illustrators_depth.export.layers.psd import write_psd
    from illustrators_depth.io.stack_file import load_stack

    stack = load_stack(_file(_idl(), "seed-psd.idl"))
    return write_psd(stack, _folder / "seed.psd", overwrite=True).read_bytes()


def _models() -> Iterator[bytes]:
    yield (_CASES / "onnx_scalar_depth.onnx").read_bytes()


def _presets() -> Iterator[bytes]:
    from illustrators_depth.batch import Preset

    yield json.dumps(Preset().to_dict()).encode()
    yield b'[decompose]\nlayers = 8\n[relief]\nmode = "terraced"\nsize_mm = 150\n'
    yield (_CASES / "preset_size_huge.json").read_bytes()


def _depths() -> Iterator[bytes]:
    import cv2

    from illustrators_depth.io.depth_file import write_depth
    from illustrators_depth.io.pictures.exr import encode_exr
    from illustrators_depth.types import DepthMap

    values = np.random.default_rng(1).random((8, 6), np.float32)
    for suffix in (".npy", ".png", ".exr", ".tif"):
        yield write_depth(DepthMap(values), _folder / f"seed{suffix}", overwrite=True).read_bytes()
    yield encode_exr(np.dstack([values] * 4))
    deep = (values * 65535).astype(np.uint16)
    for suffix in (".png", ".tif"):
        yield cv2.imencode(suffix, deep)[1].tobytes()


def _pngs() -> Iterator[bytes]:
    return (data for data in _pictures() if data.startswith(b"\x89PNG"))


def _idl() -> bytes:
    from illustrators_depth.io.stack_file import save_stack
    from illustrators_depth.types import Layer, LayerStack

    rng = np.random.default_rng(2)
    labels = np.zeros((6, 5), np.int32)
    labels[2:4, 1:4] = 1
    layers = tuple(
        Layer.from_full(
            f"layer {i}", float(i), (0.1, 0.2, 0.3), labels == i, labels >= i,
            (rng.integers(0, 256, (6, 5, 4)) / np.float32(255 if i else 256)).astype(np.float32),
        )
        for i in range(2)
    )  # fmt: skip
    stack = LayerStack(labels, layers, "seed", {"method": "bins"})
    return save_stack(stack, _folder / "seed.idl", overwrite=True).read_bytes()


def _operations() -> Iterator[bytes]:
    return iter(
        text.encode()
        for text in (
            "merge 1 2 name=body", "split 1 by=color count=2", "reorder 2 1", "bring_forward 1",
            "send_back 2 steps=1", "hide 1", "show 1", "rename 1 sky", "recolor 2 #ff8800",
            "delete 2", "threshold 0.5", "insert missing.png at=2 x=3 scale=0.5 rotate=30",
        )
    )  # fmt: skip


def _manifests() -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(_idl())) as archive:
        yield archive.read("stack.json")


def _drawings() -> Iterator[bytes]:
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">'
    rect = '<rect id="r" width="5" height="5" fill="red" transform="rotate(3) scale(2)"/>'
    for body in (
        rect,
        f'<defs>{rect}</defs><use href="#r" x="2"/><g opacity=".5"><path d="M0 0L5 5H2z"/></g>',
        '<linearGradient id="g"><stop offset="0" stop-color="#fff"/></linearGradient>'
        '<circle r="3" fill="url(#g)" stroke="blue" stroke-width=".2"/>',
        f'<clipPath id="c"><use href="#r"/></clipPath>{rect}<g clip-path="url(#c)">{rect}</g>',
        f'<mask id="m">{rect}</mask><g mask="url(#m)" style="fill: var(--a, red)">{rect}</g>',
    ):
        yield f"{head}{body}</svg>".encode()
    entity = '<!DOCTYPE svg [<!ENTITY a "red"><!ENTITY b "&a;">]>'
    yield f'<?xml version="1.0" encoding="utf-8"?>{entity}{head}<g fill="&b;"/></svg>'.encode()


def _checkpoints() -> Iterator[bytes]:
    import torch
    from safetensors.torch import save

    tensors = {"network.a": torch.ones(2, 3), "network.b": torch.zeros(4, dtype=torch.float16)}
    yield save(tensors)
    for legacy in (False, True):
        buffer = io.BytesIO()
        torch.save(
            {"state_dict": tensors, "callbacks": {}, "epoch": 3},
            buffer,
            _use_new_zipfile_serialization=not legacy,
        )
        yield buffer.getvalue()


def _requests() -> Iterator[bytes]:
    from illustrators_depth.settings import CompleteSettings, DecomposeSettings, DepthSettings

    settings: dict[str, Any] = {"settings": DepthSettings(model="heuristic").to_dict()}
    layers = settings | {
        "decompose": DecomposeSettings().to_dict(),
        "complete": CompleteSettings().to_dict(),
    }
    known = {"path": str(_folder / "depth.npy"), "predictor": "heuristic", "device": "none"}
    np.save(_folder / "depth.npy", np.ones((4, 5), np.float32))
    for job, params in (
        ("depth", settings), ("layers", layers), ("layers", layers | {"depth": known}),
        ("ping", {"payload": 1}), ("cancel", {}), ("shutdown", {}),
    ):  # fmt: skip
        yield json.dumps({"id": 7, "job": job, "params": params}).encode()


def _answers() -> Iterator[bytes]:
    lines = [
        {"type": "hello", "protocol": 2, "versions": {}, "devices": ["cpu"], "models": {}},
        {"type": "progress", "id": 1, "stage": "depth", "fraction": 0.4, "eta": 1.8},
        {"type": "result", "id": 1, "result": {"depth": "a.npy"}},
        {"type": "error", "id": 2, "code": "input", "message": "one sentence"},
        {"type": "error", "id": None, "code": "protocol", "message": "one sentence"},
    ]
    yield b"\n".join(json.dumps(line).encode() for line in lines)
    yield from (json.dumps(line).encode() for line in lines)


_SEEDS: dict[str, Callable[[], Iterator[bytes]]] = {
    "picture": _pictures,
    "png_chunks": _pngs,
    "depth": _depths,
    "idl": lambda: iter([_idl()]),
    "idl_use": lambda: iter([_idl()]),
    "writing": lambda: iter([_idl()]),
    "operation": _operations,
    "model": _models,
    "preset": _presets,
    "idl_manifest": _manifests,
    "svg": _drawings,
    "checkpoint": _checkpoints,
    "worker_request": _requests,
    "worker_answer": _answers,
}


def _with_checksums(data: bytes) -> bytes:
    """A PNG's chunks with their lengths kept to the file and their checksums made right."""
    out, at = data[:8], 8
    while at + 8 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        body = data[at + 4 : at + 8 + min(length, len(data) - at - 8)]
        out += struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
        at += 8 + min(length, len(data)) + 4
    return out
