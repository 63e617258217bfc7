"""What a signature can mean, and the action that each meaning carries out.

A room registers its meanings when it starts::

    register_signing("investigator_approval", lambda evidence, records, reason: SignForms(records, evidence))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid
from helmont.core.signatures.evidence import Evidence

Factory = Callable[[Evidence, Sequence[str], str], Action]


@dataclass(frozen=True)
class Meaning:
    """``title`` names it in a list; ``statement`` is the sentence the signer puts their name to."""

    code: str
    title: Any
    statement: Any


# 21 CFR 11.50(a)(3): "the meaning (such as review, approval, responsibility, or authorship)" of the signature.
# The investigator's statement follows ICH E6(R3) 2.12.6: accuracy, completeness and timeliness of the reported data.
MEANINGS: dict[str, Meaning] = {
    meaning.code: meaning
    for meaning in (
        Meaning(
            "investigator_approval",
            _("Investigator's approval"),
            _(
                "I have reviewed these data. To the best of my knowledge they are complete and accurate and agree with"
                " the source records."
            ),
        ),
        Meaning("review", _("Review"), _("I have reviewed this record.")),
        Meaning("approval", _("Approval"), _("I approve this record.")),
        Meaning("responsibility", _("Responsibility"), _("I take responsibility for this record.")),
        Meaning("authorship", _("Authorship"), _("I am the author of this record.")),
    )
}

_FACTORIES: dict[str, Factory] = {}


def register_signing(meaning: str, factory: Factory, *, title: Any = "", statement: Any = "") -> None:
    """Let ``factory(evidence, records, reason)`` make the action that signs with ``meaning``.

    A meaning that is not in ``MEANINGS`` brings its title and statement along.
    """
    if statement:
        MEANINGS[meaning] = Meaning(meaning, title or statement, statement)
    elif meaning not in MEANINGS:
        raise ValueError(f"the meaning {meaning!r} needs a statement; known: {', '.join(MEANINGS)}")
    _FACTORIES[meaning] = factory


def signing_action(evidence: Evidence, records: Sequence[str], reason: str) -> Action:
    """The action that puts the evidence under the records. Raises ``Invalid`` when nothing signs with that meaning."""
    require_meaning(evidence.meaning)
    return _FACTORIES[evidence.meaning](evidence, tuple(records), reason)


def require_meaning(code: str) -> Meaning:
    if code not in _FACTORIES:
        raise Invalid([Fault("meaning", f"{code!r} is not the meaning of a signature", ", ".join(sorted(_FACTORIES)))])
    return MEANINGS[code]
