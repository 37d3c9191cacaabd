"""What a picture costs: over megapixels, over layers, over pictures; and where the time goes.

    python -m benchmarks curves [--quick] [--most 64] [--many]

One thread, one process for each row, processor time.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ..harness.measure import print_row, run_row, save_results
from ..harness.process_stats import cpu_seconds, memory_mb
from ..inputs.ellipses import ellipses

MEGAPIXELS = (0.25, 1.0, 4.0, 16.0, 64.0)
LAYERS = (2, 4, 8, 16, 32, 64)
PICTURES = (1, 10, 100)
MANY_PICTURES = 1000
MAX_TRACED_PIXELS = 5_000_000
"""Larger pictures are not traced: the curve is of layers and meshes."""


def _stages(width: int, height: int, shapes: int, layers: int) -> None:
    """Seconds of each stage from a decoded picture to stacked meshes and SVG, network apart."""
    from illustrators_depth.geometry import relief
    from illustrators_depth.layering import decompose
    from illustrators_depth.predictors.onnx import OnnxPredictor
    from illustrators_depth.predictors.regional import compose_depth, prepare
    from illustrators_depth.settings import DecomposeSettings, DepthSettings
    from illustrators_depth.tracing import vectorize
    from illustrators_depth.types import DepthMap

    predictor = OnnxPredictor.shipped(DepthSettings())
    small = ellipses(256, 256)
    relief(decompose(small, predictor.predict(small)))  # all modules are loaded from here on
    image = ellipses(width, height, shapes)
    settings = DecomposeSettings(max_layers=255, layers=0)
    marks: dict[str, float] = {}
    last = time.process_time()

    def mark(name: str) -> None:
        nonlocal last
        now = time.process_time()
        marks[name] = round(now - last, 4)
        last = now

    prepared = prepare(image, 192, 32)
    mark("regions")
    dense, values = predictor.run(prepared)
    mark("network")
    depth = DepthMap(compose_depth(prepared, dense, values)[0])
    mark("depth at full size")
    if layers:
        settings = DecomposeSettings(method="bins", layers=layers, binning="uniform")
        import numpy as np

        ramp = np.add.outer(np.arange(height), np.arange(width)).astype(np.float32)
        depth = DepthMap(ramp)
    stack = decompose(image, depth, settings)
    mark("layers")
    relief(stack)
    mark("stacked meshes")
    reached = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if width * height <= MAX_TRACED_PIXELS:
        vectorize(stack)
        mark("SVG")
    print_row(seconds=marks, layers=len(stack), peak_to_meshes_mb=round(reached, 1))


def _pictures(count: int) -> None:
    """Seconds for so many pictures of 512 x 512 through one warm worker, and its memory."""
    from illustrators_depth.worker import WorkerClient, collect_layers, submit_layers

    images = [ellipses(512, 512, seed=i) for i in range(min(count, 20))]
    with WorkerClient() as worker:
        job = submit_layers(worker, images[0])
        worker.wait(job, 120)
        job.release()
        start, cpu_start = time.perf_counter(), cpu_seconds(worker.pid)
        for i in range(count):
            job = submit_layers(worker, images[i % len(images)])
            worker.wait(job, 120)
            collect_layers(job)
            job.release()
        wall = time.perf_counter() - start
        cpu, memory = cpu_seconds(worker.pid) - cpu_start, memory_mb(pid=worker.pid)
    each, cpu_each = wall / count, cpu / count
    print_row(pictures=count, wall=wall, each=each, cpu_each=cpu_each, worker_mb=memory)


def _cold(side: int) -> None:
    """A cold `illustrators-depth relief` from PNG to STL, as the shell sees it."""
    import numpy as np
    from PIL import Image as PilImage

    with tempfile.TemporaryDirectory() as folder:
        pixels = (ellipses(side, side).rgba[..., :3] * 255).astype(np.uint8)
        PilImage.fromarray(pixels).save(Path(folder) / "a.png")
        command = [sys.executable, "-m", "illustrators_depth", "relief", "a.png", "-o", "a.stl"]
        best: dict[str, Any] = {}
        for _ in range(3):
            (Path(folder) / "a.stl").unlink(missing_ok=True)
            before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            subprocess.run(command, cwd=folder, check=True, capture_output=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            if not best or cpu < best["cpu"]:
                best = {"cpu": cpu, "wall": time.perf_counter() - start,
                        "child_peak_mb": after.ru_maxrss / 1024}  # fmt: skip
    print_row(**best)


def _vectorize(tracer: str, side: int) -> None:
    """Seconds, bytes and paths of one layered drawing."""
    import numpy as np

    image = ellipses(side, side)
    if tracer == "ours":
        from illustrators_depth.depth import predict_depth
        from illustrators_depth.layering import decompose
        from illustrators_depth.tracing import vectorize

        stack = decompose(image, predict_depth(image))
        vectorize(stack)
        start = time.process_time()
        text = vectorize(stack)
    else:
        import vtracer

        pixels = [tuple(p) for p in (image.rgba * 255).astype(np.uint8).reshape(-1, 4).tolist()]
        start = time.process_time()
        text = vtracer.convert_pixels_to_svg(
            pixels, (side, side), hierarchical="stacked", filter_speckle=8,
            color_precision=7, layer_difference=5,
        )  # fmt: skip
    cpu = time.process_time() - start
    print_row(cpu=cpu, kilobytes=len(text) / 1000, paths=text.count("<path"))


def main() -> int:
    """Run every row in a process of its own; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    parser.add_argument(
        "--most", type=float, default=64.0, help="megapixels of the largest picture"
    )
    parser.add_argument("--many", action="store_true", help="also 1,000 pictures (minutes)")
    parser.add_argument("--row", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.row:
        kind, *rest = options.row
        if kind == "vectorise":
            _vectorize(rest[0], int(rest[1]))
        else:
            rows_of = {"stages": _stages, "pictures": _pictures, "cold": _cold}
            rows_of[kind](*map(int, rest))
        return 0
    rows: list[dict[str, Any]] = []

    def row(curve: str, x: float | str, *arguments: object) -> None:
        measured = run_row(__spec__.name, *arguments)
        rows.append({"curve": curve, "x": x, **measured})
        print(f"{curve}, {x}: {measured}", flush=True)

    for megapixels in MEGAPIXELS:
        if megapixels <= (1.0 if options.quick else options.most):
            side = round((megapixels * 1e6) ** 0.5)
            row("megapixels", megapixels, "stages", side, side, 24, 0)
    side = 256 if options.quick else 1024
    for layers in LAYERS[:2] if options.quick else LAYERS:
        row("layers", layers, "stages", side, side, 24, layers)
    counts = PICTURES[:1] if options.quick else PICTURES
    for count in (*counts, MANY_PICTURES) if options.many else counts:
        row("pictures", count, "pictures", count)
    row("cold command", side, "cold", side)
    for tracer in ("ours", "vtracer"):
        row("vectorise", tracer, "vectorise", tracer, side)
    save_results("curves", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
