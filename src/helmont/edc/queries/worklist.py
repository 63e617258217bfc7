"""Open questions: the query worklist, filtered and paged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet

from helmont.core.errors import NotFound
from helmont.core.permissions import Actor
from helmont.edc.items import base_item
from helmont.edc.models import Query
from helmont.edc.queries.privacy import hidden_from
from helmont.participants.queries import in_places

PAGE = 100
ORDERS = {"opened": "opened", "-opened": "-opened", "participant": "participant_id", "form": "form", "site": "site"}


@dataclass(frozen=True)
class Worklist:
    queries: list[Query]
    total: int
    page: int
    pages: int
    counts: Mapping[str, int]


def visible_queries(actor: Actor, study: str, _version: str, today: date) -> QuerySet[Query]:
    """The queries of the study that the person may see: at their places, and not on items hidden from them."""
    condition = in_places(actor, "query.view", study, today)
    if condition is None:
        raise NotFound(study)
    queries: QuerySet[Query] = Query.objects.filter(condition)
    hidden = hidden_from(actor, study, today)
    return queries if hidden is None else queries.exclude(hidden)


def worklist(
    actor: Actor,
    study: str,
    version: str,
    today: date,
    *,
    status: str = "",
    site: str = "",
    form: str = "",
    rule: str = "",
    search: str = "",
    order: str = "opened",
    page: int = 1,
) -> Worklist:
    """One page of the worklist; ``counts`` are by status, before the status filter."""
    found = visible_queries(actor, study, version, today)
    if site:
        found = found.filter(site=site)
    if form:
        found = found.filter(form__regex=rf"/{form}(/\d+)?$") if form.isidentifier() else found.none()
    if rule:
        found = found.filter(rule=rule) if rule != "manual" else found.filter(rule="")
    if search:
        found = found.filter(form__icontains=search) | found.filter(item__icontains=search)
    counts = dict(found.order_by().values_list("status").annotate(Count("key")))
    if status:
        found = found.filter(status=status) if status != "unsettled" else found.filter(status__in=("open", "answered"))
    total = found.count()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    ordered = found.order_by(ORDERS.get(order, "opened"), "key")
    return Worklist(list(ordered[(page - 1) * PAGE : page * PAGE]), total, page, pages, counts)


def query_for(actor: Actor, key: str, version: str, today: date) -> Query:
    """One query; raises ``NotFound`` when the person may not see it."""
    query = visible_queries(actor, key.split("/", 1)[0], version, today).filter(key=key).first()
    if query is None or not base_item(query.item):
        raise NotFound(key)
    return query
