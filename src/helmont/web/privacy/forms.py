"""The forms of these pages: why somebody looks, what is known of a person, and what cannot be undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helmont.core.vault.actions import FIELDS, LONGEST
from helmont.web.casebooks.doing import RefusableForm

OTHER = "other"
DEVICES = "device:"
REASONS = {
    "contact": gettext_lazy("To reach the participant (appointment, result, reminder)"),
    "check": gettext_lazy("To check that this is the right person at a visit or call"),
    "emergency": gettext_lazy("Medical emergency"),
    "source": gettext_lazy("To find the source documents in the hospital’s records"),
    "correct": gettext_lazy("To correct or complete what is recorded"),
    OTHER: gettext_lazy("Another reason"),
}
LABELS = {
    "name": gettext_lazy("Name"),
    "birth_date": gettext_lazy("Date of birth"),
    "address": gettext_lazy("Address"),
    "telephone": gettext_lazy("Telephone"),
    "email": gettext_lazy("Email"),
    "national_id": gettext_lazy("National identifier"),
    "hospital_id": gettext_lazy("Hospital number"),
    "contact": gettext_lazy("Person to call in an emergency"),
}


def label_of(name: str) -> str:
    """What a field of an identity is called."""
    if name.startswith(DEVICES):
        return _("Serial number of device %s") % name.removeprefix(DEVICES)
    return str(LABELS.get(name, name))


def in_order(names: Iterable[str]) -> list[str]:
    """Fields as they are shown: those of a person first, then their devices."""
    there = set(names)
    return [name for name in FIELDS if name in there] + sorted(there - set(FIELDS))


WIDTHS = {"name": "input", "email": "input"}
LINES = {"address": 3, "contact": 2}
NO_NAMES = gettext_lazy("It stays in the ledger: do not write the name or anything else of the person here.")


def _reason(label: Any, hint: Any = NO_NAMES, *, required: bool = True) -> forms.CharField:
    widget = forms.Textarea(attrs={"class": "textarea", "rows": 2, "autocomplete": "off"})
    return forms.CharField(label=label, help_text=hint, widget=widget, required=required, max_length=500)


class LookForm(forms.Form):
    """Why somebody wants to see an identity; ``reason`` is what the ledger keeps."""

    why = forms.ChoiceField(
        label=gettext_lazy("Why do you need to know who this is?"),
        choices=list(REASONS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say why before anything is shown.")},
    )
    other = _reason(gettext_lazy("Another reason, in your words"), required=False)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("why") == OTHER and not given.get("other"):
            self.add_error("other", _("Say which other reason."))
        return given

    @property
    def reason(self) -> str:
        why: str = self.cleaned_data["why"]
        return str(self.cleaned_data["other"] if why == OTHER else REASONS[why])


class IdentityForm(RefusableForm):
    """What is known of a person. Each control carries what it showed, so that only what was changed is written."""

    def __init__(self, data: Any = None, *, known: Mapping[str, str] | None = None, first: bool = False) -> None:
        super().__init__(data, initial=dict(known or {}))
        self._names = [*FIELDS, *(name for name in in_order(known or ()) if name not in FIELDS)]
        for name in self._names:
            attributes = {"autocomplete": "off", "spellcheck": "false"}
            widget: forms.Widget = (
                forms.Textarea(attrs={"class": "textarea", "rows": LINES[name], **attributes})
                if name in LINES
                else forms.TextInput(attrs={"class": WIDTHS.get(name, "input width-20"), **attributes})
            )
            self.fields[name] = forms.CharField(
                label=label_of(name), required=False, max_length=LONGEST, widget=widget, show_hidden_initial=True
            )
        if not first:
            self.fields["reason"] = _reason(gettext_lazy("Why it changes"), required=False)

    @property
    def changed(self) -> dict[str, str]:
        """Field -> text, of those that are no longer what the page showed; "" removes a field."""
        texts = {name: self.cleaned_data[name] for name in self._names if name in self.changed_data}
        return {name: text.replace("\r\n", "\n") for name, text in texts.items()}


class EraseForm(RefusableForm):
    """What destroying a participant's key asks for."""

    number = forms.CharField(
        label=gettext_lazy("Number of the participant"),
        help_text=gettext_lazy("Type it, to confirm whose identity is erased."),
        widget=forms.TextInput(attrs={"class": "input width-20", "autocomplete": "off"}),
    )
    reason = _reason(gettext_lazy("Why it is erased"))

    def __init__(self, data: Any, expected: str) -> None:
        super().__init__(data)
        self._expected = expected

    def clean_number(self) -> str:
        typed: str = self.cleaned_data["number"].strip()
        if typed != self._expected:
            raise forms.ValidationError(_("This is not the number of the participant of this page."))
        return typed


class RedactForm(RefusableForm):
    """Why a value is redacted. ``seen`` repeats the entries that the page showed."""

    seen = forms.CharField(widget=forms.HiddenInput)
    reason = _reason(
        gettext_lazy("Why it is redacted"),
        gettext_lazy("It stays in the ledger: do not repeat the text that is to go."),
    )
