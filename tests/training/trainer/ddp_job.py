"""Trains a config and notes which samples this process drew; started by the DDP test, per rank.

python ddp_job.py CONFIG OUT [--set NAME=VALUE ...], as `train` takes them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from illustrators_depth_training.cli.train import yaml_overrides
from illustrators_depth_training.samples.stream import SampleStream
from illustrators_depth_training.trainer.config import load_config
from illustrators_depth_training.trainer.train import train


def main() -> None:
    config, out, *given = sys.argv[1:]
    settings = load_config(
        Path(config), yaml_overrides([item for item in given if item != "--set"])
    )
    draw = SampleStream.sample
    place = Path(out).with_name(f"{Path(out).name}-samples-{os.environ.get('LOCAL_RANK', '0')}.txt")

    def noted(stream: SampleStream, number: int, *more: object) -> object:
        if stream.targets:  # validation draws its own
            with place.open("a", encoding="utf-8") as file:
                file.write(f"{number}\n")
        return draw(stream, number, *more)  # type: ignore[arg-type]

    SampleStream.sample = noted  # type: ignore[assignment, method-assign]
    train(settings, Path(out), quiet=True)


if __name__ == "__main__":
    main()
