"""3MF, the print format that keeps units, names and colours.

A zip of XML, after the 3MF Core Specification 1.3 (section 3 to 5). The Blender of any version and
trimesh without lxml write none, so it is written here.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np

from ..types import Mesh

__all__ = ["write_3mf"]

_CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
_CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="model" '
    'ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/></Types>\n'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Target="/3D/3dmodel.model" Id="rel0" '
    'Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>\n'
)


def write_3mf(mesh: Mesh, path: Path) -> None:
    """Write every part as a named object with its own base colour, assembled into one build item.

    Coordinates are millimetres with the parts' common origin, so that a slicer keeps them in place.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (
            ("[Content_Types].xml", _CONTENT_TYPES),
            ("_rels/.rels", _RELATIONS),
            ("3D/3dmodel.model", _model(mesh)),
        ):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # same mesh, same bytes
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, text)


def _model(mesh: Mesh) -> str:
    out = io.StringIO()
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write(f'<model unit="millimeter" xml:lang="en-US" xmlns="{_CORE}">\n')
    out.write('<metadata name="Application">illustrators-depth</metadata>\n<resources>\n')
    out.write('<basematerials id="1">\n')
    for part in mesh.parts:
        red, green, blue = (max(0, min(255, round(255 * c))) for c in part.color)
        colour = f"#{red:02X}{green:02X}{blue:02X}FF"
        out.write(f'<base name={_attribute(part.name)} displaycolor="{colour}"/>\n')
    out.write("</basematerials>\n")
    for index, part in enumerate(mesh.parts):
        name = _attribute(part.name)
        out.write(f'<object id="{index + 2}" type="model" name={name} pid="1" pindex="{index}">')
        out.write("<mesh><vertices>\n")
        vertex = '<vertex x="%.8g" y="%.8g" z="%.8g"/>'
        np.savetxt(out, mesh.vertices[part.vertices], vertex)
        out.write("</vertices><triangles>\n")
        faces = mesh.faces[part.faces] - part.vertices.start
        np.savetxt(out, faces, '<triangle v1="%d" v2="%d" v3="%d"/>')
        out.write("</triangles></mesh></object>\n")
    whole = len(mesh.parts) + 2
    out.write(f'<object id="{whole}" type="model" name="relief"><components>\n')
    for index in range(len(mesh.parts)):
        out.write(f'<component objectid="{index + 2}"/>')
    out.write("</components></object>\n</resources>\n")
    out.write(f'<build><item objectid="{whole}"/></build>\n</model>\n')
    return out.getvalue()


def _attribute(text: str) -> str:
    """A quoted XML attribute; characters that XML 1.0 forbids are dropped."""
    legal = "".join(c for c in text if c >= " " and not 0xD800 <= ord(c) < 0xE000)
    return quoteattr(legal)
