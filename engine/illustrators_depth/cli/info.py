"""`illustrators-depth info`: what a picture is, or what this installation can do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..io.describe import describe_picture
from .report import say

__all__ = ["info"]

Source = Annotated[
    Path | None,
    typer.Argument(metavar="[IMAGE]", help="A picture, or saved layers (.idl); may be left out."),
]


def info(image: Source = None) -> None:
    """Show a picture's size, colour, alpha and profile; or versions, devices and models.

    Example: [cyan]illustrators-depth info fox.png[/cyan]
    """
    if image is None:
        _installation()
    elif image.suffix.lower() == ".idl":
        _stack(image)
    else:
        _table({"file": image.name, **describe_picture(image)})


def _table(facts: dict[str, str]) -> None:
    width = max(len(key) for key in facts)
    for key, value in facts.items():
        say(f"{key:<{width}}  {value}")


def _installation() -> None:
    from ..predictors import MODELS
    from ..worker.facts import devices, versions

    say("versions")
    _table({f"  {k}": v for k, v in versions().items()})
    say("models")
    _table({f"  {k}": v for k, v in MODELS.items()})
    say("devices")
    say("  " + ", ".join(devices(torch=True)))


def _stack(path: Path) -> None:
    from ..io.stack_file import load_stack

    stack = load_stack(path)
    _table(
        {
            "file": path.name,
            "name": stack.name,
            "size": f"{stack.width} x {stack.height} pixels",
            "layers": f"{len(stack)}, bottom to top:",
        }
    )
    for i, layer in enumerate(stack, 1):
        colour = "#" + "".join(f"{round(255 * c):02x}" for c in layer.color)
        share = layer.visible_crop.sum() / (stack.width * stack.height)
        hidden = "  hidden" if layer.hidden else ""
        say(f"  {i:2d}  {colour}  {share:6.1%}  depth {layer.depth:.2f}  {layer.name}{hidden}")
