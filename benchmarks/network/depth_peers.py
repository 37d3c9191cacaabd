"""Depth from one picture: our compact network beside Depth Anything V2 Small and Depth Pro.

    python -m benchmarks depth_peers [--quick] [--whole]

The peers are built by transformers at their published sizes with random weights: only what they
cost is compared here, how well they order layers is in docs/results.md. Depth Pro's 36 passes of
ViT-L are one pass measured and multiplied, unless --whole runs it all.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

from ..harness.measure import print_row, run_row, save_results, timed
from ..inputs.ellipses import ellipses
from .peer_networks import depth_anything_small

ROWS = (
    ("compact, ONNX Runtime", 192, 1024),
    ("compact, PyTorch", 192, 1024),
    ("Depth Anything V2 Small (random weights)", 518, 1024),
    ("Depth Pro (random weights)", 1536, 1024),
)
"""Network, pixels of a side that it works at, pixels of a side of the picture."""
_DEPTH_PRO_GFLOP = 18_900.0
_ENCODER_PASSES = 36  # 25 + 9 + 1 patches and the whole picture, each 384 x 384 through a ViT-L/16


def _row(name: str, size: int, picture: int, whole: bool, runs: int) -> None:
    """Print one row: the time of a network, and of the whole prediction where it is ours."""
    image = ellipses(picture, picture)
    if name.startswith("compact, ONNX"):
        from illustrators_depth.predictors.onnx import OnnxPredictor
        from illustrators_depth.predictors.regional import prepare
        from illustrators_depth.settings import DepthSettings

        predictor = OnnxPredictor.shipped(DepthSettings())
        prepared = prepare(image, size, 32)
        network = timed(lambda: predictor.run(prepared), runs, 2)
        # A picture seen before would be segmented faster: each run gets a copy.
        total = timed(lambda: predictor.predict(_copy(image)), runs, 1)
        print_row(network=network, total=total)
    elif name.startswith("compact"):
        import torch

        from illustrators_depth.networks.compact import CompactNetwork

        model = CompactNetwork().eval()
        tensor = torch.rand(1, 3, size, size)
        with torch.inference_mode():
            network = timed(lambda: model(tensor), runs, 2)
        print_row(network=network, gflop=_gflop(model, tensor))
    elif name.startswith("Depth Anything"):
        model, tensor = depth_anything_small(size)
        import torch

        with torch.inference_mode():
            network = timed(lambda: model(pixel_values=tensor), min(runs, 3), 1)
        print_row(network=network, gflop=_gflop(model, tensor))
    else:
        _depth_pro(whole)


def _copy(image: Any) -> Any:
    from dataclasses import replace

    return replace(image, rgba=image.rgba.copy())


def _gflop(model: Any, tensor: Any) -> float:
    """Floating-point operations of one pass in 10^9, a multiply-add counted as two."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        model(tensor)
    return counter.get_total_flops() / 1e9


def _depth_pro(whole: bool) -> None:
    import torch
    from transformers import DepthProConfig, DepthProForDepthEstimation, Dinov2Config, Dinov2Model

    if whole:
        model = DepthProForDepthEstimation(DepthProConfig(use_fov_model=False)).eval()
        tensor = torch.rand(1, 3, 1536, 1536)
        with torch.inference_mode():
            network = timed(lambda: model(pixel_values=tensor), 1, 0)
        print_row(network=network, gflop=_DEPTH_PRO_GFLOP, how="run whole")
        return
    # ViT-L/16 at 384, as in the paper; the decoder (under a tenth of the work) is left out.
    large = Dinov2Config(hidden_size=1024, num_hidden_layers=24, num_attention_heads=16,
                         image_size=384, patch_size=16)  # fmt: skip
    model = Dinov2Model(large).eval()
    tensor = torch.rand(1, 3, 384, 384)
    with torch.inference_mode():
        one = timed(lambda: model(pixel_values=tensor), 1, 1)
    network = {"cpu": one.cpu * _ENCODER_PASSES, "wall": one.wall * _ENCODER_PASSES, "runs": 1}
    how = f"one pass of its encoder measured, times {_ENCODER_PASSES}; its decoder left out"
    print_row(network=network, gflop=_gflop(model, tensor) * _ENCODER_PASSES, how=how)


def main() -> int:
    """Run every row in a process of its own; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer runs, no Depth Pro")
    parser.add_argument("--whole", action="store_true", help="run all of Depth Pro (minutes)")
    parser.add_argument("--row", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.row:
        name, size, picture, whole, runs = options.row
        _row(name, int(size), int(picture), whole == "True", int(runs))
        return 0
    rows: list[dict[str, Any]] = []
    for name, size, picture in ROWS:
        if options.quick and name.startswith("Depth Pro"):
            rows.append({"what": name, "size": size, "not run": "--quick leaves it out"})
            continue
        start = time.monotonic()
        runs = 1 if options.quick else 7
        row = run_row(__spec__.name, name, size, picture, options.whole, runs)
        rows.append({"what": name, "size": size, **row})
        summary = row.get("not run") or f"{row['network']['cpu']:.3f} s of processor"
        print(f"{name} at {size}: {summary} ({time.monotonic() - start:.0f} s)", flush=True)
    if "gflop" in rows[1]:  # counted in PyTorch, in another process: it would weigh on the peak
        rows[0]["gflop"] = rows[1]["gflop"]
    save_results("depth_peers", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
