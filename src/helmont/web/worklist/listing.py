"""The query worklist as a page shows it: filters and sorting on top of the queries that the person may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict

from helmont.core.permissions import Actor
from helmont.core.transactions import format_time
from helmont.edc.items import in_language
from helmont.edc.models import Query
from helmont.edc.queries.titles import form_title
from helmont.edc.queries.worklist import visible_queries
from helmont.studies.models import Study
from helmont.study.compiling import CompiledStudy
from helmont.web.addresses import form_address, participant_address

PAGE = 50
STATUSES = ("open", "answered", "closed", "cancelled")
ORDERS = ("opened", "-opened", "participant", "-participant", "form", "-form", "site", "-site")
AGES = ("7", "14", "30")


@dataclass(frozen=True)
class Filters:
    """What the address says: every field is "" when it does not limit."""

    status: str = ""
    site: str = ""
    form: str = ""
    origin: str = ""
    age: str = ""
    q: str = ""
    sort: str = "opened"

    @classmethod
    def read(cls, query: QueryDict) -> Filters:
        """The filters of an address; a value that is not offered does not limit."""
        given = {name: query.get(name, "").strip()[:60] for name in cls.__dataclass_fields__}
        if given["status"] not in (*STATUSES, "all"):
            given["status"] = "open"
        if given["sort"] not in ORDERS:
            given["sort"] = "opened"
        if given["age"] not in AGES:
            given["age"] = ""
        return cls(**given)


@dataclass(frozen=True)
class Shown:
    """A query in a list. ``text`` is the question, ``last`` the latest message after it."""

    key: str
    url: str
    participant: str
    participant_url: str
    site: str
    label: str
    form: str
    text: str
    last: str
    status: str
    rule: str
    opened: str

    @property
    def thread(self) -> str:
        """What follows the worklist's address to reach the thread."""
        return f"{self.participant}/{self.key.rsplit('/', 1)[1]}"


def shown(study: CompiledStudy, query: Query, language: str) -> Shown:
    """One query in words."""
    participant = query.participant_id
    form = study.forms.get(_form_id(query.form))
    known = form is not None and query.item in form.item_keys()
    label = form.label(query.item, language) if form is not None and known else query.item
    thread = [query.messages[number] for number in sorted(query.messages)]
    raised = thread[0]["text"] if thread else ""
    return Shown(
        key=query.key,
        url=form_address(query.form, query.item),
        participant=participant.split("/", 1)[1],
        participant_url=participant_address(participant),
        site=query.site,
        label=label,
        form=form_title(study, query.form, language, whose=False),
        text=in_language(query.text, language) if query.text else raised,
        last=thread[-1]["text"] if len(thread) > 1 else "",
        status=query.status,
        rule=query.rule,
        opened=query.opened,
    )


def _form_id(form_key: str) -> str:
    parts = form_key.split("/")
    return parts[3] if len(parts) > 3 else ""


def selected(actor: Actor, study: Study, today: date, filters: Filters) -> tuple[QuerySet[Query], Mapping[str, int]]:
    """The queries that the filters leave, in order, and how many there are by status before that filter."""
    found = visible_queries(actor, study.key, study.definition, today)
    if filters.site:
        found = found.filter(site=filters.site)
    if filters.form:
        found = found.filter(Q(form__endswith=f"/{filters.form}") | Q(form__contains=f"/LOG/{filters.form}/"))
    if filters.origin == "manual":
        found = found.filter(rule="")
    elif filters.origin == "check":
        found = found.exclude(rule="")
    if filters.age:
        limit = datetime.now(UTC) - timedelta(days=int(filters.age))
        found = found.filter(opened__lt=format_time(limit))
    if filters.q:
        found = found.filter(
            Q(participant__key__icontains=filters.q) | Q(item__icontains=filters.q) | Q(rule__icontains=filters.q)
        )
    counts: dict[str, Any] = dict(found.order_by().values_list("status").annotate(Count("key")))
    if filters.status != "all":
        found = found.filter(status=filters.status)
    return found.order_by(filters.sort, "key"), counts


def paged(found: QuerySet[Query], number: str) -> Page[Query]:
    return Paginator(found, PAGE).get_page(number)
