"""Values without a place: the list, and the decision about one of them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from helmont.amendments.actions.keeping import DecideKept, PlaceKept
from helmont.amendments.models import KeptValue
from helmont.amendments.queries import kept_value_for, kept_values_for
from helmont.core.errors import Conflict, Invalid, NotFound, NotPermitted, ReasonRequired, Refused
from helmont.edc.queries.titles import form_title
from helmont.participants.queries import scope_of
from helmont.studies.queries import compiled
from helmont.web.access import act, actor, require_somewhere, study_or_404, today
from helmont.web.addresses import form_address
from helmont.web.amendments import words

PAGE = 50
STATUSES = ("undecided", "kept", "placed", "set_aside")


def shown(kept: KeptValue, language: str) -> dict[str, Any]:
    """One kept value in words, as it read under the version that it comes from."""
    study = compiled(kept.study, kept.version)
    parts = kept.form.split("/")
    form = study.forms.get(parts[3])
    known = form is not None and kept.item in form
    value = kept.value.get("value")
    return {
        "row": kept,
        "number": kept.participant_id.split("/", 1)[1],
        "name": kept.key.rsplit("/", 1)[1],
        "url": form_address(kept.form, kept.item),
        "form": form_title(study, kept.form, language, whose=False),
        "label": form.label(kept.item, language) if form is not None and known else kept.item,
        "value": form.display(kept.item, value, language) if form is not None and known else value or "",
        "why": words.why_words(kept.why) or _("the version has no such form; it stays as it was"),
        "look": words.look(kept.status),
        "placed": kept.placed.partition(" ")[2],
    }


@require_safe
def kept_values(request: HttpRequest, study: str) -> HttpResponse:
    """Every value without a place that the person may see, the undecided first."""
    study_or_404(request, study)
    require_somewhere(request, "form.view", study)
    found = kept_values_for(actor(request), study, today(request))
    counts = {name: found.filter(status=name).count() for name in STATUSES}
    status = request.GET.get("status", "undecided")
    status = status if status in STATUSES else "undecided"
    search = request.GET.get("q", "").strip()
    if search:
        found = found.filter(participant__number__icontains=search) | found.filter(item__icontains=search)
    paged = Paginator(found.filter(status=status), PAGE).get_page(request.GET.get("page"))
    language = get_language() or "en"
    context = {
        "tabs": [(words.look(name), counts[name]) for name in STATUSES],
        "status": status,
        "search": search,
        "page": paged,
        "rows": [shown(kept, language) for kept in paged],
    }
    return render(request, "web/amendments/values.html", context)


class DecisionForm(forms.Form):
    """What is decided about one value."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[
            ("keep", gettext_lazy("Keep it here as it is")),
            ("place", gettext_lazy("Give it a place in this form")),
            ("set_aside", gettext_lazy("Set it aside, out of sight")),
        ],
        widget=forms.Select(attrs={"class": "select"}),
    )
    item = forms.ChoiceField(
        label=gettext_lazy("Item, when it gets a place"), required=False, widget=forms.Select(attrs={"class": "select"})
    )
    value = forms.CharField(
        label=gettext_lazy("Value, if it is written differently there"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs={"class": "input width-20"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 2}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def kept_value(request: HttpRequest, study: str, number: str, name: str) -> HttpResponse:
    """The dialog in which one value is decided about, or its page without scripts; 422 when something is to correct."""
    study_or_404(request, study)
    person, day, language = actor(request), today(request), get_language() or "en"
    kept = kept_value_for(person, f"{study}/{number}/kept/{name}", day)
    if not person.may("form.enter", scope_of(kept.participant), day):
        raise NotPermitted("form.enter", permission="form.enter")
    form = DecisionForm(request.POST or None)
    definition = compiled(study, kept.participant.definition).forms.get(kept.form.split("/")[3])
    keys = definition.item_keys() if definition is not None and kept.item else ()
    form.fields["item"].choices = [("", "–"), *((k, definition.label(k, language)) for k in keys if definition)]  # type: ignore[attr-defined]  # a choice field
    if request.method == "POST" and form.is_valid() and _decide(request, form, kept):
        messages.success(request, _("Decided."))
        response = redirect("amendments:values", study)
        return HttpResponse(status=204, headers={"HX-Redirect": response.url}) if request.htmx else response  # type: ignore[attr-defined]  # django-htmx
    context = {"form": form, "kept": shown(kept, language), "action": request.get_full_path()}
    return render(request, "web/amendments/decide.html", context, status=422 if form.errors else 200)


def _decide(request: HttpRequest, form: DecisionForm, kept: KeptValue) -> bool:
    given = form.cleaned_data
    try:
        if given["decision"] == "place":
            act(request, PlaceKept(kept.key, kept.form, given["item"], given["value"] or None, given["reason"]))
        else:
            act(request, DecideKept(kept.key, given["decision"], given["reason"]))
    except (NotFound, NotPermitted):
        raise
    except ReasonRequired:
        form.add_error("reason", _("Say why this changes."))
    except Invalid as refusal:
        for fault in refusal.faults:
            form.add_error("value", f"{fault.message} {fault.accepted}".strip())
    except (Conflict, Refused) as refusal:
        form.add_error(None, refusal.message)
    return not form.errors
