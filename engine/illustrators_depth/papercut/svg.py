"""Sheets as SVG: one at true size, all of them side by side, or stacked as a preview.

Sheets in millimetres come in, the text of an SVG goes out; `write` puts it into files. Cutters tell
cuts from scores by the two colours below.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..io.xml_text import attribute, text
from ..tracing.paints.paint import hex_color
from .layout import place_sheets
from .sheets import Sheet

__all__ = ["CUT_COLOR", "SCORE_COLOR", "preview_svg", "sheet_svg", "sheets_svg"]

CUT_COLOR, SCORE_COLOR = "#ff0000", "#0000ff"
_HAIRLINE_MM = 0.1  # what most cutters take as "cut along"
_LINE = f'fill="none" stroke-width="{_HAIRLINE_MM}"'
_INKSCAPE = 'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"'


def sheet_svg(sheet: Sheet) -> str:
    """One sheet at true size: a group to cut (red) and one to score (blue)."""
    title = f"{sheet.name}, paper {hex_color(sheet.color)}"
    return _document(sheet.page, title, _groups(sheet, "score", f"cut {sheet.name}"))


def sheets_svg(sheets: Sequence[Sheet]) -> str:
    """All sheets in one drawing, none over another; each a group with its name."""
    places, size = place_sheets(sheets)
    pieces = [
        f'<g id="sheet-{n}" inkscape:groupmode="layer" inkscape:label={attribute(sheet.name)} '
        f'transform="translate({x:.7g} {y:.7g})">\n{_groups(sheet, "score", "cut", f"-{n}")}</g>\n'
        for n, (sheet, (x, y)) in enumerate(zip(sheets, places, strict=True), 1)
    ]
    return _document((0.0, 0.0, *size), "Sheets to cut", "".join(pieces))


def preview_svg(sheets: Sequence[Sheet]) -> str:
    """All sheets on top of one another, in their paper's colours, each with a faint outline."""
    width, height = sheets[0].width_mm, sheets[0].height_mm
    pieces = "".join(
        f'<path id="sheet-{n}" fill="{hex_color(s.color)}" stroke="#000000" stroke-opacity="0.3" '
        f'stroke-width="0.3" fill-rule="evenodd" d="{s.shape}"/>\n'
        for n, s in enumerate(sheets, 1)
    )
    return _document((0.0, 0.0, width, height), "Preview: not to be cut", pieces)


def _groups(sheet: Sheet, score: str, cut: str, suffix: str = "") -> str:
    """A group to score and one to cut, with these labels; `suffix` keeps ids of sheets apart."""
    holes = "".join(f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}"/>\n' for x, y, r in sheet.holes)
    guide = f'<path d="{sheet.guide}"/>\n' if sheet.guides else ""
    return (
        f'<g id="score{suffix}" inkscape:groupmode="layer" inkscape:label={attribute(score)} '
        f'{_LINE} stroke="{SCORE_COLOR}">\n{guide}</g>\n'
        f'<g id="cut{suffix}" inkscape:groupmode="layer" inkscape:label={attribute(cut)} '
        f'{_LINE} stroke="{CUT_COLOR}">\n{holes}<path d="{sheet.shape}"/>\n</g>\n'
    )


def _document(page: tuple[float, float, float, float], title: str, content: str) -> str:
    """An SVG file that shows `page` (left, top, width, height, mm) at true size."""
    left, top, width, height = (f"{value:.7g}" for value in page)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" '
        f'{_INKSCAPE} version="1.1" width="{width}mm" height="{height}mm" '
        f'viewBox="{left} {top} {width} {height}">\n'
        f"<title>{text(title)}</title>\n{content}</svg>\n"
    )
