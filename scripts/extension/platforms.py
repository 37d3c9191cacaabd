"""The platforms and Pythons that a Blender extension has to fit."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PLATFORMS", "Platform", "tags_of"]


@dataclass(frozen=True)
class Platform:
    """One platform as Blender calls it.

    `pythons` are those of the Blender versions that exist for it (3.11 in 4.2 to 5.0, 3.13 since
    5.1; Blender for Intel Macs ends with 4.5). `tags` are pip's platform tags that run there,
    best first: Blender asks for glibc 2.28. `system` is Python's `sys.platform` there.
    """

    name: str
    system: str
    pythons: tuple[str, ...]
    tags: tuple[str, ...]


def _macos(machine: str, oldest: int, newest: int) -> tuple[str, ...]:
    return tuple(
        f"macosx_{major}_0_{kind}"
        for major in range(newest, oldest - 1, -1)
        for kind in (machine, "universal2")
    )


_MANYLINUX = tuple(f"manylinux_2_{minor}_x86_64" for minor in range(28, 11, -1))
_OLD_INTEL = tuple(
    f"macosx_10_{minor}_{kind}"
    for minor in range(16, 8, -1)
    for kind in ("x86_64", "intel", "universal2")
)

PLATFORMS = {
    platform.name: platform
    for platform in (
        Platform(
            "linux-x64",
            "linux",
            ("3.11", "3.13"),
            (*_MANYLINUX, "manylinux2014_x86_64", "manylinux2010_x86_64"),
        ),
        Platform("windows-x64", "win32", ("3.11", "3.13"), ("win_amd64",)),
        Platform("macos-arm64", "darwin", ("3.11", "3.13"), _macos("arm64", 11, 13)),
        Platform("macos-x64", "darwin", ("3.11",), (*_macos("x86_64", 11, 13), *_OLD_INTEL)),
    )
}


def tags_of(platform: Platform, python: str) -> list[str]:
    """pip's options that pick wheels for a platform and Python instead of those running."""
    options = ["--only-binary", ":all:", "--implementation", "cp", "--python-version", python]
    for tag in platform.tags:
        options += ["--platform", tag]
    return options
