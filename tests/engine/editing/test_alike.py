"""Letters treated alike, and holes that are holes; the picture never changes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from illustrators_depth import DepthMap, Image, decompose, editing, predict_depth
from illustrators_depth.errors import InputError

PAGE, NAVY, YELLOW = (0.9, 0.9, 0.8), (0.1, 0.1, 0.25), (1.0, 0.75, 0.3)


def word(text: str = "BLOSSOM"):
    """Outlined letters, taken apart without a network: counters and letters at many heights."""
    page = np.full((192, 480, 3), PAGE, np.float32)
    for number, letter in enumerate(text):
        for color, width in ((NAVY, 17), (YELLOW, 6)):
            place = (14 + 66 * number, 130)
            cv2.putText(page, letter, place, cv2.FONT_HERSHEY_DUPLEX, 2.6, color, width)
    image = Image(np.dstack([page, np.ones(page.shape[:2], np.float32)]), "word")
    return decompose(image, predict_depth(image, model="heuristic"))


def seen_at(stack, y: int, x: int) -> str:
    return stack.layers[int(stack.labels[y, x])].name


def same_picture(one, other) -> bool:
    before, after = (editing.flatten(stack).rgba for stack in (one, other))
    return bool(np.abs(before - after).max() < 2 / 255)


def is_whole(stack) -> bool:
    """Whether labels are what masks and order say."""
    top = np.full(stack.labels.shape, -1, np.int32)
    for index, layer in stack.shown():
        top[layer.box][layer.mask_crop] = index
    return bool((top == stack.labels).all())


def test_letters_of_a_word_are_two_layers_in_one_order():
    stack = word()
    letters = [i for i, layer in enumerate(stack) if i and "cream" not in layer.name]
    assert len(letters) > 2  # outlines and fills of several heights
    alike = editing.treat_alike(stack, letters)
    assert is_whole(alike) and same_picture(stack, alike)
    dark = [i for i, layer in enumerate(alike) if max(layer.color) < 0.4]
    light = [i for i, layer in enumerate(alike) if layer.color[0] > 0.95 and layer.color[2] < 0.5]
    assert len(dark) == len(light) == 1 and dark[0] < light[0]


def test_only_layers_of_one_color_can_be_alike():
    stack = word()
    dark = next(i for i, x in enumerate(stack) if max(x.color) < 0.4)
    light = next(i for i, x in enumerate(stack) if x.color[2] < 0.5 and x.color[0] > 0.95)
    with pytest.raises(InputError, match="same color"):
        editing.treat_alike(stack, [dark, light])


def tag():
    """A red tag on paper with a hole, a white label and a dot of another paper; all as patches."""
    page = np.full((200, 200, 3), PAGE, np.float32)
    cv2.rectangle(page, (40, 30), (160, 170), (0.8, 0.3, 0.2), -1)
    cv2.circle(page, (70, 60), 14, PAGE, -1)
    cv2.rectangle(page, (60, 100), (140, 120), (1.0, 1.0, 1.0), -1)
    image = Image(np.dstack([page, np.ones((200, 200), np.float32)]), "tag")
    heights = np.zeros((200, 200), np.float32)
    heights[30:171, 40:161] = 0.4
    cv2.circle(heights, (70, 60), 14, 0.8, -1)
    heights[100:121, 60:141] = 0.7
    return decompose(image, DepthMap(heights, "truth"))


def test_the_hole_of_a_tag_is_a_hole():
    stack = tag()
    paper, hole, label = seen_at(stack, 5, 5), seen_at(stack, 60, 70), seen_at(stack, 110, 100)
    assert hole != paper
    opened = editing.open_holes(stack)
    assert seen_at(opened, 60, 70) == paper and seen_at(opened, 110, 100) == label
    holder = opened.layers[int(opened.labels[150, 100])]
    assert not holder.mask[60, 70] and not (holder.rgba[60, 70, 3] > 0)
    assert is_whole(opened) and same_picture(stack, opened)
    assert hole not in [layer.name for layer in opened]
    with pytest.raises(InputError, match="looks like a hole"):
        editing.open_holes(opened)


def test_counters_of_letters_are_holes():
    opened = editing.open_holes(word("BOB"))
    assert is_whole(opened) and same_picture(word("BOB"), opened)
    middle = opened.layers[int(opened.labels[104, 14 + 66 + 28])]
    assert middle.uid == opened.layers[int(opened.labels[3, 3])].uid


def test_a_locked_layer_gets_no_hole():
    stack = tag()
    holder = int(stack.labels[150, 100])
    with pytest.raises(InputError, match="looks like a hole"):
        editing.open_holes(stack, locked=frozenset({holder}))
