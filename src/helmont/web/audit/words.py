"""Actions and records of the ledger in words: "saved", "Vital signs, Week 2, 01-701-1015"."""

from __future__ import annotations

from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helmont.core.records import Unaudited, record_type
from helmont.edc.keys import LOG, split_form_key
from helmont.study.compiling import CompiledStudy

# What was done, as it follows a person's name; the record's title comes after it.
ACTIONS = {
    "edc.answer_query": gettext_lazy("answered a query on"),
    "edc.ask_again": gettext_lazy("asked again about"),
    "edc.cancel_query": gettext_lazy("cancelled a query on"),
    "edc.close_query": gettext_lazy("closed a query on"),
    "edc.freeze_form": gettext_lazy("froze or unfroze"),
    "edc.lock_form": gettext_lazy("locked or unlocked"),
    "edc.mark_not_done": gettext_lazy("marked as not done"),
    "edc.raise_query": gettext_lazy("asked about"),
    "edc.remove_line": gettext_lazy("removed"),
    "edc.restore_line": gettext_lazy("restored"),
    "edc.review_form": gettext_lazy("reviewed"),
    "edc.save_form": gettext_lazy("saved"),
    "edc.sign_forms": gettext_lazy("signed"),
    "edc.verify_items": gettext_lazy("verified"),
    "edc.write_comment": gettext_lazy("remarked on"),
    "identity.change": gettext_lazy("recorded or changed"),
    "identity.erase": gettext_lazy("erased"),
    "identity.read": gettext_lazy("looked at"),
    "ledger.redact": gettext_lazy("redacted"),
    "participants.begin_encounter": gettext_lazy("dated"),
    "participants.change_status": gettext_lazy("changed the status of"),
    "participants.miss_encounter": gettext_lazy("recorded as missed"),
    "participants.screen": gettext_lazy("screened"),
    "people.assign_role": gettext_lazy("assigned"),
    "people.delegate": gettext_lazy("delegated"),
    "people.end_assignment": gettext_lazy("ended"),
    "people.end_delegation": gettext_lazy("ended the delegation of"),
    "studies.open_site": gettext_lazy("opened or corrected"),
    "studies.publish_definition": gettext_lazy("published"),
}


def action_title(name: str) -> str:
    """What was done, in words; an action without words is shown by its name."""
    return str(ACTIONS.get(name, name))


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
    place = f"{_('line')} {line}" if encounter == LOG else encounter_title(study, encounter, language)
    return ", ".join([title, place, number] if whose else [title, place])


def record_title(study: CompiledStudy, record: str, language: str) -> str:
    """A record named ``type:key``, in words."""
    kind, _colon, key = record.partition(":")
    parts = key.split("/")
    if kind == "form":
        return form_title(study, key, language)
    if kind == "encounter" and len(parts) == 3:
        return f"{encounter_title(study, parts[2], language)}, {parts[1]}"
    if kind == "participant":
        return parts[-1]
    try:
        title = capfirst(str(record_type(kind).title))
    except Unaudited:
        return record
    return (
        f"{title}, {parts[1]}"
        if kind in {"query", "comment", "identity"} and len(parts) > 1
        else f"{title} {parts[-1]}"
    )


def field_title(kind: str, name: str) -> str:
    """The name of a column, in words."""
    try:
        column = record_type(kind).model._meta.get_field(name)
    except (Unaudited, FieldDoesNotExist):
        return name
    return capfirst(str(getattr(column, "verbose_name", name)))
