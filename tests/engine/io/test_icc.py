"""Embedded colour profiles: 8-bit through LittleCMS, deeper pictures through our own path."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as PilImage
from PIL import ImageCms

from illustrators_depth.io.color import linear_to_srgb, srgb_to_linear
from illustrators_depth.io.color.icc import float_to_srgb, is_srgb, pil_to_srgb, profile_name
from illustrators_depth.io.pictures.read_image import read_image

# Adobe RGB (1998) and Display P3 colorants, adapted to D50 (their published profiles).
ADOBE = [[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]]
P3 = [[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]]


def s15(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(v * 65536)) for v in values)


def make_profile(
    name: str, matrix: list[list[float]], curve: bytes, space: bytes = b"RGB "
) -> bytes:
    """A minimal ICC v2/v4 matrix profile."""
    tags: dict[bytes, bytes] = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(name) + 1) + name.encode() + b"\0" * 79,
        b"wtpt": b"XYZ \0\0\0\0" + s15(0.9642, 1.0, 0.8249),
    }
    if space == b"GRAY":
        tags[b"kTRC"] = curve
    else:
        for i, c in enumerate(b"rgb"):
            tags[bytes([c]) + b"XYZ"] = b"XYZ \0\0\0\0" + s15(*(row[i] for row in matrix))
            tags[bytes([c]) + b"TRC"] = curve
    table, body, at = b"", b"", 128 + 4 + 12 * len(tags)
    for tag, data in tags.items():
        data += b"\0" * (-len(data) % 4)
        table += tag + struct.pack(">II", at + len(body), len(data))
        body += data
    head = struct.pack(">I4sI4s4s4s", 0, b"lcms", 0x02400000, b"mntr", space, b"XYZ ")
    head += b"\0" * 12 + b"acsp" + b"\0" * 28 + s15(0.9642, 1.0, 0.8249)
    head = head.ljust(128, b"\0")
    whole = head + struct.pack(">I", len(tags)) + table + body
    return struct.pack(">I", len(whole)) + whole[4:]


GAMMA22 = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.19921875 * 256))
LINEAR = b"curv\0\0\0\0" + struct.pack(">I", 0)
SRGB_PARA = b"para\0\0\0\0" + struct.pack(">HH", 3, 0) + s15(
    2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045
)  # fmt: skip
TABLE = b"curv\0\0\0\0" + struct.pack(">I", 1024) + np.rint(
    np.linspace(0, 1, 1024) ** 1.8 * 65535
).astype(">u2").tobytes()  # fmt: skip


@pytest.mark.parametrize(
    ("matrix", "curve"), [(ADOBE, GAMMA22), (P3, SRGB_PARA), (P3, TABLE), (ADOBE, LINEAR)]
)
def test_float_path_agrees_with_littlecms(matrix: list[list[float]], curve: bytes) -> None:
    profile = make_profile("Test RGB", matrix, curve)
    rng = np.random.default_rng(0)
    eight = rng.integers(0, 256, (40, 50, 3), np.uint8)
    reference = np.asarray(pil_to_srgb(PilImage.fromarray(eight), profile)).astype(float)
    ours = float_to_srgb(eight.astype(np.float32) / np.float32(255), profile) * 255
    difference = np.abs(ours - reference)
    assert difference.max() < 2.5
    assert difference.mean() < 0.4
    assert np.abs(reference - eight).mean() > 2  # the profile does something


def test_float_path_of_a_linear_profile_is_exact() -> None:
    """8-bit tables could not do this: dark linear values are far apart in sRGB."""
    srgb_primaries = [
        [0.436066, 0.385147, 0.143066], [0.222488, 0.716873, 0.060608],
        [0.013916, 0.097076, 0.714096],
    ]  # fmt: skip
    profile = make_profile("Linear", srgb_primaries, LINEAR)
    ramp = np.repeat(np.linspace(0, 0.02, 500, dtype=np.float32)[None, :, None], 3, 2)
    assert np.abs(float_to_srgb(ramp, profile) - linear_to_srgb(ramp)).max() < 2e-4


def test_16_bit_png_with_profile(tmp_path: Path) -> None:
    import zlib

    profile = make_profile("Adobe-like", ADOBE, GAMMA22)
    deep = np.full((6, 6, 3), (20000, 50000, 9000), np.uint16)
    data = cv2.imencode(".png", deep[..., ::-1])[1].tobytes()
    chunk = b"iCCP" + b"adobe\0\0" + zlib.compress(profile)
    chunk = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    (tmp_path / "a.png").write_bytes(data[:33] + chunk + data[33:])
    got = read_image(tmp_path / "a.png").rgba[0, 0, :3]
    expected = float_to_srgb((deep / np.float32(65535)).astype(np.float32), profile)[0, 0]
    assert np.allclose(got, expected, atol=1e-6)
    assert not np.allclose(got, deep[0, 0] / 65535, atol=0.02)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_8_bit_profile_is_applied(tmp_path: Path, mode: str) -> None:
    """A picture tagged with a wide profile and the same picture converted beforehand agree."""
    if mode == "L":
        profile = make_profile("Gray gamma 1.0", ADOBE, LINEAR, b"GRAY")
    else:
        profile = make_profile("Wide", P3, GAMMA22)
    colour = {"RGB": (200, 90, 40), "RGBA": (200, 90, 40, 99), "L": 90}
    picture = PilImage.new(mode, (8, 8), colour[mode])
    picture.save(tmp_path / "a.png", icc_profile=profile)
    got = read_image(tmp_path / "a.png").rgba[0, 0] * 255
    if mode == "L":
        assert abs(got[0] - linear_to_srgb(np.float32([90 / 255]))[0] * 255) < 1.5
    else:
        assert got[0] > 203  # saturated red grows in the smaller space
        assert round(float(got[3])) == (99 if mode == "RGBA" else 255)


def test_cmyk_with_and_without_profile(tmp_path: Path) -> None:
    cmyk = PilImage.new("CMYK", (8, 8), (0, 255, 255, 0))
    cmyk.save(tmp_path / "a.jpg", quality=95)
    red = read_image(tmp_path / "a.jpg").rgba[4, 4]
    assert red[0] > 0.9 and red[1] < 0.1 and red[2] < 0.1
    # A profile of the wrong colour space is ignored, not fatal.
    cmyk.save(tmp_path / "b.jpg", quality=95, icc_profile=make_profile("Wrong", P3, GAMMA22))
    assert np.allclose(read_image(tmp_path / "b.jpg").rgba[4, 4], red, atol=0.02)


def test_lab_tiff(tmp_path: Path) -> None:
    lab = ImageCms.profileToProfile(
        PilImage.new("RGB", (8, 8), (180, 60, 90)),
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB",
    )  # fmt: skip
    assert lab is not None
    lab.save(tmp_path / "a.tif")
    assert np.abs(read_image(tmp_path / "a.tif").rgba[0, 0, :3] * 255 - (180, 60, 90)).max() < 3


def test_damaged_profile_is_ignored(tmp_path: Path) -> None:
    PilImage.new("RGB", (4, 4), (9, 8, 7)).save(
        tmp_path / "a.png", icc_profile=b"not a profile" * 20
    )
    assert np.allclose(read_image(tmp_path / "a.png").rgba[0, 0, :3] * 255, (9, 8, 7), atol=1e-4)


def para(kind: int, *parameters: float) -> bytes:
    return b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + s15(*parameters)


@pytest.mark.parametrize(
    "curve",
    [
        para(1, 2.2, 0.0, 1.0),  # starts at -b / a
        para(2, 2.2, 0.0, 1.0, 0.0),
        para(0, 0.0),  # everything would be white
        para(3, -2.2, 1.0, 0.0, 0.1, 0.0),  # black would be infinitely bright
        b"curv\0\0\0\0" + struct.pack(">IH", 1, 0),
    ],
)
def test_a_curve_that_cannot_be_is_ignored(curve: bytes, caplog: pytest.LogCaptureFixture) -> None:
    rgb = np.linspace(0, 1, 12, dtype=np.float32).reshape(2, 2, 3)
    converted = float_to_srgb(rgb, make_profile("Damaged", P3, curve))
    assert np.array_equal(converted, rgb)
    assert "profile was ignored" in caplog.text


def test_srgb_is_recognised() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert is_srgb(srgb) and is_srgb(None) and is_srgb(b"junk")
    assert "sRGB" in profile_name(srgb)
    assert not is_srgb(make_profile("Adobe-like", ADOBE, GAMMA22))
    with io.BytesIO(srgb) as stream:
        assert ImageCms.getOpenProfile(stream) is not None


def test_transfer_curves_invert_each_other() -> None:
    x = np.linspace(0, 1, 1001, dtype=np.float32)
    assert np.abs(srgb_to_linear(linear_to_srgb(x)) - x).max() < 2e-6
