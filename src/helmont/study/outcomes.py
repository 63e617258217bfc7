"""What evaluating a form takes and gives: the context from outside the form, and the outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from helmont.study.model import Range
from helmont.study.text import Text
from helmont.study.units import unit
from helmont.study.values import Value, ValueFault

Data = Mapping[str, Value]
"""The values of one form, by item key (``ITEM`` or ``GROUP[2].ITEM``)."""

RANGE, REQUIRED, SKIPPED = "RANGE", "REQUIRED", "SKIPPED"
"""Ids of the checks every form has without declaring them."""


@dataclass(frozen=True, slots=True)
class Context:
    """What expressions can see beyond the form itself.

    ``forms`` maps each reference of ``CompiledForm.needs`` to data: ``here.DM`` and ``at.BASELINE.VS`` to one form's
    data (left out when there is none); ``previous.VS`` to the data of that form at earlier encounters, the nearest
    first; ``log.AE`` to the lines of the log, without the line being evaluated. ``visit`` holds id, date and number,
    ``participant`` id, site and status.
    """

    today: date
    forms: Mapping[str, Data | Sequence[Data]] = field(default_factory=dict)
    visit: Mapping[str, object] = field(default_factory=dict)
    participant: Mapping[str, object] = field(default_factory=dict)
    environments: dict[tuple[int, frozenset[str] | None], tuple[Data, dict[str, Any]]] = field(default_factory=dict)
    """Environments made so far of other forms' data, by identity; share it between contexts over the same data."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that did not hold: which, on which item key, why in each language of the study, and what follows."""

    check_id: str
    item_key: str
    message: Mapping[str, str]
    severity: Literal["query", "refuse"] = "query"


@dataclass(frozen=True, slots=True)
class ItemFault:
    """A value that was not accepted, or a key that no item has."""

    item_key: str
    fault: ValueFault


@dataclass(slots=True)
class Outcome:
    """The outcome of evaluating a form.

    ``calculated`` has an entry for every calculated item that is asked (``None`` = empty); ``skipped`` are the keys
    not asked; ``missing`` the required keys that are empty and asked, in form order; the findings are in form order.
    """

    calculated: dict[str, Value | None] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)
    range_findings: list[Finding] = field(default_factory=list)
    check_findings: list[Finding] = field(default_factory=list)

    @property
    def findings(self) -> list[Finding]:
        return [*self.range_findings, *self.check_findings]

    @property
    def refused(self) -> list[Finding]:
        """The findings that a save may not pass."""
        return [finding for finding in self.check_findings if finding.severity == "refuse"]


_MESSAGES: Mapping[str, Text] = {
    REQUIRED: Text(
        {
            "en": "This is required and is empty.",
            "nl": "Dit is verplicht en is leeg.",
            "fr": "Cette donnée est obligatoire et absente.",
            "de": "Diese Angabe ist erforderlich und fehlt.",
        }
    ),
    SKIPPED: Text(
        {
            "en": "This does not apply here and should be empty.",
            "nl": "Dit is hier niet van toepassing en moet leeg zijn.",
            "fr": "Ceci ne s'applique pas ici et doit rester vide.",
            "de": "Dies trifft hier nicht zu und muss leer sein.",
        }
    ),
    "between": Text(
        {
            "en": "{value} is outside the expected range of {min} to {max} {unit}.",
            "nl": "{value} ligt buiten het verwachte bereik van {min} tot {max} {unit}.",
            "fr": "{value} est en dehors de l'intervalle attendu de {min} à {max} {unit}.",
            "de": "{value} liegt außerhalb des erwarteten Bereichs von {min} bis {max} {unit}.",
        }
    ),
    "below": Text(
        {
            "en": "{value} is below the expected {min} {unit}.",
            "nl": "{value} ligt onder de verwachte {min} {unit}.",
            "fr": "{value} est inférieur au minimum attendu de {min} {unit}.",
            "de": "{value} liegt unter den erwarteten {min} {unit}.",
        }
    ),
    "above": Text(
        {
            "en": "{value} is above the expected {max} {unit}.",
            "nl": "{value} ligt boven de verwachte {max} {unit}.",
            "fr": "{value} est supérieur au maximum attendu de {max} {unit}.",
            "de": "{value} liegt über den erwarteten {max} {unit}.",
        }
    ),
}


def automatic_finding(check_id: str, item_key: str, languages: Sequence[str]) -> Finding:
    """The finding of the ``REQUIRED`` or ``SKIPPED`` check of an item."""
    return Finding(check_id, item_key, {code: _MESSAGES[check_id].get(code)[0] for code in languages})


def range_finding(
    item_key: str, value: Value, limits: Range, standard_unit: str | None, languages: Sequence[str]
) -> Finding:
    """The finding of the ``RANGE`` check; the limits are shown in the standard unit."""
    kind = "above" if limits.min is None else "below" if limits.max is None else "between"
    words = {
        "value": f"{value['value']} {unit(str(value['unit'])).label}" if isinstance(value, dict) else value,
        "min": limits.min,
        "max": limits.max,
        "unit": unit(standard_unit).label if standard_unit else "",
    }
    template = _MESSAGES[kind]
    message = {code: template.get(code)[0].format_map(words).replace(" .", ".") for code in languages}
    return Finding(RANGE, item_key, message)
