"""Patterns to pictures, and pictures to names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from illustrators_depth.batch.pictures import find_pictures, name_outputs
from illustrators_depth.batch.plan import Recipe, Shard, make_plan
from illustrators_depth.errors import InputError


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def found(folder: Path, *patterns: str, ours: Sequence[str] = ()) -> list[str]:
    made = find_pictures([str(folder / p) for p in patterns], [folder / o for o in ours])
    return [str(p.relative_to(folder)) for p in made]


def test_folders_wildcards_and_files(tmp_path: Path) -> None:
    touch(tmp_path, "b.png", "a.JPG", "notes.txt", ".hidden.png", "deep/c.webp", "deep/er/d.tif")
    touch(tmp_path, "fox[1].png", "s.idl")
    assert found(tmp_path, ".") == ["a.JPG", "b.png", "fox[1].png"]
    assert found(tmp_path, "*") == ["a.JPG", "b.png", "fox[1].png"]
    assert found(tmp_path, "**/*.*") == [
        "a.JPG", "b.png", "deep/c.webp", "deep/er/d.tif", "fox[1].png",
    ]  # fmt: skip
    assert found(tmp_path, "fox[1].png") == ["fox[1].png"], "an existing file is no wildcard"
    assert found(tmp_path, "*.idl") == ["s.idl"]
    assert found(tmp_path, "notes.txt", "gone.png") == ["notes.txt", "gone.png"]
    assert found(tmp_path, "b.png", "*.png", "deep/../b.png") == ["b.png", "fox[1].png"]


def test_what_batches_made_is_no_picture(tmp_path: Path) -> None:
    touch(tmp_path, "a.png", "a-depth.png")
    assert found(tmp_path, ".", "*.png", ours=["a-depth.png"]) == ["a.png"]
    assert found(tmp_path, "a-depth.png", ours=["a-depth.png"]) == ["a-depth.png"], "when named"


@pytest.mark.parametrize(("pattern", "words"), [("*.gif", "matches no picture"), ("empty", "no")])
def test_nothing_found_is_said_at_once(tmp_path: Path, pattern: str, words: str) -> None:
    touch(tmp_path, "a.png")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=words):
        found(tmp_path, "a.png", pattern)
    with pytest.raises(InputError, match="no pictures"):
        find_pictures([])


def names(*sources: str, endings: Sequence[str] = (".svg",)) -> dict[str, str]:
    recipe = Recipe("products", {}, tuple(endings))
    made = name_outputs([Path(s) for s in sources], recipe.outputs)
    return {str(p): n for p, n in made.items()}


def test_names_are_the_pictures_own_and_longer_where_two_meet() -> None:
    assert names("/a/fox.png", "/a/hill.png") == {"/a/fox.png": "fox", "/a/hill.png": "hill"}
    assert names("/a/fox.png", "/a/Fox.jpg") == {"/a/fox.png": "fox-png", "/a/Fox.jpg": "Fox-jpg"}
    assert names("/a/fox.png", "/b/fox.png", "/c/fox.jpg", "/c/x.png") == {
        "/a/fox.png": "a_fox-png",
        "/b/fox.png": "b_fox-png",
        "/c/fox.jpg": "fox-jpg",
        "/c/x.png": "x",
    }
    assert names("/p/a/fox.png", "/q/a/fox.png") == {
        "/p/a/fox.png": "p_a_fox-png",
        "/q/a/fox.png": "q_a_fox-png",
    }


def test_names_do_not_depend_on_the_order() -> None:
    several = ["/a/fox.png", "/b/fox.png", "/b/fox.jpg", "/b/fox-png.webp", "/b/FOX.tif"]
    forward, backward = names(*several), names(*several[::-1])
    assert forward == backward
    assert len({n.casefold() for n in forward.values()}) == len(several)


def test_outputs_count_not_only_names() -> None:
    """The depth of "fox" and the preview of "fox-depth" would be one file."""
    endings = ("-depth.png", ".png")
    made = names("/a/fox.jpg", "/a/fox-depth.jpg", endings=endings)
    outputs = [n + e for n in made.values() for e in endings]
    assert len(set(outputs)) == 4


def test_an_output_never_replaces_a_picture(tmp_path: Path) -> None:
    touch(tmp_path, "fox.png")
    with pytest.raises(InputError, match=r"replace the picture .*fox\.png"):
        make_plan([str(tmp_path)], tmp_path, Recipe("scene", {}, (".PNG",)))


def test_parts_share_the_names_of_the_whole(tmp_path: Path) -> None:
    touch(tmp_path, "fox.png", "fox.jpg", "hill.png", "sea.png", "sky.png")
    recipe = Recipe("products", {}, (".svg",))
    whole = make_plan([str(tmp_path)], tmp_path / "out", recipe).tasks
    parts = [
        make_plan([str(tmp_path)], tmp_path / "out", recipe, Shard.parse(f"{i}/3")).tasks
        for i in (1, 2, 3)
    ]
    assert sorted((t for part in parts for t in part), key=str) == sorted(whole, key=str)
    assert [len(part) for part in parts] == [2, 2, 1]
    assert Shard.parse("3/12").suffix == "-03-of-12"
    assert Shard.parse("1/1").suffix == ""


@pytest.mark.parametrize("text", ["0/3", "4/3", "2", "a/b", "1/2/3", "-1/2"])
def test_bad_parts_are_one_sentence(text: str) -> None:
    with pytest.raises(InputError, match=r"2/16"):
        Shard.parse(text)


def test_names_that_only_case_tells_apart(tmp_path: Path) -> None:
    made = names("/a/Fox.PNG", "/a/fox.png", "/b/fox.png", "/a/hill.png")
    assert len({name.casefold() for name in made.values()}) == 4
    assert made["/a/Fox.PNG"].startswith("Fox-PNG-")
    assert made["/b/fox.png"] == "b_fox-png"
    assert made["/a/hill.png"] == "hill"
    assert made == names("/b/fox.png", "/a/hill.png", "/a/fox.png", "/a/Fox.PNG")


def test_names_that_only_normalization_tells_apart() -> None:
    assert len(set(names("/a/\u00e9.png", "/a/e\u0301.png").values())) == 2


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("b\udcffse", "b%FFse"),
        ("a\nb\tc", "a%0Ab%09c"),
        ("a\\b", "a%5Cb"),
        ("\x1b[31mred", "%1B[31mred"),
        ("\x9b31m", "%C2%9B31m"),
        ("C:fox", "C%3Afox"),
        ("100 % f\u00fcchse \u72d0", "100 % f\u00fcchse \u72d0"),
        (".illustrators-depth-batch", "%2Eillustrators-depth-batch"),
    ],
)
def test_names_are_portable(stem: str, name: str) -> None:
    assert list(names(f"/a/{stem}.png").values()) == [name]


def test_long_names_are_cut_and_stay_apart() -> None:
    long = ["/a/" + "x" * 246 + end + ".png" for end in "ab"] + ["/a/" + "\u72d0" * 80 + ".png"]
    made = list(names(*long, endings=("-layers/", "-depth.png")).values())
    assert len(set(made)) == 3
    assert all(len(name.encode()) <= 180 for name in made)
