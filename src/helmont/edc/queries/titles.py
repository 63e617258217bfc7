"""What a study defines, as people read it: forms and encounters by their titles, limits in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from helmont.edc.keys import LOG, split_form_key
from helmont.studies.queries import compiled
from helmont.study.compiling import CompiledStudy
from helmont.study.model import Range


def encounter_title(study: CompiledStudy, encounter: str, language: str) -> str:
    """The label of a planned encounter; an unscheduled one by its number."""
    planned = study.encounters.get(encounter)
    if planned:
        return planned.label.get(language)[0]
    unscheduled = study.study.protocol.unscheduled
    name = unscheduled.label.get(language)[0] if unscheduled else _("Unscheduled")
    return f"{name} {encounter.rsplit('_', 1)[-1]}" if encounter.startswith("UNSCHEDULED") else encounter


def form_title(study: CompiledStudy, key: str, language: str, *, whose: bool = True) -> str:
    """``Vital signs, Week 2, 01-701-1015``; a log's line by its number. The key itself when it is no form's."""
    try:
        _study, number, encounter, form, line = split_form_key(key)
    except ValueError:
        return key
    title = study.forms[form].form.title.get(language)[0] if form in study.forms else form
    place = _("line %s") % line if encounter == LOG else encounter_title(study, encounter, language)
    return ", ".join([title, place, number] if whose else [title, place])


def title_of_row(row: Mapping[str, Any]) -> str:
    """The title of a form's row in the language of whoever asks, as the signature dialog shows it."""
    return form_title(compiled(row["study"], row["definition"]), row["key"], get_language() or "en")


def range_words(limits: Range) -> str:
    """Inclusive limits: ``80 to 200``, ``at least 80``, ``at most 200``."""
    words = {"min": limits.min, "max": limits.max}
    if limits.min is None:
        return _("at most %(max)s") % words
    return _("at least %(min)s") % words if limits.max is None else _("%(min)s to %(max)s") % words
