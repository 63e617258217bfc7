"""What there is to list, for one person: forms with their columns, without what the person must not see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from helmont.core.errors import NotFound
from helmont.core.permissions import Actor, Scope
from helmont.edc.items import privileges
from helmont.edc.queries.titles import encounter_title
from helmont.listings.definition import ALL
from helmont.listings.layout import number_column, versions_of
from helmont.listings.values import NUMERIC
from helmont.studies.models import Site
from helmont.studies.queries import sites_for
from helmont.study.compiling import CompiledStudy
from helmont.study.model import Item

PERMISSION = "listing.read"
PRIVILEGES = ("allocation", "source")  # those that an item can be under
TEXT, NUMBER, DATE, CODE = "text", "number", "date", "code"


@dataclass(frozen=True, slots=True)
class Column:
    """A column that can be shown, filtered and sorted by.

    ``expression`` is SQL over a row of the listing (``r``; ``s`` is what a form asks once beside the rows of its group),
    ``order`` what it is sorted and compared by; both already hold
    nothing that the person must not see. ``item`` is the item of the form, None for what surrounds it.
    """

    id: str
    label: str
    kind: str
    expression: str
    order: str
    item: Item | None = None
    terms: Mapping[str, str] | None = None
    single: bool = False
    """Asked once in the form, and so the same in every row of the group that is listed."""

    @property
    def operators(self) -> tuple[str, ...]:
        kinds = {
            TEXT: ("has", "is", "not", "starts", "empty", "filled"),
            NUMBER: ("is", "not", "lt", "le", "gt", "ge", "empty", "filled"),
            DATE: ("is", "lt", "le", "gt", "ge", "empty", "filled"),
            CODE: ("is", "not", "empty", "filled"),
        }
        return (*kinds[self.kind], "not_done") if self.item else kinds[self.kind]


@dataclass(frozen=True)
class Rights:
    """Where a person may list, and what is hidden from them there.

    ``sites`` are site numbers; ``hidden`` maps (form, item) to the sites at which the item must not be seen. An item
    that any published version puts under a privilege stays under it.
    """

    sites: frozenset[str]
    hidden: Mapping[tuple[str, str], frozenset[str]]
    privileges: frozenset[str]


def rights(actor: Actor, study: str, today: date, permission: str = PERMISSION) -> Rights:
    """Raises ``NotFound`` when the person may list nowhere in the study."""
    sites = [
        site
        for site in sites_for(actor, study, permission, today)
        if actor.may("form.view", Scope(study, site.country, site.number), today)
    ]
    if not actor.places(permission, study, today):
        raise NotFound(study)
    lacking: dict[str, frozenset[str]] = {}
    for privilege in PRIVILEGES:
        at = (s.number for s in sites if not actor.may(f"{privilege}.read", Scope(study, s.country, s.number), today))
        lacking[privilege] = frozenset(at)
    hidden: dict[tuple[str, str], frozenset[str]] = {}
    for version in versions_of(study):
        for name, form in version.forms.items():
            for item, privilege in privileges(form).items():
                if lacking[privilege]:
                    hidden[name, item] = hidden.get((name, item), frozenset()) | lacking[privilege]
    return Rights(
        frozenset(site.number for site in sites), hidden, frozenset(name for name, at in lacking.items() if at)
    )


@dataclass(frozen=True)
class Source:
    """Something to list: a form, a repeating group of one, or all values. ``columns`` are in form order."""

    form: str
    group: str
    title: str
    columns: Mapping[str, Column]
    shown: tuple[str, ...]
    """The columns of a new listing."""


def sources(study: CompiledStudy, language: str) -> list[tuple[str, str, str]]:
    """Form, group and title of everything that can be listed."""
    found = []
    for form in study.forms.values():
        title = form.form.title.get(language)[0]
        found.append((form.id, "", title))
        for group in form.form.groups:
            if group.repeats is not None:
                name = group.title.get(language)[0] if group.title else group.id
                found.append((form.id, group.id, f"{title}: {name}"))
    found.append((ALL, "", _("All values, a row each")))
    return found


def source(study: CompiledStudy, form: str, group: str, held: Rights, language: str) -> Source:
    """What a listing of this form can show; raises ``NotFound``."""
    title = next((each[2] for each in sources(study, language) if each[:2] == (form, group)), None)
    if title is None:
        raise NotFound(form)
    encounters = {each.id: encounter_title(study, each.id, language) for each in study.study.protocol.encounters}
    columns = [
        _plain("participant", _("Participant"), "r._participant"),
        _plain("site", _("Site"), "r._site"),
        _plain("country", _("Country"), "r._country"),
        _coded("encounter", _("Encounter"), "r._encounter", encounters, "r._visit"),
        _plain("visit_date", _("Visit date"), "r._visit_date", DATE),
        _plain("line", _("Line"), "r._line", NUMBER),
    ]
    if form == ALL:
        forms = {each.id: each.form.title.get(language)[0] for each in study.forms.values()}
        columns += [
            _coded("form", _("Form"), "r._form", forms),
            _plain("item", _("Item"), "r.item_key"),
            _plain("value", _("Value"), "r.value"),
            _plain("number", _("Number"), "r.number", NUMBER),
            _coded("verified", _("Verified"), "CAST(r.verified AS VARCHAR)", {"true": _("yes"), "false": _("no")}),
        ]
        shown = ["participant", "site", "encounter", "form", "item", "value"]
    else:
        compiled_form = study.forms[form]
        log = compiled_form.form.kind == "log"
        columns = [each for each in columns if each.id not in ({"encounter", "visit_date"} if log else {"line"})]
        shown = ["participant", "site", *(["line"] if log else ["encounter", "visit_date"])]
        if group:
            rows = next(each for each in compiled_form.form.groups if each.id == group)
            named = rows.repeats.labels if rows.repeats else ()
            labels = {str(n): label.get(language)[0] for n, label in enumerate(named, 1)}
            columns.append(_coded("row", _("Row"), "CAST(r._row AS VARCHAR)", labels, "r._row"))
            shown.append("row")
        columns += [
            _coded("status", _("Status of the form"), "r._status", _statuses()),
            _coded("lock", _("Lock"), "r._lock", {"frozen": _("frozen"), "locked": _("locked")}),
            _coded("signed", _("Signature"), "r._signed", {"valid": _("signed"), "broken": _("broken")}),
        ]
        for each in compiled_form.form.groups:
            if each.repeats is not None and each.id != group:
                continue
            alias = "r" if not group or each.id == group else "s"
            for item in each.items:
                at = held.hidden.get((form, item.id), frozenset())
                if held.sites <= at:
                    continue  # hidden from the person wherever they may list
                columns.append(item_column(study, form, item, alias, at, language))
                shown.append(item.id)
    return Source(form, group, title, {each.id: each for each in columns}, tuple(shown[:40]))


def _statuses() -> dict[str, str]:
    return {"draft": _("draft"), "complete": _("complete"), "not_done": _("not done")}


def _plain(name: str, label: str, expression: str, kind: str = TEXT) -> Column:
    return Column(name, label, kind, expression, expression)


def _coded(name: str, label: str, expression: str, terms: Mapping[str, str], order: str = "") -> Column:
    return Column(name, label, CODE, expression, order or expression, terms=terms)


def item_column(
    study: CompiledStudy, form: str, item: Item, alias: str, hidden_at: frozenset[str], language: str
) -> Column:
    expression = f'{alias}."{item.id}"'
    order = f'{alias}."{number_column(item.id)}"' if item.type in NUMERIC else expression
    if hidden_at:
        sites = ", ".join(f"'{site}'" for site in sorted(hidden_at))  # site numbers are letters and digits
        expression, order = (f"CASE WHEN r._site NOT IN ({sites}) THEN {each} END" for each in (expression, order))
    terms = None
    if item.codelist:
        codes = study.forms[form].codelists[item.codelist].terms
        terms = {term.code: term.label.get(language)[0] for term in codes}
    kind = {
        "date": DATE,
        "datetime": DATE,
        "codelist": CODE,
        "integer": NUMBER,
        "decimal": NUMBER,
        "calculated": NUMBER,
    }
    label = item.label.get(language)[0]
    return Column(item.id, label, kind.get(item.type, TEXT), expression, order, item, terms, single=alias == "s")


def condition_of(held: Rights) -> tuple[str, list[Any]]:
    """SQL that keeps rows at the person's sites."""
    sites: Sequence[str] = sorted(held.sites)
    return f"r._site IN ({', '.join('?' * len(sites))})" if sites else "false", list(sites)


def hidden_values(held: Rights) -> str:
    """SQL over a row of all values (as r) that is true for values the person must not see."""
    parts = []
    for (form, item), sites in sorted(held.hidden.items()):
        at = ", ".join(f"'{site}'" for site in sorted(sites))
        parts.append(f"(r._form = '{form}' AND r.item = '{item}' AND r._site IN ({at}))")
    return " OR ".join(parts) or "false"


def site_names(study: str) -> dict[str, str]:
    """The name of each site by its number."""
    return dict(Site.objects.filter(study=study).values_list("number", "name"))
