"""Every text of the interface has a translation, and nothing is left of texts that are gone."""

from __future__ import annotations

import re

import pytest

from tests.addon.ui_strings import registered_strings, source_strings

bpy = pytest.importorskip("bpy")


@pytest.fixture
def shown(addon):
    """Text -> where it is shown; without names and numbers that are the same in any language."""
    found = {}
    for where, text in (*registered_strings(addon), *source_strings(addon)):
        if text.strip():
            found.setdefault(text, where)
    return found


def test_every_text_is_translated(addon, shown):
    assert len(shown) > 300  # or the collector has gone blind
    for language in addon.translations.LANGUAGES:
        known = addon.translations.load(language)
        missing = {text: where for text, where in shown.items() if text not in known}
        assert not missing, f"{language}.json lacks {len(missing)}"


def test_no_translation_is_left_over_or_broken(addon, shown):
    for language in addon.translations.LANGUAGES:
        for english, text in addon.translations.load(language).items():
            assert english in shown, f"nothing shows {english!r} any more"
            assert text.strip() == text != ""
            assert not text.endswith("."), text
            assert re.findall(r"{\w+}", english) == re.findall(r"{\w+}", text)
