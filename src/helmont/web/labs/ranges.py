"""Laboratories and their reference ranges: the list, one range with its versions and regradings, and every change."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from helmont.core.errors import NotFound, Refused
from helmont.labs.actions.laboratories import OpenLaboratory
from helmont.labs.actions.ranges import AddRange, CorrectRange
from helmont.labs.definition import LabDefinition
from helmont.labs.importing_ranges import COLUMNS, add_ranges, plan_ranges
from helmont.labs.models import Laboratory, ReferenceRange, Regrade
from helmont.labs.queries.history import versions_of
from helmont.labs.queries.readings import names_of, ranges_of, regraded
from helmont.labs.ranges import FIELDS
from helmont.studies.models import Study
from helmont.study.units import unit_text
from helmont.web.access import WEB, actor, may_somewhere, require_everywhere, study_or_404, today
from helmont.web.casebooks.doing import RefusableForm, done, show_dialog
from helmont.web.labs.results import tabs
from helmont.web.labs.shown import flag_word, laboratory_of, limits_text, shown_range, who_text
from helmont.web.templatetags.house import thousands

CHANGE = "labs.change"


@require_safe
def listing(request: HttpRequest, study: str) -> HttpResponse:
    """Every range, filtered by laboratory, test and text."""
    found, language = study_or_404(request, study), get_language() or "en"
    if not may_somewhere(request, "form.view", study):
        raise NotFound(study)
    _definition, lab = laboratory_of(found)
    laboratories = list(Laboratory.objects.filter(study=study).order_by("key"))
    rows = ranges_of(study)
    test, place = request.GET.get("test", ""), request.GET.get("laboratory", "")
    withdrawn = request.GET.get("withdrawn") == "1"
    if test:
        rows = rows.filter(analyte=test)
    if place:
        rows = rows.filter(laboratory=place)
    if not withdrawn:
        rows = rows.filter(withdrawn=False)
    used = sorted(set(ReferenceRange.objects.filter(study=study).values_list("analyte", flat=True)))
    labels = [(code, str(lab.measurands[code].label.get(language)[0])) for code in used if code in lab.measurands]
    context = {
        **tabs(request, study, "ranges"),
        "laboratories": laboratories,
        "rows": [shown_range(row, lab, language) for row in rows],
        "tests": sorted(labels, key=lambda each: each[1]),
        "test": test,
        "place": place,
        "withdrawn": withdrawn,
        "regrades": Regrade.objects.filter(study=study).order_by("-time")[:5],
    }
    return render(request, "web/labs/ranges.html", context)


def _range(study: str, laboratory: str, analyte: str, number: int) -> ReferenceRange:
    row: ReferenceRange | None = ReferenceRange.objects.filter(
        key=f"{study}/labs/{laboratory}/{analyte}/{number}"
    ).first()
    if row is None:
        raise NotFound(f"{laboratory}/{analyte}/{number}")
    return row


@require_safe
def one(request: HttpRequest, study: str, laboratory: str, analyte: str, number: int) -> HttpResponse:
    """One range: its versions, and what each of them changed in results."""
    found, language = study_or_404(request, study), get_language() or "en"
    if not may_somewhere(request, "form.view", study):
        raise NotFound(study)
    _definition, lab = laboratory_of(found)
    row = _range(study, laboratory, analyte, number)
    versions = versions_of(row.key)
    regrades = list(Regrade.objects.filter(range=row.key).order_by("-time"))
    names = names_of([*(version.by for version in versions), *(each.by for each in regrades)])
    shown_regrades: list[dict[str, Any]] = []
    for each in regrades:
        mine = regraded(actor(request), each, today(request))
        shown_regrades.append(
            {
                "regrade": each,
                "by": names.get(each.by, each.by),
                "rows": [
                    {
                        "result": result,
                        "flag": tuple(map(flag_word, result.flag)) if result.flag else None,
                        "grade": result.grade,
                    }
                    for result in mine[:200]
                ],
                "more": len(mine) - 200 if len(mine) > 200 else 0,
            }
        )
    context = {
        **tabs(request, study, "ranges"),
        "row": row,
        "shown": shown_range(row, lab, language),
        "versions": [
            {
                "version": version,
                "by": names.get(version.by, version.by),
                "who": who_text(version.fields),
                "limits": limits_text(version.fields.get("low") or "", version.fields.get("high") or ""),
                "unit": unit_text(version.fields.get("unit") or ""),
            }
            for version in versions
        ],
        "regrades": shown_regrades,
    }
    return render(request, "web/labs/range.html", context)


def _text(label: Any, hint: Any = "", *, required: bool = False, width: str = "width-10") -> forms.CharField:
    widget = forms.TextInput(attrs={"class": f"input {width}", "autocomplete": "off"})
    return forms.CharField(label=label, help_text=hint, required=required, widget=widget, max_length=60)


def _choice(label: Any, choices: list[tuple[str, Any]], *, required: bool = False) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, required=required, widget=forms.Select(attrs={"class": "select"})
    )


class RangeForm(RefusableForm):
    """The fields of a range that a correction may change."""

    low = _text(gettext_lazy("Lower limit"))
    high = _text(gettext_lazy("Upper limit"))
    unit = _text(pgettext_lazy("of a result", "Unit"), gettext_lazy("A UCUM code: U/L, mg/dL, 10*9/L"), required=True)
    sex = _choice(
        gettext_lazy("Sex"), [("", gettext_lazy("Both")), ("F", gettext_lazy("Female")), ("M", gettext_lazy("Male"))]
    )
    age_low = _text(gettext_lazy("Age from"), gettext_lazy("Completed units; empty: from birth"), width="width-5")
    age_high = _text(gettext_lazy("Age to"), gettext_lazy("Inclusive; empty: without end"), width="width-5")
    age_unit = _choice(
        gettext_lazy("Age in"),
        [
            ("a", gettext_lazy("Years")),
            ("mo", gettext_lazy("Months")),
            ("wk", gettext_lazy("Weeks")),
            ("d", gettext_lazy("Days")),
        ],
        required=True,
    )
    fasting = _choice(
        gettext_lazy("Sample"),
        [("", gettext_lazy("Fasting or not")), ("Y", gettext_lazy("Fasting")), ("N", gettext_lazy("Not fasting"))],
    )
    effective_from = _text(gettext_lazy("Valid from"), gettext_lazy("Day of collection: 2026-11-22; empty: always"))
    effective_to = _text(gettext_lazy("Valid to"), gettext_lazy("Inclusive; empty: until further notice"))


class NewRangeForm(RangeForm):
    laboratory = _choice(gettext_lazy("Laboratory"), [], required=True)
    analyte = _choice(gettext_lazy("Test"), [], required=True)
    field_order = ("laboratory", "analyte")


class CorrectForm(RangeForm):
    reason = forms.CharField(
        label=gettext_lazy("Why it changes"),
        required=False,
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 2}),
    )
    withdraw = forms.BooleanField(
        label=gettext_lazy("Withdraw this range: it should not be there"), required=False, widget=forms.CheckboxInput
    )


def _place(request: HttpRequest, study: str) -> tuple[Study, LabDefinition]:
    found = study_or_404(request, study)
    require_everywhere(request, CHANGE, study)
    return found, laboratory_of(found)[1]


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, study: str) -> HttpResponse:
    """A new range."""
    _found, lab = _place(request, study)
    language = get_language() or "en"
    form = NewRangeForm(request.POST or None, initial={"age_unit": "a", "analyte": request.GET.get("test", "")})
    laboratories = Laboratory.objects.filter(study=study).order_by("key").values_list("key", "name")
    form.fields["laboratory"].choices = [(key.rsplit("/", 1)[1], name) for key, name in laboratories]  # type: ignore[attr-defined]  # a ChoiceField
    tests = sorted((str(each.label.get(language)[0]), each.id) for each in lab.measurands.values())
    form.fields["analyte"].choices = [(code, f"{label} ({code})") for label, code in tests]  # type: ignore[attr-defined]  # a ChoiceField
    if form.is_valid() and form.carry_out(request, AddRange(study=study, **form.cleaned_data)):
        return done(request, reverse("labs:ranges", args=[study]), _("The range was added."))
    return show_dialog(request, form, _("Add a reference range"), _("Add"))


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, study: str, laboratory: str, analyte: str, number: int) -> HttpResponse:
    """The next version of a range: corrected, ended or withdrawn."""
    _place(request, study)
    row = _range(study, laboratory, analyte, number)
    form = CorrectForm(request.POST or None, initial={name: getattr(row, name) for name in FIELDS})
    note = _("Results are judged again by the corrected range; which of them change is recorded with your reason.")
    if form.is_valid():
        given = form.cleaned_data
        fields = tuple((name, given[name]) for name in FIELDS)
        action = CorrectRange(row.key, () if given["withdraw"] else fields, given["reason"], given["withdraw"])
        if form.carry_out(request, action):
            changed = Regrade.objects.filter(range=row.key).order_by("-time").first()
            count = len(changed.changes) if changed and changed.version == row.version + 1 else 0
            said = ngettext(
                "The range was corrected; %(n)s result has another flag or grade.",
                "The range was corrected; %(n)s results have another flag or grade.",
                count,
            ) % {"n": thousands(count)}
            return done(request, reverse("labs:range", args=[study, laboratory, analyte, number]), said)
    return show_dialog(request, form, _("Correct the range of %s") % analyte, _("Correct"), note)


class LaboratoryForm(RefusableForm):
    laboratory = _text(gettext_lazy("Id"), gettext_lazy("Capitals, digits and _: CENTRAL"), required=True)
    title = _text(gettext_lazy("Name"), required=True, width="width-20")
    country = _text(gettext_lazy("Country"), gettext_lazy("ISO 3166: BE"), width="width-2")
    accreditation = _text(
        gettext_lazy("Accreditation"), gettext_lazy("Such as ISO 15189 and its number"), width="width-20"
    )


@require_http_methods(["GET", "HEAD", "POST"])
def laboratory(request: HttpRequest, study: str) -> HttpResponse:
    """A laboratory of the study, or what is known of it corrected."""
    _place(request, study)
    form = LaboratoryForm(request.POST or None)
    if form.is_valid() and form.carry_out(request, OpenLaboratory(study, **form.cleaned_data)):
        return done(request, reverse("labs:ranges", args=[study]), _("The laboratory was recorded."))
    return show_dialog(request, form, _("Add or correct a laboratory"), _("Record"))


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, study: str) -> HttpResponse:
    """Ranges from a CSV file: the first POST says what it would do, the second, with the same text, does it."""
    _found, lab = _place(request, study)
    context: dict[str, Any] = {**tabs(request, study, "ranges"), "columns": COLUMNS}
    text = request.POST.get("text", "")
    if request.method == "POST" and "file" in request.FILES:
        text = request.FILES["file"].read().decode("utf-8", "replace")  # type: ignore[union-attr]  # one file
    if request.method == "POST":
        try:
            lines = plan_ranges(study, lab.labs.laboratory, text.encode(), actor(request))
        except Refused as refusal:
            context["problem"] = refusal.message
            return render(request, "web/labs/upload_ranges.html", context, status=422)
        good = sum(line.action is not None for line in lines)
        if request.POST.get("then") == "add":
            added, refused = add_ranges(lines, actor(request), WEB)
            messages.success(request, ngettext("%(n)s range added.", "%(n)s ranges added.", added) % {"n": added})
            for why in refused:
                messages.warning(request, why)
            return redirect("labs:ranges", study)
        context |= {"lines": lines, "text": text, "good": good, "bad": len(lines) - good}
    return render(request, "web/labs/upload_ranges.html", context)
