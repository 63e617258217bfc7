"""A listing's definition in an address and back, so that any listing can be bookmarked and sent to somebody."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import QueryDict

from helmont.listings.definition import ALL, MOST_COLUMNS, MOST_FILTERS, MOST_TEXT, WITHOUT_VALUE, Filter, Selection


def read(query: QueryDict) -> Selection:
    """The definition that an address holds; conditions that are not filled in do not count."""
    given = zip(query.getlist("fc"), query.getlist("fo"), query.getlist("fv"), strict=False)
    filters = tuple(
        Filter(column, operator, value.strip()[:MOST_TEXT])
        for column, operator, value in given
        if column and (value.strip() or operator in WITHOUT_VALUE)
    )
    queries = query.get("queries", "")
    return Selection(
        form=query.get("form", "") or ALL,
        group=query.get("group", ""),
        columns=tuple(dict.fromkeys(query.getlist("col")))[:MOST_COLUMNS],
        filters=filters[:MOST_FILTERS],
        sort=query.get("sort", "")[:60],
        search=query.get("q", "").strip()[:MOST_TEXT],
        queries=queries if queries in ("with", "without") else "",
    )


def write(selection: Selection, **others: str) -> str:
    """The parameters of the address of a listing."""
    pairs = [("form", selection.form)]
    if selection.group:
        pairs.append(("group", selection.group))
    pairs += [("col", column) for column in selection.columns]
    for each in selection.filters:
        pairs += [("fc", each.column), ("fo", each.operator), ("fv", each.value)]
    pairs += [
        (name, value)
        for name, value in (("sort", selection.sort), ("q", selection.search), ("queries", selection.queries))
        if value
    ]
    return urlencode([*pairs, *others.items()])
