"""What every page's chrome needs: the study switcher, the navigation with its counts, languages, the person's menu."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, get_language_info, pgettext
from django.utils.translation import gettext as _

from helmont.coding.queries import codings_for
from helmont.coding.workflows import TO_CODE
from helmont.core.people.models import Person
from helmont.core.permissions import SYSTEM, Actor, Scope
from helmont.core.roles import ROLES
from helmont.double_entry.queries.turns import enters_twice
from helmont.edc.queries.worklist import visible_queries
from helmont.labs.definition import lab_definition
from helmont.labs.queries.readings import open_alerts
from helmont.studies.models import Study
from helmont.studies.queries import compiled, studies_for
from helmont.web.access import actor, today


def chrome(request: HttpRequest) -> dict[str, Any]:
    """The variables that ``web/base.html`` documents. Pages of a study have called ``study_or_404``."""
    current = get_language()
    context: dict[str, Any] = {
        "languages": [
            {"code": code, "label": get_language_info(code)["name_local"].capitalize(), "current": code == current}
            for code, _name in settings.LANGUAGES
        ]
    }
    if not isinstance(getattr(request, "user", None), Person):
        return context
    person, day = actor(request), today(request)
    context["person_menu"] = _entries(request, [(_("Your profile"), "people:profile")])
    study: Study | None = getattr(request, "helmont_study", None)
    installation = _installation(request, person, day)
    if study is None:
        context["nav"] = (
            [_entry(request, _("Studies"), "studies:list", exact=True), *installation] if installation else []
        )
        return context
    language = current or "en"
    context["study"] = {
        "id": study.key,
        "title": title_of(study, language),
        "url": reverse("studies:home", args=[study.key]),
    }
    others = studies_for(person, day)
    if len(others) > 1:
        context["studies"] = [
            {"label": other.key, "url": reverse("studies:home", args=[other.key]), "current": other.key == study.key}
            for other in others
        ]
    context["role_label"] = ", ".join(roles_in(person, study.key, day))
    context["nav"] = [*_study_nav(request, person, study, day), *installation]
    return context


def title_of(study: Study, language: str) -> str:
    """The study's title in a language, else in its own first one."""
    return str(study.title.get(language) or next(iter(study.title.values()), study.key))


def roles_in(person: Actor, study: str, day: date) -> list[str]:
    """The titles of the roles a person has in a study today, each once."""
    places = person.places("study.view", study, day)
    return list(dict.fromkeys(str(ROLES[place.role].title) for place in places))


def _study_nav(request: HttpRequest, person: Actor, study: Study, day: date) -> list[dict[str, Any]]:
    return [
        *_of_the_trial(request, person, study, day),
        *_of_the_data(request, person, study, day),
        *_of_the_record(request, person, study, day),
    ]


def _of_the_trial(request: HttpRequest, person: Actor, study: Study, day: date) -> Iterator[dict[str, Any]]:
    """The participants and what is asked of them."""
    key, group = study.key, _("Study")
    yield _entry(request, _("Overview"), "studies:home", key, group=group, exact=True)
    if person.places("dataset.read", key, day):
        yield _entry(request, _("Live"), "oversight:live", key, group=group)
    if person.places("participant.view", key, day):
        also = f"/studies/{key}/participants/"
        yield _entry(request, _("Casebooks"), "casebooks:matrix", key, group=group, also=also)
    if person.places("query.view", key, day):
        waiting = visible_queries(person, key, study.definition, day).filter(status__in=("open", "answered")).count()
        yield _entry(request, _("Queries"), "worklist:queries", key, group=group, count=waiting)
    if study.definition:
        yield _entry(request, _("Definition"), "studies:definition", key, group=group)
        yield _entry(request, _("Amendments"), "amendments:list", key, group=group)


def _of_the_data(request: HttpRequest, person: Actor, study: Study, day: date) -> Iterator[dict[str, Any]]:
    """What is done with the data until they are locked."""
    if not study.definition:
        return

    def allowed(permission: str) -> bool:
        return bool(person.places(permission, study.key, day))

    key, group = study.key, pgettext("navigation", "Data")
    if allowed("form.view") and enters_twice(key, study.definition):
        yield _entry(request, _("Double entry"), "double_entry:worklist", key, group=group)
    if allowed("form.view") and lab_definition(key, study.definition):
        waiting = open_alerts(person, key, day) if allowed("labs.acknowledge") else 0
        yield _entry(request, _("Laboratory"), "labs:results", key, group=group, count=waiting)
    if allowed("samples.view") and compiled(key, study.definition).study.sensors:
        yield _entry(request, _("Devices"), "devices:listing", key, group=group)
    if allowed("coding.view") and compiled(key, study.definition).study.dictionaries:
        due = codings_for(person, key, day).filter(status__in=TO_CODE).count()
        yield _entry(request, _("Coding"), "coding:worklist", key, group=group, count=due)
    if allowed("form.view"):
        yield _entry(request, _("Verification"), "verification:due", key, group=group)
    if allowed("listing.read"):
        yield _entry(request, _("Listings"), "listings:index", key, group=group)
    if allowed("form.view"):
        yield _entry(request, _("Reports"), "listings:missing", key, group=group, also=f"/studies/{key}/reports/")
    if allowed("export.read") and allowed("listing.read"):
        yield _entry(request, _("Workbench"), "listings:snapshots", key, group=group)
    if allowed("dataset.read") and compiled(key, study.definition).study.datasets:
        yield _entry(request, _("Data sets"), "datasets:index", key, group=group)
        yield _entry(request, _("Results"), "results:index", key, group=group)
        yield _entry(request, _("Data cuts"), "cuts:index", key, group=group)
    if allowed("form.freeze") or allowed("form.verify"):
        yield _entry(request, _("Locks"), "locks:locks", key, group=group, also=f"/studies/{key}/checklist")


def _of_the_record(request: HttpRequest, person: Actor, study: Study, day: date) -> Iterator[dict[str, Any]]:
    """What proves the data, and leaves with them."""
    key, group = study.key, pgettext("navigation", "Record")
    if person.places("audit.view", key, day):
        yield _entry(request, _("Audit trail"), "audit:study", key, group=group)
    yield _entry(request, _("Ledger"), "ledger:ledger", key, group=group)
    if person.places("export.read", key, day):
        yield _entry(request, _("Exports"), "exports:exports", key, group=group)
    if person.may("data.import", Scope(key), day):
        yield _entry(request, _("Imports"), "imports:listing", key, group=group)
    if person.places("copy.certify", key, day):
        yield _entry(request, _("Certified copies"), "paper:copies", key, group=group)
    if person.may("ledger.redact", Scope(key), day):
        yield _entry(request, _("Privacy"), "privacy:redactions", key, group=group)


def _installation(request: HttpRequest, person: Actor, day: date) -> list[dict[str, Any]]:
    if not (person.may("person.view", Scope(SYSTEM), day) or any(g.allows("assignment.view") for g in person.grants)):
        return []
    pages = [(_("People"), "people:people")]
    if person.may("dictionary.load", Scope(SYSTEM), day):
        pages.append((_("Dictionaries"), "dictionaries:dictionaries"))
    return _entries(request, pages, group=_("Installation"))


def _entries(request: HttpRequest, names: list[tuple[str, str]], group: str = "") -> list[dict[str, Any]]:
    """Entries of pages that other parts of the site bring; those that are not installed are left out."""
    found = []
    for label, name in names:
        try:
            found.append(_entry(request, label, name, group=group))
        except NoReverseMatch:
            continue
    return found


def _entry(
    request: HttpRequest,
    label: str,
    name: str,
    *arguments: str,
    group: str = "",
    count: int = 0,
    exact: bool = False,
    also: str = "",
) -> dict[str, Any]:
    url = reverse(name, args=arguments)
    inside = request.path == url if exact else request.path.startswith(url)
    if also and request.path.startswith(also):
        inside = True
    return {"url": url, "label": label, "current": inside, "count": count, "group": group}
