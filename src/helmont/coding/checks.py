"""The line that coding puts on the database-lock checklist."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext_lazy as _

from helmont.coding.models import Coding
from helmont.coding.workflows import CODING, TO_CODE
from helmont.edc.checklist import Check, Missing, add_check


def waiting(study: str, _today: date) -> Iterator[Missing]:
    """Every value that waits for a code."""
    found = Coding.objects.filter(study=study, status__in=TO_CODE).order_by("key")
    for form, item, status in found.values_list("form", "item", "status"):
        yield Missing(form, item, str(CODING.states[status]))


add_check(Check("coding", _("Texts are coded"), waiting))
