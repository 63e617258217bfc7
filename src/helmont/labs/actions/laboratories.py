"""The laboratories of a study."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext as _

from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid
from helmont.core.permissions import Actor
from helmont.core.transactions import Transaction

ID = re.compile(r"[A-Z0-9_]{1,40}", re.ASCII)
"""What laboratories and tests are named by."""


@dataclass(frozen=True)
class OpenLaboratory(Action):
    """Record a laboratory of the study, or correct what is known of it."""

    name: ClassVar[str] = "labs.open_laboratory"
    permission: ClassVar[str] = "labs.change"
    study: str
    laboratory: str
    title: str
    country: str = ""
    accreditation: str = ""

    @property
    def log(self) -> str:
        return self.study

    def perform(self, tx: Transaction, actor: Actor) -> str:
        tx.require("study", self.study)
        faults = []
        if not ID.fullmatch(self.laboratory):
            faults.append(Fault("laboratory", _("This is not an id."), _("capitals, digits and _: CENTRAL")))
        if not self.title.strip():
            faults.append(Fault("title", _("The name is missing.")))
        if self.country and not re.fullmatch(r"[A-Z]{2}", self.country):
            faults.append(Fault("country", _("The country is not a code of ISO 3166."), "BE, NL, US …"))
        if faults:
            raise Invalid(faults)
        key = f"{self.study}/labs/{self.laboratory}"
        tx.put(
            "laboratory",
            key,
            study=self.study,
            name=self.title.strip(),
            country=self.country,
            accreditation=self.accreditation.strip(),
        )
        return key
