"""What the engine can make of a picture in a batch: one row per product, and the recipe of some.

To add a product, add a row to `PRODUCTS`: the command's help, the names of outputs and the manifest
follow it. The table itself loads nothing that computes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from ..progress import Progress
from ..settings import ReliefSettings
from .plan import Recipe, pin_model

if TYPE_CHECKING:
    from ..pipeline import LayeredPicture
    from ..types import DepthMap, Mesh
    from .preset import Preset

__all__ = [
    "JOB",
    "PRODUCTS",
    "Product",
    "Products",
    "choose_products",
    "make_recipe",
    "write_products",
]

# The worker process's name for the job that makes them, see `process`.
JOB = "products"


@dataclass
class Products:
    """A layered picture and what several products of it share, made when first asked for."""

    layered: LayeredPicture
    preset: Preset
    _meshes: dict[ReliefSettings, Mesh] = field(default_factory=dict, repr=False)

    def mesh(self, settings: ReliefSettings) -> Mesh:
        """The solids under these settings."""
        if settings not in self._meshes:
            from ..geometry.relief import relief

            self._meshes[settings] = relief(self.layered.stack, settings, self.layered.depth)
        return self._meshes[settings]

    @property
    def depth(self) -> DepthMap:
        """The predicted depth, or the layers' order where layers were loaded."""
        from ..types import DepthMap

        return self.layered.depth or DepthMap(self.layered.stack.discrete_depth(), "layers")


@dataclass(frozen=True)
class Product:
    """An ending (a folder's ends in "/"), one line of help, and the function that writes it."""

    ending: str
    help: str
    write: Callable[[Products, Path], object]


def _depth(products: Products, path: Path) -> object:
    from ..io.depth_file import write_depth

    return write_depth(products.depth, path)


def _layers(products: Products, path: Path) -> object:
    from ..export.layers.layer_images import write_layers

    return write_layers(products.layered.stack, path)


def _stack(products: Products, path: Path) -> object:
    from ..export.stack_writer import write_stack

    return write_stack(
        products.layered.stack,
        path,
        depth=products.layered.depth,
        vectorize=products.preset.vectorize,
    )


def _solid(products: Products, path: Path) -> object:
    from ..export.relief_writer import relief_for_output, write_relief

    shape = relief_for_output(products.preset.relief, path)
    stack, image, depth = products.layered.stack, products.layered.image, products.layered.depth
    return write_relief(stack, shape, path, image=image, depth=depth, mesh=products.mesh(shape))


PRODUCTS: dict[str, Product] = {
    "depth": Product("-depth.png", "16-bit depth map, larger = nearer", _depth),
    "layers": Product("-layers/", "folder of full-frame RGBA PNGs", _layers),
    "svg": Product(".svg", "layered drawing", _stack),
    "psd": Product(".psd", "layers for Photoshop and Krita", _stack),
    "ora": Product(".ora", "layers for Krita, GIMP and MyPaint", _stack),
    "exr": Product(".exr", "multi-layer EXR with depth", _stack),
    "stl": Product(".stl", "solid in millimetres", _solid),
    "glb": Product(".glb", "textured meshes", _solid),
    "3mf": Product(".3mf", "coloured parts for printing", _solid),
    "parts": Product("-parts/", "folder with one STL per layer", _solid),
    "idl": Product(".idl", "layers to edit further", _stack),
}


def choose_products(text: str) -> tuple[str, ...]:
    """Products from "svg,psd", in the table's order; InputError for an unknown or no product."""
    words = {word.strip().lower() for word in text.split(",") if word.strip()}
    unknown = sorted(words - set(PRODUCTS))
    if unknown:
        raise InputError(
            f"There is no product called {unknown[0]!r}; known: {', '.join(PRODUCTS)}."
        )
    if not words:
        raise InputError(f"--products names nothing; choose from {', '.join(PRODUCTS)}.")
    return tuple(name for name in PRODUCTS if name in words)


def write_products(
    products: Products, names: Sequence[str], stem: str, folder: Path, progress: Progress
) -> None:
    """Write products into an empty folder, named after `stem`."""
    for number, name in enumerate(names):
        progress("writing", number / len(names))
        product = PRODUCTS[name]
        product.write(products, folder / (stem + product.ending.rstrip("/")))
    progress("writing", 1.0)


def make_recipe(products: Sequence[str], preset: Preset) -> Recipe:
    """What `illustrators-depth batch` makes of every picture.

    Raises InputError when the preset's model is missing.
    """
    names = [name for name in PRODUCTS if name in products]  # one order, whatever was asked first
    settings = pin_model({"products": names, **preset.to_dict()})
    return Recipe(JOB, settings, tuple(PRODUCTS[name].ending for name in names))
