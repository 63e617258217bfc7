"""The dictionaries of the installation: which are loaded, and bringing another, with a dry run first."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from helmont.coding.actions.dictionaries import LoadDictionary
from helmont.coding.models import Dictionary
from helmont.core.errors import Invalid, NotFound
from helmont.core.permissions import SYSTEM, Scope
from helmont.standards.dictionaries import Findings, read
from helmont.web.access import actor, today
from helmont.web.coding.jobs import load_release
from helmont.web.coding.uploads import store, stored
from helmont.web.coding.words import FORMATS
from helmont.web.uploads import Several


def require_loader(request: HttpRequest) -> None:
    """Raises ``NotFound`` for everybody who does not load dictionaries: the administration is a place of its own."""
    if not actor(request).may(LoadDictionary.permission, Scope(SYSTEM), today(request)):
        raise NotFound("dictionaries")


class BringForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Format"), choices=tuple(FORMATS.items()), widget=forms.Select(attrs={"class": "select"})
    )
    release = Several(
        label=_("Files"),
        required=False,
        help_text=_("The publisher's ZIP, or its files together. CTCAE needs none."),
    )


class LoadForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=40, help_text=_("As study packages call it: MedDRA, WHODrug."),
        widget=forms.TextInput(attrs={"class": "input width-20"}),
    )  # fmt: skip
    version = forms.CharField(
        label=_("Version"), max_length=40, widget=forms.TextInput(attrs={"class": "input width-10"})
    )
    language = forms.CharField(
        label=_("Language"), max_length=40, widget=forms.TextInput(attrs={"class": "input width-10"})
    )
    licence = forms.CharField(
        label=_("Licence"), required=False, max_length=500, help_text=_("Who holds it, and for whom it may be used."),
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 2}),
    )  # fmt: skip


@require_safe
@never_cache
def dictionaries(request: HttpRequest) -> HttpResponse:
    """What is loaded, and how far the loading of another is."""
    require_loader(request)
    rows = Dictionary.objects.order_by("name", "version", "language")
    context = {
        "rows": [(row, FORMATS.get(row.kind, row.kind), _ordered(row)) for row in rows],
        "job": request.GET.get("job", ""),
    }
    return render(request, "web/coding/installed.html", context)


def _ordered(row: Dictionary) -> list[tuple[str, int]]:
    return [(level, row.counts.get(level, 0)) for level in row.levels.split("/")]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def bring(request: HttpRequest) -> HttpResponse:
    """Choose format and files; they are read, and nothing is loaded yet."""
    require_loader(request)
    sent = request.method == "POST"
    form = BringForm(request.POST, request.FILES) if sent else BringForm()
    if sent and form.is_valid():
        try:
            upload = store(each for each in form.cleaned_data["release"] if each)
        except Invalid as refusal:
            form.add_error("release", str(refusal.message))
        else:
            return redirect(f"{reverse('dictionaries:check', args=[upload])}?kind={form.cleaned_data['kind']}")
    return render(request, "web/coding/bring.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def check(request: HttpRequest, upload: str) -> HttpResponse:
    """The dry run: what the files hold and what is wrong with them; a POST loads them, beside the page."""
    require_loader(request)
    kind = request.GET.get("kind", "")
    if kind not in FORMATS:
        raise NotFound(kind[:20])
    findings = Findings()
    found = read(kind, stored(upload, findings), findings)
    names = {"meddra": "MedDRA", "whodrug": "WHODrug", "ctcae": "CTCAE", "table": ""}
    version, language = (found.version, found.language) if found else ("", "")
    initial = {"name": names[kind], "version": version, "language": language or "English"}
    form = LoadForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and found is not None and form.is_valid():
        said = form.cleaned_data
        action = LoadDictionary(said["name"], said["version"], said["language"], kind, said["licence"], "", "", {})
        try:
            action.check()
        except Invalid as refusal:
            for fault in refusal.faults:
                form.add_error(fault.place, f"{fault.message} {fault.accepted}")
        else:
            job = load_release.enqueue(
                upload, kind, said["name"], said["version"], said["language"], said["licence"], actor(request).handle
            )
            return redirect(f"{reverse('dictionaries:dictionaries')}?job={job.id}")
    context = {
        "form": form,
        "findings": findings,
        "found": found,
        "counts": found.counts.items() if found else (),
        "kind": FORMATS[kind],
    }
    return render(request, "web/coding/check.html", context, status=422 if form.errors else 200)
