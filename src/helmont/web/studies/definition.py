"""The definition of a study as published: the protocol, the forms, the code lists and the checks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, get_language_info, gettext
from django.views.decorators.http import require_safe

from helmont.core.errors import NotFound
from helmont.edc.queries.titles import range_words
from helmont.standards.odm.metadata import write_metadata
from helmont.standards.odm.names import Version
from helmont.standards.packages import zip_package
from helmont.standards.usdm import write_usdm
from helmont.studies.models import Definition
from helmont.studies.queries import compiled
from helmont.study.compiled_forms import CompiledForm
from helmont.study.compiling import CompiledStudy
from helmont.study.model import Item, Study
from helmont.study.text import Text
from helmont.study.trial_design import design_of
from helmont.study.units import unit
from helmont.web.access import may_publish, study_or_404


@dataclass(frozen=True)
class Words:
    """A text in one language; ``fallback`` when the source language had to stand in."""

    text: str
    fallback: bool

    @classmethod
    def of(cls, text: Text | None, language: str) -> Words | None:
        return cls(*text.get(language)) if text is not None else None


def published_version(request: HttpRequest, study: str) -> tuple[Definition, CompiledStudy, list[str]]:
    """The version in the address (``?version=``), or the one new participants start under; and every version."""
    found = study_or_404(request, study)
    versions = list(Definition.objects.filter(study=study).order_by("version").values_list("version", flat=True))
    version = request.GET.get("version") or found.definition
    if version not in versions:
        raise NotFound(f"{study} {version}")
    return Definition.objects.get(key=f"{study}/definitions/{version}"), compiled(study, version), versions


@dataclass(frozen=True)
class Held:
    """The trial design that a protocol holds; ``url`` is the page with these settings, where its kind has one."""

    title: str
    digest: str
    url: str


def _design(study: Study) -> Held | None:
    if study.design is None:  # what designs are made with is loaded for a study that holds one
        return None
    from helmont.reports.designs.language import speaking
    from helmont.reports.designs.words import title_of
    from helmont.web.designs.families import family_of
    from helmont.web.designs.settings import address

    found = design_of(study)
    assert found is not None
    with speaking(gettext):
        title = title_of(found.kind)
    url = reverse("designs:workbench") + address(found) if family_of(found.kind) else ""
    return Held(title, found.digest, url)


@require_safe
def definition(request: HttpRequest, study: str) -> HttpResponse:
    """Everything but the forms' questions, which have a page each."""
    published, ready, versions = published_version(request, study)
    context = {
        "published": published,
        "versions": versions,
        "forms": [(form, sum(1 for _item in form.items())) for form in ready.study.forms],
        "may_publish": may_publish(request, study),
        "languages_of_study": [_named(code) for code in ready.languages],
        "design": _design(ready.study),
        **protocol_parts(ready, get_language() or "en"),
    }
    return render(request, "web/studies/definition.html", context)


@require_safe
def download(request: HttpRequest, study: str, kind: str) -> HttpResponse:
    """The definition as a file: a USDM document, ODM metadata, or the study package as a ZIP."""
    published, ready, _versions = published_version(request, study)
    name = f"{study}-{published.version}"
    match kind:
        case "usdm":
            content, type_, name = write_usdm(ready.study), "application/json", f"{name}-usdm.json"
        case "odm-1.3.2" | "odm-2.0":
            version: Version = "2.0" if kind == "odm-2.0" else "1.3.2"
            content, type_, name = write_metadata(ready.study, version), "application/xml", f"{name}-{kind}.xml"
        case "package":
            content, type_, name = zip_package(ready.study), "application/zip", f"{name}.zip"
        case _:
            raise NotFound(kind)
    return HttpResponse(content, content_type=type_, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def protocol_parts(ready: CompiledStudy, language: str) -> dict[str, Any]:
    """What ``web/studies/protocol.html`` and ``codelists.html`` show."""
    protocol = ready.study.protocol
    schedule = [
        (
            activity.label.get(language)[0],
            [encounter.id in protocol.schedule.get(activity.id, ()) for encounter in protocol.encounters],
        )
        for activity in protocol.activities
    ]
    return {
        "definition": ready.study,
        "protocol": protocol,
        "language": language,
        "schedule": schedule,
        "estimands": [(estimand, _objective(ready, estimand.objective, language)) for estimand in protocol.estimands],
    }


def _objective(study: CompiledStudy, name: str, language: str) -> str:
    return next((o.text.get(language)[0] for o in study.study.protocol.objectives if o.id == name), name)


def _named(code: str) -> str:
    try:
        return str(get_language_info(code)["name_local"]).capitalize()
    except KeyError:
        return code


@require_safe
def form(request: HttpRequest, study: str, form: str) -> HttpResponse:
    """One form as it is asked, read-only, in ``?language=``; texts that fall back to the source language are marked."""
    published, ready, _versions = published_version(request, study)
    found = ready.forms.get(form)
    if found is None:
        raise NotFound(form)
    language = request.GET.get("language") or get_language() or "en"
    if language not in ready.languages:
        language = ready.languages[0]
    groups = questions(found, language)
    context = {
        "published": published,
        "form": found.form,
        "title": Words.of(found.form.title, language),
        "groups": groups,
        "language": language,
        "tabs": [(code, _named(code)) for code in ready.languages],
        "fallbacks": sum(_fallbacks(groups)),
        "checks": [(check.check, Words.of(check.check.message, language)) for check in found.checks],
    }
    return render(request, "web/studies/form.html", context)


def questions(form: CompiledForm, language: str) -> list[dict[str, Any]]:
    """What ``web/studies/questions.html`` shows of a form: its groups with their questions."""
    return [_group(form, group, language) for group in form.form.groups]


def _group(form: CompiledForm, group: Any, language: str) -> dict[str, Any]:
    repeats = group.repeats
    return {
        "title": Words.of(group.title, language),
        "repeats": repeats,
        "rows": [label.get(language)[0] for label in repeats.labels] if repeats else [],
        "items": [_question(form, item, language) for item in group.items],
    }


def _question(form: CompiledForm, item: Item, language: str) -> dict[str, Any]:
    terms = form.codelists[item.codelist].terms if item.codelist else ()
    units = item.units or ((item.unit,) if item.unit else ())
    return {
        "item": item,
        "label": Words.of(item.label, language),
        "hint": Words.of(item.hint, language),
        "terms": [Words.of(term.label, language) for term in terms],
        "range": range_words(item.range) if item.range else "",
        "units": [unit(code).label for code in units],
    }


def _fallbacks(groups: list[dict[str, Any]]) -> Iterator[bool]:
    for group in groups:
        for question in group["items"]:
            for words in (question["label"], question["hint"], *question["terms"]):
                yield bool(words and words.fallback)
