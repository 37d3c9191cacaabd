"""Sheets as PDF: a page at true size for each, hairlines in the cutters' colours.

Only paths are drawn, so the file is a few objects of text (ISO 32000-1, sections 7.5 and 8.5);
lengths are in points, 72 to the inch, y up.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

from .sheets import Curves, Sheet

__all__ = ["pdf_bytes"]

_POINTS_PER_MM = 72.0 / 25.4
_HAIRLINE_PT = 0.1 * _POINTS_PER_MM
_CUT, _SCORE = "1 0 0 RG", "0 0 1 RG"
# How far the control points of a quarter circle lie from its ends, in radii: 4/3 (sqrt(2) - 1).
_QUARTER_CIRCLE = 0.5522847498


def pdf_bytes(sheets: Sequence[Sheet]) -> bytes:
    """The file: catalog, pages, and for every sheet a page and its lines."""
    count = len(sheets)
    page_references = " ".join(f"{3 + 2 * k} 0 R" for k in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{page_references}] /Count {count} >>".encode(),
    ]
    for k, sheet in enumerate(sheets):
        _, _, width, height = (side * _POINTS_PER_MM for side in sheet.page)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:.4f} {height:.4f}] "
            f"/Resources << >> /Contents {4 + 2 * k} 0 R >>".encode()
        )
        lines = zlib.compress(_lines(sheet).encode("ascii"))
        header = f"<< /Length {len(lines)} /Filter /FlateDecode >>\nstream\n".encode()
        objects.append(header + lines + b"\nendstream")
    return _file(objects)


def _file(objects: Sequence[bytes]) -> bytes:
    """The numbered objects with header, cross-reference table and trailer (section 7.5)."""
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    for offset in offsets:
        out += f"{offset:010d} 00000 n \n".encode()
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R >>"
    out += f"trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def _lines(sheet: Sheet) -> str:
    """A page's content stream: scores, then cuts, then holes."""
    left, top, _, height = sheet.page
    # Millimetres, y down, to points, y up.
    scale = _POINTS_PER_MM
    place = f"{scale:.6f} 0 0 {-scale:.6f} {-left * scale:.4f} {(top + height) * scale:.4f} cm"
    width = f"{_HAIRLINE_PT / scale:.4f} w"
    parts = ["q", place, width, _SCORE, *_paths(sheet.guides), _CUT, *_paths(sheet.outlines)]
    for x, y, radius in sheet.holes:
        parts += _circle(x, y, radius)
    return "\n".join([*parts, "Q", ""])


def _paths(outlines: Iterable[Curves]) -> Iterable[str]:
    """Operators that draw closed curves, in the unit of their points."""
    for curves in outlines:
        if len(curves) == 0:
            continue
        x, y = curves[0, 0]
        yield f"{x:.4f} {y:.4f} m"
        for cubic in curves[:, 1:].reshape(-1, 6).tolist():
            yield " ".join(f"{value:.4f}" for value in cubic) + " c"
        yield "s"


def _circle(x: float, y: float, radius: float) -> list[str]:
    """Operators that draw a circle, as four cubics."""
    k = _QUARTER_CIRCLE * radius
    r = radius
    quarters = (
        (r, k, k, r, 0.0, r),
        (-k, r, -r, k, -r, 0.0),
        (-r, -k, -k, -r, 0.0, -r),
        (k, -r, r, -k, r, 0.0),
    )
    lines = [f"{x + r:.4f} {y:.4f} m"]
    for quarter in quarters:
        shifted = (value + (x, y)[n % 2] for n, value in enumerate(quarter))
        lines.append(" ".join(f"{value:.4f}" for value in shifted) + " c")
    return [*lines, "s"]
