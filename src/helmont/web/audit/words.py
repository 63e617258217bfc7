"""Actions and records of the ledger in words: "saved", "Vital signs, Week 2, 01-701-1015"."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from helmont.core.records import Unaudited, record_type
from helmont.core.roles import ROLES
from helmont.core.signatures.meanings import MEANINGS
from helmont.edc.queries.titles import encounter_title, form_title
from helmont.study.compiling import CompiledStudy
from helmont.web.dates import moment_text
from helmont.web.templatetags.house import day, word

# What was done, as it follows a person's name; the record's title comes after it.
ACTIONS = {
    "amendments.approve": pgettext_lazy("audit verb", "approved"),
    "amendments.decide_kept": pgettext_lazy("audit verb", "decided about"),
    "amendments.finish": pgettext_lazy("audit verb", "finished"),
    "amendments.migrate_participant": pgettext_lazy("audit verb", "brought under another version"),
    "amendments.place_kept": pgettext_lazy("audit verb", "gave a place to"),
    "amendments.plan": pgettext_lazy("audit verb", "planned"),
    "amendments.run": pgettext_lazy("audit verb", "started"),
    "amendments.set_approval": pgettext_lazy("audit verb", "dated"),
    "amendments.stop": pgettext_lazy("audit verb", "stopped"),
    "amendments.switch_site": pgettext_lazy("audit verb", "put another version in force at"),
    "amendments.withdraw": pgettext_lazy("audit verb", "withdrew"),
    "datasets.make_cut": pgettext_lazy("audit verb", "made"),
    "datasets.sign_cut": pgettext_lazy("audit verb", "signed"),
    "double_entry.adjudicate": pgettext_lazy("audit verb", "decided what the paper says on"),
    "double_entry.deny_line": pgettext_lazy("audit verb", "did not find on the paper"),
    "double_entry.rule_on_line": pgettext_lazy("audit verb", "decided whether the paper has"),
    "double_entry.withdraw_line": pgettext_lazy("audit verb", "withdrew"),
    "double_entry.transcribe": pgettext_lazy("audit verb", "entered from paper"),
    "edc.answer_query": pgettext_lazy("audit verb", "answered a query on"),
    "edc.ask_again": pgettext_lazy("audit verb", "asked again about"),
    "edc.cancel_query": pgettext_lazy("audit verb", "cancelled a query on"),
    "edc.certify_copy": pgettext_lazy("audit verb", "made a certified copy of"),
    "edc.close_query": pgettext_lazy("audit verb", "closed a query on"),
    "edc.freeze_form": pgettext_lazy("audit verb", "froze or unfroze"),
    "edc.lock_form": pgettext_lazy("audit verb", "locked or unlocked"),
    "edc.change_verification_plan": pgettext_lazy("audit verb", "changed"),
    "edc.hold_items": pgettext_lazy("audit verb", "locked or opened items of"),
    "edc.lock_study": pgettext_lazy("audit verb", "locked"),
    "edc.look_at_source": pgettext_lazy("audit verb", "looked at"),
    "edc.offer_source": pgettext_lazy("audit verb", "offered"),
    "edc.withdraw_source": pgettext_lazy("audit verb", "withdrew"),
    "edc.set_lock": pgettext_lazy("audit verb", "locked or opened"),
    "edc.mark_not_done": pgettext_lazy("audit verb", "marked as not done"),
    "edc.print_casebook": pgettext_lazy("audit verb", "took the casebook as a document of"),
    "edc.raise_query": pgettext_lazy("audit verb", "asked about"),
    "edc.remove_line": pgettext_lazy("audit verb", "removed"),
    "edc.restore_line": pgettext_lazy("audit verb", "restored"),
    "edc.review_form": pgettext_lazy("audit verb", "reviewed"),
    "edc.save_form": pgettext_lazy("audit verb", "saved"),
    "edc.sign_forms": pgettext_lazy("audit verb", "signed"),
    "edc.verify_items": pgettext_lazy("audit verb", "verified"),
    "edc.write_comment": pgettext_lazy("audit verb", "remarked on"),
    "identity.change": pgettext_lazy("audit verb", "recorded or changed"),
    "exchange.note_import": pgettext_lazy("audit verb", "took in"),
    "identity.erase": pgettext_lazy("audit verb", "erased"),
    "identity.read": pgettext_lazy("audit verb", "looked at"),
    "labs.acknowledge_alert": pgettext_lazy("audit verb", "acknowledged"),
    "labs.add_range": pgettext_lazy("audit verb", "added"),
    "labs.correct_range": pgettext_lazy("audit verb", "corrected"),
    "labs.file_results": pgettext_lazy("audit verb", "took laboratory results into"),
    "labs.open_laboratory": pgettext_lazy("audit verb", "recorded or changed"),
    "labs.record_import": pgettext_lazy("audit verb", "took in"),
    "ledger.redact": pgettext_lazy("audit verb", "redacted"),
    "participants.begin_encounter": pgettext_lazy("audit verb", "dated"),
    "participants.change_status": pgettext_lazy("audit verb", "changed the status of"),
    "participants.miss_encounter": pgettext_lazy("audit verb", "recorded as missed"),
    "participants.screen": pgettext_lazy("audit verb", "screened"),
    "people.assign_role": pgettext_lazy("audit verb", "assigned"),
    "people.delegate": pgettext_lazy("audit verb", "delegated"),
    "people.end_assignment": pgettext_lazy("audit verb", "ended"),
    "people.end_delegation": pgettext_lazy("audit verb", "ended the delegation of"),
    "sensors.acknowledge_alert": pgettext_lazy("audit verb", "acknowledged"),
    "sensors.assign_device": pgettext_lazy("audit verb", "gave out"),
    "sensors.correct_clock": pgettext_lazy("audit verb", "corrected"),
    "sensors.correct_wearer": pgettext_lazy("audit verb", "corrected"),
    "sensors.end_assignment": pgettext_lazy("audit verb", "took back"),
    "sensors.enter_results": pgettext_lazy("audit verb", "took results of devices into"),
    "sensors.record_batch": pgettext_lazy("audit verb", "received"),
    "sensors.record_notice": pgettext_lazy("audit verb", "wrote about"),
    "sensors.register_device": pgettext_lazy("audit verb", "recorded or changed"),
    "sensors.renew_secret": pgettext_lazy("audit verb", "gave another secret to"),
    "sensors.withdraw_correction": pgettext_lazy("audit verb", "withdrew"),
    "studies.close_site": pgettext_lazy("audit verb", "closed"),
    "studies.open_site": pgettext_lazy("audit verb", "opened or corrected"),
    "studies.publish_definition": pgettext_lazy("audit verb", "published"),
}

CHANNELS = {
    "web": _("web"),
    "api": _("API"),
    "import": _("import"),
    "command": _("command line"),
    "http": "HTTP",
    "mqtt": "MQTT",
    "system": _("system"),
}
METHODS = {
    "passkey": _("passkey"),
    "webauthn": _("passkey"),
    "password": _("password"),
    "totp": _("authenticator app"),
    "recovery_codes": _("recovery code"),
    "socialaccount": _("single sign-on"),
}
SIGNED = {"valid": pgettext_lazy("signature", "valid"), "broken": pgettext_lazy("signature", "broken by a change")}
DAYS = {"date", "ended", "screened", "starts", "ends"}
MOMENTS = {"erased", "opened", "received", "time", "written"}


def action_title(name: str) -> str:
    """What was done, in words; an action without words is shown by its name."""
    return str(ACTIONS.get(name, name))


def record_title(study: CompiledStudy, record: str, language: str) -> str:
    """A record named ``type:key``, in words."""
    kind, _colon, key = record.partition(":")
    parts = key.split("/")
    if kind == "form":
        return form_title(study, key, language)
    if kind == "transcription":
        form, _hash, number = key.rpartition("#")
        return f"{_('First entry') if number == '1' else _('Second entry')}, {form_title(study, form, language)}"
    if kind == "coding":
        return f"{capfirst(str(record_type(kind).title))}, {form_title(study, key.rpartition('/')[0], language)}"
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
        if kind in {"query", "comment", "identity", "kept_value"} and len(parts) > 1
        else f"{title} {parts[-1]}"
    )


def field_title(kind: str, name: str) -> str:
    """The name of a column, in words."""
    try:
        column = record_type(kind).model._meta.get_field(name)
    except (Unaudited, FieldDoesNotExist):
        return name
    return capfirst(str(getattr(column, "verbose_name", name)))


def channel_title(name: str) -> str:
    """By which way something reached the system, in words."""
    return str(CHANNELS.get(name, name))


def method_title(name: str) -> str:
    """How somebody proved who they are, in words: ``password+totp`` takes two steps."""
    return " + ".join(str(METHODS.get(step, step)) for step in name.split("+"))


def value_title(name: str, value: Any) -> str:
    """The value of a column in words: yes and no, statuses, roles, meanings, days. Free text is what it is."""
    match name, value:
        case _name, bool():
            return str(_("yes") if value else _("no"))
        case "role", str() if value in ROLES:
            return str(ROLES[value].title)
        case "meaning", str() if value in MEANINGS:
            return str(MEANINGS[value].title)
        case "method", str():
            return method_title(value)
        case "signed", str():
            return str(SIGNED.get(value, value))
        case (("status" | "lock"), str()):
            return str(word(value)) if value else ""
        case _name, str() if value and (name in MOMENTS or (name in DAYS and len(value) > 10)):
            return moment_text(value, "UTC")
        case _name, str() if name in DAYS:
            return day(value)
        case _:
            return str(value)
