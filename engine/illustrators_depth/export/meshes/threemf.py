"""3MF, the print format that keeps units, names and colours.

A zip of XML, after the 3MF Core Specification 1.3 (section 3 to 5): one object, so that no slicer
takes it apart, with a material for every triangle. Slicers ignore materials of triangles; what
they read instead is written beside the model (see `slicer_parts`).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from ...io.xml_text import attribute, text
from ...io.zip_writer import write_member
from ...types import Mesh, MeshPart
from .thumbnail import thumbnail_png

__all__ = ["write_3mf"]

_CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_CONTENT_TYPES = (
    f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    f'relationships+xml"/>'
    '<Default Extension="model" '
    'ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>'
    '<Default Extension="png" ContentType="image/png"/>'
    '<Default Extension="config" ContentType="text/xml"/></Types>\n'
)
_RELATIONS = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    '<Relationship Target="/3D/3dmodel.model" Id="rel0" '
    'Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/>'
    '<Relationship Target="/Metadata/thumbnail.png" Id="rel1" '
    f'Type="{_PACKAGE}/relationships/metadata/thumbnail"/></Relationships>\n'
)
# OrcaSlicer and Bambu Studio read Slic3r_PE_model.config only where the application's name has
# "PrusaSlicer" in it; PrusaSlicer itself looks for "PrusaSlicer-" and a version at its start.
_APPLICATION = "illustrators-depth, parts listed as PrusaSlicer lists them"
_MATERIALS_ID, _OBJECT_ID = 1, 2


def write_3mf(mesh: Mesh, path: Path, title: str = "relief", filaments: Sequence[str] = ()) -> None:
    """Write one object of coloured parts, in millimetres, with title and thumbnail.

    Materials are filaments: parts in one colour, or in colours that look alike, share one. Their
    order is that of the colour-swap list, so that material n is extruder n.

    Args:
        mesh: its parts become the volumes that slicers show below the object.
        path: where to.
        title: of the package and name of the object.
        filaments: those at hand, as in PrinterSettings; empty for one per colour.
    """
    from ...printing.filaments import assign_filaments

    colors = [part.color for part in mesh.parts]
    thicknesses = _thicknesses(mesh)
    palette, choice = assign_filaments(colors, filaments, thicknesses)
    names = [part.name for part in mesh.parts]
    materials = [
        (filament.name if filaments else names[choice.index(k)], filament.color)
        for k, filament in enumerate(palette)
    ]
    shown = [palette[k].rgb for k in choice]
    picture = thumbnail_png(mesh, shown, from_below=not thicknesses)
    files: tuple[tuple[str, str | bytes], ...] = (
        ("[Content_Types].xml", _CONTENT_TYPES),
        ("_rels/.rels", _RELATIONS),
        ("3D/3dmodel.model", _model(mesh, title, materials, choice)),
        ("Metadata/Slic3r_PE_model.config", slicer_parts(mesh.parts, title, choice)),
        ("Metadata/thumbnail.png", picture),
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            write_member(archive, name, content)


def _thicknesses(mesh: Mesh) -> list[float]:
    """Of parts that lie one above the other, mm; empty where they lie side by side."""
    heights = mesh.vertices[:, 2]
    bottoms = [float(heights[part.vertices].min()) for part in mesh.parts]
    tops = [float(heights[part.vertices].max()) for part in mesh.parts]
    if any(above <= below for below, above in pairwise(bottoms)):
        return []
    return [round(top - bottom, 6) for bottom, top in zip(bottoms, tops, strict=True)]


def _model(
    mesh: Mesh, title: str, materials: Sequence[tuple[str, str]], choice: Sequence[int]
) -> str:
    out = io.StringIO()
    out.write(f'{_XML}<model unit="millimeter" xml:lang="en-US" xmlns="{_CORE}">\n')
    out.write(f'<metadata name="Title">{text(title)}</metadata>\n')
    out.write(f'<metadata name="Application">{_APPLICATION}</metadata>\n<resources>\n')
    out.write(f'<basematerials id="{_MATERIALS_ID}">\n')
    for name, color in materials:
        out.write(f'<base name={attribute(name)} displaycolor="{color.upper()}FF"/>\n')
    out.write("</basematerials>\n")
    out.write(f'<object id="{_OBJECT_ID}" type="model" name={attribute(title)} ')
    out.write(f'pid="{_MATERIALS_ID}" pindex="{choice[0]}"><mesh><vertices>\n')
    np.savetxt(out, mesh.vertices, '<vertex x="%.8g" y="%.8g" z="%.8g"/>')
    out.write("</vertices><triangles>\n")
    for part, material in zip(mesh.parts, choice, strict=True):
        attributes = "" if material == choice[0] else f' pid="{_MATERIALS_ID}" p1="{material}"'
        np.savetxt(out, mesh.faces[part.faces], f'<triangle v1="%d" v2="%d" v3="%d"{attributes}/>')
    out.write("</triangles></mesh></object>\n</resources>\n")
    out.write(f'<build><item objectid="{_OBJECT_ID}"/></build>\n</model>\n')
    return out.getvalue()


def slicer_parts(parts: Sequence[MeshPart], title: str, choice: Sequence[int]) -> str:
    """The parts of the object as PrusaSlicer and its relatives list them.

    Each is a range of triangles with the extruder that prints it, counted from 1.
    """
    lines = [f'{_XML}<config>\n <object id="{_OBJECT_ID}" instances_count="1">']
    lines.append(f'  <metadata type="object" key="name" value={attribute(title)}/>')
    for part, material in zip(parts, choice, strict=True):
        lines.append(f'  <volume firstid="{part.faces.start}" lastid="{part.faces.stop - 1}">')
        for key, value in (
            ("name", part.name),
            ("volume_type", "ModelPart"),
            ("extruder", str(material + 1)),
        ):
            lines.append(f'   <metadata type="volume" key="{key}" value={attribute(value)}/>')
        lines.append("  </volume>")
    lines.append(" </object>\n</config>\n")
    return "\n".join(lines)
