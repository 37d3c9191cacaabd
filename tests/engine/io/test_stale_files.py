"""Only what an earlier run can have written is removed from a folder that is written anew."""

from __future__ import annotations

import json
from pathlib import Path

from illustrators_depth.io.stale_files import listed_files, remove_stale


def test_a_list_from_elsewhere_cannot_name_other_files(tmp_path: Path) -> None:
    mine = ["01_sky.png", "02_notes.txt", "../01_up.png", "tax_2026.png", "03_Hill.PNG"]
    listing = {"layers": [{"file": name} for name in mine]}
    (tmp_path / "stack.json").write_text(json.dumps(listing), encoding="utf-8")
    earlier = listed_files(tmp_path, "stack.json", "layers", (".png",))
    assert earlier == {"01_sky.png", "03_Hill.PNG"}
    for name in ("01_sky.png", "02_notes.txt", "03_Hill.PNG"):
        (tmp_path / name).touch()
    remove_stale(tmp_path, earlier, ["03_Hill.PNG"])
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "02_notes.txt",
        "03_Hill.PNG",
        "stack.json",
    ]
