"""One picture of a batch, from its bytes to files in an empty folder, by way of a scene."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bpy

from illustrators_depth.batch import Preset
from illustrators_depth.batch.job import read_hash
from illustrators_depth.batch.manifest import describe
from illustrators_depth.batch.products import Products, write_products
from illustrators_depth.errors import InputError
from illustrators_depth.io.pictures.read_image import read_image
from illustrators_depth.layered import holds_layers
from illustrators_depth.pipeline import LayeredPicture
from illustrators_depth.progress import Progress
from illustrators_depth.types import Image

from .. import api
from ..scene.render import still as render
from ..scene.render import studio
from ..settings import scene as scene_settings
from ..suppress_output import suppress_output
from .options import EXPORTS

__all__ = ["convert"]

# Types of objects that a preview shows.
_PREVIEW_TYPES = {"MESH", "CURVE"}


def convert(params: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Read a picture, predict, build and write what was asked for into `params["folder"]`.

    Takes and returns what the engine's `make_products` does. Raises what the engine raises.
    """
    settings, name = params["settings"], params["name"]
    folder = Path(params["folder"])
    tables = {k: v for k, v in settings.items() if k in Preset.__dataclass_fields__}
    preset = Preset.from_dict(tables)
    source = Path(params["source"])
    if source.suffix.lower() == ".idl":
        raise InputError(f"{source.name} holds layers, not a picture; name a picture.")
    start = time.monotonic()
    digest = read_hash(source)
    scene = api.empty_file()
    scene_settings.apply_preset(scene, preset)
    picture, predicted = _read_layers(scene, source, preset, progress)
    layers_ready = time.monotonic()
    progress("building", 0.6)
    if "blend" in settings["export"] or settings["preview"]:
        with suppress_output():
            collections = api.build(scene, predicted.image, settings["build"])
            if "blend" in settings["export"]:
                api.save_blend(folder / f"{name}.blend")
            if settings["preview"]:  # last: it sets the scene up for itself
                progress("rendering", 0.65)
                _render_preview(scene, collections, folder / f"{name}.png", preset)
    products = dict.fromkeys(EXPORTS[e][1] for e in settings["export"])
    write_products(
        Products(
            LayeredPicture(predicted.stack, picture, predicted.depth if picture else None), preset
        ),
        [product for product in products if product],
        name,
        folder,
        lambda stage, fraction: progress(stage, 0.8 + 0.2 * fraction),
    )
    return {
        "input_sha256": digest,
        "outputs": describe(folder),
        "facts": {
            "layers": len(predicted.stack),
            "width": predicted.stack.width,
            "height": predicted.stack.height,
            "predictor": predicted.depth.predictor,
            "device": predicted.depth.device,
            "blender": bpy.app.version_string,
            "seconds_layers": round(layers_ready - start, 3),
            "seconds_writing": round(time.monotonic() - layers_ready, 3),
        },
    }


def _read_layers(
    scene: bpy.types.Scene, source: Path, preset: Preset, progress: Progress
) -> tuple[Image | None, api.Prediction]:
    """The layers of a source, and the picture that they were predicted from: None of a file's."""
    with suppress_output():
        if holds_layers(source):
            return None, api.open_layers(
                scene,
                source,
                lambda job: progress("reading", 0.6 * job.fraction),
                split=preset.read.split,
            )
        picture = read_image(source, preset.read)
        return picture, api.predict(
            scene, picture, lambda job: progress("predicting", 0.6 * job.fraction)
        )


def _render_preview(
    scene: bpy.types.Scene, collections: list[bpy.types.Collection], path: Path, preset: Preset
) -> None:
    """Render the first build; the others, beside it, stay out of the picture."""
    options = scene_settings.plain_options(render.RenderOptions(), preset.blender, "preview")
    subject = next(c for c in collections if any(o.type in _PREVIEW_TYPES for o in c.all_objects))
    # Listed first: hiding an object may invalidate Blender's own list while it is walked.
    for item in [o for c in collections if c is not subject for o in c.all_objects]:
        item.hide_render = True
    aspect = options.width / options.height
    studio.build_studio(
        scene, [o for o in subject.all_objects if o.type in _PREVIEW_TYPES], aspect=aspect
    )
    render.set_up_render(scene, options)
    settings: Any = scene.render
    settings.use_compositing = False  # what a build made of the compositor is another picture
    render.render_still(scene, path)
