"""Names that are safe to write: in file systems, in files and on a terminal; sizes and counts."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["counted", "human_size", "portable_name", "printable", "safe_name"]

_MAX_LENGTH = 40  # of a safe name, in characters

# What no file name should hold: control characters (also the C1 ones, which drive terminals), the
# backslash, and what Python makes of bytes that are no UTF-8 (lone surrogates).
_UNPORTABLE = re.compile("[\x00-\x1f\x7f-\x9f\\\\\ud800-\udfff]")
# What moves a terminal's cursor, colours its text or turns its direction (U+202A to U+2069).
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_DRIVE = re.compile("^([A-Za-z]):")  # Windows would take the name for a path on another disk
_FIRST_BYTE = 0xDC00  # how surrogateescape keeps byte 0 of a name; 128 to 255 occur


def safe_name(name: str, fallback: str = "layer") -> str:
    """Lower-case ASCII letters, digits and single hyphens, at most 40 characters.

    Accents are dropped ("Café au lait" gives "cafe-au-lait"); a name with nothing left gives
    `fallback`.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    return (
        re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:_MAX_LENGTH].rstrip("-") or fallback
    )


def human_size(size: int) -> str:
    """A file size for people: "812 B", "3.4 kB", "1.2 MB" (decimal units)."""
    if size < 1000:
        return f"{size} B"
    # From 999 950 on "1000.0 kB" would be shown.
    power = 1 if size < 999_950 else 2 if size < 999_950_000 else 3
    return f"{size / 1000**power:.1f} {('kB', 'MB', 'GB')[power - 1]}"


def counted(number: int, noun: str) -> str:
    """A number and its noun, such as "1 part" or "2 parts"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def portable_name(name: str) -> str:
    """A name that every file system, JSON reader and terminal takes; good names stay as they are.

    Control characters, backslashes and bytes that are no UTF-8 become "%" and two hexadecimal
    digits each, as in a URL; so do a drive's colon ("C:fox") and other lone surrogates ("%uD800").
    """

    def encoded(match: re.Match[str]) -> str:
        code = ord(match.group())
        if _FIRST_BYTE + 0x80 <= code <= _FIRST_BYTE + 0xFF:
            return f"%{code - _FIRST_BYTE:02X}"
        if code >= 0xD800:
            return f"%u{code:04X}"
        return "".join(f"%{byte:02X}" for byte in match.group().encode())

    return _DRIVE.sub(r"\1%3A", _UNPORTABLE.sub(encoded, name))


def printable(text: str) -> str:
    """Text for a terminal: what would move its cursor, colour it or turn its direction is escaped.

    Also newlines, so that a file's name cannot pretend to be a line of its own.
    """
    return _UNPRINTABLE.sub(lambda m: m.group().encode("unicode_escape").decode("ascii"), text)
