"""Forms about people. They only collect; what is right is decided by the actions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import SetPasswordForm
from django.utils.translation import gettext_lazy as _

from helmont.core.errors import Invalid
from helmont.core.people.actions import time_zones
from helmont.core.roles import PERMISSIONS, ROLES, TASKS

WIDGET_CLASSES = {"textarea": "textarea width-full", "select": "select"}


class Form(forms.Form):
    """A form whose controls wear the house's classes and which can show an action's faults in their places."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)

    def take(self, refusal: Invalid) -> None:
        """Put each fault beside its field; the rest above the form."""
        for fault in refusal.faults:
            message = f"{fault.message} ({fault.accepted})" if fault.accepted else fault.message
            place = {"name": "full_name"}.get(fault.place, fault.place)
            self.add_error(place if place in self.fields else None, message)


def dress(form: forms.BaseForm) -> None:
    for field in form.fields.values():
        kind = getattr(field.widget, "input_type", "textarea")
        if kind not in {"checkbox", "radio", "hidden"}:
            field.widget.attrs.setdefault("class", WIDGET_CLASSES.get(kind, "input width-full"))


class Day(forms.DateField):
    """A day as ISO text, or nothing."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date", "class": "input width-20"}, format="%Y-%m-%d")
        super().__init__(required=False, input_formats=["%Y-%m-%d"], widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        return day.isoformat() if day else ""


class ProfileForm(Form):
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    timezone = forms.ChoiceField(label=_("Time zone"), choices=lambda: [(zone, zone) for zone in time_zones()])


class PersonForm(ProfileForm):
    full_name = forms.CharField(label=_("Name"), max_length=200, help_text=_("As the person signs it."))
    email = forms.EmailField(
        label=_("E-mail"), required=False, help_text=_("The invitation goes here; it also signs in.")
    )
    field_order = ("handle", "full_name", "email", "language", "timezone")


class InviteForm(PersonForm):
    handle = forms.CharField(
        label=_("User name"),
        max_length=50,
        help_text=_("Stands in every audit trail and is never given to anybody else: els.peeters"),
    )


class ReasonForm(Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class EndForm(ReasonForm):
    ends = Day(label=_("Last day"), help_text=_("Today, unless you choose another day."))
    field_order = ("ends", "reason")


class AssignForm(Form):
    person = forms.CharField(
        label=_("Person"), max_length=100, help_text=_("The user name, such as els.peeters."), strip=True
    )
    role = forms.ChoiceField(label=_("Role"))
    study = forms.ChoiceField(label=_("Study"))
    site = forms.CharField(label=_("Site"), max_length=20, required=False, help_text=_("Empty for the whole study."))
    starts = Day(label=_("First day"), help_text=_("Today, unless you choose another day."))
    ends = Day(label=_("Last day"))
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)

    def __init__(self, *args: Any, studies: Iterable[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["study"].choices = list(studies)  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["role"].choices = role_choices()  # type: ignore[attr-defined]


class DelegateForm(Form):
    person = forms.CharField(label=_("Person"), max_length=100, help_text=_("The user name, such as els.peeters."))
    role = forms.ChoiceField(label=_("Role"))
    tasks = forms.MultipleChoiceField(
        label=_("Tasks"), choices=list(TASKS.items()), widget=forms.CheckboxSelectMultiple
    )
    starts = Day(label=_("First day"), help_text=_("Today, unless you choose another day."))
    ends = Day(label=_("Last day"))

    def __init__(self, *args: Any, roles: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(name, ROLES[name].title) for name in roles]  # type: ignore[attr-defined]


class TokenForm(Form):
    label = forms.CharField(label=_("What it is for"), max_length=100)
    study = forms.ChoiceField(label=_("Study"), required=False)
    permissions = forms.MultipleChoiceField(
        label=_("Only these rights"),
        choices=[(name, name) for name in sorted(PERMISSIONS - {"account.change"})],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: everything that you may do."),
    )
    ends = Day(label=_("Last day"))
    short = forms.BooleanField(
        label=_("For a client written for REDCap, such as PyCap"),
        required=False,
        help_text=_("The token has 32 characters and is for one study."),
    )

    def __init__(self, *args: Any, studies: Iterable[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["study"].choices = [("", _("Every study of mine")), *studies]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("short") and not cleaned.get("study"):
            self.add_error("study", _("Choose the study: such a client knows of one only."))
        return cleaned


class PasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # generic in the stubs only
    """Two equal passwords that the installation's rules accept; saving is the action's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)


def role_choices() -> list[tuple[str, Any]]:
    """The roles that a person can be assigned."""
    return [(role.name, role.title) for role in ROLES.values() if role.places != "service"]
