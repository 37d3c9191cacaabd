"""Every text of the interface has a translation, and nothing is left of texts that are gone."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.addon.panels.ui_strings import registered_strings, reports, source_strings

bpy = pytest.importorskip("bpy")


# What is filled in later, with how it is written.
FIELD = re.compile(r"{\w+[^}]*}")


@pytest.fixture
def shown(addon):
    """Text -> where it is shown; without names and numbers that are the same in any language."""
    found = {}
    for where, text in (*registered_strings(addon), *source_strings(addon), *reports(addon)):
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
            assert sorted(FIELD.findall(english)) == sorted(FIELD.findall(text)), english


@pytest.fixture
def german(addon, monkeypatch):
    """Blender's module knows no language but its own: only its look-up is done here."""
    table = addon.translations.load("de")

    def look_up(text: str) -> str:
        return table.get(text, text)

    spoken = SimpleNamespace(pgettext_rpt=look_up, pgettext_iface=look_up)
    app = SimpleNamespace(app=SimpleNamespace(translations=spoken))
    assert bpy.app.translations.pgettext_rpt("Prediction") == "Prediction"
    monkeypatch.setattr(addon.translations, "bpy", app)


def test_reports_speak_the_users_language(addon, german):
    said = addon.translations.reported("{name}: {count} layers", name="{fox}", count=3)
    assert said == "{fox}: 3 Ebenen"


def test_one_thing_is_not_said_as_several(addon, shown, german):
    """A picture of one color had "1 layers"."""
    plurals = [text for text in shown if re.search(r"{count} \w+s\b", text)]
    plurals.remove("{count} pictures are open; {name} is the chosen one")  # said of several alone
    assert len(plurals) > 5
    for text in plurals:
        one = addon.translations.of_one(text)
        assert one != text and one in shown, text
    said = addon.translations.reported("{name}: {count} layers", name="fox", count=1)
    assert said == "fox: 1 Ebene"
    assert addon.translations.reported("{count} groups", count=2) == "2 Gruppen"


def test_a_job_given_up_for_another_file_says_so_in_the_users_language(addon, german, monkeypatch):
    from illustrators_depth_addon.session.prediction import PredictJob

    jobs = addon.session.SESSION.jobs
    monkeypatch.setattr(jobs, "abandoned_job", PredictJob.__new__(PredictJob))
    jobs.after_loading()
    said = bpy.context.window_manager.illdepth.problem
    jobs._timer.stop()
    addon.context.show_problem("")
    assert said == "Vorhersage abgebrochen: eine andere Datei wurde geöffnet"


def test_progress_speaks_the_users_language(addon, german):
    job = addon.session.jobs.WorkerJob(addon.session.SESSION.worker, "layers")
    assert job.text() == "Lesen"
    job.request.stage, job.request.eta = "depth", 3.2
    assert job.text() == "Tiefe, noch 3 s"
    job.request.cancel_deadline = 1.0
    assert job.text() == "Wird abgebrochen"


def test_every_stage_of_the_engine_has_a_name(addon):
    """Or the progress bar would say it in English."""
    import illustrators_depth

    source = Path(str(illustrators_depth.__file__)).parent
    rooms = ("export", "layering", "papercut", "predictors", "tracing", "worker")
    files = [path for room in rooms for path in (source / room).rglob("*.py")]
    calls = re.compile(r"""\b(?:progress|report)\("([a-z ]+)", """)
    told = {stage for path in files for stage in calls.findall(path.read_text(encoding="utf-8"))}
    assert {"depth", "layers", "writing"} <= told
    told -= {"waiting"}  # a ping's
    assert {stage.capitalize() for stage in told} <= set(addon.session.jobs.WorkerJob.stages)
