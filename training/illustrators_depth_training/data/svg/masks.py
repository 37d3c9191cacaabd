"""Turns masks that only cut a shape out into clip paths, which are exact and far cheaper.

Exporters love `<mask><rect fill="#fff"/></mask>` where a clip path would do. Under a real mask
every operation must be rendered alone; under a clip path all go into one code render.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

__all__ = ["masks_to_clips"]

_PLAIN = frozenset({"fill", "stroke", "d", "transform", "fill-rule", "id"})
_DEFAULT_REGION = {"x": -0.1, "y": -0.1, "width": 1.2, "height": 1.2}


def masks_to_clips(root: ElementTree.Element) -> None:
    """Replace, in usvg's normalised tree, every hard-edged mask by a clip path, in place."""
    defs = root.find("defs")
    if defs is None:
        return
    hard = {m.get("id", ""): m for m in defs.findall("mask") if _is_hard(m)}
    if not hard:
        return
    clip_count = 0
    for group in root.iter("g"):
        reference = group.get("mask", "")
        mask = hard.get(reference[5:-1]) if reference.startswith("url(#") else None
        if mask is None:
            continue
        clip_count += 1
        clip = ElementTree.SubElement(defs, "clipPath", {"id": f"illdepth-clip-{clip_count}"})
        for path in mask:
            kept = {n: v for n, v in path.attrib.items() if n in ("d", "transform")}
            if path.get("fill-rule"):
                kept["clip-rule"] = path.get("fill-rule", "")
            ElementTree.SubElement(clip, "path", kept)
        outer = group.get("clip-path")
        region = _region(mask)
        if region is not None:
            frame = ElementTree.SubElement(
                defs, "clipPath", {"id": f"illdepth-region-{clip_count}"}
            )
            ElementTree.SubElement(frame, "path", {"d": region})
            clip.set("clip-path", f"url(#illdepth-region-{clip_count})")
            if outer:
                frame.set("clip-path", outer)
        elif outer:
            clip.set("clip-path", outer)
        group.set("clip-path", f"url(#illdepth-clip-{clip_count})")
        del group.attrib["mask"]


def _is_hard(mask: ElementTree.Element) -> bool:
    """Return whether a mask holds only opaque white fills, so that it shows all or nothing."""
    if mask.get("mask") or mask.get("clip-path"):
        return False
    if mask.get("maskContentUnits", "userSpaceOnUse") != "userSpaceOnUse":
        return False
    if mask.get("maskUnits") != "userSpaceOnUse" and any(
        abs(float(mask.get(n, str(v))) - v) > 1e-6 for n, v in _DEFAULT_REGION.items()
    ):
        return False
    return len(mask) > 0 and all(
        path.tag == "path"
        and set(path.attrib) <= _PLAIN
        and path.get("fill", "").lower() == "#ffffff"
        and path.get("stroke", "none") == "none"
        for path in mask
    )


def _region(mask: ElementTree.Element) -> str | None:
    """Return the mask's own rectangle as a path, where it is given in user units."""
    if mask.get("maskUnits") != "userSpaceOnUse":
        return None
    x, y, w, h = (float(mask.get(n, "0")) for n in ("x", "y", "width", "height"))
    return f"M {x} {y} H {x + w} V {y + h} H {x} Z"
