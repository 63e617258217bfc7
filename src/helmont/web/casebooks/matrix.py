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

from helmont.edc.keys import LOG
from helmont.edc.queries.matrix import Cell, MatrixRow
from helmont.participants.actions import UNSCHEDULED
from helmont.web.addresses import participant_address
from helmont.web.templatetags.house import thousands, word

Columns = Sequence[tuple[str, str]]


class Rows:
    """Formats the rows of one page; what repeats from row to row is formatted once.

    ``view`` says what a cell shows (``helmont.edc.queries.matrix.VIEWS``). With ``ticking``, cells are boxes to tick instead
    of links: ``cell`` is ``<participant>/<encounter>``, ``row`` the participant.
    """

    def __init__(self, columns: Columns, view: str = "entry", *, ticking: bool = False) -> None:
        self.columns = [(oid, conditional_escape(label)) for oid, label in columns]
        self.view, self.ticking = view, ticking
        self._icons = static("helmont/icons.svg")
        nothing = {"verification": _("Nothing to verify"), "locks": _("No forms")}.get(view, _("Not expected"))
        self._left = format_html('<td><span class="visually-hidden">{}</span></td>', nothing)
        self._unscheduled = conditional_escape(_("Unscheduled"))
        self._logs = conditional_escape(_("Logs"))
        self._whole_row = conditional_escape(_("Select all of"))
        self._chips: dict[str, SafeString] = {}

    def row(self, row: MatrixRow) -> SafeString:
        """``<tr>`` with the participant, their status, the encounters, unscheduled visits and logs."""
        url = conditional_escape(participant_address(row.participant.key))
        number = conditional_escape(row.participant.number)
        box = (
            f'<input type="checkbox" data-select-row name="row" value="{number}" aria-label="{self._whole_row} {number}"> '
            if self.ticking
            else ""
        )
        held = f" {self._chip(row.held)}" if row.held else ""
        parts = [
            f'<tr><th scope="row">{box}<a href="{url}">{number}</a></th>'
            f'<td class="nowrap">{self._chip(row.participant.status)}{held}</td>'
        ]
        for oid, label in self.columns:
            cell = row.cells.get(oid)
            if cell is None or cell.status == "not_reached":
                parts.append(self._left)
            else:
                parts.append(self._show(row, cell, oid, f"{url}#{oid}", f"{number}, {label}"))
        parts.append(self._visits(row, url, number))
        there = row.logs.entered if self.view == "entry" else 1
        logs = self._show(row, row.logs, LOG, f"{url}#logs", f"{number}, {self._logs}", row.logs.entered)
        return mark_safe("".join([*parts, logs if there else self._left, "</tr>"]))

    def _visits(self, row: MatrixRow, url: str, number: str) -> str:
        """The unscheduled visits as one cell, which leads to the first that is not complete."""
        if not row.unscheduled:
            return self._left
        first = next((cell for cell in row.unscheduled if cell.status != "complete"), row.unscheduled[0])
        together = Cell.together([first, *(cell for cell in row.unscheduled if cell is not first)])
        place = f"{url}#{conditional_escape(first.encounter.oid if first.encounter else '')}"
        return self._show(row, together, UNSCHEDULED, place, f"{number}, {self._unscheduled}", len(row.unscheduled))

    def _show(self, row: MatrixRow, cell: Cell, place: str, url: str, name: str, number: int = 0) -> str:
        """A cell as the view has it; ``number`` says of how many visits or lines it is."""
        said, badge = (f", {number}" if number else ""), ""
        match self.view:
            case "verification":
                status = cell.verification
                if cell.due:
                    badge = thousands(cell.due)
                    said = ", " + ngettext("%(n)s value to verify", "%(n)s values to verify", cell.due) % {"n": badge}
            case "locks":
                status = cell.lock(row.held) if cell.entered or row.held else ""
                if status == "in_progress":
                    badge = f"{cell.frozen + cell.locked}/{cell.entered}"
                    said = " " + _("(%(n)s forms)") % {"n": badge}
            case _ if place == LOG:
                status = "draft" if cell.draft else "complete"
            case _:
                status = cell.status
        if self.view == "entry" and cell.queries:
            badge = str(cell.queries)
            said += ", " + ngettext("%(n)s open query", "%(n)s open queries", cell.queries) % {"n": badge}
        if self.ticking and not cell.entered:
            return self._left
        if not status:
            return self._left
        value = f"{conditional_escape(row.participant.number)}/{place}" if self.ticking else ""
        standing = _("Partly held") if status == "in_progress" else word(status)
        return self._cell(status, url, f"{name}: {standing}{said}", badge, value)

    def _cell(self, status: str, url: str, said: str, badge: str = "", value: str = "") -> str:
        glyph = f'<svg class="icon" aria-hidden="true" focusable="false"><use href="{self._icons}#{status}"/></svg>'
        mark = f'<span class="queries" aria-hidden="true">{badge}</span>' if badge else ""
        kind = "cell tally" if badge and self.view != "entry" else "cell"
        if value:
            box = f'<input class="row-select" type="checkbox" name="cell" value="{value}" aria-label="{said}">'
            return f'<td><label class="{kind}" data-status="{status}">{box}{glyph}{mark}</label></td>'
        return (
            f'<td><a class="{kind}" href="{url}" data-status="{status}">{glyph}'
            f'<span class="visually-hidden">{said}</span>{mark}</a></td>'
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
