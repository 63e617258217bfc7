"""Rows of the casebook matrix as HTML.

A page has more than a thousand cells: an include of ``web/parts/cell.html`` for each would take most of a second,
so the same markup is formatted here. ``tests/web/casebooks`` holds the two equal.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from helmont.edc.queries.matrix import MatrixRow
from helmont.web.addresses import participant_address
from helmont.web.templatetags.house import word

Columns = Sequence[tuple[str, str]]


class Rows:
    """Formats the rows of one page; what repeats from row to row is formatted once."""

    def __init__(self, columns: Columns) -> None:
        self.columns = [(oid, conditional_escape(label)) for oid, label in columns]
        self._icons = static("helmont/icons.svg")
        self._left = format_html('<td><span class="visually-hidden">{}</span></td>', _("Not expected"))
        self._unscheduled = conditional_escape(_("Unscheduled"))
        self._logs = conditional_escape(_("Logs"))
        self._chips: dict[str, SafeString] = {}

    def row(self, row: MatrixRow) -> SafeString:
        """``<tr>`` with the participant, their status, the encounters, unscheduled visits and logs."""
        url, number = (
            conditional_escape(participant_address(row.participant.key)),
            conditional_escape(row.participant.number),
        )
        parts = [
            f'<tr><th scope="row"><a href="{url}">{number}</a></th><td class="nowrap">{self._chip(row.participant.status)}</td>'
        ]
        for oid, label in self.columns:
            cell = row.cells.get(oid)
            if cell is None or cell.status == "not_reached":
                parts.append(self._left)
            else:
                parts.append(self._cell(cell.status, f"{url}#{oid}", f"{number}, {label}", cell.queries))
        parts.append(self._visits(row, url, number))
        logs = row.logs.complete + row.logs.draft
        standing = "draft" if row.logs.draft else "complete"
        parts.append(
            self._cell(standing, f"{url}#logs", f"{number}, {self._logs}", row.logs.queries, str(logs))
            if logs
            else self._left
        )
        return mark_safe("".join([*parts, "</tr>"]))

    def _visits(self, row: MatrixRow, url: str, number: str) -> str:
        if not row.unscheduled:
            return self._left
        queries = sum(cell.queries for cell in row.unscheduled)
        first = next((cell for cell in row.unscheduled if cell.status != "complete"), row.unscheduled[0])
        return self._cell(
            first.status,
            f"{url}#{conditional_escape(first.encounter.oid if first.encounter else '')}",
            f"{number}, {self._unscheduled}",
            queries,
            str(len(row.unscheduled)),
        )

    def _cell(self, status: str, url: str, name: str, queries: int, count: str = "") -> str:
        open_queries = ngettext("%(n)s open query", "%(n)s open queries", queries) % {"n": queries}
        asked = f", {open_queries}" if queries else ""
        said = f", {count}" if count else ""
        badge = f'<span class="queries" aria-hidden="true">{queries}</span>' if queries else ""
        return (
            f'<td><a class="cell" href="{url}" data-status="{status}"><svg class="icon" aria-hidden="true" focusable="false">'
            f'<use href="{self._icons}#{status}"/></svg><span class="visually-hidden">{name}: {word(status)}{said}{asked}</span>'
            f"{badge}</a></td>"
        )

    def _chip(self, status: str) -> SafeString:
        if status not in self._chips:
            self._chips[status] = format_html(
                '<span class="chip chip-plain" data-status="{}"><svg class="icon" aria-hidden="true" focusable="false">'
                '<use href="{}#{}"/></svg>{}</span>',
                status,
                self._icons,
                status,
                word(status),
            )
        return self._chips[status]
