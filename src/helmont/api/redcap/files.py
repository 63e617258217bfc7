"""Files that are answers: reading, storing and emptying one."""

from __future__ import annotations

from django.http import HttpResponse

from helmont.api.redcap.call import Call, handles
from helmont.api.redcap.records import visible
from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid
from helmont.edc.actions.entry import SaveForm
from helmont.edc.actions.files import store, stored
from helmont.edc.keys import LOG, form_key, is_line, split_form_key
from helmont.edc.models import Form
from helmont.edc.queries.forms import forms_of
from helmont.participants.actions import BeginEncounter
from helmont.participants.models import Encounter, Participant
from helmont.projects.actions import Steps
from helmont.projects.layout import Field
from helmont.studies.queries import compiled
from helmont.study.model import FileRule


def _where(call: Call) -> tuple[Participant, Field, str, str]:
    """The record, the field, and where its value is: key of the form and the encounter. Raises ``Invalid``."""
    layout, name = call.layout, call.get("field")
    field = layout.by_name().get(name)
    if field is None or field.kind != "file":
        raise Invalid([Fault("field", f"“{name[:100]}” is not a field for files", "a field of type file")])
    number = call.get("record")
    found = [row for row in visible(call) if row.number == number]
    if not found:
        raise Invalid([Fault("record", f"there is no record “{number[:60]}”", "a record that you may see")])
    event = layout.events.get(call.get("event") or next(iter(layout.events)))
    if event is None or (event.name, field.form) not in layout.mapping:
        accepted = ", ".join(name for name, form in layout.mapping if form == field.form)
        raise Invalid([Fault("event", "the field does not belong to this event", accepted)])
    instrument = layout.instruments[field.form]
    instance = call.get("repeat_instance") or "1"
    if not is_line(instance):
        raise Invalid([Fault("repeat_instance", "this is not the number of a repetition", "1 to 99999")])
    log = layout.logs.get((event.name, field.form))
    form, encounter, line = (log, LOG, instance) if log else (instrument.form, event.encounter, "")
    return found[0], field, form_key(call.study.key, number, encounter, form, line), encounter


def _form(call: Call, participant: Participant, key: str) -> Form | None:
    return next((row for row in forms_of(call.actor, participant, call.today) if row.key == key), None)


@handles("file", "export")
def export_file(call: Call) -> HttpResponse:
    participant, field, key, _ = _where(call)
    form = _form(call, participant, key)
    value = form.data.get(field.key) if form else None
    if not isinstance(value, dict) or "file" not in value:
        raise Invalid([Fault("record", "there is no file in this field", "a record that has one")])
    return call.file(stored(value["file"]).read_bytes(), value["name"], value["type"])


@handles("file", "import")
def import_file(call: Call) -> HttpResponse:
    participant, field, key, encounter = _where(call)
    upload = call.files.get("file")
    if upload is None:
        raise Invalid([Fault("file", "no file was sent", "a file as a part named file")])
    form = split_form_key(key)[3]
    item = compiled(call.study.key, participant.definition).forms[form].items[field.key.rsplit(".", 1)[-1]].item
    value = store(upload, item.file or FileRule())
    steps: list[Action] = [SaveForm(key, {field.key: value}, reason=call.reason)]
    if encounter != LOG and not Encounter.objects.filter(key=f"{participant.key}/{encounter}", status="begun").exists():
        begin = BeginEncounter(call.study.key, participant.number, encounter, call.today.isoformat())
        steps.insert(0, begin)
    call.perform(Steps(tuple(steps), call.reason))
    return HttpResponse(b"", content_type="text/plain")


@handles("file", "delete")
def delete_file(call: Call) -> HttpResponse:
    """Empty the field. The file that was there stays in the record."""
    participant, field, key, _ = _where(call)
    form = _form(call, participant, key)
    if form is None or not form.data.get(field.key):
        raise Invalid([Fault("record", "there is no file in this field", "a record that has one")])
    call.perform(SaveForm(key, {field.key: ""}, reason=call.reason))
    return HttpResponse(b"", content_type="text/plain")
