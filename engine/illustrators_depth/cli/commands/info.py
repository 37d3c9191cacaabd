"""`illustrators-depth info`: what a picture is, or what this installation can do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ..report import answer

__all__ = ["info"]

Source = Annotated[
    Path | None,
    typer.Argument(metavar="[IMAGE]", help="A picture, or a file of layers; may be left out."),
]


AsJson = Annotated[bool, typer.Option("--json", help="For programs: one JSON object.")]


def info(image: Source = None, as_json: AsJson = False) -> None:
    """Show a picture's size, colour, alpha and profile; or versions, devices and models.

    Example: [cyan]illustrators-depth info fox.png[/cyan]

    Example: [cyan]illustrators-depth info fox.idl --json[/cyan]
    """
    from ...io.pictures.describe import describe_picture, numbers_of
    from ...layered import LAYERED_SUFFIXES

    if image is None:
        facts = _installation()
        show = _show_installation
    elif image.suffix.lower() in (".idl", *LAYERED_SUFFIXES):
        facts = _stack(image)
        show = _show_stack
    else:
        facts = {"file": image.name, **describe_picture(image)}
        if as_json:
            facts |= numbers_of(facts)
        show = _table
    if as_json:
        answer(json.dumps(facts, indent=2))
    else:
        show(facts)


def _table(facts: dict[str, Any]) -> None:
    width = max(len(key) for key in facts)
    for key, value in facts.items():
        answer(f"{key:<{width}}  {value}")


def _installation() -> dict[str, Any]:
    from ...predictors import MODELS
    from ...worker.environment import device_notes, devices, versions

    return {
        "versions": versions(),
        "models": dict(MODELS),
        "devices": devices(torch=True),
        "device_notes": device_notes(),
    }


def _show_installation(facts: dict[str, Any]) -> None:
    for heading in ("versions", "models"):
        answer(heading)
        _table({f"  {k}": v for k, v in facts[heading].items()})
    answer("devices")
    answer("  " + ", ".join(facts["devices"]))
    for note in facts["device_notes"]:
        answer(f"  {note}")


def _stack(path: Path) -> dict[str, Any]:
    from ...export.layers.layer_list import layer_list
    from ...io.stack_file import load_stack
    from ...layered import read_layers

    read = load_stack if path.suffix.lower() == ".idl" else read_layers
    return {"file": path.name, **layer_list(read(path))}


def _show_stack(facts: dict[str, Any]) -> None:
    width, height, layers = facts["width"], facts["height"], facts["layers"]
    _table(
        {
            "file": facts["file"],
            "name": facts["name"],
            "size": f"{width} x {height} pixels",
            "layers": f"{len(layers)}, bottom to top:",
        }
    )
    for number, layer in enumerate(layers, 1):
        color = "#" + "".join(f"{round(255 * c):02x}" for c in layer["color"])
        share = layer["visible_pixels"] / (width * height)
        confidence = layer["confidence"]
        sure = "" if confidence is None else f"  sure {confidence:4.0%}"
        blend = "" if layer["blend"] == "normal" else f"  {layer['blend']}"
        hidden = "  hidden" if layer["hidden"] else ""
        name = " / ".join([*layer["group"], layer["name"]])
        depth = f"depth {layer['depth']:.2f}{sure}"
        answer(f"  {number:2d}  {color}  {share:6.1%}  {depth}  {name}{blend}{hidden}")
