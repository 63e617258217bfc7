"""The line that forms on paper put on the database-lock checklist."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext_lazy as _

from helmont.double_entry.queries.waiting import standings_in_study
from helmont.edc.checklist import Check, Missing, add_check

STANDINGS = {
    "first": _("first entry begun"),
    "second": _("waits for the second entry"),
    "both": _("second entry begun"),
    "differs": _("the two entries differ"),
    "absent": _("said not to be on the paper"),
}


def begun(study: str, _today: date) -> Iterator[Missing]:
    """Every form that was begun from paper, and is not in the record."""
    for form, standing in sorted(standings_in_study(study).items()):
        yield Missing(form, "", str(STANDINGS[standing]))


add_check(Check("double_entry", _("What was begun from paper is settled"), begun))
