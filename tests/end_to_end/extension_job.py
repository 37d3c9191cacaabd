"""Runs inside a bare Blender: install an extension zip, then predict, build, export and save.

    python -I extension_job.py ZIP PICTURE OUT

Prints one JSON line of facts for the test that started it (test_extension.py).
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import bpy

ID = "bl_ext.user_default.illustrators_depth"
BUNDLED = (
    "illustrators_depth",
    "cv2",
    "onnxruntime",
    "OpenEXR",
    "PIL",
    "manifold3d",
    "trimesh",
)


def install(archive: str) -> None:
    done = bpy.ops.extensions.package_install_files(
        repo="user_default", filepath=archive, enable_on_install=True
    )
    assert done == {"FINISHED"}, done
    assert ID in bpy.context.preferences.addons, "installed but not enabled"


def make(picture: str, out: Path) -> dict[str, Any]:
    """What a person does in the panel, by the same operators; then the exports."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    image = bpy.data.images.load(picture)
    assert bpy.ops.illdepth.predict(image=image.name) == {"FINISHED"}
    assert bpy.ops.illdepth.build_layers(image=image.name) == {"FINISHED"}
    objects = sorted(o.name for o in bpy.data.objects if o.type == "MESH")
    for operator, kind, name in (
        (bpy.ops.illdepth.export_print, "STL", "print.stl"),
        (bpy.ops.illdepth.export_layers, "PSD", "layers.psd"),
        (bpy.ops.illdepth.export_layers, "SVG", "layers.svg"),
    ):
        done = operator(image=image.name, kind=kind, filepath=str(out / name))
        assert done == {"FINISHED"}, (kind, done)
    bpy.ops.export_scene.gltf(filepath=str(out / "scene.glb"))
    bpy.ops.wm.save_as_mainfile(filepath=str(out / "scene.blend"), copy=True)

    session = importlib.import_module(f"{ID}.session").SESSION
    stack, client = session.layers.load(image), session.worker.client()
    return {
        "objects": objects,
        "layers": [layer.name for layer in stack.layers],
        "predictor": session.depth.load(image).predictor,
        "worker": client.hello["versions"],
    }


def main() -> None:
    archive, picture, out = sys.argv[1:]
    install(archive)
    facts: dict[str, Any] = make(picture, Path(out))
    facts["files"] = {name: importlib.import_module(name).__file__ for name in BUNDLED}
    facts["home"] = sys.modules[ID].__file__
    facts["blender"] = bpy.app.version_string
    # The engine's process is ended as when Blender quits.
    bpy.ops.preferences.addon_disable(module=ID)
    print("FACTS " + json.dumps(facts), flush=True)


if __name__ == "__main__":
    main()
