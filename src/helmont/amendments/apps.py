from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from helmont.core.actions import Action
    from helmont.core.signatures.evidence import Evidence


class AmendmentsConfig(AppConfig):
    name = "helmont.amendments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from helmont.amendments import running  # noqa: F401 - its scheduled work registers itself
        from helmont.amendments.queries import hidden_records
        from helmont.core.signatures.meanings import register_signing
        from helmont.edc.queries.audit import HIDDEN_RECORDS

        HIDDEN_RECORDS.append(hidden_records)
        register_signing(
            "amendment_approval",
            _approve,
            title=_("Approval of an amendment"),
            statement=_(
                "I have seen what this amendment changes and what it means for each participant, and I approve that it is"
                " carried out."
            ),
        )


def _approve(evidence: "Evidence", records: "Sequence[str]", _reason: str) -> "Action":
    """What the approval carries out: the plan that was shown, and nothing else."""
    from helmont.amendments.actions.planning import ApproveAmendment
    from helmont.core.errors import Fault, Invalid

    if len(records) != 1 or not records[0].startswith("amendment_plan:"):
        raise Invalid([Fault("records", "one plan is approved at a time", "amendment_plan:STUDY/amendments/1/plans/1")])
    return ApproveAmendment(evidence, records[0].removeprefix("amendment_plan:"))
