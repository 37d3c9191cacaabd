"""Trains on one GPU from a checkout and a travel pack, nothing installed but PyTorch and a few.

    python scripts/train_on_gpu.py compact-gpu --data travel.pack --minutes 9 --out RUN

Needs torch, numpy, opencv-python-headless, safetensors and onnx; no network. See docs/training.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "engine"), str(ROOT / "training")]

from illustrators_depth_training.device_run.__main__ import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
