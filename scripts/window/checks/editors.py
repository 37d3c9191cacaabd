"""What is live in the window: a slider, objects and rows, the tint of the threshold, German."""

from __future__ import annotations

from typing import Any

import bpy

from ..steps import Steps, addon, area_of, in_3d_view, operators, wait_until
from .common import is_idle, open_picture, passed, start_prediction

__all__ = ["objects_and_rows", "slide", "speak_german", "tint_in_the_image_editor"]


def slide() -> Steps:
    """A slider's layers get their bytes when it rests, without anybody asking for it."""
    image: Any = bpy.data.images["parrot.png"]
    scene: Any = bpy.context.scene
    scene.illdepth.image = image
    start_prediction()
    yield from wait_until(is_idle, "a prediction")
    before = image.illdepth.stack_key
    scene.illdepth.layers = 4
    yield from wait_until(lambda: image.illdepth.stack_key != before, "the slider's layers")
    yield from wait_until(
        lambda: image.get("illdepth_stack") and not image.get("illdepth_recipe"), "their bytes"
    )
    assert len(addon().session.SESSION.layers.load(image)) == 4
    scene.illdepth.layers = 0
    passed("a slider makes layers at once, and their bytes follow when it rests")


def objects_and_rows() -> Steps:
    """Selection, names, visibility and deletion go from objects to rows by themselves."""
    image = open_picture()
    start_prediction(image=image.name)
    yield from wait_until(is_idle, "a prediction to build from")
    in_3d_view(lambda: operators().build_layers(image=image.name))
    yield
    builds = addon().scene.objects.build_collection

    def parts() -> list[Any]:
        return builds.layer_objects(builds.find_build(image, "LAYERS"))

    data = image.illdepth
    other: Any = parts()[1 if data.active_layer != 1 else 2]
    place = next(i for i, x in enumerate(data.layers) if x.uid == other.illdepth.layer_uid)
    view_layer = bpy.context.view_layer
    assert view_layer is not None
    view_layer.objects.active = other
    yield from wait_until(lambda: data.active_layer == place, "the row of the active object")
    other.name = "renamed here"
    yield from wait_until(lambda: data.layers[place].name == "renamed here", "the row's new name")
    other.hide_viewport = True
    yield from wait_until(lambda: not data.layers[place].shown, "the row's eye to close")
    other.hide_viewport = False
    yield from wait_until(lambda: data.layers[place].shown, "the row's eye to open")
    yield
    bpy.data.objects.remove(other)
    yield from wait_until(lambda: not data.layers[place].shown, "the deleted object's row")
    passed("an object's selection, name, visibility and deletion reach its row")


def tint_in_the_image_editor() -> Steps:
    area = area_of("VIEW_3D")
    area.type = "IMAGE_EDITOR"
    yield
    scene: Any = bpy.context.scene
    area.spaces.active.image = bpy.data.images["parrot.png"]
    scene.illdepth_edit.preview = "PIXELS"
    overlay = addon().session.SESSION.overlay
    yield from wait_until(lambda: overlay.texture is not None, "the tint to be drawn")
    first = overlay.texture
    scene.illdepth_edit.threshold = 0.8
    yield from wait_until(lambda: overlay.texture is not first, "the tint to follow the slider")
    scene.illdepth_edit.preview = "OFF"
    passed("the threshold's tint is drawn and follows the slider")
    area.type = "VIEW_3D"
    yield


def speak_german() -> Steps:
    preferences: Any = bpy.context.preferences
    preferences.view.language = "de_DE"
    preferences.view.use_translate_interface = True
    preferences.view.use_translate_tooltips = True
    yield
    translated = addon().translations.translated
    assert translated("Predict Again") == "Neu vorhersagen", translated("Predict Again")
    translations: Any = bpy.app.translations
    assert translations.pgettext_iface("Build Layers", "Operator") == "Ebenen erstellen"
    assert (
        translations.pgettext_tip("What predicts the depth") == "Womit die Tiefe vorhergesagt wird"
    )
    passed("the interface speaks German")
    preferences.view.language = "en_US"
    yield
