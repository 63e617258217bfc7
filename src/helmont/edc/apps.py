from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from helmont.core.actions import Action
    from helmont.core.signatures.evidence import Evidence


class EdcConfig(AppConfig):
    name = "helmont.edc"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from helmont.core.signatures.meanings import register_signing
        from helmont.edc import checks, projections, sources  # noqa: F401 - they register themselves
        from helmont.edc.locks import refuse_still
        from helmont.edc.rechecking import encounter_moved, participant_changed
        from helmont.participants.actions import DATE_FOLLOWERS, GUARDS, STATUS_FOLLOWERS

        GUARDS.append(refuse_still)
        DATE_FOLLOWERS.append(encounter_moved)
        STATUS_FOLLOWERS.append(participant_changed)
        register_signing("investigator_approval", _sign_forms)


def _sign_forms(evidence: "Evidence", records: "Sequence[str]", _reason: str) -> "Action":
    """What the investigator's approval carries out: the signing of forms, and of nothing else."""
    from helmont.core.errors import Fault, Invalid
    from helmont.edc.actions.review import SignForms

    other = [record for record in records if not record.startswith("form:")]
    if other:
        raise Invalid([Fault("records", f"{other[0]} is not a form", "form:STUDY/PARTICIPANT/ENCOUNTER/FORM")])
    return SignForms(evidence, tuple(record.removeprefix("form:") for record in records))
