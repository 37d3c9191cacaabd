"""Paths as people type them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth import read_image
from illustrators_depth.errors import InputError
from illustrators_depth.io.atomic import atomic_path
from illustrators_depth.io.user_path import user_path


def test_home_is_expanded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert user_path("~/a.png") == tmp_path / "a.png"
    assert user_path(Path("~/a.png")) == tmp_path / "a.png"


def test_a_tilde_that_is_nobodys_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert user_path("~draft of mine.png") == Path("~draft of mine.png")
    PilImage.fromarray(np.full((4, 4, 3), 9, np.uint8)).save("~draft.png")
    assert read_image("~draft.png").width == 4
    with atomic_path("~draft.svg") as temporary:
        temporary.write_text("whole")
    assert Path("~draft.svg").read_text() == "whole"


@pytest.mark.parametrize("wrong", [None, 3, b"bytes.png", ["a.png"]])
def test_what_is_no_path(wrong: object) -> None:
    with pytest.raises(InputError, match=r"^stack must be a path .*not "):
        user_path(wrong, "stack")  # type: ignore[arg-type]


def test_an_empty_text_is_not_the_current_folder() -> None:
    with pytest.raises(InputError, match=r"^The picture is empty; name"):
        user_path("", "picture")
